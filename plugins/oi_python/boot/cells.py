"""Boot text, part 3: the loop that takes cells and runs them in the real ``__main__``."""

# ruff: noqa: BLE001, S102, S307  (running strangers' code is the purpose)
from __future__ import annotations
import __future__

import _signal as signal  # type: ignore[import-not-found]  # typeshed has only what wraps it, which takes thrice as long
import builtins
import os
import sys
import termios

from oi_python.boot.assignments import show_assignment
from oi_python.boot.channel import MAIL, TERMINAL, TTY, ask, emit, put, reopen, unpack
from oi_python.boot.magics import parse_magics
from oi_python.boot.showing import alone, leave, restore_hooks, show, show_last, wait_for
from oi_python.boot.streams import FLOOD, STREAMS, input  # noqa: A004  (it replaces the built-in one)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

MAIN = sys.modules["__main__"].__dict__
ME = os.getpid()
SHOWN = sys.argv[2:]
ONLY_AST, TOP_LEVEL_AWAIT, IS_COROUTINE = 0x400, 0x2000, 0x80
FUTURE_FLAGS = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names[2:])
LOADED: Any = {}
AFTER: Any = []  # called at the end of each cell


def load(name: str) -> Any:
    """Have the kit send a part of this text that only some cells need, and run it here; say whether it is there."""
    if name not in LOADED and CELLS.number and os.getpid() == ME:
        FLOOD.release()
        message = ask(b"m", name.encode())
        if message[1] == b"m":
            LOADED[name] = True
            path, sys.path = sys.path, list(filter(None, sys.path))  # no module here passes for one that the part needs
            try:
                exec(compile(unpack(message[2]), "<interpreter>", "exec", 0, True), globals())
            except BaseException:
                del LOADED[name]
                raise
            finally:
                sys.path = path
    return name in LOADED


class Cells:
    """What is carried over from cell to cell besides ``__main__``."""

    def __init__(self) -> None:
        self.futures = self.number = 0
        self.loop: Any = None
        self.on_interrupt: Any = signal.default_int_handler

    def run(self, source: str, name: str) -> None:
        """Run a cell, statement by statement."""
        import linecache

        linecache.cache[name] = len(source), None, source.splitlines(True), name
        MAIN.pop("__warningregistry__", None)  # it goes by line numbers, which are another cell's now
        try:
            self.execute(self.compile(source, name))
        finally:
            for finish in AFTER:
                finish()

    def execute(self, units: Any) -> None:
        """Run what is compiled, and report the lines."""
        for line, code, is_shown in units:
            if len(units) > 1:
                emit(b"l", b"%d" % line)
            value = self.evaluate(code, MAIN)
            if is_shown:
                show_last(value)

    def evaluate(self, code: Any, *names: Any) -> Any:
        """Run code that may await."""
        value = eval(code, *names)
        return wait_for(value) if code.co_flags & IS_COROUTINE else value

    def parse(self, source: str, name: str) -> Any:
        """Return the syntax tree of source; await may stand at its top level."""
        return compile(source, name, "exec", ONLY_AST | TOP_LEVEL_AWAIT | self.futures, True)

    def compile(self, source: str, name: str) -> Any:
        """Return (line, code, is_shown) of each statement, compiled before any runs; the last expression is shown."""
        if not any(map(source.count, "\n;\\")):  # one expression needs no tree; escapes would be warned of twice
            try:
                return [(1, compile(source, name, "eval", TOP_LEVEL_AWAIT | self.futures, True), True)]
            except SyntaxError:
                pass
        import _ast

        try:
            tree = self.parse(source, name)
            if source[:4] == "In [":  # a notebook's prompt, which parses as an annotation
                raise SyntaxError(source[:9])
        except SyntaxError as error:
            if not load("magics"):
                raise
            tree = parse_magics(source, name, error)
        if SHOWN and load("assignments"):
            show_assignment(tree)
        units = []
        for statement in tree.body:
            is_last = statement is tree.body[-1] and isinstance(statement, _ast.Expr)
            is_shown = is_last and not source.rstrip().endswith(";")
            if is_shown:
                node, mode = _ast.Expression(statement.value), "eval"
            else:
                node, mode = _ast.Module([statement], []), "exec"  # type: ignore[assignment]  # two kinds of node
            code = compile(node, name, mode, TOP_LEVEL_AWAIT | self.futures, True)
            self.futures |= code.co_flags & FUTURE_FLAGS
            units.append((statement.lineno, code, is_shown))
        return units

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

    def take(self, number: bytes, kind: bytes, payload: bytes) -> None:
        """Run the cell of a message and report its end."""
        self.number = int(number)
        load("showing")
        try:
            try:
                signal.signal(signal.SIGINT, self.on_interrupt)
                TERMINAL.set(TERMINAL.busy)  # the kit may interrupt from here on
                if kind != b"w":
                    emit(b"s", number)
                ending = self.attempt(unpack(payload), f"<cell {number.decode()}>")
            finally:
                self.ignore_interrupts()
        except KeyboardInterrupt:  # between the end of the code and the change of the handler
            self.ignore_interrupts()
            ending = (b"interrupt",)
        self.number = 0
        reopen()
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


CELLS = Cells()


def ignore(*_: object) -> None:
    """Do nothing with a signal. Unlike SIG_IGN, a program that is started does not inherit it."""
    return


def prepare() -> None:
    """Make the process one in which cells can run."""
    signal.signal(signal.SIGINT, ignore)
    signal.signal(signal.SIGPIPE, ignore)
    signal.signal(signal.SIGURG, FLOOD.release)
    signal.siginterrupt(signal.SIGURG, False)
    for name in ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"):
        os.environ[name] = "cat"
    os.environ.update(GIT_TERMINAL_PROMPT="0", DEBIAN_FRONTEND="noninteractive")
    os.environ.pop("PYTHONSTARTUP", None)
    sys.argv = [""]
    sys.ps1, sys.ps2 = ">>> ", "... "  # libraries take their absence for a script
    builtins.input = input
    STREAMS.restore()
    TERMINAL.set(TERMINAL.idle)


def restore_path() -> None:
    """Put the current folder on ``sys.path``, where it was kept off while this text and what it needs were loaded."""
    ours = os.environ.get("PYTHONSAFEPATH") == "interpreter"
    if ours:
        del os.environ["PYTHONSAFEPATH"]
    if sys.path[:1] == ["/dev/null"]:
        sys.path[0] = ""
    elif ours and getattr(sys.flags, "safe_path", False) and not sys.flags.ignore_environment:
        sys.path.insert(0, "")


def main() -> None:
    """Take messages until one says to quit."""
    prepare()
    emit(b"h", b"%d" % ME)
    import linecache
    import traceback

    del linecache, traceback  # loaded while nobody waits
    restore_path()
    while True:
        number, kind, payload = MAIL.read()
        if kind in b"wxy":
            FLOOD.allowed = kind != b"x"
            CELLS.take(number, kind, payload)
        elif kind == b"q":
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return  # Python finalizes, files are flushed


main()
