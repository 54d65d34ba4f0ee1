"""What a running block has printed: the last lines to show, and how many came before them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from oi_core.printed.graphic_rendition import SEQUENCE, pieces_of
from oi_core.printed.line_emulator import LineEmulator
from oi_core.printed.untrusted_text import neutralise_prose
from oi_core.view.spans import DIM, Span, cut_spans, plain_spans, prefixed
from oi_core.view.words import spell_count

if TYPE_CHECKING:
    from collections.abc import Sequence

REACH: Final = 50
"""How many lines up a program may go to change them."""
MARGIN: Final = Span("│ ", DIM)
TAB_STOP: Final = 8
LONGEST_ROWS: Final = 12
"""Rows that one finished line may take; what is longer is counted."""


class OutputPane:
    """Keeps the last ``size`` lines of a block's output; all the others are counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._emulator = LineEmulator(REACH, colours=True)
        self._kept: deque[str | Span] = deque(maxlen=size + 1)
        self._done = 0
        self._hidden_before = 0
        self._line_ended = False

    @property
    def lines(self) -> int:
        """How many lines there are in all, the one being written included."""
        return self._done + len(self._open_lines())

    def feed(self, text: str) -> None:
        """Take the next piece of output."""
        if self._line_ended and text:
            text, self._line_ended = text.removeprefix("\r").removeprefix("\n"), text == "\r"
        self._keep(self._emulator.feed(text))

    def add_lines(self, lines: Sequence[str | Span]) -> None:
        """Put whole lines below what is there; a span is one that is harmless already."""
        self._keep([*self._emulator.finish(), *lines])

    def add_answer(self, line: str, *, hidden: bool) -> None:
        """Put a line below that an answer ends; the newline that programs print after a hidden one is the same one."""
        self.add_lines([line])
        self._line_ended = hidden

    def live(self, width: int) -> list[list[Span]]:
        """Return the rows to show while the block runs, each line cut to the window."""
        earlier, lines = self._window(self._size)
        rows = [[MARGIN, Span(f"… {spell_count(earlier, 'earlier line')}", DIM)]] if earlier else []
        return rows + [[MARGIN, *cut_spans(_harmless(line, 4 * width), width - 2)] for line in lines]

    def finished(self, width: int, prompt: str = "") -> list[list[Span]]:
        """Return the rows that stay on the screen, and begin anew: what comes later stands below them.

        An open line that is the ``prompt`` of a question is left out, because the question is shown itself.
        """
        left = self._emulator.finish()
        if left and prompt and SEQUENCE.sub("", left[-1]).strip() == prompt.strip():
            left.pop()
        self._keep(left)
        earlier, lines = self._window(self._size)
        rows = [[MARGIN, Span(f"… {spell_count(earlier, 'earlier line')}", DIM)]] if earlier else []
        for line in lines:
            rows.extend(_folded(line, width))
        self._hidden_before = self._done
        self._kept.clear()
        return rows

    def _keep(self, lines: Sequence[str | Span]) -> None:
        self._done += len(lines)
        self._kept.extend(lines[-(self._size + 1) :])

    def _open_lines(self) -> list[str]:
        lines = self._emulator.open_lines
        return lines if lines[-1] else lines[:-1]

    def _window(self, size: int) -> tuple[int, list[str | Span]]:
        """Return how many lines stand before those shown, and those; a single one is shown instead of counted."""
        lines = [*self._kept, *self._open_lines()]
        total = self._done - self._hidden_before + len(self._open_lines())
        shown = lines[-(size + 1 if total == size + 1 else size) :]
        return total - len(shown), shown


def _harmless(line: str | Span, characters: int) -> list[Span]:
    """Return as much of a line as is shown: a line of a megabyte is not read again for every frame."""
    if isinstance(line, Span):
        return [line]
    spans: list[Span] = []
    column = 0
    for text, style in pieces_of(line):
        shown = neutralise_prose(text[:characters])
        if "\t" in shown:
            before = column % TAB_STOP
            shown = (" " * before + shown).expandtabs(TAB_STOP)[before:]
        spans.append(Span(shown, style))
        column += len(shown)
        characters -= len(text)
        if characters <= 0:
            break
    return spans


def _folded(line: str | Span, width: int) -> list[list[Span]]:
    room = LONGEST_ROWS * width
    rows = prefixed(MARGIN, _harmless(line, room), width)
    if isinstance(line, Span):
        return rows
    length = len(SEQUENCE.sub("", line)) if "\x1b" in line else len(line)
    if length > room:
        rows += [[MARGIN, *row] for row in plain_spans([f"… {spell_count(length - room, 'more character')}"], DIM)]
    return rows
