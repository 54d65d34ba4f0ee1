from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from oi_core.watchdog import Watchdog


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    dog = Watchdog()
    yield dog
    dog.close()


def test_the_action_is_called_when_the_time_is_up(watchdog: Watchdog) -> None:
    rang = threading.Event()
    watchdog.arm(0.05, rang.set)
    assert rang.wait(5)


def test_a_disarmed_action_is_not_called(watchdog: Watchdog) -> None:
    rang, later = threading.Event(), threading.Event()
    watchdog.arm(0.05, rang.set)
    watchdog.disarm()
    time.sleep(0.1)
    watchdog.arm(0.05, later.set)
    assert later.wait(5)
    assert not rang.is_set()


def test_a_nearer_deadline_wakes_a_sleeper_with_a_farther_one(watchdog: Watchdog) -> None:
    far, near = threading.Event(), threading.Event()
    watchdog.arm(60, far.set)
    time.sleep(0.05)
    watchdog.arm(0.05, near.set)
    assert near.wait(5)
    assert not far.is_set()


def test_a_farther_deadline_replaces_a_nearer_one(watchdog: Watchdog) -> None:
    near, far = threading.Event(), threading.Event()
    watchdog.arm(0.1, near.set)
    watchdog.arm(0.3, far.set)
    assert far.wait(5)
    assert not near.is_set()


def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    dog = Watchdog()
    dog.arm(60, lambda: None)
    assert threading.active_count() == before + 1
    dog.close()
    assert threading.active_count() == before
