"""The boot text of the driven Python: the loop that takes cells and runs them in the real ``__main__``.

It is not imported: its text is compressed into the command line of a Python of any version from 3.8, where it runs in a
namespace of its own. It speaks the protocol of the kit's ``Dialect``, uses the standard library only, starts no thread,
and imports late what only some cells need.
"""

# ruff: noqa: BLE001, S102, S110, S307, SIM105  (strangers' code runs here, that is the purpose; contextlib is slow)
from __future__ import annotations

import _thread
import binascii
import builtins
import io
import os
import resource
import signal
import sys
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

NONCE = sys.argv[1].encode()
MAIN = sys.modules["__main__"].__dict__
TTY = os.dup(0)
ME = os.getpid()
ONLY_AST, TOP_LEVEL_AWAIT, IS_COROUTINE = 0x400, 0x2000, 0x80


def put(fd: int, data: Any) -> None:
    """Write all of a buffer."""
    view = memoryview(data).cast("B")
    while view:
        view = view[os.write(fd, view) :]


def emit(*fields: bytes) -> None:
    """Write a marker."""
    put(TTY, b"\x1b]6973;%b;%b\x07" % (NONCE, b";".join(fields)))


def pack(text: str) -> bytes:
    """Return text as a field of a marker."""
    return binascii.b2a_base64(text.encode("utf-8", "replace"), newline=False)


def unpack(payload: bytes) -> str:
    """Return the text of a message."""
    return binascii.a2b_base64(payload).decode("utf-8", "surrogatepass")


class Terminal:
    """The terminal's settings: echo is on while code runs, so that turning it off tells of a password being asked for."""

    def __init__(self) -> None:
        self.idle = termios.tcgetattr(0)
        self.idle[1] &= ~termios.OPOST
        self.idle[3] |= termios.ICANON | termios.ISIG | termios.IEXTEN | termios.NOFLSH
        self.idle[3] &= ~(termios.ECHO | termios.ECHONL)
        self.busy = list(self.idle)
        self.busy[3] |= termios.ECHO

    def set(self, settings: Any) -> None:
        """Change the settings, without waiting for anything."""
        try:
            termios.tcsetattr(TTY, termios.TCSANOW, settings)
        except termios.error:
            pass


TERMINAL = Terminal()


class Mail:
    """Messages from the kit; a thread that gets one meant for the main loop leaves it there."""

    def __init__(self) -> None:
        self.lock = _thread.allocate_lock()
        self.buffer = b""
        self.kept: Any = None

    def read(self) -> Any:
        """Return the next message as (id, kind, payload)."""
        with self.lock:
            if self.kept:
                message, self.kept = self.kept, None
                return message
            self.buffer = b""
            parts = []
            while True:
                fields = self.fields()
                if len(fields) != 4:
                    continue
                parts.append(fields[2])
                if fields[3] == b".":
                    text = b"".join(parts)
                    return fields[1], text[:1], text[1:]
                if len(parts) == 1:
                    emit(b"c")

    def fields(self) -> Any:
        """Return the fields of the next line, none when it is not the kit's; keys typed before it are dropped."""
        while b"\n" not in self.buffer:
            data = os.read(TTY, 65536)
            if not data:
                os._exit(0)
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        at = line.rfind(NONCE)
        return line[at:].split(b" ") if at >= 0 else []


MAIL = Mail()


class Flood:
    """Holds standard output back while it comes in a flood, which saves a write for every line.

    The kit sends SIGURG when it has seen nothing for some milliseconds; then what is held is printed. What comes slowly is
    never held.
    """

    def __init__(self) -> None:
        self.allowed = self.holding = self.watching = False
        self.since = 0.0
        self.count = 0

    def note_write(self) -> None:
        """Count a write, and begin to hold output back when there are too many."""
        now = time.monotonic()
        if now > self.since + 0.005:
            self.since, self.count = now, 0
        self.count += 1
        if self.count > 100:
            self.holding = True
            emit(b"b", b"1")
            if not self.watching:
                self.watching = True
                sys.addaudithook(self.before_programs)
            STREAMS.out.reconfigure(write_through=False)

    def release(self, *_: object) -> None:
        """Print what is held."""
        if self.holding:
            self.holding, self.count = False, 0
            if not STREAMS.out.closed:
                STREAMS.out.flush()
                STREAMS.out.reconfigure(write_through=True)

    def before_programs(self, event: str, _: object) -> None:
        """Print what is held before another program can print."""
        if self.holding and event in PROGRAM_EVENTS:
            self.release()


FLOOD = Flood()
PROGRAM_EVENTS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"}


class Printer(io.RawIOBase):
    """What lies under sys.stdout and sys.stderr: each piece of text is one write, an error's is marked."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def write(self, data: Any) -> int:
        """Write all of a buffer; what was printed before an error comes before it."""
        if self.fd == 2:
            FLOOD.release()
            if os.isatty(2):
                put(2, b"\x1b]6973;%b;e\x07%b\x1b]6973;%b;o\x07" % (NONCE, bytes(data), NONCE))
                return len(data)
        put(self.fd, data)
        if FLOOD.allowed and not FLOOD.holding and self.fd == 1:
            FLOOD.note_write()
        return len(data)

    def fileno(self) -> int:
        """Return the descriptor, which stays open when this is closed."""
        return self.fd

    def isatty(self) -> bool:
        """Say whether the descriptor is the terminal."""
        return os.isatty(self.fd)

    def writable(self) -> bool:
        """Say yes."""
        return True


class Keyboard(io.RawIOBase):
    """What lies under sys.stdin: every line is asked for."""

    def __init__(self) -> None:
        self.rest = b""
        self.prompt = ""
        self.secret = False

    def readinto(self, buffer: Any) -> int:
        """Ask for a line when there is none left."""
        self.rest = self.rest or self.ask()
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size

    def ask(self) -> bytes:
        """Ask for a line; empty at the end of input."""
        FLOOD.release()
        TERMINAL.set(TERMINAL.idle)
        try:
            emit(b"i", pack(self.prompt), b"1" if self.secret else b"0")
            message = MAIL.read()
        finally:
            TERMINAL.set(TERMINAL.busy)
        if message[1] == b"a":
            return unpack(message[2]).rstrip("\n").encode("utf-8", "surrogateescape") + b"\n"
        if message[1] != b"e":
            MAIL.kept = message
        return b""

    def fileno(self) -> int:
        """Return the terminal's descriptor."""
        return 0

    def isatty(self) -> bool:
        """Say whether input comes from the terminal."""
        return os.isatty(0)

    def readable(self) -> bool:
        """Say yes."""
        return True


class Streams:
    """The standard streams, and what asks for input through them."""

    def __init__(self) -> None:
        self.out: Any = None
        self.err: Any = None
        self.keys: Any = None
        self.lines: Any = None
        self.real_input = builtins.input

    def restore(self) -> None:
        """Put them in place, and make new ones where code closed or replaced them."""
        for fd in (0, 1, 2):
            if not os.isatty(fd):
                os.dup2(TTY, fd)
        if self.out is None or self.out.closed:
            self.out = self.writer(Printer(1))
        if self.err is None or self.err.closed:
            self.err = self.writer(Printer(2))
        if self.lines is None or self.lines.closed:
            self.keys = Keyboard()
            self.lines = io.TextIOWrapper(io.BufferedReader(self.keys), "utf-8", "surrogateescape")
        sys.stdin = sys.__stdin__ = self.lines  # type: ignore[misc]  # Final in typeshed
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.err  # type: ignore[misc]

    def writer(self, printer: Any) -> Any:
        """Return a text stream that holds nothing back."""
        return io.TextIOWrapper(printer, "utf-8", "backslashreplace", "\n", write_through=True)

    def flush(self) -> None:
        """Write what these streams, and those that code put in their place, still hold."""
        for stream in (sys.stdout, sys.stderr, self.out, self.err):
            try:
                stream.flush()
            except Exception:
                pass

    def ask(self, prompt: object, stream: Any, secret: bool) -> str:
        """Show a prompt and return the line that is typed, without its newline."""
        text = str(prompt)
        stream.write(text)
        stream.flush()
        self.keys.prompt, self.keys.secret = text, secret
        try:
            line: str = self.lines.readline()
        finally:
            self.keys.prompt, self.keys.secret = "", False
        if not line:
            raise EOFError("EOF when reading a line")
        return line[:-1] if line.endswith("\n") else line


STREAMS = Streams()


def input(prompt: object = "", /) -> str:  # noqa: A001
    """Read a string from standard input.  The trailing newline is stripped."""
    if sys.stdin is not STREAMS.lines:
        return STREAMS.real_input(prompt)
    return STREAMS.ask(prompt, sys.stdout, False)


def getpass(prompt: str = "Password: ", stream: Any = None) -> str:
    """Prompt for a password, with echo turned off."""
    return STREAMS.ask(prompt, stream or STREAMS.out, True)


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

    sys.stderr.write("".join(traceback.format_exception(type(error), error, trace)))


def leave(error: SystemExit) -> Any:
    """Return the end of a cell that asked Python to exit: it is kept."""
    code = error.code
    if code is not None and not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    return (
        b"error" if code else b"ok",
        b"%d" % (code or 0),
        pack("exit was asked for; Python was kept, variables intact"),
    )


def display(value: object) -> None:
    """Print the value of a last expression, and keep it as ``_``."""
    if value is not None:
        builtins._ = None  # type: ignore[attr-defined]  # as Python's own hook does, for a repr that looks at it
        sys.stdout.write(f"{value!r}\n")
        builtins._ = value  # type: ignore[attr-defined]


def ignore(*_: object) -> None:
    """Do nothing with a signal. Unlike SIG_IGN, a program that is started does not inherit it."""
    return


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


import __future__  # noqa: E402

FUTURE_FLAGS = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names[2:])
main()
