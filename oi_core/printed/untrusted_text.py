"""What strangers' text may do on a terminal, nothing: escapes taken out, controls made visible.

Two steps for two needs. :func:`neutralise` makes any string harmless and keeps what it holds visible.
:func:`strip_escapes` takes complete escape sequences out of text meant for a model. What a program prints is first
played on a virtual screen, see :mod:`oi_core.printed.line_emulator`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

STRING_LIMIT: Final = 1 << 16
"""Characters an operating system command may have; a longer one is taken for text, so that nothing is swallowed."""

ESCAPE_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # control sequence
    rf"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x18\x1a\n]{{0,{STRING_LIMIT}}}(?:\x07|\x1b\\|\x9c|\x18|\x1a)"  # system command
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\x18\x1a]{{0,{STRING_LIMIT}}}(?:\x1b\\|\x9c|\x18|\x1a)"  # strings
    r"|\x1b(?P<short>[ -/]*[0-OQ-WYZ\\`-~])"  # two or three characters
)
UNFINISHED_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*"
    rf"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x18\x1a\n]{{0,{STRING_LIMIT}}}\x1b?"
    rf"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c\x18\x1a]{{0,{STRING_LIMIT}}}\x1b?"
    r"|\x1b[ -/]*"
)
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_PLAIN: Final = re.compile(r"[^\x20-\x7e\n\t]+")
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks by category that are drawn as nothing: they can hide a difference between two names."""

_JOINING: Final = "[\u0600-\u08ff\u0900-\u0dff\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
"""Letters and marks of the scripts whose spelling uses the joiners: Arabic's, India's, Khmer, Mongolian."""
_SPELLING: Final = re.compile(f"((?<={_JOINING})[\u200c\u200d](?={_JOINING}))")
_IN_EMOJI: Final = re.compile(
    "(?<=[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2600-\u27bf\U0001f000-\U0001faff])"
)


def neutralise(text: str) -> str:
    """Return ``text`` with everything a terminal would act on, or not show, written out visibly.

    Printable characters, spaces of any width, newlines and tabs stay. A control character becomes its picture (``␛``),
    anything else its number (``U+202E`` in angle quotes). Works character by character: neutralising pieces gives the
    same as neutralising the whole.
    """
    return _NOT_PLAIN.sub(lambda run: "".join(map(_visible, run.group())), text)


def neutralise_prose(text: str) -> str:
    """Return ``text`` harmless, for text that is read and not approved: its joiners do not stand out.

    Within a word of a script that is spelt with them they stay. Between emoji they are left out: terminals do not agree
    on how wide a joined emoji is, and all agree on its parts.
    """
    pieces = _SPELLING.split(_IN_EMOJI.sub("", text))
    return "".join(piece if number % 2 else neutralise(piece) for number, piece in enumerate(pieces))


def neutralise_line(text: str) -> str:
    """Return ``text`` harmless and on one line: newlines and tabs are made visible too."""
    return neutralise(text).replace("\n", "␊").replace("\t", "␉")


def _visible(character: str) -> str:
    if character.isprintable():
        hidden = character in _INVISIBLE or "\U000e0100" <= character <= "\U000e01ef"
    else:
        hidden = unicodedata.category(character) != "Zs"
    if not hidden:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\u2039U+{code:04X}\u203a"


def strip_escapes(text: str) -> str:
    """Return ``text`` without its complete escape sequences; what is left of a cut one stays."""
    return ESCAPE_SEQUENCE.sub("", text) if CONTROL.search(text) else text
