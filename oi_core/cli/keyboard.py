"""The keyboard as it is: single keys without echo, what was typed too early, and the terminal's modes put back."""

from __future__ import annotations

import codecs
import os
import select
import termios
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from oi_core.cli.signals import continuing_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

GUARD_SECONDS: Final = 0.4
"""Keys that come sooner after a question are not meant for it: they are held down, or were typed at what was there."""
ESCAPE_SECONDS: Final = 0.05
"""How long the rest of an escape sequence may take to follow its first byte."""

INTERRUPT: Final = "\x03"
END_OF_FILE: Final = "\x04"
ENTER: Final = "\r"
ESCAPE: Final = "\x1b"


class Keyboard:
    """Keys from a terminal, by its file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @contextmanager
    def modes_kept(self) -> Iterator[None]:
        """Put the terminal's modes back afterwards, whatever happened in between."""
        try:
            before = termios.tcgetattr(self._descriptor)
        except termios.error:  # not a terminal, or one that is gone: it has no modes
            before = None
        try:
            yield
        finally:
            if before is not None:
                with suppress(termios.error):
                    termios.tcsetattr(self._descriptor, termios.TCSADRAIN, before)

    @contextmanager
    def without_echo(self) -> Iterator[None]:
        """Keep what is typed off the screen and in the queue, for the next prompt; Ctrl-C and Ctrl-Z still work."""
        with self.modes_kept(), continuing_calls(self._hide_typing):
            self._hide_typing()
            yield

    @contextmanager
    def single_keys(self) -> Iterator[None]:
        """Hand every key over at once, Ctrl-C included, after dropping what was typed before."""
        with self.modes_kept():
            self._switch_off(
                termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN, termios.ICRNL | termios.IXON
            )
            self.drop_typed()
            yield

    def drop_typed(self) -> None:
        """Forget keys that nobody has read."""
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def read_key(self, not_before: float = 0.0) -> str:
        """Wait for a key that is pressed after ``not_before`` (of ``time.monotonic``) and return it.

        Keys that are more than one character, such as arrows, and ``ESC`` itself are ``ESCAPE``; a keyboard that is
        gone is ``END_OF_FILE``.
        """
        while True:
            key = self._read_one()
            if key == END_OF_FILE or time.monotonic() >= not_before:
                return key

    def _read_one(self) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            data = self._read_byte()
            if not data:
                return END_OF_FILE
            if data == b"\x1b":
                self._drop_sequence()
                return ESCAPE
            key = decoder.decode(data)
            if key:
                return "\r" if key == "\n" else key

    def _read_byte(self) -> bytes:
        try:
            return os.read(self._descriptor, 1)
        except OSError:  # the terminal was hung up
            return b""

    def _drop_sequence(self) -> None:
        while select.select([self._descriptor], [], [], ESCAPE_SECONDS)[0] and self._read_byte():
            pass

    def _hide_typing(self) -> None:
        self._switch_off(termios.ECHO | termios.ICANON)

    def _switch_off(self, local: int, incoming: int = 0) -> None:
        with suppress(termios.error):
            modes = termios.tcgetattr(self._descriptor)
            modes[0] &= ~incoming
            modes[3] &= ~local
            modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, modes)
