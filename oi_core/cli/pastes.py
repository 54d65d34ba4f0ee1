"""Long pastes, each of which stands in the prompt as one token: ``[paste 1: 214 lines]``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_LINES: Final = 10
MOST_CHARACTERS: Final = 1000
"""A paste of more is folded."""

TOKEN: Final = re.compile(r"\[paste (\d+): [\d,]+ (?:lines|characters)\]")


class Pastes:
    """The long pastes of one prompt, by their tokens, for as long as the program runs.

    A token that is not whole any more stands for nothing: deleting it drops the paste.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """Return what stands for a paste in the prompt: itself, or a token where it is long.

        A short paste in which a token seems to stand is folded too, so that every paste arrives as it was.
        """
        lines = text.count("\n") + (not text.endswith("\n"))
        if lines <= MOST_LINES and len(text) <= MOST_CHARACTERS and not TOKEN.search(text):
            return text
        amount = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        token = f"[paste {len(self._texts) + 1}: {amount}]"
        self._texts[token] = text
        return token

    def unfold(self, text: str) -> str:
        """Return a text with every paste in the place of its token."""
        return TOKEN.sub(lambda token: self._texts.get(token[0], token[0]), text)

    def refold(self, edited: str, before: str) -> str:
        """Return a text that was edited unfolded, with the tokens it had ``before`` for pastes that are still whole."""
        used = sorted(self.used_in(before).items(), key=lambda item: (not TOKEN.search(item[1]), -len(item[1])))
        for token, paste in used:
            edited = edited.replace(paste, token)
        return edited

    def used_in(self, text: str) -> Mapping[str, str]:
        """Return the pastes whose tokens stand in a text, by token."""
        return {token[0]: self._texts[token[0]] for token in TOKEN.finditer(text) if token[0] in self._texts}

    def token_before(self, text: str) -> str:
        """Return the token with which a text ends; empty when it ends otherwise."""
        start = text.rfind("[paste ")
        return text[start:] if start >= 0 and text[start:] in self._texts else ""
