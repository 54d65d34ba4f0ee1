"""What a running block has printed: the last lines to show, and how many came before them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from oi_core.untrusted_text import LineEmulator, neutralise
from oi_core.view.spans import DIM, Span, cut, plain_spans, prefixed
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH: Final = 50
"""How many lines up a program may go to change them."""
MARGIN: Final = Span("│ ", DIM)
LONGEST_ROWS: Final = 12
"""Rows that one finished line may take; what is longer is counted."""


class OutputPane:
    """Keeps the last ``size`` lines of a block's output; all the others are counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._emulator = LineEmulator(REACH)
        self._kept: deque[str] = deque(maxlen=size + 1)
        self._done = 0
        self._hidden_before = 0

    @property
    def lines(self) -> int:
        """How many lines there are in all, the one being written included."""
        return self._done + len(self._open_lines())

    def feed(self, text: str) -> None:
        """Take the next piece of output."""
        self._keep(self._emulator.feed(text))

    def add_lines(self, lines: Sequence[str]) -> None:
        """Put whole lines below what is there."""
        self._keep([*self._emulator.finish(), *lines])

    def live(self, width: int) -> list[list[Span]]:
        """Return the rows to show while the block runs, each line cut to the window."""
        earlier, lines = self._window(self._size)
        rows = [[MARGIN, Span(f"… {spell_count(earlier, 'earlier line')}", DIM)]] if earlier else []
        return rows + [[MARGIN, Span(cut(_harmless(line, width), width - 2))] for line in lines]

    def finished(self, width: int, prompt: str = "") -> list[list[Span]]:
        """Return the rows that stay on the screen, and begin anew: what comes later stands below them.

        An open line that is the ``prompt`` of a question is left out, because the question is shown itself.
        """
        left = self._emulator.finish()
        if left and prompt and left[-1].strip() == prompt.strip():
            left.pop()
        self._keep(left)
        earlier, lines = self._window(self._size)
        rows = [[MARGIN, Span(f"… {spell_count(earlier, 'earlier line')}", DIM)]] if earlier else []
        for line in lines:
            rows.extend(_folded(line, width))
        self._hidden_before = self._done
        self._kept.clear()
        return rows

    def _keep(self, lines: Sequence[str]) -> None:
        self._done += len(lines)
        self._kept.extend(lines[-(self._size + 1) :])

    def _open_lines(self) -> list[str]:
        lines = self._emulator.open_lines
        return lines if lines[-1] else lines[:-1]

    def _window(self, size: int) -> tuple[int, list[str]]:
        """Return how many lines stand before those shown, and those; a single one is shown instead of counted."""
        lines = [*self._kept, *self._open_lines()]
        total = self._done - self._hidden_before + len(self._open_lines())
        shown = lines[-(size + 1 if total == size + 1 else size) :]
        return total - len(shown), shown


def _harmless(line: str, width: int) -> str:
    """Neutralise as much of a line as a row can hold: a line of a megabyte is not read again for every frame."""
    return neutralise(line[: 4 * width]).expandtabs(8)


def _folded(line: str, width: int) -> list[list[Span]]:
    room = LONGEST_ROWS * width
    rows = prefixed(MARGIN, [Span(neutralise(line[:room]).expandtabs(8))], width)
    if len(line) > room:
        rows += [[MARGIN, *row] for row in plain_spans([f"… {spell_count(len(line) - room, 'more character')}"], DIM)]
    return rows
