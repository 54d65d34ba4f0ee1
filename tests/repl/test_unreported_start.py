"""Code that starts without saying so: what it prints is its own, and it is stopped, answered and mourned as any."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import oi_python
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oi_core.errors import ProcessDied
from oi_core.events import InputRequested, Notice
from oi_core.executors import CellEnded, Workspace
from oi_core.plugin_api import Dialect, ReplExecutor
from oi_core.results import Outcome
from oi_core.testing.running import run_sample

KINDS = r"""
import base64, os, sys, termios

def emit(*fields):
    os.write(1, ("\x1b]6973;" + ";".join((sys.argv[1], *fields)) + "\a").encode())

def set_echo(flags):
    settings = termios.tcgetattr(0)
    settings[3] = settings[3] & ~(termios.ECHO | termios.ECHOE) | flags
    termios.tcsetattr(0, termios.TCSANOW, settings)

set_echo(0)
emit("h", str(os.getpid()))
kinds = ""
while True:
    _, number, message, _ = os.read(0, 65536).decode().split()
    if message[0] == "q":
        break
    kinds += message[0]
    set_echo(termios.ECHO | termios.ECHOE)
    if message[0] != "w":
        emit("s", number)
    os.write(1, kinds.encode())
    set_echo(0)
    emit("z", number, "ok", "", "", base64.b64decode(message[1:]).decode())
"""
"""A boot text that prints the kinds of all messages so far; its code is whether it leaves something that may print."""


def kinds(*, starts_unreported: bool) -> ReplExecutor:
    return ReplExecutor(
        Dialect("kinds", lambda nonce: (sys.executable, "-S", "-c", KINDS, nonce), starts_unreported=starts_unreported),
        Workspace(),
    )


@pytest.fixture
def python() -> Iterator[ReplExecutor]:
    executor = oi_python.start(Workspace())
    assert isinstance(executor, ReplExecutor)
    run_sample(executor, "kept = 42")  # the start of the next code goes without saying
    yield executor
    executor.close()


def interrupt_after(executor: ReplExecutor, seconds: float, code: str) -> Outcome:
    events = executor.run(code)  # an interrupt before that would be for nothing
    timer = threading.Timer(seconds, executor.interrupt)
    timer.start()
    try:
        *_, last = events
    finally:
        timer.join()
    assert isinstance(last, CellEnded)
    return last.outcome


def test_a_start_goes_without_saying_only_where_nobody_else_could_print() -> None:
    with closing(kinds(starts_unreported=True)) as executor:
        outputs = [run_sample(executor, left).output for left in ("0", "0", "1", "0", "0")]
    assert outputs == ["x", "xw", "xww", "xwwx", "xwwxw"]


def test_a_boot_text_that_reports_every_start_is_asked_for_nothing_else() -> None:
    with closing(kinds(starts_unreported=False)) as executor:
        assert [run_sample(executor, "0").output for _ in range(3)] == ["x", "xx", "xxx"]


def test_code_that_is_stopped_as_it_starts_is_stopped_each_time_and_the_state_kept(python: ReplExecutor) -> None:
    moments = random.Random(7)
    for code in ("while True: pass", "print('begun')\nwhile True: pass", "import time; time.sleep(1000)") * 15:
        assert interrupt_after(python, moments.uniform(0, 0.002), code) is Outcome.INTERRUPTED
    assert run_sample(python, "kept").output == "42\n"


def test_an_interrupt_that_meets_the_end_of_code_harms_neither_it_nor_the_next(python: ReplExecutor) -> None:
    moments = random.Random(8)
    for number in range(40):
        outcome = interrupt_after(python, moments.uniform(0, 0.001), f"kept + {number}")
        assert outcome in (Outcome.FINISHED, Outcome.INTERRUPTED)
        assert run_sample(python, f"kept - {number}").output == f"{42 - number}\n"


def test_silent_code_that_ends_its_process_is_not_run_again(python: ReplExecutor, tmp_path: Path) -> None:
    run_sample(python, "import os\ndef leave(name):\n    os.mkdir(name)\n    os._exit(3)")
    with pytest.raises(ProcessDied, match="exited with status 3"):
        run_sample(python, f"leave({str(tmp_path / 'once')!r})")
    assert [path.name for path in tmp_path.iterdir()] == ["once"]
    assert "NameError" in run_sample(python, "kept").output


def test_a_silent_program_that_waits_for_the_terminal_is_answered(python: ReplExecutor) -> None:
    run_sample(python, "import subprocess")
    ran = run_sample(python, "subprocess.call('read line; echo got $line', shell=True)", ["this"])
    assert [event.prompt for event in ran.events if isinstance(event, InputRequested)] == [""]
    assert ran.output == "got this\n0\n"


def test_what_a_thread_printed_between_blocks_is_never_credited_to_one_and_never_lost(
    python: ReplExecutor, tmp_path: Path
) -> None:
    for name in ("say", "said"):
        os.mkfifo(tmp_path / name)
    run_sample(python, THREAD)
    number = 0

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.sampled_from(("between", "at the start", "no")), min_size=1, max_size=6))
    def check(rounds: list[str]) -> None:
        nonlocal number
        run_sample(python, f"thread = start({str(tmp_path)!r})")
        with (tmp_path / "say").open("w", 1) as say, (tmp_path / "said").open("rb", 0) as said:
            for printed in rounds:
                number += 1
                if printed != "no":
                    say.write(f"<{number}>\n")
                if printed == "between":
                    said.read(1)
                ran = run_sample(python, f"{number} + 0")
                told = "".join(event.text for event in ran.events if isinstance(event, Notice))
                if printed == "at the start":
                    said.read(1)
                    told += run_sample(python, "").output
                    assert ran.output.replace(f"<{number}>", "") == f"{number}\n"
                else:
                    assert ran.output == f"{number}\n"
                    assert (f"<{number}>" in told) is (printed == "between")
        run_sample(python, "thread.join()")
        assert run_sample(python, "'alone'").output == "'alone'\n"

    check()


THREAD = """
import threading
def speak(folder):
    with open(folder + '/say') as say, open(folder + '/said', 'wb', 0) as said:
        for line in say:
            print(line.strip(), end='')
            said.write(b'.')
def start(folder):
    thread = threading.Thread(target=speak, args=(folder,))
    thread.start()
    return thread
"""
