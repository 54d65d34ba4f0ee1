"""A terminal to draw on, looked at with pyte."""

from __future__ import annotations

import io
import os

import pyte


class Terminal(io.StringIO):
    """Keeps what a terminal would show, the lines that have scrolled away included, and the raw bytes."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        super().__init__()
        self.screen = pyte.HistoryScreen(columns, rows, history=100_000, ratio=0.5)
        self._stream = pyte.Stream(self.screen)
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        self._stream.feed(text)
        return len(text)

    def size(self) -> os.terminal_size:
        return os.terminal_size((self.screen.columns, self.screen.lines))

    def lines(self) -> list[str]:
        past = ["".join(row[x].data for x in range(self.screen.columns)) for row in self.screen.history.top]
        return without_trailing_blanks([*past, *self.screen.display])


def without_trailing_blanks(lines: list[str]) -> list[str]:
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return lines
