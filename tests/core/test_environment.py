from __future__ import annotations

import pytest

from oi_core.environment import language_environment


@pytest.mark.parametrize(
    "name", ["OPENAI_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "aws_secret_access_key", "MY_SECRET"]
)
def test_secrets_are_held_back(name: str) -> None:
    assert language_environment({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_named_secret_is_let_through() -> None:
    environ = {"GITHUB_TOKEN": "x", "OPENAI_API_KEY": "y"}
    assert language_environment(environ, ["GITHUB_*"]) == {"GITHUB_TOKEN": "x"}


@pytest.mark.parametrize("name", ["HOME", "LANG", "KEYBOARD", "VIRTUAL_ENV", "TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK"])
def test_ordinary_variables_stay(name: str) -> None:
    assert language_environment({name: "x"}) == {name: "x"}
