"""A response that has begun, read to its end: its deltas, or the trouble that it is or runs into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from oi_core.plugin_api import Delta, NoticePart
from oi_openai.chunks import ErrorInStream
from oi_openai.connection_troubles import http_errors, unreachable
from oi_openai.error_bodies import one_line
from oi_openai.sse import EventReader, NotAnEvent
from oi_openai.troubles import Trouble, empty_answer, in_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oi_openai.client import Server
    from oi_openai.protocols import EventsReader

ResponseStream: TypeAlias = Any  # openai.Stream of either protocol; the package is imported on first use only

_WHOLE = frozenset(("choices", "output", "error"))
"""What tells that a JSON document is a whole reply, or an error."""
GO_ON = "what arrived is kept: send a message to go on"


def read_response(
    response: ResponseStream, reader: EventsReader, server: Server, check: Callable[[], None]
) -> Iterator[Delta]:
    """Yield the deltas of a response; ``check`` is called now and then, and raises when the reply was cancelled.

    Raises:
        Trouble: it is no reply, breaks off, or is empty.
    """
    empty = True
    try:
        events = _events(response, server)
        for event in events:
            check()
            for delta in reader.feed(event):
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
    for delta in reader.finish():
        empty = False
        yield delta
    yield from _ending(reader.finish_reason, server, empty=empty, done=events.done)


def _events(response: ResponseStream, server: Server) -> EventReader:
    """Return the objects that a response holds; a server that does not stream sends the whole reply as one."""
    kind = response.response.headers.get("content-type", "")
    if "html" not in kind and "json" not in kind:
        return EventReader(response.response.iter_bytes())
    content = response.response.read()
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and not _WHOLE.isdisjoint(value):
        return EventReader([json.dumps(value).encode(), b"\n\ndata: [DONE]\n\n"])
    if content.strip() and not content.startswith((b"data:", b"event:", b":")):
        raise _not_a_reply(content.decode(response.response.encoding or "utf-8", "replace"), server, begun=False)
    return EventReader([content])


def _ending(finish_reason: str, server: Server, *, empty: bool, done: bool) -> Iterator[Delta]:
    """Say how a reply ended where a person should know; raise ``Trouble`` when it did not end."""
    if empty and not finish_reason:
        raise empty_answer(server)
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
