"""How things look: whether in colour, and which colours code has on a dark, a light or an unknown ground."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from oi_core.appearance import Theme

if TYPE_CHECKING:
    from pygments.token import _TokenType  # type: ignore[import-untyped]  # pygments has no types of its own

Palette = Mapping[str, str]
"""The parameters of an SGR sequence by Pygments' names for kinds of token."""

ANSI: Final[Palette] = MappingProxyType(
    {
        "Keyword": "35",
        "Name.Builtin": "36",
        "Name.Function": "34",
        "Name.Class": "34",
        "Name.Decorator": "34",
        "Literal.String": "32",
        "Literal.Number": "36",
        "Operator.Word": "35",
        "Comment": "2;3",
    }
)
"""The sixteen colours every theme defines, so that code is readable on a dark and on a light ground."""


def _palette(keyword: int, builtin: int, function: int, string: int, number: int, comment: int) -> Palette:
    colours = {"Keyword": keyword, "Operator.Word": keyword, "Name.Builtin": builtin, "Literal.String": string}
    colours |= {"Name.Function": function, "Name.Class": function, "Name.Decorator": function, "Literal.Number": number}
    return MappingProxyType({kind: f"38;5;{n}" for kind, n in colours.items()} | {"Comment": f"3;38;5;{comment}"})


DARK: Final = _palette(keyword=176, builtin=80, function=75, string=114, number=180, comment=246)
LIGHT: Final = _palette(keyword=90, builtin=24, function=26, string=22, number=94, comment=242)
"""Of the 256 colours, which are the same everywhere; each has a contrast of 4.5 with its ground at least."""

GROUND_QUESTION: Final = "\x1b]11;?\x1b\\"
"""OSC 11, which terminals since xterm answer with the colour of their ground."""
_GROUND: Final = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")


@dataclass(frozen=True, slots=True)
class Looks:
    """What a view draws with.

    ``asks_ground`` is whether the terminal is still to be asked for its ground, ``links`` whether it may get OSC 8.
    """

    colour: bool = True
    palette: Palette = field(default_factory=lambda: ANSI)
    asks_ground: bool = False
    links: bool = False

    @classmethod
    def chosen(cls, theme: Theme, environment: Mapping[str, str], *, colour: bool) -> Looks:
        """Return the looks that the setting ``theme`` asks for, as far as the terminal has the colours."""
        term = environment.get("TERM", "")
        links = term != "linux"  # the console of Linux writes what it does not know on the screen
        if not colour or not ("256" in term or "direct" in term or environment.get("COLORTERM")):
            return cls(colour, links=links)
        palette = {Theme.DARK: DARK, Theme.LIGHT: LIGHT}.get(theme, ANSI)
        return cls(colour, palette, theme is Theme.AUTO, links)

    def answered(self, sequence: str) -> Looks:
        """Return the looks for the ground that a terminal's answer tells; any other answer changes nothing."""
        found = _GROUND.match(sequence)
        if found is None:
            return self
        red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
        is_light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
        return replace(self, palette=LIGHT if is_light else DARK, asks_ground=False)

    def without_question(self) -> Looks:
        """Return the same looks once the terminal has been asked."""
        return replace(self, asks_ground=False)

    def style_of(self, kind: _TokenType) -> str:
        """Return the colour of a kind of token, that of the nearest wider kind where it has none of its own."""
        names = str(kind).split(".")[1:]
        while names:
            if style := self.palette.get(".".join(names)):
                return style
            names.pop()
        return ""
