"""Running pieces of code, one at a time, on a language process that lives on a pty."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from oi_core.errors import ExecutorError, ProcessDied
from oi_core.events import OutputDelta
from oi_core.executors import CellEnded
from oi_core.repl.background import Background, IdleReader
from oi_core.repl.cell import Cell, Stage
from oi_core.repl.connection import Connection
from oi_core.repl.frames import as_base64
from oi_core.repl.supervision import Supervision
from oi_core.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from oi_core.executors import ExecutorEvent, Workspace
    from oi_core.repl.dialect import Dialect
    from oi_core.repl.transcript import Item

START_SECONDS = 30.0
ORDERLY_SECONDS = 0.5
ATTEMPTS = 2  # a process may turn out to have died before it took any code


class ReplExecutor:
    """An :class:`oi_core.executors.Executor` for any language with a :class:`~oi_core.repl.dialect.Dialect`.

    The process is started at once and not waited for; after its death, the next piece of code starts another. Prompts
    of programs are part of their output, and ``InputRequested.prompt`` repeats them; what is typed to a program is not
    part of it. What the process prints between blocks is reported as a notice when the next one starts.

    Raises:
        ExecutorError: the program cannot be started.
    """

    def __init__(self, dialect: Dialect, workspace: Workspace) -> None:
        self._dialect = dialect
        self._workspace = workspace
        self._connection = Connection(dialect, workspace)
        self._background = Background()
        self._idle_reader: IdleReader | None = None
        self._restore = ""
        self._answers: deque[str | None] = deque()
        self._stop_requests: deque[float] = deque()
        self._cell: Cell | None = None
        self._last_number = 0
        self._closed = False
        self._in_use = threading.Lock()  # held while the connection is used: close() may come from another thread

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        """Run ``code``; see :class:`oi_core.executors.Executor`. Closing the iterator early interrupts the code.

        Raises:
            ExecutorError: another piece of code is running.
        """
        if self._cell is not None and self._cell.stage is not Stage.WAITING:
            raise ExecutorError(f"{self._dialect.name} is still running another piece of code", "interrupt that first")
        self._stop_requests.clear()
        self._answers.clear()
        self._cell = self._next_cell()
        return self._run(self._cell, code)

    def interrupt(self) -> None:
        """Stop the code that runs now; each further call takes the next measure at once. Callable from anywhere."""
        cell = self._cell
        if cell is not None:
            cell.stop_requested = True
            self._stop_requests.append(time.monotonic())
            self._connection.process.wake()

    def answer(self, text: str | None) -> None:
        """Type a line, or end of file for None, to whoever waits for it. Callable from anywhere."""
        self._answers.append(text)
        self._connection.process.wake()

    def close(self) -> None:
        """End the process and all that it started on its terminal; safe to call twice, and from any thread."""
        if self._closed:
            return
        self._closed = True
        self._connection.process.wake()
        self._stop_reading()
        with self._in_use:
            is_idle = self._cell is None or self._cell.stage is Stage.WAITING
            self._connection.close(ORDERLY_SECONDS if is_idle else 0.0)

    def _stop_reading(self) -> None:
        reader, self._idle_reader = self._idle_reader, None
        if reader is not None:
            reader.stop()

    def _next_cell(self) -> Cell:
        self._last_number += 1
        return Cell(self._last_number, self._dialect.kept)

    def _run(self, cell: Cell, code: str) -> Iterator[ExecutorEvent]:
        self._stop_reading()
        try:
            if refusal := self._refusal(code):
                yield OutputDelta(refusal, "stderr")
                yield CellEnded(Outcome.FAILED)
                return
            for _attempt in range(ATTEMPTS):
                note = yield from self._prepare(cell)
                if cell.stop_requested:
                    yield CellEnded(Outcome.INTERRUPTED, note="it had not started")
                    return
                yield from self._drive(cell, code)
                if cell.has_ended:
                    yield _with_note(cell.ending, note)
                    return
            raise self._died()
        except (GeneratorExit, KeyboardInterrupt):
            self._abandon(cell)
            raise
        finally:
            if self._cell is cell:
                self._cell = None
            with self._in_use:
                if cell.has_ended and cell.leaves_printers and not (self._closed or self._connection.ended):
                    self._idle_reader = IdleReader(self._connection, self._background)

    def _refusal(self, code: str) -> str:
        for character in self._dialect.unspeakable:
            if character in code:
                return f"{self._dialect.name} cannot take code that contains the character {character!r}\n"
        return ""

    def _prepare(self, cell: Cell) -> Generator[ExecutorEvent, None, str]:
        """Have a process that takes code, its state and terminal in order; return what the model must know of it."""
        note = ""
        if self._connection.has_ended():
            note = f"before this ran, {self._connection.death().message}; it was started again"
            self._reconnect()
        deadline = time.monotonic() + START_SECONDS
        while not self._connection.ready and not cell.stop_requested:
            yield from self._step(cell, Supervision(self._connection, self._dialect))
            if self._connection.ended or time.monotonic() > deadline:
                raise self._died("" if self._connection.ended else f"gave no sign of life for {START_SECONDS:.0f} s")
        while (left := self._connection.busy_until - time.monotonic()) > 0:
            self._take(cell, self._connection.receive(self._connection.wait(left)))
        if self._connection.has_printers:
            self._connection.settle()  # a thread may have changed them since, or a program, on its way out
        if not cell.stop_requested:
            restore, self._restore = self._restore, ""
            self._run_unseen(restore)
        if self._connection.needs_healing and not cell.stop_requested:
            self._connection.needs_healing = False
            self._run_unseen(self._dialect.heal)
        return note

    def _run_unseen(self, code: str) -> None:
        """Run code of the dialect's own; what it prints is nobody's business."""
        if code:
            for _event in self._drive(self._next_cell(), code):
                pass

    def _drive(self, cell: Cell, code: str) -> Iterator[ExecutorEvent]:
        """Send ``code`` and report what happens until it has ended, or the process has before it started."""
        self._connection.process.set_columns(self._workspace.columns())
        kind = self._message_kind()
        self._connection.send(cell.number, kind, self._dialect.encode(code))
        cell.note_sent(reports_start=kind != "w")
        supervision = Supervision(self._connection, self._dialect)
        while not cell.has_ended:
            yield from self._step(cell, supervision)
            if self._connection.ended and not cell.has_ended:
                if cell.stage is Stage.SENT and not cell.killed:
                    return
                self._end_with_process(cell)
        if last := cell.leave_screen():
            yield last

    def _message_kind(self) -> str:
        """Return the kind of message that code goes out in: it says what the boot text may leave for later, or out."""
        if not self._connection.leader_is_local:
            return "x"
        # A program from elsewhere may have written to the terminal, too.
        may_print = self._connection.has_printers or self._connection.process.has_unread()
        if self._dialect.starts_unreported and not may_print and self._background.is_empty:
            return "w"
        return "y" if self._dialect.holds_output else "x"

    def _step(self, cell: Cell, supervision: Supervision) -> list[ExecutorEvent]:
        """Wait for something to happen, and do what it calls for."""
        with self._in_use:
            if self._closed:
                raise ProcessDied(f"{self._dialect.name} was closed")
            readiness = self._connection.wait(supervision.patience(cell, time.monotonic()))
            events = self._take(cell, self._connection.receive(readiness))
            if cell.has_ended:
                return events
            supervision.look_for_start(cell)
            if events:
                supervision.saw_output(time.monotonic())
            while self._stop_requests:
                supervision.stop(cell, self._stop_requests.popleft())
            if cell.stage is Stage.RUNNING:
                while self._answers:
                    supervision.pass_on(cell, self._answers.popleft())
            if line := cell.take_line(time.monotonic()):
                events.append(line)
            if request := supervision.look_after(cell, time.monotonic()):
                events.append(request)
            return events

    def _take(self, cell: Cell, items: list[Item]) -> list[ExecutorEvent]:
        events: list[ExecutorEvent] = []
        if items:
            cell.note_sign()
        for item in items:
            if isinstance(item, OutputDelta):
                if cell.stage is Stage.RUNNING:
                    events.append(cell.take_output(item))
                else:
                    self._background.add(item.text)
                continue
            before = cell.stage
            event = cell.take_marker(item, self._connection.transcript)
            if item.kind == "m":
                self._connection.send(cell.number, "m", as_base64(self._dialect.modules(*item.fields[:1])))
            if cell.stage is Stage.RUNNING and before is Stage.SENT:
                event = self._background.take_notice(self._dialect.name)
            elif cell.has_ended and before is not Stage.ENDED:
                self._connection.has_printers = cell.leaves_printers
                self._connection.snapshot = []
                self._connection.settle()
            if event is not None:
                events.append(event)
        return events

    def _end_with_process(self, cell: Cell) -> None:
        """Deal with a process that ended while code ran: by the code's own wish, and the state is kept, or not."""
        snapshot = "".join(self._connection.snapshot)
        if cell.killed or not self._dialect.restores or not snapshot:
            raise self._died("did not stop when interrupted, and was killed" if cell.killed else "")
        status = self._connection.process.exit_status
        self._reconnect()
        self._restore = snapshot
        cell.end_with_process(status, f"{self._dialect.name} ended and was started again; {self._dialect.restored}")

    def _died(self, reason: str = "") -> ProcessDied:
        error = self._connection.death(reason)
        self._connection.close(0.0)
        return error

    def _reconnect(self) -> None:
        self._connection.close(0.0)
        self._connection = Connection(self._dialect, self._workspace)

    def _abandon(self, cell: Cell) -> None:
        """Nobody reads the events any more: stop the code, so that the process can be used again, or kill it."""
        if cell.stage not in (Stage.SENT, Stage.RUNNING) or self._connection.ended:
            return
        self.interrupt()
        supervision = Supervision(self._connection, self._dialect)
        try:
            while not (cell.has_ended or self._connection.ended):
                self._step(cell, supervision)
        except ProcessDied:
            return


def _with_note(ending: CellEnded, note: str) -> CellEnded:
    if not note:
        return ending
    return CellEnded(ending.outcome, ending.exit_status, f"{note}; {ending.note}" if ending.note else note)
