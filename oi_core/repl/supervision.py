"""Looking after running code: input it waits for, output it holds back, and how it is stopped."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from oi_core.events import InputRequested
from oi_core.repl import keyboard
from oi_core.repl.cell import Asking, Cell, Stage
from oi_core.repl.escalation import Escalation, Measure

if TYPE_CHECKING:
    from oi_core.repl.connection import Connection
    from oi_core.repl.dialect import Dialect

HELD_OUTPUT_SECONDS = 0.005
REENTER_SECONDS = 0.3
ENDS_OF_INPUT = 3
START_LOOK = 0.005
"""After how long silence the terminal is asked whether code that does not report its start has started."""
LONGEST_WAIT = 0.25  # a system without pidfd tells of a death only when asked


class Supervision:
    """The clocks of one piece of code on one connection; times are of :func:`time.monotonic`."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._watch = keyboard.ReaderWatch(time.monotonic())
        self._escalation: Escalation | None = None
        self._reenter_at = float("inf")
        self._last_output = 0.0
        self._ends_of_input = 0
        self._reader: keyboard.Reader | None = None

    def patience(self, cell: Cell, now: float) -> float:
        """Return how long to wait for the process before looking after ``cell`` again, in seconds."""
        if cell.stage is Stage.SENT and not cell.reports_start:
            return START_LOOK
        due = now + LONGEST_WAIT
        if self._escalation is not None:
            due = min(due, self._escalation.next_at(started=cell.stage is Stage.RUNNING), self._reenter_at)
        if cell.stage is Stage.RUNNING:
            due = min(due, self._watch.next_at, cell.line_due)
            if cell.holds_output:
                due = min(due, self._last_output + HELD_OUTPUT_SECONDS)
        return max(0.0, due - now)

    def look_for_start(self, cell: Cell) -> None:
        """See from the terminal whether code has started that does not report it."""
        if cell.stage is Stage.SENT and not cell.reports_start and not self._connection.boot_text_waits():
            cell.note_sign()

    def saw_output(self, now: float) -> None:
        """Take note that the process is not silent."""
        self._last_output = now
        self._watch.postpone(now)

    def stop(self, cell: Cell, asked_at: float) -> None:
        """Begin to stop the code; asked again, do not wait for the next measure."""
        now = time.monotonic()
        if self._escalation is None:
            self._escalation = Escalation(asked_at)
        else:
            self._escalation.hurry(now)
        self._stop_harder(cell, now)

    def _stop_harder(self, cell: Cell, now: float) -> None:
        if self._escalation is not None:
            for measure in self._escalation.take_due(now, started=cell.stage is Stage.RUNNING):
                self._take_measure(cell, measure)

    def pass_on(self, cell: Cell, answer: str | None) -> None:
        """Give an answer to whoever asked, or type it ahead."""
        if answer is None and cell.asking is Asking.NOBODY and self._find_reader() is None:
            return  # the language process itself would read it later, as the end of all code
        if cell.asking is not Asking.BOOT_TEXT:
            self._connection.type(answer, self._reader)
            self._note_end_of_input(cell, answer)
        elif answer is None:
            self._connection.send(cell.number, "e", "of")
        else:
            self._connection.send(cell.number, "a", self._dialect.encode(answer))
        cell.asking = Asking.NOBODY
        self._watch.postpone(time.monotonic())

    def _note_end_of_input(self, cell: Cell, answer: str | None) -> None:
        """Stop a program that takes single keys (an editor, a pager) and asks on: none means the end of input to it."""
        is_elsewhere = self._reader is not None and self._reader.is_elsewhere
        takes_keys = keyboard.takes_keys(self._connection.process) and not is_elsewhere
        self._ends_of_input = self._ends_of_input + 1 if answer is None and takes_keys else 0
        if self._ends_of_input == ENDS_OF_INPUT:
            cell.stop_requested = True
            cell.reason = "a program waited for keys to be pressed, and was stopped because nobody can press them"
            self.stop(cell, time.monotonic())

    def look_after(self, cell: Cell, now: float) -> InputRequested | None:
        """Do what is due, and return the question that a program turned out to ask."""
        self._stop_harder(cell, now)
        if cell.stage is not Stage.RUNNING:
            return None
        if cell.holds_output and now >= self._last_output + HELD_OUTPUT_SECONDS:
            cell.holds_output = False
            self._connection.process.signal_leader(signal.SIGURG)
        if cell.interrupted:
            self._reenter(now)
            return None
        return self._look_for_reader(cell, now) if now >= self._watch.next_at else None

    def _look_for_reader(self, cell: Cell, now: float) -> InputRequested | None:
        self._watch.looked(now)
        if cell.asking is Asking.BOOT_TEXT:
            return None
        reader = self._find_reader(fills_screen=cell.fills_screen)
        if self._connection.boot_text_may_read():  # it was not silent after all
            return None
        asked_before = cell.asking is Asking.PROGRAM
        if reader is not None and not self._watch.believes(reader, now):
            return None
        self._reader = reader
        cell.asking = Asking.PROGRAM if reader else Asking.NOBODY
        if reader is None or asked_before:
            return None
        return InputRequested(self._connection.transcript.last_line, reader.secret)

    def _find_reader(self, *, fills_screen: bool = False) -> keyboard.Reader | None:
        connection = self._connection
        launcher = 0 if connection.leader_is_local else connection.process.pid
        return keyboard.find_reader(
            connection.process, connection.transcript.last_line, launcher, fills_screen=fills_screen
        )

    def _take_measure(self, cell: Cell, measure: Measure) -> None:
        process = self._connection.process
        match measure:
            case Measure.TYPE_INTERRUPT:
                self._connection.press_interrupt()
                self._reenter_at = time.monotonic() + REENTER_SECONDS if self._dialect.reenter else float("inf")
            case Measure.SEND_SIGINT:
                process.send_signal(signal.SIGINT)
            case Measure.KILL_JOB:
                process.kill_foreground_job()
            case Measure.KILL:
                cell.killed = True
                process.signal_leader(signal.SIGKILL)
        cell.interrupted = True

    def _reenter(self, now: float) -> None:
        """Bring the process back to its boot text when the interrupt left it at a prompt of its own."""
        if now < self._reenter_at:
            return
        self._reenter_at = now + REENTER_SECONDS
        process = self._connection.process
        if process.foreground_group() == process.pid and self._find_reader():
            self._connection.press(self._dialect.reenter)
