"""Keys from a terminal, with pastes of any length read in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prompt_toolkit.input import create_input
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from oi_core.cli.terminal_answers import AnswerFilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.input import Input

BEGIN: Final = "\x1b[200~"
END: Final = "\x1b[201~"


class PasteParser(Vt100Parser):
    """Gives the same keys as its base, which looks through the whole paste again for every piece of it that arrives.

    Seen with prompt_toolkit 3.0.53: a megabyte took six seconds, four took more than a minute. What the
    terminal answers late to a question of the last turn is no key; in a paste it is text like any other.
    """

    def __init__(self, take: Callable[[KeyPress], None]) -> None:
        super().__init__(take)
        self._pieces: list[str] = []
        self._last = ""
        self._answers = AnswerFilter()

    def feed(self, data: str) -> None:
        """Take the next piece of input."""
        if not getattr(self, "_in_bracketed_paste", False):  # an attribute of the base that may get another name
            typed, begin, pasted = data.partition(BEGIN)
            super().feed(self._answers.keys(typed) + begin + pasted)
            return
        content, end, rest = (self._last + data).partition(END)
        if not end:
            keep = len(END) - 1  # as much as can be the beginning of the end
            self._pieces.append(content[:-keep])
            self._last = content[-keep:]
            return
        whole = "".join([*self._pieces, content])
        self._pieces, self._last = [], ""
        self._in_bracketed_paste = False
        self.feed_key_callback(KeyPress(Keys.BracketedPaste, whole))
        self.feed(rest)


def terminal_input() -> Input:
    """Return the person's keyboard."""
    keyboard = create_input()
    if isinstance(keyboard, Vt100Input):
        keyboard.vt100_parser = PasteParser(keyboard.vt100_parser.feed_key_callback)
    return keyboard
