"""The one question back: may this code run? What it is asked about, and what can be answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from oi_core.events import InputRequested
from oi_core.messages import CodeBlock
from oi_core.review import Review


@dataclass(frozen=True, slots=True)
class Run:
    """Yes, as it stands."""


@dataclass(frozen=True, slots=True)
class RunEdited:
    """Run this code instead; it is reviewed, shown and asked about again."""

    code: str


@dataclass(frozen=True, slots=True)
class Decline:
    """No; the reason goes to the model as the result, and the turn goes on. Without one the turn ends."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There is nobody to ask; the turn ends."""


Decision: TypeAlias = Run | RunEdited | Decline | Unanswered

Ask: TypeAlias = Callable[[CodeBlock, Review], Decision]
"""Called with the block and the opinion that stands; returns when the person has decided."""

AskInput: TypeAlias = Callable[[InputRequested], str | None]
"""Called when a running program waits for a line; returns the line without its newline, or None for end of file."""


def nobody_to_ask(block: CodeBlock, review: Review) -> Decision:  # noqa: ARG001  (the signature of Ask)
    """Decide nothing: for scripts, where no person is there."""
    return Unanswered()
