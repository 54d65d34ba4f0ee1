from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import fields, replace

import oi_openai
import pytest

from oi_core.messages import UserMessage
from oi_core.model import Model, ModelProvider, ModelSettings, TextPart
from oi_core.settings import Config, PluginsSettings, Scope
from oi_core.testing.answers import say
from oi_core.testing.server import ChatServer


def provider(**config: str) -> ModelProvider:
    tables = {"openai": oi_openai.OpenAISettings(first_byte_seconds=5)}
    (only,) = oi_openai.provide_models(replace(Config(), plugins=PluginsSettings(tables=tables), **config))  # type: ignore[arg-type]  # names of Config
    return only


def test_it_provides_the_models_behind_openai_and_says_that_they_need_a_key() -> None:
    found = provider()
    assert (found.prefix, found.needs_key) == ("openai", True)
    assert oi_openai.provide_settings() is oi_openai.OpenAISettings


def test_no_project_decides_how_servers_are_spoken_to_or_what_they_are_sent() -> None:
    scopes = {field.name: field.metadata["setting"].scope for field in fields(oi_openai.OpenAISettings)}
    assert {"protocol", "images"} <= scopes.keys()
    assert set(scopes.values()) == {Scope.USER}


def test_an_opened_model_talks_to_the_server_of_its_settings() -> None:
    with ChatServer(say("hi")) as server:
        model: Model = provider().open_model("some/model", ModelSettings(server.base_url))
        with closing(model):
            assert model.name == "some/model"
            assert model.context_window is None
            assert list(model.stream([UserMessage("hello")], [])) == [TextPart("hi")]
        assert server.requests[0].body["model"] == "some/model"


@pytest.mark.parametrize(
    ("address", "seconds"),
    [
        ("https://api.openai.com/v1", 60),
        ("http://127.0.0.1:8080/v1", 600),
        ("http://nas.local/v1", 600),
        ("http://[", 60),
    ],
)
def test_a_server_of_ones_own_has_time_to_load_a_model(address: str, seconds: float) -> None:
    assert oi_openai.seconds_to_first_byte(oi_openai.OpenAISettings(), address) == seconds
    assert oi_openai.seconds_to_first_byte(oi_openai.OpenAISettings(first_byte_seconds=5), address) == 5


def test_the_variable_that_holds_the_key_is_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    model = provider(api_key_env="MY_KEY").open_model("m", ModelSettings())
    with pytest.raises(Exception, match="no API key: MY_KEY is not set"):
        list(model.stream([UserMessage("hello")], []))


def test_opening_a_model_imports_no_client() -> None:
    program = (
        "import sys, oi_openai.model as m; from oi_core.model import ModelSettings\n"
        "m.OpenAIModel('m', ModelSettings()).stream([], []).close()\n"
        "print([n for n in ('openai', 'httpx', 'httpx2', 'pydantic') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
