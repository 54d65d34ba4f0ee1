"""A terminal that takes pictures: recognises what draws them, and moves its cursor as unlucky a way as any does."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from oi_core.view.pictures.sixel import PalettePixels

from .screen import Terminal

KITTY = re.compile(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\")
ITERM2 = re.compile(r"\x1b\]1337;File=([^:]*):([^\x07]*)\x07")
SIXEL = re.compile(r"\x1bP([\d;]*)q([^\x1b]*)\x1b\\")
SIXELS = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)")
PICTURE = re.compile(f"({KITTY.pattern})+|{ITERM2.pattern}|{SIXEL.pattern}")
QUESTION = re.compile(r"\x1b_Gi=31[^\x1b]*\x1b\\")
"""Kitty's question, which pyte would print, as some terminals do."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it came: the protocol's sequence, and the row, counted from the first line ever, and column."""

    sequence: str
    row: int
    column: int


class PictureTerminal(Terminal):
    """Draws nothing, but notes pictures; each leaves the cursor at the right end of the row ``below`` its top."""

    def __init__(self, columns: int = 80, rows: int = 24, below: int = 0) -> None:
        super().__init__(columns, rows)
        self.below = below
        self.drawn: list[Drawn] = []

    @property
    def row(self) -> int:
        return len(self.screen.history.top) + self.screen.cursor.y

    def write(self, text: str) -> int:
        text = QUESTION.sub("", text)
        place = 0
        for picture in PICTURE.finditer(text):
            super().write(text[place : picture.start()])
            self.drawn.append(Drawn(picture[0], self.row, self.screen.cursor.x))
            super().write("\n" * self.below + "\x1b[999C")
            place = picture.end()
        super().write(text[place:])
        return len(text)


def kitty_content(sequence: str) -> tuple[dict[str, str], bytes]:
    """Return the controls and the file of a picture in kitty's protocol, which comes in chunks."""
    chunks = KITTY.findall(sequence)
    assert "".join(f"\x1b_G{controls};{data}\x1b\\" for controls, data in chunks) == sequence
    assert all(len(data) <= 4096 and len(data) % 4 == 0 for _, data in chunks)
    assert [controls.endswith("m=1") for controls, _ in chunks] == [True] * (len(chunks) - 1) + [False]
    assert [controls for controls, _ in chunks[1:-1]] == ["m=1"] * len(chunks[1:-1])
    controls = dict(pair.split("=") for pair in chunks[0][0].split(","))
    return controls, base64.b64decode("".join(data for _, data in chunks), validate=True)


def iterm2_content(sequence: str) -> tuple[dict[str, str], bytes]:
    """Return the arguments and the file of an inline image."""
    found = ITERM2.fullmatch(sequence)
    assert found is not None
    arguments = dict(pair.split("=") for pair in found[1].split(";"))
    return arguments, base64.b64decode(found[2], validate=True)


def sixel_content(sequence: str) -> PalettePixels:
    """Return the pixels of a sixel picture; a pixel that nothing sets is an error here."""
    found = SIXEL.fullmatch(sequence)
    assert found is not None
    head = re.match(r'"1;1;(\d+);(\d+)', found[2])
    assert head is not None
    width, height = int(head[1]), int(head[2])
    pixels: list[int | None] = [None] * (width * height)
    palette: dict[int, tuple[int, int, int]] = {}
    x = top = colour = 0
    for piece in SIXELS.finditer(found[2], head.end()):
        if piece[1]:
            palette[int(piece[1])] = (int(piece[2]), int(piece[3]), int(piece[4]))
        elif piece[5]:
            colour = int(piece[5])
        elif piece[9]:
            x = 0
        elif piece[10]:
            x, top = 0, top + 6
        else:
            bits = ord(piece[7] or piece[8]) - 63
            run = int(piece[6] or 1)
            for column in range(x, x + run):
                for row in (row for row in range(6) if bits >> row & 1):
                    assert pixels[(top + row) * width + column] is None
                    pixels[(top + row) * width + column] = colour
            x += run
    assert None not in pixels
    colours = [palette.get(number, (0, 0, 0)) for number in range(max(palette) + 1)]
    return PalettePixels(width, height, bytes(pixel or 0 for pixel in pixels), colours)
