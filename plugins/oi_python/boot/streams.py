"""Boot text, part 2: the standard streams, and the questions asked through them."""

# ruff: noqa: BLE001, S110, SIM105  (strangers' streams are flushed here; contextlib is slow to import)
from __future__ import annotations

import builtins
import io
import os
import sys
import time

from oi_python.boot.cells import CELLS
from oi_python.boot.channel import HELD, NONCE, TTY, ask, emit, pack, put, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives


class Flood:
    """Standard output that comes in a flood is held back, which saves a write for every line."""

    # The kit sends SIGURG when it has seen nothing for some milliseconds; then what is held is printed.

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
        """Write all of a buffer; what was printed before it comes before it."""
        if HELD:
            put(1, HELD.pop())
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
        """Ask for a line; empty at the end of input, and between cells, when nobody is there to answer a thread."""
        if not CELLS.number:
            return b""
        FLOOD.release()
        message = ask(b"i", pack(self.prompt), b"1" if self.secret else b"0")
        if message[1] == b"a":
            return unpack(message[2]).rstrip("\n").encode("utf-8", "surrogateescape") + b"\n"
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
        sys.stdout = sys.__stdout__ = self.out  # type: ignore[misc]  # ours are no TextIOWrapper
        sys.stderr = sys.__stderr__ = self.err  # type: ignore[misc]  # ours are no TextIOWrapper

    def writer(self, printer: Any) -> Any:
        """Return a text stream that holds nothing back."""
        return io.TextIOWrapper(printer, "utf-8", "backslashreplace", "\n", write_through=True)

    def flush(self) -> None:
        """Write what these streams, and those that code put in their place, still hold."""
        for stream in (getattr(sys, "stdout", None), getattr(sys, "stderr", None), self.out, self.err):
            try:
                stream.flush()  # type: ignore[union-attr]  # None fails like anything else that is no stream
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


def input(prompt: object = "", /) -> str:  # noqa: A001  (takes the place of the built-in)
    """Read a string from standard input.  The trailing newline is stripped."""
    if sys.stdin is not STREAMS.lines:
        return STREAMS.real_input(prompt)
    return STREAMS.ask(prompt, sys.stdout, False)
