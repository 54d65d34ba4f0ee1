"""The chat: one message after the other, until the person leaves."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, assert_never

from oi_core.cli.bug_report import log_folder, report
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.first_screen import first_screen
from oi_core.cli.first_steps import FirstSteps
from oi_core.cli.slash_commands import commands_of, is_command, run_slash_command
from oi_core.cli.turns import TurnReport, show_events, show_turn
from oi_core.cli.user_code import EXPLANATION, run_typed_shell
from oi_core.commands import Answer, Confirm, Copy, Draft, Leave, Send, Show
from oi_core.errors import InterpreterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oi_core.cli.dialogue import Dialogue
    from oi_core.events import Event
    from oi_core.session import Session

LEAVING: Final = ("exit", "quit", "exit()", "quit()")
AGAIN_SECONDS: Final = 1.5
"""How soon a second Ctrl-C at an empty prompt must follow to leave."""


class Chat:
    """A session and a dialogue, and who speaks next."""

    def __init__(self, session: Session, dialogue: Dialogue, *, of_code: bool = False) -> None:
        self._session = session
        self._dialogue = dialogue
        self._first_steps = FirstSteps(session, dialogue.say)
        self._of_code = of_code
        self._last_interrupt = -AGAIN_SECONDS
        self._draft = ""
        self._head = ""

    def prepare(self) -> None:
        """Find out what the chat begins with, before anything is written; looking for servers takes a moment."""
        self._head = "\n".join(filter(None, (first_screen(self._session), self._first_steps.screen())))

    def run(self, first: str = "") -> int:
        """Chat until the person leaves; ``first`` is a message they have given already. Returns the exit code."""
        if not self._head:
            self.prepare()
        self._dialogue.say(self._head)
        self._show_notices()
        if first.strip():
            self._dialogue.say(f"> {first}")
            self._carry_out(Send(first))
        while (text := self._next_message()) is not None and self._goes_on_after(text):
            pass
        return ExitCode.DONE

    def run_once(self, text: str) -> int:
        """Take a single turn and return the exit code of its end."""
        self._show_notices()
        return self._turn(Send(text)).exit_code(of_code=self._of_code)

    def _goes_on_after(self, text: str) -> bool:
        """Do what the person typed, be it a message, a command or a line of shell; False ends the chat."""
        if text.startswith("!"):
            command = text[1:].strip()
            return self._carry_out(Show(run_typed_shell(self._session, command)) if command else EXPLANATION)
        if is_command(text, commands_of(self._session)):
            return self._carry_out(run_slash_command(self._session, text))
        return self._carry_out(Send(text))

    def _carry_out(self, answer: Answer) -> bool:
        """Do what a command wants done; False ends the chat."""
        match answer:
            case str():
                self._say(answer)
            case Draft():
                self._say(answer.said)
                self._draft = answer.text
            case Send():
                self._say(answer.said)
                self._guarded(lambda: self._turn(answer))
            case Confirm():
                yes = self._dialogue.confirm(answer.question)
                return self._carry_out(answer.then() if yes else answer.otherwise)
            case Copy():
                ways = self._dialogue.copy(answer.text)
                amount = f"{answer.what}, {len(answer.text):,} characters"
                self._say(f"copied {amount}: {', '.join(ways)}" if ways else f"no clipboard takes {amount}, from here")
            case Show():
                self._guarded(lambda: self._show(answer.events))
            case Leave():
                return False
            case _:
                assert_never(answer)
        return True

    def _say(self, text: str) -> None:
        if text:
            self._dialogue.say(text)

    def _turn(self, message: Send) -> TurnReport:
        with self._dialogue.turn():
            return show_turn(
                self._session, self._dialogue.view, message.text, self._dialogue.read_input, message.images
            )

    def _show(self, events: Iterable[Event]) -> None:
        try:
            with self._dialogue.turn():
                show_events(self._session, self._dialogue.view, events, self._dialogue.read_input)
        except InterpreterError as error:
            self._say(str(error))

    def _guarded(self, act: Callable[[], object]) -> None:
        """Do something; a bug in it is reported, and does not take the person's variables with it."""
        try:
            act()
        except OSError:  # the terminal is gone
            raise
        except Exception as error:  # noqa: BLE001  (reported as a bug is at the end of the program)
            self._dialogue.say(report(error, log_folder()))

    def _show_notices(self) -> None:
        for notice in self._session.start_notices:
            self._dialogue.view.show(notice)
        if self._session.start_notices:
            self._dialogue.view.close()

    def _next_message(self) -> str | None:
        """Return the next message, None when the person leaves."""
        while True:
            try:
                draft, self._draft = self._draft, ""
                text = self._dialogue.read_message(draft).strip()
            except EOFError:
                return None
            except KeyboardInterrupt:
                if self._leaves_by_interrupt():
                    return None
                continue
            if text in LEAVING:
                return None
            if text and (message := self._first_steps.chosen(text)):
                return message

    def _leaves_by_interrupt(self) -> bool:
        now = time.monotonic()
        again = now - self._last_interrupt < AGAIN_SECONDS
        self._last_interrupt = now
        if not again:
            self._dialogue.say("(ctrl-c again, ctrl-d or exit leaves)")
        return again
