"""A response that has begun, read to its end: its deltas, or the trouble that it is or runs into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from oi_core.plugin_api import Delta, NoticePart
from oi_openai.chunks import ChunkReader, ErrorInStream
from oi_openai.sse import EventReader, NotAnEvent
from oi_openai.troubles import Trouble, http_errors, in_stream, one_line, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oi_openai.client import Server

ResponseStream: TypeAlias = Any  # openai.Stream[ChatCompletionChunk]; the package is imported on first use only

GO_ON = "what arrived is kept: send a message to go on"


def read_response(response: ResponseStream, server: Server, check: Callable[[], None]) -> Iterator[Delta]:
    """Yield the deltas of a response; ``check`` is called now and then, and raises when the reply was cancelled.

    Raises:
        Trouble: it is no reply, breaks off, or is empty.
    """
    chunks = ChunkReader()
    empty = True
    try:
        events = _events(response, server)
        for event in events:
            check()
            for delta in chunks.feed(event):
                empty = False
                yield delta
    except NotAnEvent as error:
        raise _not_a_reply(str(error), server, begun=not empty) from error
    except ErrorInStream as error:
        raise in_stream(error.error, server) from error
    except http_errors() as error:
        check()
        raise unreachable(error, server) from error
    check()
    for delta in chunks.finish():
        empty = False
        yield delta
    yield from _ending(chunks.finish_reason, server, empty=empty, done=events.done)


def _events(response: ResponseStream, server: Server) -> EventReader:
    """Return the objects that a response holds; a server that does not stream sends the whole reply as one."""
    kind = response.response.headers.get("content-type", "")
    if "html" not in kind and "json" not in kind:
        return EventReader(response.response.iter_bytes())
    text = response.response.read().decode(errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and ("choices" in value or "error" in value):
        return EventReader([json.dumps(value).encode(), b"\n\ndata: [DONE]\n\n"])
    if text.strip() and not text.startswith("data:"):
        raise _not_a_reply(text, server, begun=False)
    return EventReader([text.encode()])


def _ending(finish_reason: str, server: Server, *, empty: bool, done: bool) -> Iterator[Delta]:
    """Say how a reply ended where a person should know; raise ``Trouble`` when it did not end."""
    if empty and not finish_reason:
        # llama-cpp-python answers like this when the conversation does not fit into the window.
        step = "the conversation may be too long for this model: /reset begins a new one"
        raise Trouble(f"{server.name} sent an empty answer", step)
    if not finish_reason and not done:
        raise Trouble(f"{server.name} stopped in the middle of the reply", GO_ON)
    if not finish_reason:
        yield NoticePart("the server did not say why the reply ended; it may not be whole")
    elif finish_reason == "length":
        yield NoticePart("the reply was cut at the server's limit of tokens")
    elif finish_reason == "content_filter":
        yield NoticePart(f"{server.name}'s filter cut the reply")
    elif empty:
        yield NoticePart("the model answered with nothing")


def _not_a_reply(text: str, server: Server, *, begun: bool) -> Trouble:
    start = one_line(text)[:80]
    if begun:
        return Trouble(f"{server.name} broke off with something that is not JSON: {start}", GO_ON)
    step = f"is {server.url} the right address? It usually ends in /v1"
    return Trouble(f"{server.name} sent something that is no reply: {start}", step)
