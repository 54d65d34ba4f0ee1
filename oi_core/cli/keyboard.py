"""The keyboard as it is: single keys without echo, what was typed too early, and the terminal's modes put back."""

from __future__ import annotations

import os
import select
import termios
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from oi_core.cli.key_decoder import AsTyped, KeyDecoder
from oi_core.cli.signals import continuing_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GUARD_SECONDS: Final = 0.4
"""Keys that come sooner after a question are not meant for it: they are held down, or were typed at what was there."""
ESCAPE_SECONDS: Final = 0.1
"""How long the rest of an escape sequence may take to follow its first byte."""

INTERRUPT: Final = "\x03"
END_OF_FILE: Final = "\x04"
ENTER: Final = "\r"
SUSPEND: Final = "\x1a"


class Keyboard:
    """Keys from a terminal, by its file descriptor; ``at_once`` is how many bytes are taken from it at a time."""

    def __init__(self, descriptor: int, at_once: int = 4096) -> None:
        self._descriptor = descriptor
        self._at_once = at_once
        self._decoder = KeyDecoder()
        self._read: deque[str] = deque()
        self._bell: tuple[int, int] | None = None
        self._lent = False

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
        """Keep what is typed off the screen and hand over every key at once; Ctrl-C and Ctrl-Z still work."""
        with self.modes_kept(), continuing_calls(self._hide_typing):
            self._hide_typing()
            yield

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Give another program the modes that a shell would, also when it is continued after Ctrl-Z."""
        with self.modes_kept():
            self._switch(on=termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN, incoming_on=termios.ICRNL)
            self._lent = True
            try:
                yield
            finally:
                self._lent = False

    @contextmanager
    def every_key(self) -> Iterator[None]:
        """Hand every key over at once and unseen, Ctrl-C included, those too that were typed before."""
        with self.modes_kept(), continuing_calls(self._take_every_key):
            self._take_every_key()
            yield

    @contextmanager
    def before_prompt(self) -> Iterator[str]:
        """Keep what is typed for a prompt that is about to open, and to switch to modes of its own.

        Gives what was typed, and read by nobody, while the terminal had its usual modes. Those make a newline of Enter,
        which at a prompt is another key: here it is Enter again.
        """
        with self.modes_kept():
            self._take_every_key()
            yield "".join(self.read_typed(AsTyped())).replace("\n", ENTER)

    @contextmanager
    def single_keys(self) -> Iterator[None]:
        """Hand every key over at once, Ctrl-C included, after dropping what was typed before."""
        with self.every_key():
            self.drop_typed()
            yield

    def drop_typed(self) -> None:
        """Forget keys that nobody has read."""
        self._decoder = KeyDecoder()
        self._read.clear()
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def read_key(self, not_before: float = 0.0) -> str:
        """Wait for a key that is pressed after ``not_before`` (of ``time.monotonic``) and return it.

        Keys that are more than one character, such as arrows, come as their escape sequence; a keyboard that is gone is
        ``END_OF_FILE``.
        """
        while True:
            while not self._read:
                keys = self._wait_for_keys(self._decoder)
                self._read.extend([END_OF_FILE] if keys is None else keys)
            key = self._read.popleft()
            if key == END_OF_FILE or time.monotonic() >= not_before:
                return "\r" if key == "\n" else key

    def prepare_listening(self) -> None:
        """Make it possible to stop :meth:`listen`, which another thread is about to call."""
        self._bell = os.pipe()

    def listen(self, decoder: KeyDecoder, press: Callable[[list[str]], None]) -> None:
        """Call ``press`` with the keys that come together, until :meth:`stop_listening` or the end of the terminal."""
        if self._bell is None:
            return
        bell = self._bell[0]
        try:
            while (keys := self._wait_for_keys(decoder, bell)) is not None:
                press(keys)
        finally:
            os.close(bell)

    def stop_listening(self) -> None:
        """End :meth:`listen`, whose thread is to be joined then."""
        bell, self._bell = self._bell, None
        if bell is not None:
            os.close(bell[1])

    def read_typed(self, decoder: KeyDecoder) -> list[str]:
        """Return the keys that have been typed and that nobody has read, without waiting for any."""
        keys: list[str] = []
        with suppress(OSError):  # the terminal was hung up
            while select.select([self._descriptor], [], [], 0)[0] and (data := os.read(self._descriptor, 4096)):
                keys += decoder.feed(data)
        return keys

    def _wait_for_keys(self, decoder: KeyDecoder, bell: int = -1) -> list[str] | None:
        """Return the keys that come next, None when the bell rings or the terminal is gone."""
        watched = [self._descriptor, *([bell] if bell >= 0 else [])]
        try:
            ready = select.select(watched, [], [], ESCAPE_SECONDS if decoder.waits else None)[0]
            if not ready:
                return decoder.flush()
            data = b"" if bell in ready else os.read(self._descriptor, self._at_once)
        except OSError:  # the terminal was hung up
            return None
        return decoder.feed(data) if data else None

    def _hide_typing(self) -> None:
        if not self._lent:
            self._switch(off=termios.ECHO | termios.ICANON | termios.IEXTEN, incoming_off=termios.ICRNL)

    def _take_every_key(self) -> None:
        local = termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
        self._switch(off=local, incoming_off=termios.ICRNL | termios.IXON)

    def _switch(self, *, on: int = 0, off: int = 0, incoming_on: int = 0, incoming_off: int = 0) -> None:
        with suppress(termios.error):
            modes = termios.tcgetattr(self._descriptor)
            modes[0] = (modes[0] | incoming_on) & ~incoming_off
            modes[3] = (modes[3] | on) & ~off
            if off & termios.ICANON:
                modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, modes)
