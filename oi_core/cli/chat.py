"""The chat: one message after the other, until the person leaves."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Final

from oi_core.cli.bug_report import log_folder, report
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.first_screen import first_screen
from oi_core.cli.keyboard import Keyboard
from oi_core.cli.slash_commands import LeaveChat, run_slash_command
from oi_core.cli.turns import TurnReport, show_turn

if TYPE_CHECKING:
    from oi_core.cli.dialogue import Dialogue
    from oi_core.session import Session

LEAVING: Final = ("exit", "quit", "exit()", "quit()")
AGAIN_SECONDS: Final = 1.5
"""How soon a second Ctrl-C at an empty prompt must follow to leave."""


class Chat:
    """A session and a dialogue, and who speaks next."""

    def __init__(self, session: Session, dialogue: Dialogue, *, of_code: bool = False) -> None:
        self._session = session
        self._dialogue = dialogue
        self._keyboard = Keyboard(sys.stdin.fileno())
        self._of_code = of_code
        self._last_interrupt = -AGAIN_SECONDS

    def run(self, first: str = "") -> int:
        """Chat until the person leaves; ``first`` is a message they have given already. Returns the exit code."""
        with self._keyboard.modes_kept():
            self._dialogue.say(first_screen(self._session))
            self._show_notices()
            if first.strip():
                self._dialogue.say(f"> {first}")
                self._turn_and_go_on(first)
            while (text := self._next_message()) is not None:
                if text.startswith(("/", "%")) and not os.path.exists(text.split()[0]):  # noqa: PTH110
                    try:
                        self._dialogue.say(run_slash_command(self._session, text))
                    except LeaveChat:
                        break
                else:
                    self._turn_and_go_on(text)
        return ExitCode.DONE

    def run_once(self, text: str) -> int:
        """Take a single turn and return the exit code of its end."""
        with self._keyboard.modes_kept():
            self._show_notices()
            return self._turn(text).exit_code(of_code=self._of_code)

    def _turn(self, text: str) -> TurnReport:
        with self._dialogue.turn():
            return show_turn(self._session, self._dialogue.view, text, self._dialogue.read_input)

    def _turn_and_go_on(self, text: str) -> None:
        """Take a turn; a bug in it is reported, and does not take the person's variables with it."""
        try:
            self._turn(text)
        except OSError:  # the terminal is gone
            raise
        except Exception as error:  # noqa: BLE001  (reported as a bug is at the end of the program)
            self._dialogue.say(report(error, log_folder()))

    def _show_notices(self) -> None:
        for notice in self._session.start_notices:
            self._dialogue.view.show(notice)
        self._dialogue.view.close()

    def _next_message(self) -> str | None:
        """Return the next message, None when the person leaves."""
        while True:
            try:
                text = self._dialogue.read_message().strip()
            except EOFError:
                return None
            except KeyboardInterrupt:
                if self._leaves_by_interrupt():
                    return None
                continue
            if text in LEAVING:
                return None
            if text:
                return text

    def _leaves_by_interrupt(self) -> bool:
        now = time.monotonic()
        again = now - self._last_interrupt < AGAIN_SECONDS
        self._last_interrupt = now
        if not again:
            self._dialogue.say("(ctrl-c again, ctrl-d or exit leaves)")
        return again
