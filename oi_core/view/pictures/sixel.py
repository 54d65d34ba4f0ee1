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
_OFFSET: Final = bytes((value + 63) % 256 for value in range(256))
"""A column of six pixels, one bit each and the lowest on top, is the character 63 above it."""
_RUN: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PalettePixels:
    """A picture of at most 256 colours: the number of each pixel's colour, row after row."""

    width: int
    height: int
    pixels: bytes
    palette: Sequence[tuple[int, int, int]]


def sixel_sequence(picture: PalettePixels) -> str:
    """Return what draws a picture at the cursor, its pixels as they are."""
    colours = "".join(
        f"#{number};2;{';'.join(str(round(part * 100 / 255)) for part in picture.palette[number])}"
        for number in sorted(set(picture.pixels))
    )
    head = f'\x1bP0;1;0q"1;1;{picture.width};{picture.height}{colours}'
    return head + "-".join(_bands(picture)) + "\x1b\\"


def _bands(picture: PalettePixels) -> Iterator[str]:
    single: dict[tuple[int, int], bytes] = {}
    for top in range(0, picture.height, BAND):
        rows = [
            picture.pixels[row * picture.width : (row + 1) * picture.width]
            for row in range(top, min(top + BAND, picture.height))
        ]
        yield "$".join(f"#{number}{_characters(rows, number, single)}" for number in sorted(set(b"".join(rows))))


def _characters(rows: Sequence[bytes], number: int, single: dict[tuple[int, int], bytes]) -> str:
    """Return one colour's pixels in a band; ``single`` keeps the tables that take this colour alone to a row's bit."""
    columns = 0
    for row, pixels in enumerate(rows):
        table = single.get((number, row))
        if table is None:
            table = single[number, row] = bytes(number) + bytes([1 << row]) + bytes(255 - number)
        columns |= int.from_bytes(pixels.translate(table), "big")
    characters = columns.to_bytes(len(rows[0]), "big").translate(_OFFSET).rstrip(b"?")
    return _RUN.sub(lambda run: b"!%d%b" % (len(run[0]), run[1]), characters).decode("ascii")
