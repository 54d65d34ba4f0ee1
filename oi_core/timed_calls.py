"""Calls of strangers' code that must answer in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")

AT_WORK_FACTOR = 5
"""How many times the limit a call may take that is at work and does not wait: it may be loading what it needs, on a
machine that is busy with other things."""
LOOK_SECONDS = 0.25
LEAST_CPU_SECONDS = 0.005
"""A program that used less while it was looked at is not at work."""


class TimedCalls(Generic[Key, Answer]):
    """Makes calls that get a limited time, and goes on without those that take longer.

    Python cannot stop a thread: a call that hangs is left behind in a daemon thread, which does not keep the program
    from ending, and is not made a second time before it has come back.
    """

    def __init__(self) -> None:
        self._hanging: dict[Key, threading.Thread] = {}

    def answers(self, calls: Mapping[Key, Callable[[], Answer]], seconds: float) -> dict[Key, Answer]:
        """Make all calls at once and return what they gave by ``seconds`` from now; a call that is late is left out.

        As long as the program is at work, it is given :data:`AT_WORK_FACTOR` times as long. The calls handle their own
        exceptions.
        """
        answers: dict[Key, Answer] = {}
        start = time.monotonic()
        threads = {key: _started(answers, key, call) for key, call in calls.items() if not self._hangs(key)}
        for key, thread in threads.items():
            thread.join(max(0.0, start + seconds - time.monotonic()))
            while thread.is_alive() and time.monotonic() < start + seconds * AT_WORK_FACTOR:
                used = time.process_time()
                thread.join(LOOK_SECONDS)
                if time.process_time() - used < LEAST_CPU_SECONDS:
                    break
            if thread.is_alive():
                self._hanging[key] = thread
        return {key: answers[key] for key in calls if key in answers}

    def _hangs(self, key: Key) -> bool:
        thread = self._hanging.get(key)
        if thread is None or thread.is_alive():
            return thread is not None
        del self._hanging[key]
        return False


def _started(answers: dict[Key, Answer], key: Key, call: Callable[[], Answer]) -> threading.Thread:
    def work() -> None:
        answers[key] = call()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
