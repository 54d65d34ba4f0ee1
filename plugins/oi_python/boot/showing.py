"""Boot text, loaded for the first cell: how values and exceptions are shown, and what is left when a cell ends."""

from __future__ import annotations

import _thread
import builtins
import getpass
import os
import resource
import sys

from oi_python.boot.cells import CELLS, load
from oi_python.boot.channel import HELD, pack
from oi_python.boot.display import show_rich
from oi_python.boot.imports import watched_spec
from oi_python.boot.results import describe_results
from oi_python.boot.streams import FLOOD, STREAMS, input  # noqa: A004  (it replaces the built-in one)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

WATCHED = {"matplotlib", "multiprocessing.spawn", "inspect", "pydoc", "IPython.core.display_functions"}


class Watch:
    """Sees modules being imported that take more of this text."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Leave it to the other finders, but for the modules that are watched."""
        return watched_spec(name, path, target) if name in WATCHED and load("imports") else None


class Results(dict):  # type: ignore[type-arg]  # not subscriptable in Python 3.8
    """The values that the last cells showed, by the number of the cell."""

    def __repr__(self) -> str:
        load("results")
        return describe_results(self)


def show(error: BaseException) -> None:
    """Print an exception as Python does, without the frames of this text, and those that lead to the code."""
    frames: Any = []
    inside = False
    trace = error.__traceback__
    while trace is not None:
        if not inside and trace.tb_frame.f_code.co_filename[:5] == "<cell":
            inside, frames = True, []
        if trace.tb_frame.f_globals is not globals():
            frames.append(trace)
        trace = trace.tb_next
    for frame, following in zip(frames, frames[1:] + [None]):  # noqa: B905, RUF005  (Python 3.8; shorter)
        frame.tb_next = following
    error.__traceback__ = trace = frames[0] if frames else None
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    sys.last_exc = error  # type: ignore[attr-defined, unused-ignore]  # from Python 3.12 on
    hook = getattr(sys, "excepthook", None)
    if hook is not sys.__excepthook__ and callable(hook):
        hook(type(error), error, trace)
        return
    import traceback

    write_error("".join(traceback.format_exception(type(error), error, trace)))


def write_error(text: str) -> None:
    """Write to standard error, or to the terminal where code took that away."""
    (getattr(sys, "stderr", None) or STREAMS.err).write(text)


def leave(error: SystemExit) -> Any:
    """Return the end of a cell that asked Python to exit: it is kept."""
    code = error.code
    if code is not None and not isinstance(code, int):
        write_error(f"{code}\n")
        code = 1
    return (
        b"error" if code else b"ok",
        b"%d" % (code or 0),
        pack("exit was asked for; Python was kept, variables intact"),
    )


def display(value: object, *, is_last: bool = False) -> None:
    """Print the value of a last expression, show its richer forms, and keep it as ``_``."""
    if value is not None:
        text = f"{value!r}\n"
        if sys.stdout is STREAMS.out and is_last and not FLOOD.holding and not HELD and os.isatty(1):
            HELD.append(text.encode("utf-8", "backslashreplace"))
        else:
            sys.stdout.write(text)
        builtins._ = RESULTS[CELLS.number] = value  # type: ignore[attr-defined]  # as the interactive Python has it
        if len(RESULTS) > 100:
            del RESULTS[next(iter(RESULTS))]
        if is_rich(type(value)) and load("display"):
            show_rich(value)


def show_last(value: object) -> None:
    """Show the value of the expression that ends a cell."""
    if sys.displayhook is display:
        display(value, is_last=True)
    else:
        sys.displayhook(value)


def is_rich(kind: Any) -> bool:
    """Say whether values of a type may have richer forms than their repr."""
    return kind.__module__ != "builtins" and any(name.startswith("_repr_") for name in dir(kind))


def wait_for(coroutine: Any) -> Any:
    """Run code that awaits, on a loop that lives as long as the process, and return its value."""
    import asyncio

    if CELLS.loop is None or CELLS.loop.is_closed():
        CELLS.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(CELLS.loop)
    task = CELLS.loop.create_task(coroutine)
    try:
        return CELLS.loop.run_until_complete(task)
    except BaseException:
        if not task.done():
            task.cancel()
            CELLS.loop.run_until_complete(asyncio.wait([task]))
        raise


def find_source_of_classes(inspect: Any) -> None:
    """Have the source of a class that a cell defined found."""
    import linecache
    import re

    getfile = inspect.getfile

    def getfile_of_cells(thing: Any) -> Any:
        if isinstance(thing, type) and thing.__module__ == "__main__":
            definition = re.compile(rf"^\s*class\s+{thing.__name__}\b", re.MULTILINE)
            for name in reversed([name for name in linecache.cache if name.startswith("<cell ")]):
                if definition.search("".join(linecache.getlines(name))):
                    return name
        return getfile(thing)

    inspect.getfile = getfile_of_cells


def ask_password(prompt: str = "Password: ", stream: Any = None) -> str:
    """Prompt for a password, with echo turned off."""
    return STREAMS.ask(prompt, stream or STREAMS.out, True)


def restore_hooks() -> None:
    """Put in place what shows values and errors, asks for lines and finds modules, where code took it away."""
    if not callable(getattr(sys, "displayhook", None)):
        sys.displayhook = display
    if not callable(getattr(builtins, "input", None)):
        builtins.input = input
    if not callable(getattr(sys, "excepthook", None)):
        sys.excepthook = sys.__excepthook__
    if not isinstance(getattr(sys, "meta_path", None), list):
        sys.meta_path = []
    sys.meta_path += [finder for finder in FINDERS if finder not in sys.meta_path]


def alone() -> bool:
    """Say whether there is neither a thread nor a child that could print, and never was one."""
    if _thread._count() or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss or not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


RESULTS = builtins._out = Results()  # type: ignore[attr-defined]  # as the interactive Python has it
sys.displayhook = display
getpass.getpass = ask_password
sys.meta_path.insert(0, Watch())
FINDERS = list(sys.meta_path)
os.register_at_fork(after_in_child=lambda: setattr(FLOOD, "allowed", False))
if "inspect" in sys.modules:  # what ran before this text may have loaded it
    find_source_of_classes(sys.modules["inspect"])
if "OI_TRASH_CODE" in os.environ:
    load("trash")
