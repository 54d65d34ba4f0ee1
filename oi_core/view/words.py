"""The wording that views share: how long, how many, and how a block ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from oi_core.printed.untrusted_text import neutralise_line
from oi_core.results import Outcome

if TYPE_CHECKING:
    from oi_core.results import ExecutionResult


@dataclass(frozen=True, slots=True)
class Ending:
    """How a block ended, in words; ``good`` is whether nothing about it needs the person's attention."""

    good: bool
    text: str


def spell_seconds(seconds: float) -> str:
    """Return a duration as people say it: ``12 ms``, ``0.8 s``, ``41 s``, ``2 min 5 s``, ``1 h 3 min``."""
    if 0 < seconds < 0.095:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def spell_count(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 line``, ``1,204 lines``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def ending(result: ExecutionResult, lines: int) -> Ending:
    """Say how a block ended that printed so many lines."""
    note = neutralise_line(result.note)
    printed = spell_count(lines, "line") if lines else "no output"
    took = spell_seconds(result.seconds)
    match result.outcome:
        case Outcome.FINISHED:
            return Ending(True, _joined(took, printed, note))
        case Outcome.FAILED:
            status = f"failed with exit status {result.exit_status}" if result.exit_status is not None else "failed"
            return Ending(False, _joined(status, took, printed, note))
        case Outcome.INTERRUPTED:
            return Ending(False, note or f"interrupted after {took}")
        case Outcome.TIMED_OUT:
            return Ending(False, note or f"stopped at the time limit after {took}")
        case Outcome.CRASHED:
            return Ending(False, _joined("crashed", note))
        case Outcome.BLOCKED:
            return Ending(False, _joined(f"not run: {note}" if note else "not run: forbidden", "the model was told"))
        case Outcome.DECLINED:
            return Ending(False, f"not run: {note}" if note else "not run")
        case _:
            assert_never(result.outcome)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
