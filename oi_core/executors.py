"""What runs code: the executor protocol, languages, launchers, and where their processes live."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from oi_core.events import DisplayData, InputRequested, LineRunning, Notice, OutputDelta
from oi_core.results import Outcome


@dataclass(frozen=True, slots=True)
class CellEnded:
    """The last thing an executor reports of a piece of code: how it ended, and what the model should know of it."""

    outcome: Outcome = Outcome.FINISHED
    exit_status: int | None = None
    note: str = ""


IN_ORDER = CellEnded()
"""The end of code that did what it should, of which there is nothing to say."""

ExecutorEvent: TypeAlias = OutputDelta | DisplayData | InputRequested | LineRunning | Notice | CellEnded


class Executor(Protocol):
    """A running language: takes code, one piece at a time, and keeps its state in between.

    ``interrupt`` and ``answer`` are called from other threads or signal handlers while ``run`` is being read.
    """

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        """Run ``code`` and yield what it reports, as it happens.

        Ends with a :class:`CellEnded`; an iterator that just ends means that the code finished. Code that fails is
        output and an outcome, not an exception.

        Raises:
            ProcessDied: the process ended; the core reports the block as crashed and starts a fresh executor.
        """
        ...

    def interrupt(self) -> None:
        """Stop the code that runs now and keep the state; ``run`` then ends within 3 seconds. Returns at once."""
        ...

    def answer(self, text: str | None) -> None:
        """Give the program the line it asked for with ``InputRequested``; None means end of file."""
        ...

    def close(self) -> None:
        """End the process and everything it started in the foreground; safe to call twice."""
        ...


USUAL_COLUMNS = 120


def usual_columns() -> int:
    """Return the width of a terminal that nobody looks at."""
    return USUAL_COLUMNS


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where and how a language process starts.

    ``command`` is the person's own command line for this language (``languages.NAME.command``), empty when unset.
    ``launch`` turns an argument vector into the one to start: itself, or one that runs it in a sandbox or elsewhere.
    ``columns`` says how wide the terminal of programs is to be, and is asked before each piece of code: there is a
    person whose window may have changed, or nobody.
    """

    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    launch: Callable[[Sequence[str]], Sequence[str]] = tuple
    columns: Callable[[], int] = usual_columns


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a language can start here, and in words: "3.12 from ./.venv", or "node is not installed".

    ``from_project`` says that the program to start was found in the project's folder: it may be a stranger's, and is
    not started before code is to run.
    """

    available: bool
    detail: str = ""
    from_project: bool = False


def always_available(workspace: Workspace) -> Availability:  # noqa: ARG001  (the signature of Language.probe)
    """Say that a language needs nothing that could be missing."""
    return Availability(True)


@dataclass(frozen=True, slots=True)
class Language:
    """A language that code can be written in.

    ``summary`` is one line for the model: what it is, what state it keeps. ``start`` makes an executor; it is called on
    first use, and again after the process died. ``aliases`` are other names that models use for it; ``lexer`` is the
    Pygments lexer to show it with (default: ``name``). ``probe`` says cheaply, without running code of a project,
    whether it can start here.
    """

    name: str
    summary: str
    start: Callable[[Workspace], Executor]
    aliases: tuple[str, ...] = ()
    lexer: str = ""
    probe: Callable[[Workspace], Availability] = always_available


def launches_anywhere(folder: Path) -> Availability:  # noqa: ARG001  (the signature of Launcher.probe)
    """Say that a launcher needs nothing that could be missing."""
    return Availability(True)


def any_folder(folder: Path) -> Path | None:  # noqa: ARG001  (the signature of Launcher.output_folder)
    """Say that processes can read whatever the person's own programs can."""
    return None


def nothing_to_close() -> None:
    """Give back nothing: for launchers that hold nothing."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """A way to start language processes: ``wrap(argv, workspace_folder)`` returns the argument vector to start instead.

    ``wrap`` raises an ``ExecutorError`` rather than return a command line that does less than the launcher promises.
    ``probe`` says whether it works for a folder, what holds then, or why not; a session opens only when its launcher
    does. ``notices`` is asked after each piece of code what the person should know of it. ``output_folder`` says where
    on this machine the core should put files for the processes to read, by the same path; None is anywhere. ``close``
    gives back what the launcher holds, once the processes have ended; safe to call twice.
    """

    name: str
    summary: str
    wrap: Callable[[Sequence[str], Path], Sequence[str]]
    probe: Callable[[Path], Availability] = launches_anywhere
    notices: Callable[[], Sequence[Notice]] = tuple
    output_folder: Callable[[Path], Path | None] = any_folder
    close: Callable[[], None] = nothing_to_close


LOCAL_LAUNCHER = Launcher("local", "start language processes directly on this machine", lambda argv, _folder: argv)
