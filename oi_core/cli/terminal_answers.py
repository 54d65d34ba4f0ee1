"""What a terminal answers to the questions of the view, told apart from keys."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 4096
"""Characters; what is longer and has not ended is no answer."""

_STRING: Final = r"(?:\x1b\]1[01];|\x1bP>\||\x1b_G)[^\x07\x1b]*"
ANSWER: Final = re.compile(rf"{_STRING}(?:\x07|\x1b\\)|\x1b\[\?[\d;]*c|\x1b\[6;\d+;\d+t")
"""The colour of the ground, the terminal's name, kitty's answer, the attributes, and the size of a cell."""
_BEGUN: Final = re.compile(rf"(?:{_STRING}\x1b?|\x1b\]1[01]?|\x1bP>|\x1b\[\?[\d;]*|\x1b\[6;[\d;]*)\Z")
"""The beginning of one, from where it can be nothing else: ``ESC _`` is a key of its own, Alt-_."""


def is_answer(key: str) -> bool:
    """Whether a sequence is an answer, or some other string that no key sends."""
    return key.startswith(("\x1b]", "\x1bP", "\x1b_")) or ANSWER.fullmatch(key) is not None


class AnswerFilter:
    """Takes answers that come late out of what is typed, also when they come in pieces."""

    def __init__(self) -> None:
        self._begun = ""

    def keys(self, data: str) -> str:
        """Return what of the next piece of input was typed; the beginning of an answer waits for its end."""
        if not self._begun and "\x1b" not in data:
            return data
        data, self._begun = ANSWER.sub("", self._begun + data), ""
        begun = _BEGUN.search(data)
        if begun is not None and len(begun[0]) <= LONGEST:
            self._begun = begun[0]
            data = data[: begun.start()]
        return data
