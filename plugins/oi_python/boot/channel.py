"""Boot text, part 1: the terminal's settings, the markers written to it, the messages read from it."""

# ruff: noqa: SIM105  (contextlib is slow to import)
from __future__ import annotations

import _thread
import binascii
import os
import sys
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

NONCE = sys.argv[1].encode()
TTY = os.dup(0)
HELD: Any = []  # the last value's text, which saves a write by going out with the marker that follows


def put(fd: int, data: Any) -> None:
    """Write all of a buffer."""
    view = memoryview(data).cast("B")
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:
            os.set_blocking(fd, True)


def reopen() -> None:
    """Have the terminal open, and waited for, although code may have closed every file, or set them not to wait."""
    if not os.isatty(TTY):
        os.dup2(os.open("/dev/tty", os.O_RDWR), TTY)
    os.set_blocking(TTY, True)


def emit(*fields: bytes) -> None:
    """Write a marker."""
    reopen()
    put(TTY, b"%b\x1b]6973;%b;%b\x07" % (HELD.pop() if HELD else b"", NONCE, b";".join(fields)))


def pack(text: str) -> bytes:
    """Return text as a field of a marker."""
    return binascii.b2a_base64(text.encode("utf-8", "replace"), newline=False)


def unpack(payload: bytes) -> str:
    """Return the text of a message."""
    return binascii.a2b_base64(payload).decode("utf-8", "surrogatepass")


class Terminal:
    """The terminal's settings. Echo is on while code runs: a program that turns it off asks for a password."""

    # Where ECHOE is off as well, which means nothing then, it is this text that reads.

    def __init__(self) -> None:
        self.idle = termios.tcgetattr(0)
        self.idle[1] &= ~termios.OPOST
        self.idle[3] |= termios.ICANON | termios.ISIG | termios.IEXTEN | termios.NOFLSH
        self.idle[3] &= ~(termios.ECHO | termios.ECHONL | termios.ECHOE)
        self.busy = list(self.idle)
        self.busy[3] |= termios.ECHO | termios.ECHOE
        self.askers = 0

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
            try:
                data = os.read(TTY, 65536)
            except BlockingIOError:
                reopen()
                continue
            if not data:
                os._exit(0)
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        at = line.rfind(NONCE)
        return line[at:].split(b" ") if at >= 0 else []


MAIL = Mail()


def ask(*fields: bytes) -> Any:
    """Write a marker while code runs, and return the message that answers it."""
    TERMINAL.askers += 1  # other threads may ask, too
    TERMINAL.set(TERMINAL.idle)
    try:
        emit(*fields)
        for attempt in range(99):
            message = MAIL.read()
            if message[1] in (b"m" if fields[0] == b"m" else b"ae"):
                break
            if attempt < 50:  # then nobody wants it
                MAIL.kept = message
            if message[1] not in b"aem":
                break
            time.sleep(0.01)
        return message
    finally:
        TERMINAL.askers -= 1
        if not TERMINAL.askers:
            TERMINAL.set(TERMINAL.busy)
