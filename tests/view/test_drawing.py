"""Who draws: what a signal's handler wants done comes between two frames, whoever draws when it arrives."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from oi_core.view.drawing import Drawing


@pytest.fixture
def signalled() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Have a handler of a signal that arrives now call a function."""
    actions: list[Callable[[], None]] = []

    def handler(_number: int, _frame: FrameType | None) -> None:
        actions.pop()()

    def arrive(action: Callable[[], None]) -> None:
        actions.append(action)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    yield arrive
    signal.signal(signal.SIGUSR1, before)


def test_a_handler_that_interrupts_a_frame_acts_right_after_it(
    signalled: Callable[[Callable[[], None]], None],
) -> None:
    drawing, done = Drawing(), []
    with drawing.held():
        signalled(lambda: drawing.between_frames(lambda: done.append("stopped")))
        done.append("drawn")
    done.append("on")
    assert done == ["drawn", "stopped", "on"]
    signalled(lambda: drawing.between_frames(lambda: done.append("at once")))
    assert done[3:] == ["at once"]


def test_a_frame_that_breaks_off_is_no_reason_to_forget_it(signalled: Callable[[Callable[[], None]], None]) -> None:
    drawing, done = Drawing(), []

    def break_off() -> None:
        with drawing.held():
            signalled(lambda: drawing.between_frames(lambda: done.append("stopped")))
            raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="gone"):
        break_off()
    assert done == ["stopped"]


def test_a_handler_waits_for_another_threads_frame() -> None:
    drawing, done = Drawing(), []
    begun, go_on = threading.Event(), threading.Event()

    def draw() -> None:
        with drawing.held():
            begun.set()
            go_on.wait(30)
            done.append("drawn")

    thread = threading.Thread(target=draw)
    thread.start()
    begun.wait(30)
    threading.Timer(0.05, go_on.set).start()
    drawing.between_frames(lambda: done.append("stopped"))
    thread.join()
    assert done == ["drawn", "stopped"]


def test_what_arrives_while_a_holder_waits_for_a_change_comes_after_its_frame() -> None:
    drawing, done = Drawing(), []
    with drawing.held():
        threading.Timer(0.05, lambda: drawing.between_frames(lambda: done.append("stopped"))).start()
        drawing.changed.wait_for(lambda: False, 0.3)
        done.append("drawn")
    assert done == ["drawn", "stopped"]
