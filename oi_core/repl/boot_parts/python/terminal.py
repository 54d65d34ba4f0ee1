"""The terminal as a language written in Python has it, and the loop that runs code there."""

# ruff: noqa: S110, SIM105  (nobody reads a log here; contextlib is slow to import)
from __future__ import annotations

import _thread
import binascii
import builtins
import io
import itertools
import os
import resource
import signal
import sys
import termios

from oi_core.repl.boot_parts.python.tables import html_table, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, NoReturn  # Any: what is written to a stream, and what termios gives

LONGEST_LINE = 160  # characters of a line with an error that are shown
PART = 3000  # of what is displayed, in one marker


class ChildTerminal:
    """What ``run(code, terminal)`` can do besides printing: report, display, ask, and say where code failed."""

    def __init__(self, nonce: str) -> None:
        self.note = ""
        """What the model is to know of the state when this code has ended; empty again when the next one starts."""
        self._nonce, self._pid = nonce, os.getpid()
        self._fd = os.dup(0)
        self._buffer = b""
        self._running = self._writing = self._interrupted = self._stop_is_due = False
        self._idle = termios.tcgetattr(0)
        self._idle[3] |= termios.ICANON | termios.ISIG | termios.IEXTEN | termios.NOFLSH
        self._idle[3] &= ~(termios.ECHO | termios.ECHONL | termios.ECHOE)
        self._busy = list(self._idle)
        self._busy[3] |= termios.ECHO | termios.ECHOE
        self._streams = self._new_streams()
        self._restore()

    def line(self, number: int) -> None:
        """Report that a line of the code runs now, counted from 1."""
        self._emit("l", number)

    def display(self, bundle: dict[str, str | bytes]) -> None:
        """Show a value, given as one or several MIME types, such as ``text/html`` or ``image/png``."""
        import json

        values = {kind: value if isinstance(value, str) else {"base64": pack(value)} for kind, value in bundle.items()}
        data = pack(json.dumps(values).encode())
        for start in range(0, len(data), PART):
            self._emit("d", int(start + PART < len(data)), data[start : start + PART])

    def table(self, names: Sequence[str], rows: Iterable[Sequence[object]], most: int = 100) -> None:
        """Print rows as an aligned table, cut after ``most`` of them and counted, and display it as HTML."""
        rest = iter(rows)
        shown = list(itertools.islice(rest, most))
        count = len(shown) + sum(1 for _ in rest)
        cut = f", the first {most} shown" if count > most else ""
        sys.stdout.write(f"{table(names, shown)}({count} row{'s' * (count != 1)}{cut})\n")
        self.display({"text/html": html_table(names, shown)})

    def ask(self, prompt: object = "", secret: bool = False) -> str:
        """Print a prompt and return the line that the person types; ``input`` does the same.

        Raises:
            EOFError: there is nobody to type it, or no wish to.
        """
        sys.stdout.write(str(prompt))
        sys.stdout.flush()
        self._set(self._idle)
        try:
            self._emit("i", pack(str(prompt).encode("utf-8", "replace")), int(secret))
            _, kind, text = self._read()
        finally:
            self._set(self._busy)
        if kind != "a":
            raise EOFError("EOF when reading a line")
        return text.rstrip("\n")

    def fail(self, words: str, code: str, at: int, file: str = "", exact: bool = True) -> NoReturn:
        """End code that failed: say why, and show the line of the code, or of a file of code, that is about.

        ``at`` is a position in ``code``; unless it is ``exact``, only its line counts.

        Raises:
            SystemExit: always.
        """
        start = code.rfind("\n", 0, at) + 1
        line, _, _ = code[start:].partition("\n")
        cut = max(0, at - start - LONGEST_LINE // 2)
        number = code.count("\n", 0, start) + 1
        caret = f"\n{' ' * (at - start - cut + 2)}^" if exact else ""
        where = f"in {file}, line {number}" if file else f"line {number}"
        sys.exit(f"{words}\n{where}:\n  {line[cut : cut + LONGEST_LINE]}{caret}")

    def serve(self, run: Callable[[str, ChildTerminal], object]) -> NoReturn:
        """Run the code of messages until one says to quit."""
        signal.signal(signal.SIGINT, self._stop)
        self._emit("h", self._pid)
        while True:
            number, kind, text = self._read()
            if kind == "x":
                self._take(run, number, text)
            elif kind == "q":
                sys.exit()

    def put(self, data: bytes) -> None:
        """Write all of ``data``, and stop only then if that was asked for meanwhile: half a marker would be output."""
        self._writing, done = True, 0
        try:
            while done < len(data):
                try:
                    done += os.write(self._fd, memoryview(data)[done:] if done else data)
                except BlockingIOError:  # a program made the terminal so
                    os.set_blocking(self._fd, True)
        finally:
            self._writing = False
        if self._stop_is_due:
            self._stop_is_due = False
            raise KeyboardInterrupt

    def flush(self) -> None:
        """Write what standard output still holds: the beginning of a line."""
        if not self._streams[0].closed:
            self._streams[0].flush()

    def _stop(self, *_: object) -> None:
        if self._running:
            self._interrupted, self._stop_is_due = True, self._writing
            if not self._writing:
                raise KeyboardInterrupt

    def _marker(self, *fields: object) -> bytes:
        return f"\x1b]6973;{self._nonce};{';'.join(map(str, fields))}\a".encode()

    def _emit(self, *fields: object) -> None:
        self.flush()
        self.put(self._marker(*fields))

    def _read(self) -> tuple[str, str, str]:
        """Return the next message: its number, its kind and its text; lines that are none were typed before it."""
        parts: list[str] = []
        while True:
            while b"\n" not in self._buffer:
                self._buffer += os.read(self._fd, 65536) or sys.exit()
            line, _, self._buffer = self._buffer.partition(b"\n")
            fields = line[max(0, line.rfind(self._nonce.encode())) :].decode("ascii", "replace").split(" ")
            if fields[0] != self._nonce or len(fields) != 4:
                continue
            parts.append(fields[2])
            if fields[3] == ".":
                message = "".join(parts)
                text = binascii.a2b_base64(message[1:]) if message[0] in "xa" else b""
                return fields[1], message[0], text.decode("utf-8", "surrogatepass")
            if len(parts) == 1:
                self._emit("c")

    def _take(self, run: Callable[[str, ChildTerminal], object], number: str, code: str) -> None:
        """Run code, and report its beginning and its end."""
        self.note, ending = "", None
        self._set(self._busy)
        try:
            try:
                self._interrupted, self._running = False, True
                self._emit("s", number)
                run(code, self)
            finally:
                self._running = False
        except BaseException as error:  # noqa: BLE001  (the language, and the code it runs, are a stranger's)
            self._running, ending = False, error
        if os.getpid() != self._pid:  # a fork that fell off the end of its code
            self.flush()
            os._exit(0 if ending is None else 1)
        self._stop_is_due = False
        self._restore()
        was_stopped = isinstance(ending, KeyboardInterrupt) or (self._interrupted and ending is not None)
        outcome = "interrupt;" if was_stopped else explain(ending)
        termios.tcflush(self._fd, termios.TCIFLUSH)
        self._emit("z", number, outcome, pack(self.note.encode("utf-8", "replace")), int(not is_alone()))

    def _restore(self) -> None:
        """Put in place what code may have changed: the terminal's settings, and the streams, open and empty."""
        for fd in (0, 1, 2):
            if not os.isatty(fd):
                os.dup2(self._fd, fd)
        try:
            sys.stdout.flush()
        except Exception:  # noqa: BLE001  (the code's own stream may do anything)
            pass
        if any(stream.closed for stream in self._streams):
            self._streams = self._new_streams()
        sys.stdin, (sys.stdout, sys.stderr) = sys.__stdin__, self._streams
        builtins.input = self.ask
        self._set(self._idle)

    def _set(self, settings: list[Any]) -> None:
        try:
            os.set_blocking(self._fd, True)
            termios.tcsetattr(self._fd, termios.TCSANOW, settings)
        except (OSError, termios.error):
            pass  # the terminal has gone, and this process is about to

    def _new_streams(self) -> list[io.TextIOWrapper]:
        out: Any = Writer(self, 1)
        err: Any = Writer(self, 2, self._marker("e"), self._marker("o"))
        return [
            io.TextIOWrapper(out, "utf-8", "backslashreplace", "\n", line_buffering=True),
            io.TextIOWrapper(err, "utf-8", "backslashreplace", "\n", write_through=True),
        ]


class Writer(io.RawIOBase):
    """What a standard stream writes to: the terminal, with a mark before and one after."""

    def __init__(self, terminal: ChildTerminal, fd: int, before: bytes = b"", after: bytes = b"") -> None:
        self._terminal, self._fd, self._before, self._after = terminal, fd, before, after

    def write(self, data: Any) -> int:
        """Write all of ``data``."""
        if self._before:
            self._terminal.flush()  # what was printed before comes before
        self._terminal.put(self._before + data + self._after)
        return len(data)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def isatty(self) -> bool:
        """Say yes."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that programs know."""
        return self._fd


def pack(data: bytes) -> str:
    """Return data as a field of a marker."""
    return binascii.b2a_base64(data, newline=False).decode()


def explain(ending: BaseException | None) -> str:
    """Print why code failed, if it did, and return outcome and exit status, two fields of its end."""
    if ending is None:
        return "ok;"
    if not isinstance(ending, SystemExit):
        import traceback

        of_run = ending.__traceback__ and ending.__traceback__.tb_next
        traceback.print_exception(type(ending), ending, of_run)
        return "error;"
    if ending.code is None or isinstance(ending.code, int):
        return f"{'error' if ending.code else 'ok'};{ending.code or 0}"
    sys.stderr.write(f"{ending.code}\n")
    return "error;"


def is_alone() -> bool:
    """Say whether there is neither a thread nor a child that could print, and never was one."""
    if _thread._count() or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss or not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False


def serve(run: Callable[[str, ChildTerminal], object]) -> NoReturn:
    """Run code that comes over the terminal, for as long as it comes."""
    for name in ("PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"):
        os.environ[name] = "cat"
    os.environ.update(GIT_TERMINAL_PROMPT="0", DEBIAN_FRONTEND="noninteractive")
    ChildTerminal(sys.argv.pop()).serve(run)
