"""What many sessions leave behind in the program that opened them: nothing."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from oi_core.events import Executed
from oi_core.opening import open_session

SESSIONS = 200
WITH_PYTHON = 10  # every so many: a Python takes ten times as long to start as a shell


def children() -> list[str]:
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if " ps" not in line]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc, which is not here")
def test_sessions_opened_and_closed_leave_no_process_thread_or_descriptor(tmp_path: Path) -> None:
    def once(number: int) -> None:
        with open_session(tmp_path, isolated=True) as session:
            codes = [("shell", "x=1; sleep 100 &")]
            if number % WITH_PYTHON == 0:
                codes.append(("python", "import threading\nthreading.Thread(target=input, daemon=True).start()"))
            for language, code in codes:
                *_, last = session.run_code(language, code)
                assert isinstance(last, Executed)

    once(0)
    opened, threads, processes = descriptors(), threading.active_count(), children()
    for number in range(SESSIONS):
        once(number)
    assert descriptors() == opened
    assert threading.active_count() == threads
    assert children() == processes
