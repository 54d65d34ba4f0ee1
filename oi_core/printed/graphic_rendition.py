"""What programs may do to the look of their output: colours and a few attributes, in one canonical spelling.

A rendition is the parameters of an SGR sequence (ECMA-48, 8.3.117): attributes in rising order, then the foreground,
then the background; nothing is plain text. Whatever hides text (8), blinks, or is not known is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ATTRIBUTES: Final = ("1", "2", "3", "4", "7", "9")
"""Bold, faint, italic, underlined, inverse, crossed out."""
_ENDS: Final = {"22": "12", "23": "3", "24": "4", "27": "7", "29": "9"}
_FOREGROUND: Final = re.compile(r"3[0-7]|9[0-7]|38;5;\d{1,3}|38;2;\d{1,3};\d{1,3};\d{1,3}")
_BACKGROUND: Final = re.compile(r"4[0-7]|10[0-7]|48;5;\d{1,3}|48;2;\d{1,3};\d{1,3};\d{1,3}")
_PARAMETER: Final = re.compile(r"[345]8;5;\d+|[345]8;2;\d+;\d+;\d+|[^;]+")
LONGEST: Final = 100
SEQUENCE: Final = re.compile(r"\x1b\[([\d;]+)m")


def rendition(before: str, parameters: str) -> str:
    """Return the rendition after an SGR sequence with these parameters; one of absurd length changes nothing."""
    return _rendition(before, parameters) if len(parameters) <= LONGEST else before


@lru_cache(maxsize=4096)
def _rendition(before: str, parameters: str) -> str:
    attributes, foreground, background = set[str](), "", ""
    for parameter in _PARAMETER.findall(f"{before};{parameters or '0'}"):
        parameter = parameter.lstrip("0") or "0"
        if parameter == "0":
            attributes, foreground, background = set(), "", ""
        elif parameter in _ATTRIBUTES:
            attributes.add(parameter)
        elif parameter in _ENDS:
            attributes -= set(_ENDS[parameter])
        elif parameter == "39" or _FOREGROUND.fullmatch(parameter):
            foreground = "" if parameter == "39" else parameter
        elif parameter == "49" or _BACKGROUND.fullmatch(parameter):
            background = "" if parameter == "49" else parameter
    return ";".join(filter(None, [*sorted(attributes), foreground, background]))


def rendered(text: str, style: str) -> str:
    """Return text that a terminal shows in a rendition, and that changes nothing of what follows."""
    return f"\x1b[{style}m{text}\x1b[0m" if style and text else text


def pieces_of(line: str) -> Iterator[tuple[str, str]]:
    """Yield a line as texts with their renditions; sequences that name none are not let through."""
    style, start = "", 0
    for sequence in SEQUENCE.finditer(line):
        if sequence.start() > start:
            yield line[start : sequence.start()], style
        style, start = rendition("", sequence[1]), sequence.end()
    if start < len(line) or not line:
        yield line[start:], style
