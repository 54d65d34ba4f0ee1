"""The dialogue in words and whole lines, for screen readers and terminals that cannot move their cursor."""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.approval import Decision, Decline, Run, RunEdited
from oi_core.cli.dialogue import YES, is_flagged
from oi_core.cli.editor import EditorError, edit_in, editor_command
from oi_core.cli.signals import interrupt_also_calls, interrupt_raises
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oi_core.cli.keyboard import Keyboard
    from oi_core.events import InputRequested
    from oi_core.messages import CodeBlock
    from oi_core.review import Review
    from oi_core.view.plain import PlainView


STOPPING: Final = b"\nstopping, ctrl-c again forces it\n"


class PlainDialogue:
    """Talks with a person through lines of standard input; nothing moves, every choice is a word."""

    def __init__(self, out: TextIO, view: PlainView, keyboard: Keyboard) -> None:
        self.view = view
        self._out = out
        self._keyboard = keyboard
        self._always: set[str] = set()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Leave the keyboard as it is, with its echo: a question is answered in the line it stands in."""
        try:
            with interrupt_also_calls(self._tell_of_stop):
                yield
        finally:
            self.view.close()

    def _tell_of_stop(self) -> None:
        """Say at once that Ctrl-C was heard; past the stream, which a signal may find in the middle of a write."""
        if self.view.code_runs:
            with suppress(OSError):  # a terminal that is gone: the view meets it too
                os.write(self._out.fileno(), STOPPING)

    def say(self, text: str) -> None:
        """Write lines of the program's own."""
        self._out.write(neutralise(text) + "\n")
        self._out.flush()

    def read_message(self, draft: str = "") -> str:
        """Read a message; a backslash at the end of a line goes on with the next one, a bare Enter sends a draft."""
        with interrupt_raises():
            if draft:
                self.say(f"The draft, which enter sends as it is, and anything else replaces:\n{draft}")
            try:
                text = input("> ")
                while text.endswith("\\"):
                    text = f"{text[:-1]}\n{input('. ')}"
            except (KeyboardInterrupt, EOFError):
                self.say("")
                raise
        return text or draft

    def confirm(self, question: str) -> bool:
        """Ask for a yes or no."""
        try:
            with interrupt_raises():
                return input(f"{question} y/n: ").strip().lower() in YES
        except (EOFError, KeyboardInterrupt):
            return False

    def copy(self, text: str) -> Sequence[str]:
        """Put text on the clipboard of the desktop; the terminal is sent no escape sequence."""
        from oi_core.cli.clipboard import copy

        return copy(text, os.environ, None)

    def ask(self, block: CodeBlock, review: Review) -> Decision:
        """Ask whether this code may run."""
        if block.language in self._always and not is_flagged(review):
            return Run()
        self.view.close()
        try:
            with interrupt_raises():
                return self._decision(block, review)
        except (KeyboardInterrupt, EOFError):
            self.say("")
            return Decline()

    def _decision(self, block: CodeBlock, review: Review) -> Decision:
        language, flagged = neutralise_line(block.language), is_flagged(review)
        choices = "y run, e edit, n no" if flagged else f"y run, e edit, a always {language} this session, n no"
        while True:
            self._keyboard.drop_typed()
            answer = input(f"Run this {language}? {choices}: ").strip().lower()
            match answer:
                case "y" | "yes":
                    return Run()
                case "" if not flagged:
                    return Run()
                case "a" if not flagged:
                    self._always.add(block.language)
                    return Run()
                case "n" | "no":
                    return Decline(input("Why not? (goes to the model; an empty line ends the turn) ").strip())
                case "e":
                    edited = self._edited(block)
                    if edited is not None:
                        return edited
                case _:
                    self.say("Please answer with one of the letters.")

    def _edited(self, block: CodeBlock) -> Decision | None:
        try:
            command = editor_command(os.environ)
            if not command:
                self.say("Set VISUAL or EDITOR to the editor to use.")
                return None
            code = edit_in(command, block.code, block.language)
        except EditorError as error:
            self.say(str(error))
            return None
        return RunEdited(code) if code.strip() and code != block.code else None

    def read_input(self, request: InputRequested) -> str | None:
        """Read a line for the program; see :class:`oi_core.cli.dialogue.Dialogue`."""
        with interrupt_raises():
            try:
                return getpass.getpass("hidden input: ") if request.secret else input("input: ")
            except EOFError:
                return None
