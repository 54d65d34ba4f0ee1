"""Running samples of code on an executor, for tests."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.events import InputRequested, OutputDelta
from oi_core.executors import CellEnded

if TYPE_CHECKING:
    from oi_core.executors import Executor, ExecutorEvent

HANG_SECONDS = 60.0
LEAD_SECONDS = 0.5
"""How long code runs before it is interrupted."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What running a sample gave: its events, its output, and how it ended."""

    events: tuple[ExecutorEvent, ...]
    output: str
    ending: CellEnded


def expect(claim: bool, otherwise: str) -> None:
    """Fail the test, in words, unless ``claim`` holds.

    Raises:
        AssertionError: it does not.
    """
    if not claim:
        raise AssertionError(otherwise)


def run_sample(executor: Executor, code: str, answers: list[str | None] | None = None) -> Ran:
    """Run code to its end, answering questions in order, and with the end of input when there is no answer left.

    Code that hangs is interrupted after :data:`HANG_SECONDS` seconds.
    """
    left = list(answers or [])
    events: list[ExecutorEvent] = []
    guard = threading.Timer(HANG_SECONDS, executor.interrupt)
    guard.start()
    try:
        for event in executor.run(code):
            events.append(event)
            if isinstance(event, InputRequested):
                executor.answer(left.pop(0) if left else None)
    finally:
        guard.cancel()
    output = "".join(event.text for event in events if isinstance(event, OutputDelta))
    last = events[-1] if events else None
    return Ran(tuple(events), output, last if isinstance(last, CellEnded) else CellEnded())


def run_and_interrupt(executor: Executor, code: str) -> tuple[Ran, float]:
    """Run code, interrupt it from another thread, and return also how many seconds that took."""
    asked: list[float] = []

    def interrupt() -> None:
        asked.append(time.monotonic())
        executor.interrupt()

    timer = threading.Timer(LEAD_SECONDS, interrupt)
    timer.start()
    try:
        ran = run_sample(executor, code)
    finally:
        timer.join()
    return ran, time.monotonic() - asked[0]


def open_descriptors() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


def child_processes() -> set[int]:
    """Return the processes whose parent is this one, zombies included."""
    me = str(os.getpid())
    if not Path("/proc/self/stat").exists():
        lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return {int(line.split()[0]) for line in lines.splitlines() if line.split()[1] == me}
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == me:
            found.add(int(entry.name))
    return found
