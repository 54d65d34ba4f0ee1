"""The prompt before there is a session: drawn at once, it shows and keeps what is typed for the one of the session."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

from oi_core import __version__
from oi_core.cli.key_decoder import AsTyped
from oi_core.cli.keyboard import INTERRUPT
from oi_core.cli.turn_keys import BACKSPACES, ERASE_LINE, ERASE_WORD, edited
from oi_core.view.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oi_core.cli.keyboard import Keyboard

HEAD: Final = f"interpreter {__version__}"
PROMPT: Final = "> "
LEAST_ROWS, LEAST_COLUMNS = 4, 20
"""In a smaller window nothing is drawn: the real prompt has all of it."""
EDITING: Final = (*BACKSPACES, ERASE_LINE, ERASE_WORD)
MOST_SHOWN: Final = 10_000
"""Keys; text that is typed faster than people type is shown by the real prompt."""
PASTES_MARKED, PASTES_PLAIN = "\x1b[?2004h", "\x1b[?2004l"


class FirstPrompt:
    """Stands on the terminal while the program gets ready, and reads the keyboard on a thread of its own.

    Keys go to the real prompt as they came, so that each means what it means there; here the text that the first of
    them write is shown. Ctrl-C takes back what was typed; where that is nothing, a second one interrupts the start.
    Before :meth:`begin` and after :meth:`take` nothing is drawn and nothing is read.
    """

    def __init__(self, keyboard: Keyboard, out: TextIO) -> None:
        self._keyboard = keyboard
        self._out = out
        self._decoder = AsTyped()
        self._keys: list[str] = []
        self._interrupts = 0
        self._started = time.monotonic()
        self._screen = threading.Lock()
        self._is_hidden = self._may_draw = False
        self._drawn = ""
        self._reading: ExitStack | None = None

    @property
    def text(self) -> str:
        """The text that the keys write which nobody has taken, up to the first that does more than write."""
        text = ""
        for key in self._keys[:MOST_SHOWN]:
            if key != INTERRUPT and key not in EDITING and not key.isprintable():
                break
            text = edited(text, key)
        return text

    def begin(self) -> None:
        """Draw the prompt and read the keyboard, with what was typed before there was anything to see.

        Raises:
            OSError: the terminal is gone.
        """
        with ExitStack() as reading:
            reading.enter_context(self._keyboard.every_key())
            with self._keyboard.before_prompt() as early:
                self._press(early)
            reading.callback(self._erase, PASTES_PLAIN)
            self._may_draw = not self._is_hidden
            self._out.write(PASTES_MARKED)
            self._draw()
            self._out.flush()
            reading.callback(Ticker(self._draw).stop)
            reading.callback(lambda: self._press(self._keyboard.read_typed(self._decoder)))
            listener = threading.Thread(target=self._listen, daemon=True, name="first-prompt")
            self._keyboard.prepare_listening()
            listener.start()
            reading.callback(listener.join)
            reading.callback(self._keyboard.stop_listening)
            self._reading = reading.pop_all()

    def hide(self) -> None:
        """Take it off the screen for good, because something else is written there; the keyboard is read on."""
        self._is_hidden = True
        self._erase()

    def end(self) -> None:
        """Take it off the screen and leave the terminal as it was; safe to call at any time."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()

    def take(self) -> str:
        """Return the keys that were typed, as they came, and be done."""
        self.end()
        keys, self._keys = self._keys, []
        return "".join(keys)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave the terminal to somebody else for a while, who asks the person something."""
        was_reading = self._reading is not None
        self.end()
        yield
        if was_reading:
            self.begin()

    def _listen(self) -> None:
        def press(keys: list[str]) -> None:
            self._press(keys)
            self._draw()

        with suppress(OSError):  # the terminal is gone: whoever writes to it next is told
            self._keyboard.listen(self._decoder, press)

    def _press(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key != INTERRUPT:
                self._keys.append(key)
            elif self._keys not in ([], [INTERRUPT]):
                self._keys, self._interrupts = [], 0
            else:
                self._keys, self._interrupts = [INTERRUPT], self._interrupts + 1
                if self._interrupts > 1:
                    os.kill(os.getpid(), signal.SIGINT)

    def _draw(self) -> None:
        with self._screen:
            columns, rows = self._size()
            if not self._may_draw or rows < LEAST_ROWS or columns < LEAST_COLUMNS:
                return
            text, cells = _fitting(self.text, columns - len(PROMPT) - 1)
            drawn = f"\r\x1b[1m{PROMPT}\x1b[0m{text}\x1b[K\r\n\x1b[2m{self._status()[: columns - 1]}\x1b[0m\x1b[K"
            drawn += f"\x1b[A\r\x1b[{len(PROMPT) + cells}C\x1b[?25h"
            if drawn != self._drawn:
                self._out.write(drawn if self._drawn else f"\r{HEAD}\x1b[K\r\n{drawn}")
                self._out.flush()
                self._drawn = drawn

    def _erase(self, modes: str = "") -> None:
        with self._screen, suppress(OSError):  # the terminal is gone
            drawn, self._drawn, self._may_draw = self._drawn, "", False
            self._out.write(("\r\x1b[A\x1b[J" if drawn else "") + modes)
            self._out.flush()

    def _status(self) -> str:
        seconds = int(time.monotonic() - self._started)
        waited = f" {seconds} s" if seconds >= 1 else ""
        return f"starting{waited}{' · ctrl-c again leaves' if self._interrupts else ''}"

    def _size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._out.fileno())
        except OSError:
            columns, rows = 0, 0
        return columns or 80, rows or 24


def _fitting(text: str, room: int) -> tuple[str, int]:
    """Return the end of a text that fits into so many cells, and how many it takes."""
    if text.isascii():
        return text[-room:], min(len(text), room)
    from rich.cells import cell_len

    while (cells := cell_len(text)) > room:
        text = text[1:]
    return text, cells
