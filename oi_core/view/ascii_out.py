"""A terminal that cannot show more than ASCII: what is drawn with other characters is drawn with similar ones."""

from __future__ import annotations

import codecs
import io
import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

GLYPHS: Final = MappingProxyType(
    {
        **dict.fromkeys("╭╮╰╯├┤┬┴┼┌┐└┘┏┓┗┛┡┩╇╈┣┫┳┻╋╞╡╪", "+"),
        **dict.fromkeys("─━╌╍╸╺", "-"),
        **dict.fromkeys("│┃▌", "|"),
        **dict.fromkeys("·•◦▪", "-"),
        **dict.fromkeys("▶→↳\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", ">"),
        "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": "<",
        "✓": "v",
        "✗": "x",
        "…": ".",
        "═": "=",
        "↑": "^",
        "␛": "^",
        "␊": "/",
        "␉": " ",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{NO-BREAK SPACE}": " ",
    }
)
"""Each takes the one cell that the character takes, so that everything stays where it is."""


class AsciiOut(io.TextIOBase):
    """A text stream to a terminal whose every character is ASCII; one that has no likeness is a ``?`` for each cell."""

    encoding = "ascii"

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write text, its other characters replaced; returns how many characters of it were written."""
        self._out.write(text if text.isascii() else "".join(map(_alike, text)))
        return len(text)

    def flush(self) -> None:
        """Hand over what is buffered."""
        self._out.flush()

    def fileno(self) -> int:
        """Return the terminal's file descriptor."""
        return self._out.fileno()

    def isatty(self) -> bool:
        """Say what the stream below says."""
        return self._out.isatty()


def _alike(character: str) -> str:
    if character.isascii():
        return character
    from rich.cells import get_character_cell_size  # here: few terminals need it, and every start would pay

    return GLYPHS.get(character) or "?" * get_character_cell_size(character)


def terminal_text(out: TextIO) -> TextIO:
    """Return the way to a terminal, in ASCII where the locale says that it shows nothing else."""
    return out if shows_unicode() else cast("TextIO", AsciiOut(out))


def shows_unicode(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the locale says that the terminal takes UTF-8; without a word about it, it does."""
    named = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    if named in ("C", "POSIX"):
        return False
    encoding = named.partition(".")[2].partition("@")[0]
    try:
        return not encoding or codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False
