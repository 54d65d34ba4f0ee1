"""What became of a block of code: the outcome, the output, and the text the model is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from oi_core.messages import CodeBlock


class Outcome(StrEnum):
    """How a block ended; the last two are for code that did not run."""

    FINISHED = "finished"
    FAILED = "failed"
    """It ran and ended in an error: an uncaught exception, a non-zero exit status."""
    INTERRUPTED = "interrupted"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    """The language process died; the next block starts a fresh one."""
    BLOCKED = "blocked"
    """A reviewer forbade it."""
    DECLINED = "declined"
    """The person said no, or could not be asked."""

    @property
    def ran(self) -> bool:
        """Whether any of the code was executed."""
        return self not in (Outcome.BLOCKED, Outcome.DECLINED)


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """A block, what it printed (plain text, bounded in length), and how it ended.

    ``exit_status`` is a number where the language has one. ``note`` is what the model and the person should know beyond
    the output: "interrupted after 41 s; variables intact". ``seconds`` is the wall-clock time the code ran.
    ``spool`` is the path of a file with the whole output, where ``output`` is not the whole; it lasts as long as the
    session. ``images`` are pictures that the code showed, as data URLs, bounded in number and size. ``started`` is
    False when the language could not be started for it.
    """

    block: CodeBlock
    output: str
    outcome: Outcome
    exit_status: int | None = None
    note: str = ""
    seconds: float = 0.0
    spool: str = ""
    images: tuple[str, ...] = ()
    started: bool = True

    def as_text(self) -> str:
        """Return what the model is told: the output, then the status in brackets where there is one to tell."""
        parts = [self.output.rstrip("\n")] if self.output.strip() else []
        if self.images:
            parts.append(
                "[a picture was shown]" if len(self.images) == 1 else f"[{len(self.images)} pictures were shown]"
            )
        status = self.status()
        if status:
            parts.append(f"[{status}]")
        return "\n".join(parts) or "[no output]"

    def status(self) -> str:
        """Return what there is to tell besides the output: why it did not run or go on, an exit status, the note."""
        match self.outcome:
            case Outcome.FINISHED:
                return self.note
            case Outcome.FAILED:
                status = f"exit status {self.exit_status}" if self.exit_status is not None else ""
                return "; ".join(part for part in (status, self.note) if part)
            case Outcome.BLOCKED | Outcome.DECLINED:
                return f"not run: {self.note or self.outcome.value}"
            case Outcome.INTERRUPTED | Outcome.TIMED_OUT | Outcome.CRASHED:
                return self.note or self.outcome.value.replace("_", " ")
            case _:
                assert_never(self.outcome)
