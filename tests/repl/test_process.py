"""A process on a pty is started, spoken to and ended without leaving anything behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oi_core.errors import ExecutorError
from oi_core.repl.environment import complete_environment
from oi_core.repl.exit_status import status_in_words
from oi_core.repl.process import TerminalProcess

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@contextmanager
def process(*argv: str, folder: Path | None = None) -> Iterator[TerminalProcess]:
    child = TerminalProcess(argv, folder or Path.cwd(), complete_environment({}))
    try:
        yield child
    finally:
        child.close(patience=0.1)


def read_until(child: TerminalProcess, wanted: bytes, seconds: float = 10.0) -> bytes:
    output = b""
    deadline = time.monotonic() + seconds
    while wanted not in output and not child.at_end and time.monotonic() < deadline:
        if child.wait(0.1).readable:
            output += child.read()
    return output


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


def test_a_program_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(ExecutorError, match=r"^cannot start no-such-program: [^:]* executable · is it installed"):
        TerminalProcess(["no-such-program", "x"], Path.cwd(), complete_environment({}))


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ExecutorError, match="working folder"):
        TerminalProcess(["true", "x"], tmp_path / "gone", complete_environment({}))


def test_a_program_with_a_space_in_its_name_needs_no_arguments(tmp_path: Path) -> None:
    program = tmp_path / "my program"
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    with process(str(program)) as child:
        assert read_until(child, b"ran") == b"ran\n"


def test_it_runs_in_its_folder_and_passes_output_through(tmp_path: Path) -> None:
    with process("sh", "-c", "pwd; printf 'a\\tb\\n'", folder=tmp_path) as child:
        assert read_until(child, b"b\n") == f"{tmp_path}\na\tb\n".encode()


@pytest.mark.parametrize(("code", "status"), [("exit 3", 3), ("kill -9 $$", -9), ("kill -TERM $$", -15)])
def test_the_exit_status_is_known(code: str, status: int) -> None:
    with process("sh", "-c", code) as child:
        read_until(child, b"never")
        deadline = time.monotonic() + 5
        while not child.reap() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert child.exit_status == status


def test_statuses_are_put_in_words() -> None:
    assert status_in_words(3) == "exited with status 3"
    assert status_in_words(-15) == "was killed by SIGTERM"
    assert "out of memory" in status_in_words(-9)
    assert status_in_words(-200) == "was killed by signal 200"
    assert status_in_words(None) == "ended"


def test_more_than_the_pty_takes_is_written_without_blocking() -> None:
    with process("sh", "-c", "stty -echo; echo ready; wc -c") as child:
        read_until(child, b"ready\n")
        child.write((b"x" * 99 + b"\n") * 5_000)
        assert child.has_outgoing
        while child.has_outgoing:
            if child.wait(5).writable:
                child.write_more()
        child.write(b"\x04")
        assert read_until(child, b"500000") == b"500000\n"


def test_a_wait_is_ended_by_a_wake_up() -> None:
    with process("sleep", "60") as child:
        child.wake()
        assert child.wait(30).woken
        assert not child.wait(0).woken


@linux_only
def test_closing_ends_children_in_the_background_too() -> None:
    with process("bash", "-c", "set -m; sleep 300 & (trap '' TERM; sleep 300) & echo $(jobs -p); wait") as child:
        children = [int(pid) for pid in read_until(child, b"\n").split()]
        assert len(children) == 2
        assert all(map(is_alive, children))
        leader = child.pid
    deadline = time.monotonic() + 5  # what is killed may take a moment to be gone
    while any(map(is_alive, [leader, *children])):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@linux_only
def test_closing_ends_a_process_that_ignores_every_polite_signal() -> None:
    with process("bash", "-c", "trap '' HUP INT TERM; echo ready; while :; do sleep 1; done") as child:
        read_until(child, b"ready")
        leader = child.pid
    assert not is_alive(leader)


@linux_only
def test_what_was_started_to_outlive_the_terminal_does() -> None:
    with process("bash", "-c", "set -m; nohup sleep 300 >/dev/null 2>&1 & echo $!; wait") as child:
        survivor = int(read_until(child, b"\n").split()[-1])
        time.sleep(0.2)  # nohup has to have run
    try:
        assert is_alive(survivor)
    finally:
        os.kill(survivor, signal.SIGKILL)


@linux_only
def test_nobody_is_signalled_when_the_terminals_foreground_group_is_none() -> None:
    """It is 0 after the process has died, and a signal to group 0 goes to one's own: hence in a program of its own."""
    code = """
import os, signal, sys, time
from pathlib import Path
from oi_core.repl.process import TerminalProcess
child = TerminalProcess(["true", "x"], Path.cwd(), {"PATH": os.environ["PATH"]})
while not child.reap():
    time.sleep(0.01)
print(os.tcgetpgrp(child._fd), child.foreground_group(), flush=True)
child.send_signal(signal.SIGTERM)
child.kill_foreground_job()
child.close()
print("alive")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], start_new_session=True, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.returncode) == ("0 0\nalive\n", 0), done.stderr


def test_closing_twice_is_closing_once() -> None:
    child = TerminalProcess(["sleep", "60"], Path.cwd(), complete_environment({}))
    child.close(patience=0.1)
    child.close()
    assert child.exit_status == -signal.SIGHUP


def test_the_environment_is_completed_and_what_is_given_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/mine")
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert complete_environment({})["PATH"] == "/mine"
    assert complete_environment({})["LANG"] == "C.UTF-8"
    assert complete_environment({"TERM": "dumb"})["TERM"] == "xterm-256color"
    assert complete_environment({"PATH": "/given"})["PATH"] == "/given"
    assert "LANG" not in complete_environment({"LC_ALL": "C"})
