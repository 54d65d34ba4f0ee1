"""What code hides from whoever reads it: characters that do not show, lookalikes, text far to the right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_BIDIRECTIONAL: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE: Final = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200d\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0"
)
_TAGS: Final = "\U000e0000-\U000e007f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CONTROLS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f"
_KINDS: Final = (
    ("text that runs the other way", re.compile(f"[{_BIDIRECTIONAL}]")),
    ("characters without width", re.compile(f"[{_INVISIBLE}]")),
    ("invisible tag characters", re.compile(f"[{_TAGS}]")),
    ("control characters", re.compile(f"[{_CONTROLS}]")),
    ("a carriage return that would hide the start of the line", re.compile("\r(?!\n|$)")),
    (
        "code far to the right, after many blanks",
        re.compile(r"\S[ \t]{60,}(?![ \t]*(?:#|//|--|\\$))\S|^[ \t]{240,}\S", re.MULTILINE),
    ),
)
_SUSPECT: Final = re.compile(f"[{_BIDIRECTIONAL}{_INVISIBLE}{_TAGS}{_CONTROLS}\r]|[ \t]{{60}}")
_EMOJI_JOINERS: Final = re.compile(
    "(?<=[\u203c-\u3299\U0001f000-\U0001faff])(?:\ufe0f|\u200d(?=[\u2640-\u27bf\U0001f000-\U0001faff]))|"
    "(?<=[0-9#*])\ufe0f"
)
_IDENTIFIER: Final = re.compile(r"[^\W\d]\w*")
_LONG_TAIL: Final = re.compile(r"\n(?:[ \t]*\n){200,}(?=[ \t]*\S)")
_WIDE: Final = 20_000


def hidden_parts(code: str, *, is_python: bool) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each kind of thing that the code hides."""
    plain = code if code.isascii() else _EMOJI_JOINERS.sub("", code.removeprefix("\ufeff"))
    if _SUSPECT.search(plain):
        for name, pattern in _KINDS:
            match = pattern.search(plain)
            if match is not None:
                yield plain.count("\n", 0, match.end()) + 1, name
    tail = _LONG_TAIL.search(plain) if "\n\n\n\n" in plain else None
    if tail is not None:
        yield plain.count("\n", 0, tail.end()) + 1, "code far below, after many empty lines"
    if is_python and not plain.isascii():
        yield from _unlike_names(plain)


def _unlike_names(code: str) -> Iterator[tuple[int, str]]:
    """Yield names that Python reads as other names than they look: ``ｏｓ`` is ``os``."""  # noqa: RUF002  (the example is the point)
    for match in _IDENTIFIER.finditer(code):
        name = match.group()
        if not name.isascii():
            normal = unicodedata.normalize("NFKC", name)
            if normal != name and normal.isascii():
                yield code.count("\n", 0, match.start()) + 1, f"the name {normal} in other letters"
                return
