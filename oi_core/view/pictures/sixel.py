"""Pixels of a palette as sixels: bands of six rows, in each band one run of characters for every colour in it.

The format is that of the VT340's manual (EK-VT3XX-TP, chapter 14).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BAND: Final = 6
_CHARACTER: Final = bytes((value + 63) % 256 for value in range(256))
"""A column of six pixels, one bit each and the lowest on top, is the character 63 above it."""
_SET: Final = tuple(bytes(value | 1 << row for value in range(64)) + bytes(192) for row in range(BAND))
"""For each row of a band, the table that sets its bit."""
_EQUAL: Final = re.compile(rb"(.)\1*", re.DOTALL)
_EMPTY: Final = re.compile(rb"\?{4,}")
_RUN: Final = re.compile(rb"([@-~])\1{3,}")


@dataclass(frozen=True, slots=True)
class PalettePixels:
    """A picture of at most 256 colours: the number of each pixel's colour, row after row."""

    width: int
    height: int
    pixels: bytes
    palette: Sequence[tuple[int, int, int]]


def sixel_sequence(picture: PalettePixels) -> str:
    """Return what draws a picture at the cursor, its pixels as they are.

    Colours are numbered without a gap, for which tmux 3.5 writes what xterm does not draw, and the one in the last
    corner is the first: tmux fills with it what the picture leaves of its last cells.
    """
    used = sorted(set(picture.pixels), key=lambda number: (number != picture.pixels[-1], number))
    registers = bytearray(256)
    for register, number in enumerate(used):
        registers[number] = register
    colours = "".join(
        f"#{register};2;{';'.join(str(round(part * 100 / 255)) for part in picture.palette[number])}"
        for register, number in enumerate(used)
    )
    head = f'\x1bP0;1;0q"1;1;{picture.width};{picture.height}{colours}'
    return head + "-".join(_bands(picture.pixels.translate(registers), picture.width)) + "\x1b\\"


def _bands(pixels: bytes, width: int) -> Iterator[str]:
    for top in range(0, len(pixels), BAND * width):
        columns: dict[int, bytearray] = {}
        for row, start in enumerate(range(top, min(top + BAND * width, len(pixels)), width)):
            _add_row(columns, pixels[start : start + width], row)
        yield "$".join(f"#{register}{_characters(columns[register])}" for register in sorted(columns))


def _add_row(columns: dict[int, bytearray], pixels: bytes, row: int) -> None:
    """Set a row's bit in the columns of every colour it has, a run of equal pixels at a time."""
    table, bit = _SET[row], 1 << row
    for run in _EQUAL.finditer(pixels):
        start, end = run.span()
        column = columns.get(pixels[start])
        if column is None:
            column = columns[pixels[start]] = bytearray(len(pixels))
        if end - start == 1:
            column[start] |= bit
        else:
            column[start:end] = column[start:end].translate(table)


def _characters(columns: bytearray) -> str:
    characters = columns.translate(_CHARACTER).rstrip(b"?")
    sparse = _EMPTY.sub(_counted, characters)  # first what most of a colour's pixels are: the other search is slow
    return _RUN.sub(_counted, sparse).decode("ascii")


def _counted(run: re.Match[bytes]) -> bytes:
    return b"!%d%c" % (len(run[0]), run[0][0])
