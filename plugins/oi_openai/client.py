"""How a server is reached: its name and address, the key that is sent to it, how long is waited, the client."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oi_core.plugin_api import ModelError, ModelSettings

if TYPE_CHECKING:
    import openai

    from oi_openai.line import Line

OPENAI_URL = "https://api.openai.com/v1"
PROVIDER_PREFIX = "openai/"
"""Says who provides a model. Other servers may list models by such names, and are asked for the whole name first."""
NO_KEY_NEEDED = "no-key-needed"
"""Sent to servers for which no key is set; without it the client would send them OPENAI_API_KEY."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds, and how often to try."""

    connect: float = 10.0
    first_byte: float = 60.0
    silence: float = 600.0
    tries: int = 4
    backoff: float = 1.0
    """Before the second try; it doubles from try to try."""
    longest_wait: float = 120.0
    """A server that asks for a longer wait than this is not waited for."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server as messages name it: ``OpenAI``, or its host and port; ``url`` is its address up to ``/v1``."""

    name: str
    url: str

    @property
    def is_openai(self) -> bool:
        """Whether it is OpenAI's own: api.openai.com, or that of a region such as eu.api.openai.com."""
        host = _host(self.url)
        return host == "api.openai.com" or host.endswith(".api.openai.com")

    @property
    def is_this_machine(self) -> bool:
        """Whether the address is on the loopback interface."""
        return _host(self.url) in ("127.0.0.1", "localhost", "::1")


def server_of(settings: ModelSettings) -> Server:
    """Return the server that the settings name, else the one of OPENAI_BASE_URL, else OpenAI's."""
    url = (settings.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL).strip().rstrip("/")
    where = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return Server("OpenAI" if _host(url) == "api.openai.com" else where or url, url)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class Key:
    """The API key for one server, and how to speak of it without saying it; ``variable`` is where it is looked for."""

    def __init__(self, value: str | None, variable: str) -> None:
        self._value = (value or "").strip()
        self._variable = variable

    def for_server(self, server: Server) -> str:
        """Return what to send.

        Raises:
            ModelError: there is none and the server is OpenAI's, or it holds characters that no header can.
        """
        if not self._value and server.url == OPENAI_URL:
            step = "set it, or see what there is without one: interpreter demo"
            raise ModelError(f"no API key: {self._variable} is not set", step)
        if not self._value.isascii() or not self._value.isprintable():
            raise ModelError("the API key holds characters that cannot be sent", f"check {self._variable}")
        return self._value or NO_KEY_NEEDED

    def in_words(self) -> str:
        """Say which key was sent, with no more of it than tells it from another."""
        if not self._value:
            return f"none was sent: {self._variable} is not set"
        name = self._variable if os.environ.get(self._variable, "").strip() == self._value else "the key"
        return f"{name} ends {self._tail()}" if self._tail() else name

    def hidden_in(self, text: str) -> str:
        """Return text, an error of the server's perhaps, without the key."""
        return text.replace(self._value, self._tail() or "…") if self._value else text

    def _tail(self) -> str:
        return f"…{self._value[-3:]}" if len(self._value) >= 12 else ""


def make_client(server: Server, key: str, patience: Patience, line: Line) -> openai.OpenAI:
    """Return the client, its connections watched by ``line``, its own retries off because they are not seen.

    A proxy of the environment is used as usual, but not on the way to this machine itself.
    """
    import openai

    timeout = openai.Timeout(patience.silence, connect=patience.connect)
    http_client = openai.DefaultHttpxClient(
        timeout=timeout, trust_env=not server.is_this_machine, event_hooks={"request": [line.on_request]}
    )
    return openai.OpenAI(api_key=key, base_url=server.url, timeout=timeout, max_retries=0, http_client=http_client)
