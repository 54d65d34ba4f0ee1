"""Which model a session opens, and where a model is looked for that is named without key or address."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from oi_core.errors import ConfigError, ModelError
from oi_core.local_servers import LocalServer, local_servers
from oi_core.model import Model, ModelFormat, ModelProvider, ModelSettings
from oi_core.model_access import ModelAccess, key_from_command
from oi_core.settings import DEFAULT_MODEL, Config
from oi_core.testing.scripted import ScriptedModel
from oi_core.testing.server import ChatServer


@dataclass
class Opened:
    """Providers that keep what they were asked for."""

    asked: list[tuple[str, ModelSettings]] = field(default_factory=list)
    models: list[ScriptedModel] = field(default_factory=list)
    searches: int = 0
    servers: list[LocalServer] = field(default_factory=list)

    def open_model(self, name: str, settings: ModelSettings) -> Model:
        self.asked.append((name, settings))
        self.models.append(ScriptedModel(["Hi."], name=name))
        return self.models[-1]

    def find(self) -> list[LocalServer]:
        self.searches += 1
        return self.servers

    def access(self, *, with_openai: bool = True) -> ModelAccess:
        providers = {"demo": ModelProvider("demo", "a demo", self.open_model)}
        if with_openai:
            providers["openai"] = ModelProvider("openai", "servers", self.open_model, needs_key=True)
        return ModelAccess(providers, self.find)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def config(model: str, **settings: object) -> Config:
    return Config(model=model, folder=Path.cwd(), **settings)  # type: ignore[arg-type]  # whatever the test sets


def test_a_model_goes_to_the_provider_of_its_prefix_and_any_other_to_openai() -> None:
    opened = Opened()
    access = opened.access()
    for name in ("demo/tour", "gpt-x", "meta/llama", "openai/gpt-y"):
        access.open(config(name), "k")
    assert [name for name, _ in opened.asked] == ["tour", "gpt-x", "meta/llama", "openai/gpt-y"]
    assert [model.closed for model in opened.models] == [True, True, True, False]
    access.close()
    assert opened.models[-1].closed


def test_who_provides_models_is_no_model() -> None:
    access = Opened().access()
    with pytest.raises(ConfigError, match=r"'demo' provides models and is none: .* · name one of them: demo/MODEL"):
        access.open(config("demo"), "k")
    assert not access.has_key(config("demo"), "k")


def test_a_model_is_opened_once_until_something_about_it_changes() -> None:
    opened = Opened()
    access = opened.access()
    first = access.open(config("gpt-x"), "k")
    assert access.open(config("gpt-x"), "k") is first
    assert access.open(config("gpt-x", model_format=ModelFormat.FENCES), "k") is not first
    assert opened.asked[-1][1].model_format is ModelFormat.FENCES
    assert access.open(config("gpt-x"), "another key") is not first


def test_a_provider_gets_the_opener_of_compatible_servers() -> None:
    opened = Opened()
    opened.access().open(config("demo/tour"), None)
    assert opened.asked[0][1].open_compatible == opened.open_model
    alone = Opened()
    access = alone.access(with_openai=False)
    access.open(config("demo/tour"), None)
    assert alone.asked[0][1].open_compatible is None
    with pytest.raises(ConfigError, match="no plugin provides the model 'gpt-x'"):
        access.open(config("gpt-x"), None)
    assert not access.has_key(config("gpt-x"), None)


def test_a_model_that_a_server_on_this_machine_offers_needs_no_setting() -> None:
    opened = Opened()
    with ChatServer(models=("qwen2.5-coder-0.5b",)) as server:
        access = ModelAccess(
            {"openai": ModelProvider("openai", "servers", opened.open_model, needs_key=True)},
            lambda: local_servers([urlsplit(server.base_url).port or 0]),
        )
        assert access.has_key(config("qwen2.5-coder-0.5b"), None)
        access.open(config("qwen2.5-coder-0.5b"), None)
        assert opened.asked[0][1].base_url == server.base_url
        assert not access.has_key(config("another"), None)
        access.open(config("another"), None)
        assert opened.asked[1][1].base_url is None


def test_servers_are_not_looked_for_when_the_person_says_where_the_model_is(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(servers=[LocalServer("http://127.0.0.1:1/v1", "x", ("m", DEFAULT_MODEL, "tour"))])
    access = opened.access()
    for settings, key in (({"base_url": "http://h/v1"}, None), ({"api_key_command": "echo k"}, None), ({}, "k")):
        assert access.has_key(config("m", **settings), key)
        access.open(config("m", **settings), key)
    access.open(config(DEFAULT_MODEL), None)
    access.open(config("demo/tour"), None)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://h/v1")
    access.open(config("m"), None)
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    access.open(config("m"), None)
    assert opened.searches == 0
    assert {settings.base_url for _, settings in opened.asked} == {"http://h/v1", None}


def test_a_server_that_was_found_is_not_looked_for_again() -> None:
    opened = Opened(servers=[LocalServer("http://127.0.0.1:1/v1", "x", ("m",))])
    access = opened.access()
    assert [access.has_key(config("m"), None) for _ in range(3)] == [True] * 3
    access.open(config("m"), None)
    assert opened.searches == 1


def test_cancelling_reaches_the_open_model_and_is_harmless_without_one() -> None:
    access = Opened().access()
    access.cancel()
    model = access.open(config("demo/tour"), None)
    access.cancel()
    assert isinstance(model, ScriptedModel)


@pytest.mark.parametrize("command", ["false", "'", "/no/such/program", "true"])
def test_a_key_command_that_gives_no_key_says_so(command: str) -> None:
    with pytest.raises(ModelError, match=r"api-key-command .* run it by hand to see why"):
        key_from_command(command)
    assert key_from_command("echo ' k '") == "k"
