"""Signals: Ctrl-C stops what happens now, a hang-up or termination ends the program after it has closed everything."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Terminated(BaseException):
    """The program was asked to end; not an ``Exception``, so that nothing on the way takes it for a failure."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


@contextmanager
def terminated_by_signals() -> Iterator[None]:
    """Raise :class:`Terminated` in the main thread on SIGTERM and SIGHUP, once; one that was ignored stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    previous = {number: signal.getsignal(number) for number in numbers}

    def terminate(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Terminated(number)

    for number in numbers:
        signal.signal(number, terminate)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def interrupt_calls(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C call ``stop``, however often it comes, and never raise; the handler before is back afterwards."""
    with _handling_interrupts(lambda _number, _frame: stop()):
        yield


@contextmanager
def interrupt_raises() -> Iterator[None]:
    """Let Ctrl-C raise ``KeyboardInterrupt``, for as long as the person is asked something."""
    with _handling_interrupts(signal.default_int_handler):
        yield


@contextmanager
def _handling_interrupts(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
