r"""The escapes of bash's ``$'…'`` strings: ``$'\x72m'`` is ``rm``."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.)|(.))", re.DOTALL
)
_LETTERS: Final = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}


def unescape(text: str) -> str:
    """Return what the inside of a ``$'…'`` string stands for; a code that is no character stands for U+FFFD."""
    return _ESCAPE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    two, four, eight, octal, control, other = match.groups()
    if control is not None:
        return chr(ord(control) & 0x1F)
    if other is not None:
        return _LETTERS.get(other, other if other in "\\'\"?" else "\\" + other)
    code = int(octal, 8) if octal is not None else int(two or four or eight, 16)
    return chr(code) if code <= 0x10FFFF else "\N{REPLACEMENT CHARACTER}"
