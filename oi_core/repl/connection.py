"""One live language process as the kit talks to it: messages out, output and markers in."""

from __future__ import annotations

import secrets
import termios
import time
from typing import TYPE_CHECKING, Any

from oi_core.errors import ProcessDied
from oi_core.events import OutputDelta
from oi_core.repl import keyboard
from oi_core.repl.environment import complete_environment
from oi_core.repl.exit_status import status_in_words
from oi_core.repl.frames import message_lines
from oi_core.repl.process import Readiness, TerminalProcess
from oi_core.repl.transcript import Item, Transcript

if TYPE_CHECKING:
    from oi_core.executors import Workspace
    from oi_core.repl.dialect import Dialect

LONGEST_SNAPSHOT = 8 * 1024 * 1024
LAST_WORDS = 600
EXIT_SECONDS = 0.2
INTERRUPT_SECONDS = 0.05
_LINES_AND_ECHO = termios.ICANON | termios.ECHO | termios.ECHOE


class Connection:
    """A process of one dialect, from its start to its end; it is used up once the process has ended."""

    def __init__(self, dialect: Dialect, workspace: Workspace) -> None:
        self._dialect = dialect
        self._nonce = secrets.token_hex(8)
        argv = workspace.launch(dialect.command(self._nonce))
        self.process = TerminalProcess(
            argv, workspace.folder, complete_environment(workspace.environment), workspace.columns()
        )
        self.transcript = Transcript(self._nonce)
        self.ready = False
        """Whether the boot text has reported."""
        self.leader_is_local = False
        """Whether the process that runs the boot text is the one we started, and can be signalled."""
        self.ended = False
        self.snapshot: list[str] = []
        """The code that restores the state, printed by the boot text on its way out."""
        self.has_printers = True
        """Whether something may print while no code runs: what a start left behind, or earlier code."""
        self.needs_healing = False
        self.busy_until = 0.0
        """Until when an interrupt may be on its way: it could hit the reading of a message."""
        self._takes_snapshot = False
        self._later_lines: list[bytes] = []
        self._message_under_way = False
        self._typed = False
        self._settled: list[Any] | None = None  # as termios gives them
        self._last_words = ""

    def send(self, message_id: int, kind: str, payload: str) -> None:
        """Send a message; what was typed to programs before, and not read, ends with a newline of its own."""
        first, *self._later_lines = message_lines(self._nonce, message_id, kind, payload)
        self.process.write(b"\n" + first if self._typed else first)
        self._message_under_way = True
        self._typed = False

    def type(self, text: str | None, reader: keyboard.Reader | None) -> None:
        """Type an answer, or end of file, to whichever program reads the terminal."""
        self.press(keyboard.keystrokes(self.process, text), reader)
        self.transcript.end_line()

    def press(self, keys: bytes, reader: keyboard.Reader | None = None) -> None:
        """Type ``keys``, and leave their echo out of the output."""
        self.transcript.expect_echo(keyboard.echo_of(self.process, keys, reader))
        self.process.write(keys)
        self._typed = True

    def press_interrupt(self) -> None:
        """Type the interrupt key, instead of what was still to be typed; it is not echoed."""
        self.process.drop_outgoing()
        self._later_lines = []
        if attributes := self.process.terminal_attributes():
            attributes[3] &= ~termios.ECHO
            self.process.set_terminal_attributes(attributes)
        self.process.write(b"\x03")
        self.busy_until = time.monotonic() + INTERRUPT_SECONDS
        self._typed = True
        self.needs_healing = bool(self._dialect.heal)

    def wait(self, seconds: float | None) -> Readiness:
        """Wait for something to happen, at most ``seconds``; writes what can be written on the way."""
        readiness = self.process.wait(seconds)
        if readiness.writable:
            self.process.write_more()
        return readiness

    def receive(self, readiness: Readiness) -> list[Item]:
        """Return what there is to read now; sets ``ended`` when there will be no more."""
        items: list[Item] = []
        if readiness.readable:
            items = self.transcript.feed(self.process.read())
            self._message_under_way = self._message_under_way and not items
        if self.process.at_end or ((readiness.exited or readiness == Readiness()) and self.process.reap()):
            items += self._last_items()
        return [item for item in items if not self._is_mine(item)]

    def boot_text_waits(self) -> bool:
        """Say whether the terminal is, or was at the end, as only a boot text that waits for a message leaves it.

        That is without ECHOE, too.
        """
        attributes = self.process.terminal_attributes()
        return attributes is not None and attributes[3] & _LINES_AND_ECHO == termios.ICANON

    def boot_text_may_read(self) -> bool:
        """Say whether it may be the boot text that reads the terminal: it has something to say, or a message to take.

        A busy system hands on what was written to a terminal some time later; meanwhile the boot text, which has turned
        echo off, still waits. One that turns ECHOE off as well, which no program does that asks for a password, is
        known by that.
        """
        if self.boot_text_waits():
            return True
        attributes = self.process.terminal_attributes()
        is_quiet = attributes is not None and not attributes[3] & termios.ECHO
        self._message_under_way = self._message_under_way and is_quiet
        return self._message_under_way or self.process.has_unread()

    def has_ended(self) -> bool:
        """Look whether the process has ended while nobody read."""
        self.ended = self.ended or self.process.reap()
        return self.ended

    def _last_items(self) -> list[Item]:
        items: list[Item] = []
        while not self.process.at_end and (data := self.process.read()):
            items += self.transcript.feed(data)
        self.ended = True
        deadline = time.monotonic() + EXIT_SECONDS
        while not self.process.reap() and time.monotonic() < deadline:
            self.process.wait(0.01)
        return items + self.transcript.finish()

    def _is_mine(self, item: Item) -> bool:
        """Take what concerns the connection and not a cell; say whether that was all there is to it."""
        if isinstance(item, OutputDelta):
            if self._takes_snapshot:
                self._keep_snapshot(item.text)
            elif not self.ready:
                self._last_words = (self._last_words + item.text)[-LAST_WORDS:]
            return self._takes_snapshot or not self.ready
        match item.kind:
            case "h":
                if not self.ready:  # a shell says it again when it comes back to its top level
                    self.leader_is_local = item.fields[:1] == (str(self.process.pid),)
                    self._settled = self.process.terminal_attributes()
                self.ready = True
            case "c":
                self.process.write(b"".join(self._later_lines))
                self._message_under_way = True
                self._later_lines = []
            case "x":
                self._takes_snapshot = item.fields[:1] == ("1",)
                if self._takes_snapshot:
                    self.snapshot = []
            case _:
                return False
        return True

    def _keep_snapshot(self, text: str) -> None:
        self.snapshot.append(text)
        if sum(map(len, self.snapshot)) > LONGEST_SNAPSHOT:
            self.snapshot = []
            self._takes_snapshot = False

    def settle(self) -> None:
        """Between pieces of code, put the terminal's settings back to what they were before any ran."""
        if (current := self.process.terminal_attributes()) is None or current == self._settled:
            return
        if self._settled is not None:
            self.process.set_terminal_attributes(self._settled)
            self.needs_healing = bool(self._dialect.heal)

    def death(self, reason: str = "") -> ProcessDied:
        """Return the error that says how the process ended, or ``reason``, and what is lost."""
        name = self._dialect.name
        how = reason or status_in_words(self.process.exit_status)
        if self.ready:
            return ProcessDied(f"{name} {how}; {self._dialect.lost}", self.process.exit_status)
        words = " ".join(self._last_words.split())
        return ProcessDied(
            f"{name} could not start: it {how}" + (f": {words}" if words else ""),
            self.process.exit_status,
            started=False,
        )

    def close(self, orderly_seconds: float) -> None:
        """End the process: ask it to, for ``orderly_seconds`` if it takes messages, then make it."""
        if orderly_seconds and self.ready and not self.ended:
            self.send(0, "q", "uit")
            deadline = time.monotonic() + orderly_seconds
            while not self.ended and (left := deadline - time.monotonic()) > 0:
                self.receive(self.wait(min(left, 0.1)))
        self.process.close()
