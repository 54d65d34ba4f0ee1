"""The two protocols of OpenAI's servers: how each asks, sends, and reads a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from oi_openai.asking import Asking, Demand
from oi_openai.choices import ProtocolChoice
from oi_openai.chunks import ChunkReader
from oi_openai.requests import chat_request
from oi_openai.responses_events import ResponsesReader
from oi_openai.responses_request import responses_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import openai

    from oi_core.plugin_api import Delta
    from oi_openai.client import Server
    from oi_openai.response import ResponseStream


class EventsReader(Protocol):
    """Turns the JSON objects of a response into deltas."""

    finish_reason: str

    def feed(self, event: Mapping[str, Any], /) -> Iterator[Delta]:
        """Yield what an object adds to the reply; raises ``ErrorInStream`` for one that reports an error."""
        ...

    def finish(self) -> Iterator[Delta]:
        """Yield what only the end makes certain."""
        ...


class WireProtocol(Protocol):
    """One way to ask a server. ``title`` is what it is called in messages, ``path`` its path below the base URL."""

    title: str
    name: ProtocolChoice

    def request(self, asking: Asking) -> dict[str, Any]:
        """Return the arguments to send."""
        ...

    def send(self, client: openai.OpenAI, request: Mapping[str, Any]) -> ResponseStream:
        """Send them, and return the response once it begins."""
        ...

    def reader(self, origin: str) -> EventsReader:
        """Return what reads the response."""
        ...


class ChatCompletions:
    """What every compatible server speaks."""

    title = "chat completions"
    name = ProtocolChoice.CHAT

    def request(self, asking: Asking) -> dict[str, Any]:
        """Return the arguments to send."""
        return chat_request(asking)

    def send(self, client: openai.OpenAI, request: Mapping[str, Any]) -> ResponseStream:
        """Send them, and return the response once it begins."""
        return client.chat.completions.create(**request)

    def reader(self, origin: str) -> EventsReader:
        """Return what reads the chunks."""
        return ChunkReader(origin)


class Responses:
    """What OpenAI's own servers speak besides, and keep a model's reasoning with."""

    title = "responses"
    name = ProtocolChoice.RESPONSES

    def request(self, asking: Asking) -> dict[str, Any]:
        """Return the arguments to send."""
        return responses_request(asking)

    def send(self, client: openai.OpenAI, request: Mapping[str, Any]) -> ResponseStream:
        """Send them, and return the response once it begins."""
        return client.responses.create(**request)

    def reader(self, origin: str) -> EventsReader:
        """Return what reads the events."""
        return ResponsesReader(origin)


CHAT: Final = ChatCompletions()
RESPONSES: Final = Responses()


def protocol_for(server: Server, choice: ProtocolChoice, known: frozenset[str]) -> WireProtocol:
    """Return the protocol to speak: the one chosen, else the one that the server and the model are known to take."""
    if choice is not ProtocolChoice.AUTO:
        return RESPONSES if choice is ProtocolChoice.RESPONSES else CHAT
    return RESPONSES if server.is_openai != (Demand.OTHER_PROTOCOL in known) else CHAT
