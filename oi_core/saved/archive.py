"""The values of a saved session: what it is about, its messages, and the code that ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

from oi_core.messages import CodeBlock, Message, SummaryMessage, UserCodeMessage, UserMessage
from oi_core.results import ExecutionResult

TITLE_CHARS = 80
BROKE_OFF = "[no result was recorded: the session ended while this code ran, or before]"
"""The result of a call that a session broke off in."""
LONG_AGO = datetime.fromtimestamp(0, UTC)

Bundle: TypeAlias = Mapping[str, str | bytes]
"""A displayed value: MIME type to text or bytes."""


@dataclass(frozen=True, slots=True)
class About:
    """What a session is about; ``folder`` is the project's, ``title`` the beginning of the first message."""

    id: str = ""
    title: str = ""
    folder: str = ""
    model: str = ""
    started: datetime = LONG_AGO


@dataclass(frozen=True, slots=True)
class Run:
    """A block of code that is over, with what it displayed; ``position`` is how many messages there were by then."""

    result: ExecutionResult
    position: int
    shown: tuple[Bundle, ...] = ()

    def ran(self) -> CodeBlock | None:
        """Return the code that ran; None when it did not run."""
        return self.result.block if self.result.outcome.ran else None


def rewound(run: Run, count: int) -> Run:
    """Return a run for a conversation that went back to its first ``count`` messages: what ran, ran."""
    return replace(run, position=min(run.position, count))


@dataclass(frozen=True, slots=True)
class SavedSession:
    """A session as it was: ``damaged`` counts the lines of its file that could not be read."""

    about: About = field(default_factory=About)
    messages: tuple[Message, ...] = ()
    runs: tuple[Run, ...] = ()
    damaged: int = 0


def is_request(message: Message) -> bool:
    """Whether a message is what the person said, not a summary or a report of code they ran."""
    return isinstance(message, UserMessage) and not isinstance(message, SummaryMessage | UserCodeMessage)


def title_of(messages: Sequence[Message]) -> str:
    """Return the first paragraph that the person said, on one line, cut where it is long."""
    for message in messages:
        if is_request(message):
            words = " ".join(message.text.strip().partition("\n\n")[0].split())
            return words if len(words) <= TITLE_CHARS else f"{words[: TITLE_CHARS - 1]}…"
    return ""
