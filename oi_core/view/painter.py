"""The one writer to a terminal: finished lines go into its scrollback once, and only a short live tail is repainted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TextIO

from rich.cells import cell_len

from oi_core.printed.untrusted_text import strip_escapes

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

BEGIN_FRAME: Final = "\x1b[?2026h"
END_FRAME: Final = "\x1b[?2026l"
ERASE_REST_OF_LINE: Final = "\x1b[K"
ERASE_BELOW: Final = "\x1b[J"
ERASE_ALL_BELOW: Final = f"\x1b[K\x1b[C{ERASE_BELOW}\r\x1b[M"
"""From the second column on, and the rest with its line: what is erased from a window's first cell on, tmux puts into
the scrollback, and a line that it has folded stays joined to the next one whatever is written over it."""


class Painter:
    """Paints frames: lines that are finished, and below them live lines that the next frame may change.

    Lines are at most one cell narrower than the window. One write a frame, from the first row that differs; nothing is
    erased before it is written over, because a terminal without synchronised updates (tmux) would flicker. The cursor
    rests at the end of the last live line, or below the last finished one.
    """

    def __init__(self, out: TextIO, size: Callable[[], os.terminal_size]) -> None:
        self._out = out
        self._size = size
        self._live: list[str] = []
        self._columns = 0

    def frame(self, finished: Sequence[str], live: Sequence[str] = ()) -> None:
        """Paint one frame.

        Raises:
            OSError: the terminal is gone.
        """
        columns = self._size().columns
        resized = bool(self._live) and columns != self._columns
        lines = [*finished, *live]
        same = 0 if resized or not self._live or not lines else _common_start(lines, self._live)
        if not finished and list(live) == self._live and not resized:
            return
        moved = self._rows_from(same, columns)
        text = self._upwards(moved) + (ERASE_ALL_BELOW if resized or not lines else "")
        text += "\r\n".join(line + ERASE_REST_OF_LINE for line in lines[same:])
        text += "\r\n" if finished and not live else ""
        text += ERASE_BELOW if lines and len(lines) < len(self._live) else ""
        self._out.write(f"{BEGIN_FRAME}{text}{END_FRAME}")
        self._out.flush()
        self._live, self._columns = list(live), columns

    def clear(self) -> None:
        """Take the live lines away; the cursor is where they began."""
        self.frame([])

    def _rows_from(self, start: int, columns: int) -> int:
        """Return how many rows above the cursor live line ``start`` begins; a narrower window has folded the lines."""
        if not self._live:
            return 0
        folded = sum((max(1, cell_len(strip_escapes(line))) - 1) // max(1, columns) for line in self._live[start:])
        return len(self._live) - 1 - start + folded

    @staticmethod
    def _upwards(rows: int) -> str:
        return "\r" + (f"\x1b[{rows}A" if rows else "")


def _common_start(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many lines need not be written again; the last of the shorter ones always is, to rest the cursor."""
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second)) - 1
