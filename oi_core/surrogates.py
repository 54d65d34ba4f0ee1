"""Halves of UTF-16 pairs in text: servers cut characters beyond U+FFFF in two, and encoders refuse one alone."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def mend(text: str) -> str:
    """Return ``text`` with the halves of pairs joined and every lone half replaced by U+FFFD."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class SurrogateJoiner:
    """Mends text that arrives in pieces: a first half at the end of a piece waits for the next."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is certain after ``piece``; the joined results equal ``mend`` of the joined pieces."""
        if not self._held and piece.isascii():
            return piece
        text, self._held = self._held + piece, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return mend(text)

    def finish(self) -> str:
        """Return what was still waiting; call it after the last piece."""
        held, self._held = self._held, ""
        return mend(held)
