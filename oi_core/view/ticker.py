"""A clock for the live tail, so that waiting is seen to pass while no event comes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Ticker:
    """Calls a function ten times a second from a thread, until it is stopped."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._stopped = threading.Event()
        self._tick = tick
        threading.Thread(target=self._run, daemon=True, name="view-ticker").start()

    def stop(self) -> None:
        """Call it no more; a call that has begun goes on."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(0.1):
            try:
                self._tick()
            except (OSError, ValueError):  # the terminal is gone: the thread that shows events meets it too
                return
