"""Where a conversation with the demo stands, told from its messages alone, so that resetting and resuming just work."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from oi_core.plugin_api import AssistantMessage, ToolMessage, UserMessage
from oi_demo.output import Output
from oi_demo.script import Say, Script, replay
from oi_demo.small_talk import arithmetic, calculation, honest_answer
from oi_demo.tour import tour

if TYPE_CHECKING:
    from oi_core.plugin_api import Message

CALL_PREFIX: Final = "demo"
"""How the ids of the demo's own calls begin; calls of other models in the same conversation are not its steps."""

_AGAIN: Final = re.compile(
    r"\s*(?:(?:show|start|play|run|give)\s+(?:me\s+)?)?(?:the\s+|it\s+)?(?:tour|demo|again|restart)(?:\s+again)?\W*",
    re.IGNORECASE,
)
_CONTINUE: Final = re.compile(r"\s*(?:please\s+)?(?:continue|go on|next|resume|yes|ok)\W*", re.IGNORECASE)


@dataclass(slots=True)
class _Exchange:
    """A script that was begun, and the outputs of its calls so far."""

    begin: Callable[[], Script]
    outputs: list[Output] = field(default_factory=list)
    is_over: bool = False

    def reply(self) -> Say:
        return replay(self.begin(), self.outputs)

    def ends_with(self, text: str) -> bool:
        """Whether the text is the whole of the last reply, which a reply that was stopped is not."""
        reply = self.reply()
        return not reply.code and text.strip() == reply.text


class _Progress:
    """Follows a conversation message by message."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = languages
        self._tour: _Exchange | None = None
        self._open_calls: set[str] = set()
        self.calls = 0
        self.exchange = _Exchange(self._begin_tour)

    def follow(self, message: Message) -> None:
        match message:
            case UserMessage(text=text):
                self.exchange = self._exchange_for(text)
            case AssistantMessage(text=text, blocks=blocks):
                own = {block.call_id for block in blocks if block.call_id.startswith(CALL_PREFIX)}
                self.calls += len(own)
                self._open_calls |= own
                self.exchange.is_over = self.exchange.is_over or (not blocks and self.exchange.ends_with(text))
            case ToolMessage(call_id=call_id, text=text) if call_id in self._open_calls:
                self._open_calls.discard(call_id)
                self.exchange.outputs.append(Output(text.replace("\r\n", "\n")))

    def _begin_tour(self) -> Script:
        return tour(self._languages)

    def _exchange_for(self, text: str) -> _Exchange:
        tour_is_open = self._tour is not None and not self._tour.is_over
        if self._tour is not None and tour_is_open and _CONTINUE.fullmatch(text):
            return self._tour
        expression = arithmetic(text) if "python" in self._languages else ""
        if expression:
            return _Exchange(lambda: calculation(expression))
        if self._tour is None or _AGAIN.fullmatch(text):
            self._tour = _Exchange(self._begin_tour)
            return self._tour
        return _Exchange(lambda: honest_answer(tour_is_open=tour_is_open))


def next_reply(messages: Sequence[Message], languages: Sequence[str]) -> tuple[Say, str]:
    """Return the reply to a conversation, and the id for its call."""
    progress = _Progress(languages)
    for message in messages:
        progress.follow(message)
    return progress.exchange.reply(), f"{CALL_PREFIX}{progress.calls:05d}"
