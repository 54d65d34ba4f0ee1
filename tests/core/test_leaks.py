"""What many sessions leave behind in the program that opened them: nothing."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from oi_core.events import Executed
from oi_core.session import open_session

SESSIONS = 20


def children() -> list[str]:
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if " ps" not in line]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc, which is not here")
def test_sessions_opened_and_closed_leave_no_process_thread_or_descriptor(tmp_path: Path) -> None:
    def once() -> None:
        with open_session(tmp_path, isolated=True) as session:
            *_, last = session.run_code("python", "x = 1")
            assert isinstance(last, Executed)
            *_, last = session.run_code("shell", "x=1; sleep 100 &")
            assert isinstance(last, Executed)

    once()
    opened, threads, processes = descriptors(), threading.active_count(), children()
    for _ in range(SESSIONS):
        once()
    assert descriptors() == opened
    assert threading.active_count() == threads
    assert children() == processes
