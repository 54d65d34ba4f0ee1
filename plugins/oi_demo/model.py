"""The demo as a model: streams a scripted reply in small pieces, at a reading pace."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from oi_core.plugin_api import TOOL_NAME, CallPart, ModelCancelled, TextPart
from oi_demo.progress import next_reply
from oi_demo.script import Say

if TYPE_CHECKING:
    from oi_core.plugin_api import Delta, Message, Tool

ARGUMENT_PIECE: Final = 7
"""Characters of a call's arguments in one piece: about what servers send, and of no length that JSON would favour."""

_TEXT_PIECE: Final = re.compile(r"\s*\S{1,12}|\s+")


class DemoModel:
    """The model ``demo/NAME``; ``pace`` is the time between two pieces, in seconds, 0 for none."""

    context_window: int | None = 10**9
    """Without bound, because the next reply depends on all messages: none may be shortened or dropped."""

    def __init__(self, name: str, pace: float) -> None:
        self.name = f"demo/{name}"
        self._pace = pace
        self._cancelled = threading.Event()

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the scripted reply to ``messages``.

        Raises:
            ModelCancelled: :meth:`cancel` was called.
        """
        self._cancelled.clear()
        reply, call_id = next_reply(messages, _languages(tools))
        return self._paced(_pieces(reply, call_id))

    def _paced(self, pieces: Iterator[Delta]) -> Iterator[Delta]:
        for piece in pieces:
            if self._cancelled.wait(self._pace) if self._pace else self._cancelled.is_set():
                raise ModelCancelled("the demo was stopped")
            yield piece

    def cancel(self) -> None:
        """Stop the reply that is being streamed."""
        self._cancelled.set()

    def close(self) -> None:
        """Stop streaming; there is nothing else to give back."""
        self._cancelled.set()


def _languages(tools: Sequence[Tool]) -> Sequence[str]:
    """Return the languages that code can be run in, as the tool's schema lists them."""
    for tool in tools:
        if tool.name == TOOL_NAME:
            return tuple(tool.parameters["properties"]["language"]["enum"])
    return ()


def _pieces(reply: Say, call_id: str) -> Iterator[Delta]:
    for match in _TEXT_PIECE.finditer(reply.text):
        yield TextPart(match.group())
    if not reply.code:
        return
    arguments = json.dumps({"language": reply.language, "code": reply.code}, ensure_ascii=False)
    yield CallPart(0, id=call_id, name=TOOL_NAME)
    for start in range(0, len(arguments), ARGUMENT_PIECE):
        yield CallPart(0, arguments=arguments[start : start + ARGUMENT_PIECE])
