"""Boot text, loaded when it is needed: earlier results at a glance."""

from __future__ import annotations

import reprlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives


def describe_results(results: Any) -> str:
    """Return a line for each result: its cell, its type, and how it begins."""
    lines = [f"_out[{number}]: {type(value).__name__}  {first_line(value)}" for number, value in results.items()]
    return "\n".join(lines) or "no results yet: _out[N] will be the value of the last expression of cell N"


def first_line(value: object) -> str:
    """Return how the repr of a value begins."""
    lines = reprlib.repr(value).strip().splitlines()
    text = lines[0] if lines else ""
    return text if len(lines) < 2 and len(text) <= 80 else f"{text[:80]} …"
