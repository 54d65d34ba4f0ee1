"""The dialogue on a terminal that can move its cursor: prompt, questions and view take turns in owning it."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.cli.dialogue import YES
from oi_core.cli.prompt import WentBack, read_line, read_line_or_go_back
from oi_core.cli.signals import interrupt_also_calls, stopping_within
from oi_core.cli.typed_ahead import taken_back, type_ahead
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from oi_core.approval import Decision
    from oi_core.cli.approval_question import ApprovalQuestion
    from oi_core.cli.keyboard import Keyboard
    from oi_core.cli.prompt import MessagePrompt
    from oi_core.cli.turn_keys import TurnKeys
    from oi_core.events import InputRequested
    from oi_core.messages import CodeBlock
    from oi_core.review import Review
    from oi_core.view.terminal import TerminalView


HEADS: Final = (
    "╰─ ? waiting for input (what you type goes to the program, not to the model)",
    "╰─ ? waiting for input (for the program, not the model)",
    "╰─ ? waiting for input",
    "╰─ ? input",
)
"""In falling length, for windows of any width."""


_NAMED: Final = re.compile(r" *\S+ {2,}(?=\S)")


class TerminalDialogue:
    """Talks with a person through prompt_toolkit, single keys and the terminal view."""

    def __init__(
        self,
        out: TextIO,
        view: Callable[[], TerminalView],
        keyboard: Keyboard,
        keys: TurnKeys,
        question: Callable[[], ApprovalQuestion],
        prompt: MessagePrompt,
        typed: Callable[[], str],
    ) -> None:
        self._view = view
        self._out = out
        self._keyboard = keyboard
        self._keys = keys
        self._question = question
        self._prompt = prompt
        self._typed = typed

    @property
    def view(self) -> TerminalView:
        """What shows the events of a turn."""
        return self._view()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hand the terminal to the view; what is typed meanwhile waits for the next prompt."""
        self._keys.add_draft(taken_back())
        with self._keyboard.without_echo(), stopping_within(self.view.do_aside):
            self.view.begin()
            try:
                with self._keys.listening(), interrupt_also_calls(self.view.stop_asked):
                    yield
            finally:
                self.view.close()

    def say(self, text: str) -> None:
        """Write lines of the program's own, broken between words where they are longer than the window is wide."""
        width = shutil.get_terminal_size().columns
        lines = (line for each in neutralise(text).split("\n") for line in within(each, width))
        self._out.write("\n".join(lines) + "\n")
        self._out.flush()

    def read_message(self, draft: str = "") -> str:
        """Read a message at the prompt; see :class:`oi_core.cli.dialogue.Dialogue`."""
        typed = self._keys.take_draft() + self._typed()
        with self._keyboard.before_prompt() as meanwhile:
            if meanwhile:
                self._out.write("\r\x1b[K")  # the terminal has shown it itself
            return self._prompt.read(draft, typed + meanwhile)

    def confirm(self, question: str) -> bool:
        """Ask for a yes or no."""
        try:
            return read_line_or_go_back(self._out, f"{question} y/n ").strip().lower() in YES
        except (EOFError, KeyboardInterrupt, WentBack):
            return False

    def copy(self, text: str) -> Sequence[str]:
        """Put text on the clipboard, the terminal's own included."""
        from oi_core.cli.clipboard import copy

        return copy(text, os.environ, self._out)

    def ask(self, block: CodeBlock, review: Review) -> Decision:
        """Ask whether this code may run."""
        with self._keys.paused():
            self.view.pause()
            return self._question()(block, review)

    def read_input(self, request: InputRequested) -> str | None:
        """Read a line for the program; see :class:`oi_core.cli.dialogue.Dialogue`."""
        with self._keys.paused():
            self.view.pause()
            type_ahead(self._keys.take_answer())
            return self._read_input(request)

    def _read_input(self, request: InputRequested) -> str | None:
        asked = neutralise_line(request.prompt.rstrip("\n"))
        room = shutil.get_terminal_size().columns - 1
        head = next((each for each in HEADS if len(each) <= room), HEADS[-1])
        message = f"{head}\n   {asked}"
        try:
            text = read_line(self._out, message, secret=request.secret)
        except EOFError:
            self.view.answered(f"{asked}(end of file)")
            return None
        except KeyboardInterrupt:
            self.view.stop_asked()
            self.view.answered(asked)
            raise
        self.view.answered(f"{asked}{'•' * 8 if request.secret else text}", hidden=request.secret)
        return text


def within(line: str, width: int) -> list[str]:
    """Return a line in pieces of at most ``width`` characters, indented like its first; a longer word stays whole.

    Of a name and what is said of it, two blanks apart, what is said stays together.
    """
    if len(line) <= width:
        return [line]
    import textwrap

    named = _NAMED.match(line)
    column = named.end() if named and named.end() <= width // 3 else len(line) - len(line.lstrip(" "))
    indent = " " * min(column, width // 2)
    return textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
