"""Calls that must answer in time: those that hang are left behind, those at work get longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from oi_core.timed_calls import TimedCalls

LIMIT = 0.2


def busy_for(seconds: float) -> Callable[[], str]:
    def work() -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass
        return "done"

    return work


def test_a_call_that_waits_is_left_behind_and_one_at_work_is_not() -> None:
    released = threading.Event()
    calls: TimedCalls[str, object] = TimedCalls()
    try:
        assert calls.answers({"waits": lambda: released.wait(60)}, LIMIT) == {}
        assert calls.answers({"waits": lambda: "not asked while it hangs"}, LIMIT) == {}
        longer = {"works": busy_for(1.3), "quick": lambda: 1}
        assert calls.answers(longer, 1.0) == {"works": "done", "quick": 1}
    finally:
        released.set()


def test_a_call_that_works_for_ever_is_left_behind_in_the_end() -> None:
    stop = threading.Event()

    def spin() -> str:
        while not stop.is_set():
            pass
        return "never"

    calls: TimedCalls[str, str] = TimedCalls()
    start = time.monotonic()
    try:
        assert calls.answers({"spins": spin}, LIMIT) == {}
    finally:
        stop.set()
    assert time.monotonic() - start >= LIMIT
