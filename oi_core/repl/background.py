"""What a process prints between blocks: read, kept for the person in bounded memory, credited to no block."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from oi_core.events import Notice, OutputDelta

if TYPE_CHECKING:
    from oi_core.repl.connection import Connection

LONGEST = 2000


class Background:
    """The text printed between blocks: its end, and how much there was before."""

    def __init__(self) -> None:
        self._text = ""
        self._dropped = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was printed since the last notice."""
        return not self._text

    def add(self, text: str) -> None:
        """Keep the end of ``text`` and of what came before it."""
        joined = self._text + text
        self._text = joined[-LONGEST:]
        self._dropped += len(joined) - len(self._text)

    def take_notice(self, language: str) -> Notice | None:
        """Return what was printed since the last time as one notice, None when there was nothing to see."""
        text, dropped = self._text, self._dropped
        self._text, self._dropped = "", 0
        if not text.strip():
            return None
        left_out = f"({dropped:,} characters before) … " if dropped else ""
        return Notice(f"{language} printed between blocks: {left_out}{text.strip()}")


class IdleReader:
    """A thread that reads a connection between blocks.

    Without it a program in the background, such as a server that logs, would stop once the terminal's buffer is full.
    """

    def __init__(self, connection: Connection, background: Background) -> None:
        self._connection = connection
        self._background = background
        self._stopping = False
        self._thread = threading.Thread(target=self._read, name="idle terminal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return once nothing more is read here."""
        self._stopping = True
        self._connection.process.wake()
        self._thread.join()

    def _read(self) -> None:
        while not (self._stopping or self._connection.ended):
            for item in self._connection.receive(self._connection.wait(None)):
                if isinstance(item, OutputDelta):
                    self._background.add(item.text)
