"""Everything that can happen in a turn, one class each; views and programs ``match`` on them.

A consumer's match ends in ``assert_never``, so that a new event breaks the build instead of the view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from oi_core.messages import CodeBlock
    from oi_core.results import ExecutionResult
    from oi_core.review import Review


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the model's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of what the model thinks aloud, where the server shows it."""

    text: str


@dataclass(frozen=True, slots=True)
class CodeStarted:
    """The model begins to write code; the language is known, the code is still arriving."""

    call_id: str
    language: str


@dataclass(frozen=True, slots=True)
class CodeDelta:
    """The next piece of the code of call ``call_id``, decoded."""

    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CodeReady:
    """A block is complete; its code equals the joined deltas of its call."""

    block: CodeBlock


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The strictest opinion on a block; after the person edits the code, a second one follows with the edited block."""

    block: CodeBlock
    review: Review


@dataclass(frozen=True, slots=True)
class ExecutionStarted:
    """A block has been sent to its language process."""

    block: CodeBlock


@dataclass(frozen=True, slots=True)
class OutputDelta:
    """The next piece of what the code printed, escape sequences included."""

    text: str
    stream: Literal["stdout", "stderr"] = "stdout"


@dataclass(frozen=True, slots=True)
class DisplayData:
    """A rich value that the code showed: MIME type to ``str`` or ``bytes``.

    The value's text, where it has one, is ordinary output beside it: whoever can show nothing of this loses nothing.
    """

    data: Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class InputRequested:
    """The running program waits for a line of input; ``secret`` means that it must not be shown."""

    prompt: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class LineRunning:
    """The line of the block, counted from 1, that runs now."""

    line: int


@dataclass(frozen=True, slots=True)
class Executed:
    """A block is over, whether it ran or not."""

    result: ExecutionResult


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the server counted for one reply."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


class Level(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the person: something to know that is neither the model's text nor a program's output."""

    text: str
    level: Level = Level.INFO


class TurnOutcome(StrEnum):
    """Why a turn is over."""

    DONE = "done"
    """The model had nothing more to run."""
    DECLINED = "declined"
    """Code needed asking, and there was nobody to ask."""
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """The model could not be reached or broke off; a notice says why."""
    LIMIT = "limit"
    """A limit of the configuration was reached; a notice names it."""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The last event of a turn."""

    outcome: TurnOutcome = TurnOutcome.DONE


Event: TypeAlias = (
    TextDelta
    | ReasoningDelta
    | CodeStarted
    | CodeDelta
    | CodeReady
    | Reviewed
    | ExecutionStarted
    | OutputDelta
    | DisplayData
    | InputRequested
    | LineRunning
    | Executed
    | Usage
    | Notice
    | TurnEnded
)
