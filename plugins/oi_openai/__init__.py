"""Models of OpenAI's, and of every server that speaks its chat completions: hosted, gateway or on this machine.

- ``model`` asks for a reply, otherwise or again where that helps: ``demands`` knows what servers want otherwise.
- ``connection`` sends and reads one request; ``client``, ``exchange`` and ``line`` reach the server, and let go of it.
- ``protocols`` are two: chat completions (``requests``, ``roles``; ``chunks``, ``calls``, ``reasoning_details``) and
  Responses (``responses_request``, ``responses_events``); ``state`` is what a server wants back with its own replies.
- ``response`` and ``sse`` make objects of a response's bytes; ``rescue`` finds calls in text.
- ``pictures`` decides which are sent; ``endpoint_facts`` asks what a server says of a model.
- ``troubles``, ``connection_troubles``, ``error_bodies`` and ``overflow`` put what goes wrong into words.
- ``formats`` has the ways in which models say what to run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from oi_core.plugin_api import ModelFormat, ModelProvider, Scope, hookimpl, setting
from oi_openai.choices import ImagesChoice, ProtocolChoice

if TYPE_CHECKING:
    from oi_core.plugin_api import Config, Model, ModelSettings

NAME = "openai"
HOSTED_SECONDS = 60.0
OWN_SERVER_SECONDS = 600.0
"""A server of one's own may have to load the model first, and reads a long prompt slowly."""


@dataclass(frozen=True, slots=True)
class OpenAISettings:
    """``[plugins.openai]``: how servers are spoken to, and how long they are waited for."""

    protocol: ProtocolChoice = setting(
        ProtocolChoice.AUTO, Scope.USER, "what to speak: auto (responses with OpenAI, else chat), chat or responses"
    )
    images: ImagesChoice = setting(
        ImagesChoice.AUTO, Scope.USER, "whether the model is sent pictures: auto (by its name), yes or no"
    )

    connect_seconds: float = setting(10.0, Scope.USER, "seconds to wait for a connection", minimum=0.1)
    first_byte_seconds: float | None = setting(
        None, Scope.USER, "seconds to wait for an answer to begin: 60, or 600 from a server of your own", minimum=0.1
    )
    silence_seconds: float = setting(600.0, Scope.USER, "seconds an answer may pause", minimum=0.1)
    tries: int = setting(4, Scope.USER, "tries in all when a server is busy or the connection fails", minimum=1)


@hookimpl
def provide_settings() -> type[OpenAISettings]:
    """Declare how servers are spoken to."""
    return OpenAISettings


@hookimpl
def provide_models(config: Config) -> Sequence[ModelProvider]:
    """Provide the models of OpenAI and, with a base URL, of any compatible server."""
    waits = config.plugin_settings(NAME)
    opener = partial(open_model, key_name=config.api_key_env, waits=waits)
    summary = "OpenAI, or any compatible server with base-url"
    return [ModelProvider(NAME, summary, opener, needs_key=True, imports=("openai",))]


def open_model(name: str, settings: ModelSettings, *, key_name: str, waits: OpenAISettings) -> Model:
    """Return the model ``name``; nothing is imported or connected before its first request."""
    from oi_openai.client import OPENAI_URL, PROVIDER_PREFIX, Patience, server_of
    from oi_openai.formats.adaptive import AdaptiveModel
    from oi_openai.model import OpenAIModel

    address = server_of(settings).url
    if server_of(settings).is_openai:
        name = name.removeprefix(PROVIDER_PREFIX)
    first_byte = seconds_to_first_byte(waits, address)
    patience = Patience(waits.connect_seconds, first_byte, waits.silence_seconds, waits.tries)
    server = settings.known_as or address
    model_format = settings.model_format
    if model_format is ModelFormat.AUTO and server == OPENAI_URL:
        model_format = ModelFormat.TOOLS  # all of OpenAI's models call tools: a fence in a reply is just that
    chat = OpenAIModel(name, settings, key_name, patience, waits.protocol, waits.images)
    return AdaptiveModel(chat, server, model_format, first=settings.first_format)


def seconds_to_first_byte(waits: OpenAISettings, address: str) -> float:
    """Return how long the server at ``address`` may take to begin an answer."""
    from oi_core.plugin_api import is_own_server

    return waits.first_byte_seconds or (OWN_SERVER_SECONDS if is_own_server(address) else HOSTED_SECONDS)
