"""Signals: Ctrl-C stops what happens now, a hang-up or termination ends the program after it has closed everything."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


REPEAT_SECONDS: Final = 2.0
"""A signal that follows another one sooner means the same: a terminal that hangs up and its shell both send one."""


class Terminated(SystemExit):
    """The program was asked to end; a ``SystemExit``, which asyncio lets through where it swallows other exceptions."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number
        super().__init__(self.exit_code)


class _Termination:
    """The handler of SIGTERM and SIGHUP; what it does may change, and it goes on to know when one came last."""

    def __init__(self) -> None:
        self.act: Callable[[Terminated], None] = _raise
        self._last = -REPEAT_SECONDS

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        before, self._last = self._last, time.monotonic()
        if self._last - before > REPEAT_SECONDS:
            self.act(Terminated(number))


def _raise(termination: Terminated) -> None:
    raise termination


@contextmanager
def terminated_by_signals() -> Iterator[None]:
    """Raise :class:`Terminated` in the main thread on SIGTERM and SIGHUP; one that was ignored stays ignored."""
    handler = _Termination()
    with ExitStack() as handled:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                handled.enter_context(_handling(number, handler))
        yield


@contextmanager
def termination_calls(act: Callable[[Terminated], None] = _raise) -> Iterator[None]:
    """Where SIGTERM or SIGHUP would raise :class:`Terminated`, have ``act`` called with it; again raise it, without."""
    handlers = {signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    ours = [handler for handler in handlers if isinstance(handler, _Termination)]
    before = [handler.act for handler in ours]
    for handler in ours:
        handler.act = act
    try:
        yield
    finally:
        for handler, former in zip(ours, before, strict=True):
            handler.act = former


@contextmanager
def interrupt_calls(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C call ``stop``, however often it comes, and never raise; the handler before is back afterwards."""
    with _handling(signal.SIGINT, lambda _number, _frame: stop()):
        yield


@contextmanager
def interrupt_also_calls(tell: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C call ``tell`` before it does what it does anyway."""
    before = signal.getsignal(signal.SIGINT)

    def told(number: int, frame: FrameType | None) -> None:
        tell()
        if callable(before):
            before(number, frame)

    with _handling(signal.SIGINT, told):
        yield


@contextmanager
def interrupt_raises() -> Iterator[None]:
    """Let Ctrl-C raise ``KeyboardInterrupt``, for as long as the person is asked something."""
    with _handling(signal.SIGINT, signal.default_int_handler):
        yield


@contextmanager
def continuing_calls(again: Callable[[], None]) -> Iterator[None]:
    """Call ``again`` when the program goes on after Ctrl-Z: shells give the terminal back in modes of their own."""
    with _handling(signal.SIGCONT, lambda _number, _frame: again()):
        yield


@contextmanager
def resizing_calls(again: Callable[[], None]) -> Iterator[None]:
    """Call ``again`` when the window has changed its size."""
    with _handling(signal.SIGWINCH, lambda _number, _frame: again()):
        yield


@contextmanager
def stopping_within(do_aside: Callable[[Callable[[], None]], None]) -> Iterator[None]:
    """Let Ctrl-Z stop the program by ``do_aside``, which gets the screen ready; where it is ignored, it stays so."""

    def stop_now() -> None:
        with _handling(signal.SIGTSTP, signal.SIG_DFL):
            os.kill(os.getpid(), signal.SIGTSTP)

    def stop(_number: int, _frame: FrameType | None) -> None:
        do_aside(stop_now)

    if signal.getsignal(signal.SIGTSTP) is signal.SIG_IGN:
        yield
        return
    with _handling(signal.SIGTSTP, stop):
        yield


def suspend() -> None:
    """Stop the program and what it started in the foreground, as Ctrl-Z would; returns when they go on."""
    os.kill(0, signal.SIGTSTP)


@contextmanager
def _handling(
    number: signal.Signals, handler: Callable[[int, FrameType | None], object] | signal.Handlers
) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, previous)
