"""The keyboard while a turn runs: keys that stop it, lines for the running program, and text for the next prompt."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from oi_core.cli.key_decoder import ESCAPE, KeyDecoder
from oi_core.cli.keyboard import END_OF_FILE, ENTER
from oi_core.cli.terminal_answers import is_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oi_core.cli.keyboard import Keyboard

ATTACH: Final = "\x14"
"""Ctrl-T."""
ERASE_LINE: Final = "\x15"
ERASE_WORD: Final = "\x17"
BACKSPACES: Final = ("\x08", "\x7f")
NEW_LINES: Final = ("\n", "\x1b\r", "\x1b\n")
"""Ctrl-J and Alt-Enter begin another line of the next message, as they do at the prompt."""


class Stage(Protocol):
    """What the keys act on, and where what was typed is shown."""

    @property
    def code_runs(self) -> bool:
        """Whether a program could read what is typed."""
        ...

    def stop_asked(self) -> None:
        """Show that what happens now is being stopped."""
        ...

    def show_typing(self, text: str, *, to_program: bool) -> None:
        """Show what is being typed, to the program or for the next prompt."""
        ...

    def add_typed_line(self, line: str) -> None:
        """Show a line that went to the program among its output."""
        ...

    def take_answer(self, sequence: str) -> None:
        """Take what the terminal answered to a question of the view's."""
        ...


class TurnKeys:
    """Listens on a thread of its own while a turn runs, except while the person is asked something.

    Esc stops the turn. Ctrl-T gives the keyboard to the running program, line by line and with Ctrl-D for end of file,
    and takes it back. Everything else is the draft of the next message, which a first Enter completes.

    What is typed while code runs may be meant for a question of the program that nobody has noticed yet, and may be a
    password: it is not shown, it answers the next question of the program, and without one it joins the draft, where no
    Enter sends it.
    """

    def __init__(
        self,
        keyboard: Keyboard,
        stage: Callable[[], Stage],
        stop: Callable[[], None],
        answer: Callable[[str | None], None],
    ) -> None:
        self._keyboard = keyboard
        self._stage = stage
        self._stop = stop
        self._answer = answer
        self._decoder = KeyDecoder()
        self._draft = ""
        self._held = ""
        self._line: str | None = None
        self._listener: threading.Thread | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen; afterwards the thread has ended and takes no key from whoever reads next."""
        self._line = None
        self._start()
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the keyboard to a question; an Enter typed before it sends nothing any more."""
        listened = self._listener is not None
        self._end()
        self._line = None
        try:
            yield
        finally:
            if not self._stage().code_runs:
                self._join_draft()
            self._draft = self._draft.replace(ENTER, "\n").strip("\n")
            if listened:
                self._start()

    def add_draft(self, keys: str) -> None:
        """Put keys that others have read, and not used, before those of the turn."""
        self._draft += keys

    def take_answer(self) -> str:
        """Return what was typed while code runs, up to the first Enter or end of file, and forget it."""
        end = min((self._held.find(key) + 1 or len(self._held) for key in (ENTER, END_OF_FILE)), default=0)
        taken, self._held = self._held[:end], self._held[end:]
        return taken

    def take_draft(self) -> str:
        """Return what was typed for the next prompt, up to and with the first Enter, and forget it."""
        self._join_draft()
        end = self._draft.find(ENTER) + 1 or len(self._draft)
        taken, self._draft = self._draft[:end], self._draft[end:]
        return taken

    def _start(self) -> None:
        self._show()
        self._listener = threading.Thread(
            target=self._keyboard.listen, args=(self._decoder, self._press_all), daemon=True, name="turn-keys"
        )
        self._keyboard.prepare_listening()
        self._listener.start()

    def _end(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            self._keyboard.stop_listening()
            listener.join()
        self._stage().show_typing("", to_program=False)

    def _press_all(self, keys: list[str]) -> None:
        """Take keys that came together; lines that were pasted are one text, and its newlines send nothing."""
        pasted = ENTER in keys[:-1]
        for key in keys:
            self._press("\n" if pasted and key == ENTER and self._line is None else key)
        self._show()

    def _press(self, key: str) -> None:
        if not self._stage().code_runs:
            self._line = None
        if key == ESCAPE:
            self._stage().stop_asked()
            self._stop()
        elif key == ATTACH:
            self._line = "" if self._line is None and self._stage().code_runs else None
        elif key == END_OF_FILE:
            if self._line is not None:
                self._answer(None)
            elif self._stage().code_runs:
                self._held += key
        elif is_answer(key):
            self._stage().take_answer(key)
        elif self._line is not None:
            self._press_for_program(key, self._line)
        elif self._stage().code_runs:
            self._held = self._held + "\n" if key in NEW_LINES else edited(self._held, key)
        else:
            self._join_draft()
            self._draft = self._draft + "\n" if key in NEW_LINES else edited(self._draft, key)

    def _join_draft(self) -> None:
        """Take what the program did not ask for into the draft, without its Enters."""
        held, self._held = self._held, ""
        self._draft += held.replace(END_OF_FILE, "").replace(ENTER, "\n").rstrip("\n")

    def _press_for_program(self, key: str, line: str) -> None:
        if key in (ENTER, "\n"):
            self._answer(line)
            self._stage().add_typed_line(line)
            self._line = ""
        else:
            self._line = edited(line, key)

    def _show(self) -> None:
        if self._line is None or not self._stage().code_runs:
            self._line = None
            self._stage().show_typing(self._draft + "•" * len(self._held), to_program=False)
        else:
            self._stage().show_typing(self._line, to_program=True)


def edited(text: str, key: str) -> str:
    """Return ``text`` after a key: a character is added, Backspace, Ctrl-W and Ctrl-U take away, others do nothing."""
    if key in BACKSPACES:
        return text[:-1]
    if key == ERASE_LINE:
        return text[: max(text.rfind("\n"), text.rfind(ENTER)) + 1]
    if key == ERASE_WORD:
        return re.sub(r"\S*[^\S\r\n]*\Z", "", text)
    return text + key if key == ENTER or (len(key) == 1 and key.isprintable()) else text
