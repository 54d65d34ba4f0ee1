"""How large a picture stands in a window: not enlarged, no wider than the pane, no higher than half the window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LEAST_ROWS: Final = 12
"""Of a low window a picture may take this much, as long as the rows below the fold keep their place."""
OTHER_ROWS: Final = 4
"""Rows of the window that are no picture's: its caption, and what is alive below it."""
MARGIN_COLUMNS: Final = 2
LEAST_ROOM: Final = (8, 2)
"""Columns and rows; in less than that nothing can be made out."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How many pixels a character's place in the window has."""

    width: int
    height: int


USUAL_CELL: Final = Cell(10, 20)
"""That of the VT340, and of terminals that draw sixels as if they were one."""


@dataclass(frozen=True, slots=True)
class Placing:
    """How many cells a picture takes, and its size in pixels there; ``shrunk`` is whether it has more itself."""

    columns: int
    rows: int
    width: int
    height: int
    shrunk: bool

    def in_whole_cells(self, cell: Cell) -> Placing:
        """Return the place for a terminal that stretches a picture over its cells: about as large, in its proportions.

        Rows are the coarser measure, so columns follow them.
        """
        rows = max(1, self.height // cell.height)
        columns = min(max(1, round(rows * cell.height * self.width / (self.height * cell.width))), self.columns)
        return replace(self, columns=columns, rows=rows)


def fitted(
    width: int, height: int, columns: int, lines: int, cell: Cell, *, longest: int | None = None, band: int = 1
) -> Placing | None:
    """Return how a picture of ``width`` by ``height`` pixels is placed in a window; None where there is no room.

    The last column stays free, as in every row of the view, and the first ones have its margin. ``longest`` is the most
    pixels that a side may have on the screen, ``band`` how many rows of pixels are sent together: a terminal may count
    a band that is not full as a whole one.
    """
    room = columns - 1 - MARGIN_COLUMNS, max(lines // 2, min(LEAST_ROWS, lines - OTHER_ROWS))
    if room[0] < LEAST_ROOM[0] or room[1] < LEAST_ROOM[1] or room[1] > lines - 2:
        return None
    widest, highest = (min(pixels, longest or pixels) for pixels in (room[0] * cell.width, room[1] * cell.height))
    highest = _whole(highest, band)
    if not highest:
        return None
    scale = min(1.0, widest / width, highest / height)
    shown = min(max(1, round(width * scale)), widest), min(max(1, round(height * scale)), highest)
    rows = -(-_whole(shown[1] + band - 1, band) // cell.height)
    return Placing(-(-shown[0] // cell.width), rows, *shown, shrunk=shown != (width, height))


def _whole(pixels: int, band: int) -> int:
    return pixels // band * band
