"""A thread that calls a function when a deadline passes; arming and disarming it costs a few microseconds."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Watchdog:
    """Watches one deadline at a time, from one thread that starts on first use.

    A thread for each deadline would cost more than a short piece of code takes to run. The thread sleeps until the
    deadline it knows; a later one is noticed when it wakes, so arming rarely has to wake it.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._deadline: float | None = None
        self._action: Callable[[], None] | None = None
        self._wakes_at: float | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def arm(self, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` on the watchdog's thread in ``seconds``, unless disarmed or armed anew before."""
        with self._condition:
            self._deadline = time.monotonic() + seconds
            self._action = action
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="time limits", daemon=True)
                self._thread.start()
            elif self._wakes_at is None or self._wakes_at > self._deadline:
                self._condition.notify()

    def disarm(self) -> None:
        """Forget the deadline; the action is not called after this returns, unless it is running already."""
        with self._condition:
            self._deadline = self._action = None

    def close(self) -> None:
        """End the thread."""
        with self._condition:
            self._closed = True
            self._deadline = self._action = None
            self._condition.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _watch(self) -> None:
        while True:
            action = self._next_action()
            if action is None:
                return
            action()

    def _next_action(self) -> Callable[[], None] | None:
        with self._condition:
            while not self._closed:
                now = time.monotonic()
                if self._deadline is not None and now >= self._deadline:
                    action, self._action, self._deadline = self._action, None, None
                    if action is not None:
                        return action
                self._wakes_at = self._deadline
                self._condition.wait(None if self._deadline is None else self._deadline - now)
                self._wakes_at = None
            return None
