"""The language processes of a session: started on first use, limited in time, replaced when dead, closed at the end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oi_core.closing import closing_iterator
from oi_core.errors import ExecutorError, InterpreterError, ProcessDied, UnknownLanguage
from oi_core.events import DisplayData, Event, ExecutionStarted, InputRequested, OutputDelta
from oi_core.executors import IN_ORDER, CellEnded, Executor, Language, Workspace
from oi_core.images import ShownPictures
from oi_core.printed.bounded_output import BoundedOutput, OutputBound
from oi_core.printed.spool import SpoolFolder
from oi_core.results import ExecutionResult, Outcome
from oi_core.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from oi_core.approval import AskInput
    from oi_core.messages import CodeBlock

FRESH_START = "; the next code starts a fresh process"
ANSWER_GRACE_SECONDS = 0.5
"""How long a program's question waits for ``answer`` from another thread before it reads end of file."""


_STOPPED = {Outcome.INTERRUPTED: "interrupted by the user", Outcome.TIMED_OUT: "stopped at the time limit"}


@dataclass(slots=True)
class _Cell:
    """A block that runs now: what has to be known of it when it ends."""

    block: CodeBlock
    output: BoundedOutput
    executor: Executor
    pictures: ShownPictures = field(default_factory=ShownPictures)
    started: float = field(default_factory=time.monotonic)
    interrupted: bool = False
    timed_out: bool = False
    started_up: bool = True
    ended: CellEnded = IN_ORDER

    def result(self) -> ExecutionResult:
        """Return what became of the block, the reasons that only the core knows included."""
        seconds = time.monotonic() - self.started
        outcome, note = self.ended.outcome, self.ended.note
        if outcome is Outcome.CRASHED and (self.interrupted or self.timed_out):  # stopped the hard way is no crash
            outcome = Outcome.INTERRUPTED
        if outcome is Outcome.INTERRUPTED and self.timed_out:
            outcome = Outcome.TIMED_OUT
        because = ""
        if outcome in _STOPPED:
            because = f"{_STOPPED[outcome]} after {seconds:.0f} s"
        images = self.pictures.urls()
        note = "; ".join(filter(None, (because, note, self.pictures.note())))
        output = self.output.text()
        spool = str(self.output.spool.path) if self.output.spool is not None and not self.output.spool.problem else ""
        status = self.ended.exit_status
        return ExecutionResult(self.block, output, outcome, status, note, seconds, spool, images, self.started_up)


class Workbench:
    """Runs blocks one at a time, each in its language's own process.

    ``workspace_for`` says where and how a language starts. ``on_input`` answers programs that ask for a line; without
    it whoever reads the events may call :meth:`answer`, before the next event is read or within half a second from
    another thread; else the program reads end of file. Output that is too long for a result goes to one of ``spools``.
    """

    def __init__(
        self,
        languages: Mapping[str, Language],
        workspace_for: Callable[[Language], Workspace],
        on_input: AskInput | None = None,
        spools: SpoolFolder | None = None,
    ) -> None:
        self._languages = languages
        self._workspace_for = workspace_for
        self._on_input = on_input
        self._spools = spools or SpoolFolder(0)
        self._executors: dict[str, Executor] = {}
        self._starting = threading.Lock()
        self._watchdog = Watchdog()
        self._cell: _Cell | None = None
        self._answered = threading.Event()

    def language(self, name: str) -> Language:
        """Return the language with this name or alias, in any case.

        Raises:
            UnknownLanguage: there is none; the message lists those there are.
        """
        wanted = name.strip().lower()
        for language in self._languages.values():
            if wanted == language.name or wanted in language.aliases:
                return language
        known = ", ".join(self._languages) or "none"
        raise UnknownLanguage(f"there is no language {name!r}", f"the languages are: {known}")

    @property
    def started(self) -> tuple[str, ...]:
        """The languages that have a process, in the order in which they were started."""
        return tuple(self._executors)

    def start(self, name: str) -> None:
        """Start a language's process now, so that its first block need not wait; safe from another thread.

        Raises:
            ExecutorError: it cannot be started.
        """
        self._executor(self.language(name))

    def run(self, block: CodeBlock, seconds: float, bound: OutputBound) -> Generator[Event, None, ExecutionResult]:
        """Run a block and yield what it reports; the result is returned, not yielded.

        ``seconds`` bounds the run, 0 is no limit, and ``bound`` the output that the result holds. Code or a process
        that fails is a result. Closing the generator interrupts the code.
        """
        try:
            executor = self._executor(self.language(block.language))
        except ExecutorError as error:
            return ExecutionResult(block, "", Outcome.CRASHED, note=f"could not start: {error}", started=False)
        yield ExecutionStarted(block)
        cell = self._cell = _Cell(block, BoundedOutput(bound, lambda: self._spools.new(block.language)), executor)
        if seconds > 0:
            self._watchdog.arm(seconds, self._time_is_up(cell))
        try:
            yield from self._read(cell)
        except ProcessDied as death:
            self._discard(block.language)
            cell.started_up = death.started
            cell.ended = CellEnded(Outcome.CRASHED, death.exit_status, death.message + FRESH_START)
        except (InterpreterError, GeneratorExit, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001  (an executor is a plugin's code: its failure is this block's)
            self._discard(block.language)
            reason = f"the executor of {block.language} failed: {type(error).__name__}: {error}"
            cell.ended = CellEnded(Outcome.CRASHED, None, reason + FRESH_START)
        finally:
            self._watchdog.disarm()
            self._cell = None
        return cell.result()

    def _read(self, cell: _Cell) -> Iterator[Event]:
        with closing_iterator(cell.executor.run(cell.block.code)) as events:
            for event in events:
                match event:
                    case CellEnded():
                        cell.ended = event
                    case OutputDelta(text=text):
                        cell.output.add(text)
                        yield event
                    case DisplayData(data=data):
                        cell.pictures.add(data)
                        yield event
                    case InputRequested():
                        yield from self._ask(event, cell.executor)
                    case _:
                        yield event

    def _ask(self, request: InputRequested, executor: Executor) -> Iterator[Event]:
        if self._on_input is not None:
            yield request
            executor.answer(self._on_input(request))
            return
        self._answered.clear()
        yield request
        if not self._answered.wait(ANSWER_GRACE_SECONDS):
            executor.answer(None)

    def answer(self, text: str | None) -> None:
        """Give the running program the line it asked for; None is end of file. Nothing happens when none runs."""
        cell = self._cell
        if cell is not None:
            self._answered.set()
            cell.executor.answer(text)

    def interrupt(self) -> None:
        """Stop the block that runs now, if one does; safe from any thread and from a signal handler."""
        cell = self._cell
        if cell is not None:
            cell.interrupted = True
            cell.executor.interrupt()

    def restart(self, name: str) -> None:
        """End a language's process; its next block starts a fresh one."""
        self._discard(self.language(name).name)

    def close(self) -> None:
        """End every language process."""
        self._watchdog.close()
        with self._starting:
            executors, self._executors = list(self._executors.values()), {}
        for executor in executors:
            executor.close()
        self._spools.close()

    def _executor(self, language: Language) -> Executor:
        with self._starting:
            if language.name not in self._executors:
                self._executors[language.name] = _started(language, self._workspace_for(language))
            return self._executors[language.name]

    def _discard(self, name: str) -> None:
        with self._starting:
            executor = self._executors.pop(self.language(name).name, None)
        if executor is not None:
            executor.close()

    def _time_is_up(self, cell: _Cell) -> Callable[[], None]:
        def interrupt() -> None:
            cell.timed_out = not cell.interrupted
            cell.executor.interrupt()

        return interrupt


def _started(language: Language, workspace: Workspace) -> Executor:
    availability = language.probe(workspace)
    if not availability.available:
        raise ExecutorError(f"{language.name} is not available here: {availability.detail}")
    try:
        return language.start(workspace)
    except InterpreterError:
        raise
    except Exception as error:
        raise ExecutorError(f"{language.name} could not be started: {type(error).__name__}: {error}") from error
