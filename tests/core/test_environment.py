from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.environment import explain_environment, explain_variable, language_environment, usual_variables


@pytest.mark.parametrize(
    "name",
    [
        *("OPENAI_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "aws_secret_access_key", "MY_SECRET", "AWS_ACCESS_KEY_ID"),
        *("AWS_SESSION_TOKEN", "GOOGLE_APPLICATION_CREDENTIALS", "npm_config__authToken", "HF_TOKEN", "GIT_TOKEN"),
        *("PYTHON_KEYRING_PASSWORD", "UV_PUBLISH_TOKEN", "CARGO_REGISTRY_TOKEN", "PGPASSWORD", "SENTRY_DSN"),
        *("SLACK_WEBHOOK_URL", "JUPYTER_TOKEN", "INTERPRETER_MODEL", "NODE_AUTH_TOKEN", "XDG_SESSION_COOKIE"),
    ],
)
def test_secrets_are_held_back(name: str) -> None:
    assert language_environment({name: "x", "PATH": "/bin"}) == {"PATH": "/bin"}
    assert not explain_variable(name, "x").passes


@pytest.mark.parametrize(
    "name",
    [
        *("HOME", "LANG", "LC_ALL", "TERM", "TZ", "SHELL", "PWD", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"),
        *("PYTHONPATH", "NODE_PATH", "TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK", "DISPLAY", "http_proxy", "NO_PROXY"),
        *("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "LD_LIBRARY_PATH", "GIT_AUTHOR_NAME", "JAVA_HOME", "GOPATH"),
        *("KERAS_BACKEND", "PYTHONHASHSEED", "OLDPWD", "MPLBACKEND", "PIP_INDEX_URL", "JULIA_NUM_THREADS"),
    ],
)
def test_usual_variables_pass(name: str) -> None:
    assert language_environment({name: "x"}) == {name: "x"}


@pytest.mark.parametrize("name", ["DATABASE_URL", "STRIPE", "MY_APP", "LD_PRELOAD", "BASH_ENV", "BASH_FUNC_ls%%", ""])
def test_what_nobody_listed_stays_outside(name: str) -> None:
    assert language_environment({name: "x"}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PIP_INDEX_URL", "https://me:pass@packages.example/simple"),
        ("https_proxy", "http://user:secret@proxy:3128"),
        ("UV_INDEX_URL", "https://ghx_0123456789abcdefghij@packages.example/simple"),
        ("GIT_CONFIG_VALUE_0", "AUTHORIZATION: basic eC1hY2Nlc3M="),
    ],
)
def test_a_login_in_a_value_is_held_back(name: str, value: str) -> None:
    passage = explain_variable(name, value)
    assert (passage.passes, "a login in it" in passage.reason) == (False, True)
    assert value not in passage.reason
    assert explain_variable(name, value, [name]).passes


def test_an_address_without_a_login_passes() -> None:
    assert explain_variable("PIP_INDEX_URL", "https://packages.example:8080/simple@1").passes
    assert explain_variable("http_proxy", "http://proxy:3128").passes


def test_a_named_secret_is_let_through() -> None:
    environ = {"GITHUB_TOKEN": "x", "OPENAI_API_KEY": "y"}
    assert language_environment(environ, ["GITHUB_*"]) == {"GITHUB_TOKEN": "x"}
    assert language_environment(environ, ["OPENAI_API_KEY"]) == {"OPENAI_API_KEY": "y"}


def test_a_pattern_for_everything_lets_no_secret_through() -> None:
    environ = {"GITHUB_TOKEN": "x", "MY_APP": "y", "PIP_INDEX_URL": "https://me:pass@host/"}
    assert language_environment(environ, ["*"]) == {"MY_APP": "y"}
    assert language_environment(environ, ["?*", "[A-Z]*"]) == {"MY_APP": "y"}


def test_the_models_key_is_held_back_whatever_it_is_called() -> None:
    environ = {"PYTHON_MODEL": "x"}
    assert language_environment(environ) == environ
    assert language_environment(environ, ["PYTHON*"], ("PYTHON_MODEL",)) == {}
    assert language_environment(environ, ["PYTHON_MODEL"], ("PYTHON_MODEL",)) == environ


@pytest.mark.parametrize(
    ("name", "env_pass", "reason"),
    [
        ("HOME", (), "a usual variable"),
        ("LC_TIME", (), "a usual variable (LC_*)"),
        ("MY_KEY", (), 'held back, it looks like a secret (*_KEY); env-pass = ["MY_KEY"] lets it through'),
        ("MY_KEY", ("MY_KEY",), "env-pass names it"),
        ("MY_KEY", ("MY_*",), "env-pass has MY_*"),
        ("MY_APP", ("*APP",), "env-pass has *APP"),
        ("MY_APP", (), 'not a usual variable; env-pass = ["MY_APP"] lets it through'),
    ],
)
def test_each_variable_has_its_reason(name: str, env_pass: tuple[str, ...], reason: str) -> None:
    assert explain_variable(name, "x", env_pass).reason == reason


names = st.sampled_from(["PATH", "A_KEY", "MY_APP", "LC_ALL", "PIP_INDEX_URL"]) | st.text(max_size=12)


@given(st.dictionaries(names, st.text(max_size=30)), st.lists(names, max_size=3))
def test_the_explanation_tells_what_happens(environ: dict[str, str], env_pass: list[str]) -> None:
    passages = explain_environment(environ, env_pass)
    assert [passage.name for passage in passages] == list(environ)
    passing = {passage.name: environ[passage.name] for passage in passages if passage.passes}
    assert language_environment(environ, env_pass) == passing


def test_no_usual_variable_looks_like_a_secret_by_itself() -> None:
    plain = [name for name in usual_variables() if not set(name) & set("*?[")]
    assert [name for name in plain if not explain_variable(name, "x").passes] == []
