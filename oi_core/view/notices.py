"""The rows of a notice: its level as a mark, its words beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.events import Level
from oi_core.printed.untrusted_text import neutralise
from oi_core.view.spans import BOLD, DIM, RED, YELLOW, Span, hanging

if TYPE_CHECKING:
    from oi_core.events import Notice

LEVEL_MARKS: Final = {
    Level.INFO: Span("· ", DIM),
    Level.WARNING: Span("! ", YELLOW),
    Level.ERROR: Span("✗ ", RED),
}


def notice_rows(notice: Notice, width: int) -> list[list[Span]]:
    """Return a notice in rows of at most ``width`` cells."""
    words = Span(neutralise(notice.text).expandtabs(4), BOLD if notice.level is Level.ERROR else "")
    return hanging(Span(""), LEVEL_MARKS[notice.level], words, width)
