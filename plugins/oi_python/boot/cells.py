"""Boot text, part 3: the loop that takes cells and runs them in the real ``__main__``."""

# ruff: noqa: BLE001, S102, S307  (running strangers' code is the purpose)
from __future__ import annotations
import __future__

import _thread
import builtins
import os
import resource
import signal
import sys
import termios

from oi_python.boot.channel import MAIL, TERMINAL, TTY, ask, emit, pack, put, unpack
from oi_python.boot.streams import FLOOD, STREAMS, getpass, input  # noqa: A004  (it replaces the built-in one)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

MAIN = sys.modules["__main__"].__dict__
ME = os.getpid()
ONLY_AST, TOP_LEVEL_AWAIT, IS_COROUTINE = 0x400, 0x2000, 0x80
FUTURE_FLAGS = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names[2:])
LOADED: Any = {}


def load(name: str) -> None:
    """Have the kit send a part of this text that only some cells need, and run it here."""
    if name not in LOADED:
        FLOOD.release()
        exec(compile(unpack(ask(b"m", name.encode())[2]), "<interpreter>", "exec", 0, True), globals())
        LOADED[name] = True


class Cells:
    """What is carried over from cell to cell besides ``__main__``."""

    def __init__(self) -> None:
        self.futures = 0
        self.loop: Any = None
        self.on_interrupt: Any = signal.default_int_handler

    def run(self, source: str, name: str) -> None:
        """Run a cell, statement by statement."""
        import linecache

        linecache.cache[name] = len(source), None, source.splitlines(True), name
        units = self.compile(source, name)
        for index, (line, code) in enumerate(units):
            if index:
                emit(b"l", b"%d" % line)
            if code.co_flags & IS_COROUTINE:
                self.wait_for(eval(code, MAIN))
            else:
                exec(code, MAIN)

    def compile(self, source: str, name: str) -> Any:
        """Return (line, code) of each statement, all compiled before any runs; the last expression is shown."""
        import _ast

        tree: Any = compile(source, name, "exec", ONLY_AST | TOP_LEVEL_AWAIT | self.futures, True)
        units = []
        for statement in tree.body:
            is_shown = statement is tree.body[-1] and isinstance(statement, _ast.Expr)
            if is_shown and not source.rstrip().endswith(";"):
                node, mode = _ast.Interactive([statement]), "single"
            else:
                node, mode = _ast.Module([statement], []), "exec"  # type: ignore[assignment]  # two kinds of node
            code = compile(node, name, mode, TOP_LEVEL_AWAIT | self.futures, True)
            self.futures |= code.co_flags & FUTURE_FLAGS
            units.append((statement.lineno, code))
        return units

    def wait_for(self, coroutine: Any) -> None:
        """Run a statement that awaits, on a loop that lives as long as the process."""
        import asyncio

        if self.loop is None or self.loop.is_closed():
            self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        task = self.loop.create_task(coroutine)
        try:
            self.loop.run_until_complete(task)
        except BaseException:
            if not task.done():
                task.cancel()
                self.loop.run_until_complete(asyncio.wait([task]))
            raise

    def attempt(self, source: str, name: str) -> Any:
        """Run a cell and return how it ended, as fields of its end marker."""
        try:
            self.run(source, name)
        except SystemExit as error:
            return leave(error)
        except BaseException as error:
            try:
                show(error)
            except BaseException as worse:
                put(2, b"%b (showing it failed: %b)\n" % (type(error).__name__.encode(), type(worse).__name__.encode()))
            return (b"interrupt",) if isinstance(error, KeyboardInterrupt) else (b"error",)
        return (b"ok",)

    def take(self, number: bytes, payload: bytes) -> None:
        """Run the cell of a message and report its end."""
        TERMINAL.set(TERMINAL.busy)
        emit(b"s", number)
        try:
            try:
                signal.signal(signal.SIGINT, self.on_interrupt)
                ending = self.attempt(unpack(payload), f"<cell {number.decode()}>")
            finally:
                self.ignore_interrupts()
        except KeyboardInterrupt:  # between the end of the code and the change of the handler
            self.ignore_interrupts()
            ending = (b"interrupt",)
        FLOOD.release()
        STREAMS.flush()
        if os.getpid() != ME:  # a fork that fell off the end of its code
            os._exit(0 if ending[0] == b"ok" else 1)
        STREAMS.restore()
        restore_hooks()
        TERMINAL.set(TERMINAL.idle)
        termios.tcflush(TTY, termios.TCIFLUSH)
        emit(b"z", number, *(ending + (b"",) * 3)[:3], b"0" if alone() else b"1")

    def ignore_interrupts(self) -> None:
        """Let an interrupt that comes too late pass; a handler of the code's own is kept for its next cell."""
        handler = signal.signal(signal.SIGINT, ignore)
        if handler is not ignore and handler is not None:
            self.on_interrupt = handler


def alone() -> bool:
    """Say whether there is neither a thread nor a child that could print, and never was one."""
    if _thread._count() or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss or not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def show(error: BaseException) -> None:
    """Print an exception as Python does, without the frames of this text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    error.__traceback__ = trace
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    sys.last_exc = error  # type: ignore[attr-defined, unused-ignore]  # from Python 3.12 on
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, trace)
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


def display(value: object) -> None:
    """Print the value of a last expression, show its richer forms, and keep it as ``_``."""
    if value is not None:
        sys.stdout.write(f"{value!r}\n")
        builtins._ = value  # type: ignore[attr-defined]
        if any(name.startswith("_repr_") for name in dir(type(value))):
            load("display")
            show_rich(value)  # type: ignore[name-defined]  # noqa: F821  (loaded above)


def ignore(*_: object) -> None:
    """Do nothing with a signal. Unlike SIG_IGN, a program that is started does not inherit it."""
    return


def restore_hooks() -> None:
    """Put in place what shows values and asks for lines, where code left nothing that can be called."""
    if not callable(getattr(sys, "displayhook", None)):
        sys.displayhook = display
    if not callable(getattr(builtins, "input", None)):
        builtins.input = input


def prepare() -> None:
    """Make the process one in which cells can run."""
    signal.signal(signal.SIGINT, ignore)
    signal.signal(signal.SIGPIPE, ignore)
    signal.signal(signal.SIGURG, FLOOD.release)
    signal.siginterrupt(signal.SIGURG, False)
    sys.displayhook = display
    for name in ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"):
        os.environ[name] = "cat"
    os.environ.update(GIT_TERMINAL_PROMPT="0", DEBIAN_FRONTEND="noninteractive")
    os.environ.pop("PYTHONSTARTUP", None)
    sys.argv = [""]
    sys.ps1, sys.ps2 = ">>> ", "... "  # libraries take their absence for a script
    builtins.input = input
    import getpass as module

    module.getpass = getpass
    STREAMS.restore()
    TERMINAL.set(TERMINAL.idle)


def leave_for_good() -> None:
    """Have the prompt that -i brings read the end of its input: Python finalizes, files are flushed."""
    sys.ps1 = sys.ps2 = ""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def main() -> None:
    """Take messages until one says to quit."""
    prepare()
    cells = Cells()
    emit(b"h", b"%d" % ME)
    import linecache
    import traceback

    del linecache, traceback  # loaded while nobody waits
    while True:
        number, kind, payload = MAIL.read()
        if kind in b"xy":
            FLOOD.allowed = kind == b"y"
            cells.take(number, payload)
        elif kind == b"q":
            return leave_for_good()


main()
