"""Models of OpenAI's, and of every server that speaks its chat completions: hosted, gateway or on this machine.

- ``model`` asks for a reply and tries again; ``client`` reaches the server; ``requests`` builds what is sent.
- ``exchange`` and ``line`` let a reply be stopped at any moment.
- ``response``, ``sse``, ``chunks`` and ``calls`` make deltas of a response's bytes; ``rescue`` finds calls in text.
- ``troubles`` puts what goes wrong into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from oi_core.plugin_api import ModelProvider, Scope, hookimpl, setting

if TYPE_CHECKING:
    from oi_core.plugin_api import Config, Model, ModelSettings

NAME = "openai"


@dataclass(frozen=True, slots=True)
class OpenAISettings:
    """``[plugins.openai]``: how long to wait for a server."""

    connect_seconds: float = setting(10.0, Scope.USER, "seconds to wait for a connection", minimum=0.1)
    first_byte_seconds: float = setting(60.0, Scope.USER, "seconds to wait for an answer to begin", minimum=0.1)
    silence_seconds: float = setting(600.0, Scope.USER, "seconds an answer may pause", minimum=0.1)
    tries: int = setting(4, Scope.USER, "tries in all when a server is busy or the connection fails", minimum=1)


@hookimpl
def provide_settings() -> type[OpenAISettings]:
    """Declare how long to wait for servers."""
    return OpenAISettings


@hookimpl
def provide_models(config: Config) -> Sequence[ModelProvider]:
    """Provide the models of OpenAI and, with a base URL, of any compatible server."""
    waits = config.plugin_settings(NAME)
    opener = partial(open_model, key_name=config.api_key_env, waits=waits)
    return [ModelProvider(NAME, "OpenAI, or any compatible server with base-url", opener, needs_key=True)]


def open_model(name: str, settings: ModelSettings, *, key_name: str, waits: OpenAISettings) -> Model:
    """Return the model ``name``; nothing is imported or connected before its first request."""
    from oi_openai.client import Patience
    from oi_openai.model import OpenAIModel

    patience = Patience(waits.connect_seconds, waits.first_byte_seconds, waits.silence_seconds, waits.tries)
    return OpenAIModel(name, settings, key_name, patience)
