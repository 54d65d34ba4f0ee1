"""Who draws on the terminal: one thread at a time, and no handler of a signal in the midst of a frame."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Drawing:
    """The right to draw, which threads take in turns; ``changed`` is a condition that its holder may wait for.

    A signal's handler may interrupt the very thread that holds it. What the handler wants done waits for the end of the
    frame then: it can neither be done in a half drawn one nor be waited for.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.changed = threading.Condition(self._lock)
        self._is_held = False
        self._postponed: Callable[[], None] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other threads, and handlers of signals in this one, from drawing."""
        with self._lock:
            before, self._is_held = self._is_held, True  # a holder that waits for a change is in the midst of a frame
            try:
                yield
            finally:
                self._is_held = before
                postponed = None if before else self._postponed
                if postponed is not None:
                    self._postponed = None
                    self.between_frames(postponed)

    def between_frames(self, action: Callable[[], None]) -> None:
        """Do something while nobody draws: now, or where this thread does, right after that. Safe in a handler."""
        with self._lock:
            if self._is_held:
                self._postponed = action
            else:
                action()
