"""What code does to the bash that runs it, and what the person still gets: output, an end, the next block."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import oi_shell
import pytest

from oi_core.events import InputRequested, OutputDelta
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import run_and_interrupt, run_sample


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_shell.start(Workspace(folder=tmp_path))
    run_sample(executor, "")
    yield executor
    executor.close()


@pytest.mark.parametrize(
    "code",
    [
        "exec 0<&- 1>&- 2>&-",
        "exec 1>/dev/full",
        "kill -TERM 0",
        "kill -INT $$",
        "PATH=/nonexistent; unset HOME IFS",
        "unalias -a; alias read=false eval=false local=false",
        "read() { false; }; printf() { :; }; command() { :; }; eval() { :; }; true() { false; }",
        "readonly PS1 PS2",
        "readonly PROMPT_COMMAND",
        "PROMPT_COMMAND=exit PS1='$(exit)' PS2=x PS4=y",
        "ulimit -n 16",
        "trap '' INT TTOU TSTP HUP TERM",
        "set -o posix; set -f; set -C; set -o vi; shopt -s nocasematch extglob extdebug",
        "mkdir gone && cd gone && rmdir ../gone",
        "umask 777; stty raw -echo intr ^K",
        "hash -r; disown -a; set +m; (kill -STOP $$; kill -CONT $$) &",
    ],
)
def test_what_code_breaks_is_whole_in_the_next_cell(shell: Executor, code: str) -> None:
    run_sample(shell, code)
    ran = run_sample(shell, "x=1; /bin/echo on")
    assert ran.output == "on\n"
    assert ran.ending.outcome is Outcome.FINISHED
    assert run_sample(shell, '/bin/echo "$x"').output == "1\n"


def test_read_only_prompts_do_not_hold_up_an_interrupt(shell: Executor) -> None:
    run_sample(shell, "kept=1; readonly PS1 PS2 PROMPT_COMMAND")
    ran, seconds = run_and_interrupt(shell, "sleep 60")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 5
    assert run_sample(shell, "echo $kept").output == "1\n"


def test_what_code_leaves_on_the_screen_is_undone_at_its_end(shell: Executor) -> None:
    ran = run_sample(shell, r"printf '\e[?1049h\e[?25l\e[?1000h\e[31mred'")
    assert set(ran.output.split("red")[1].split("\x1b")[1:]) == {"[?1049l", "[?25h", "[?1000l", "[0m"}
    assert run_sample(shell, r"printf '\e[31mred\e[0m\n'").output == "\x1b[31mred\x1b[0m\n"


def test_pagers_and_editors_of_programs_do_not_trap(shell: Executor) -> None:
    code = "echo $PAGER $GIT_PAGER $MANPAGER $SYSTEMD_PAGER $GIT_TERMINAL_PROMPT $DEBIAN_FRONTEND"
    assert run_sample(shell, code).output == "cat cat cat cat 0 noninteractive\n"


def test_a_program_whose_reader_has_gone_ends(shell: Executor) -> None:
    ran = run_sample(shell, "yes | head -n 2; echo ${PIPESTATUS[0]}")
    assert ran.output == "y\ny\n141\n"


def test_code_with_control_characters_runs_and_a_nul_is_refused(shell: Executor) -> None:
    assert run_sample(shell, "printf '%s' 'a\x01\x02\x04\x1b\x7fb' | od -An -tx1").output.split() == [
        *("61", "01", "02", "04", "1b", "7f", "62")
    ]
    ran = run_sample(shell, "echo a\0b")
    assert ran.ending.outcome is Outcome.FAILED
    assert "character '\\x00'" in ran.output
    assert run_sample(shell, "echo on").output == "on\n"


def test_code_that_kills_what_its_parent_started_leaves_a_shell_that_works(shell: Executor) -> None:
    other = oi_shell.start(Workspace())
    try:
        pid = int(run_sample(other, "echo $$").output)
        run_sample(shell, f"kill -9 {pid}")
        ran = run_sample(other, "echo on")
        assert ran.output == "on\n"
        assert "killed by SIGKILL" in ran.ending.note
    finally:
        other.close()


def test_a_flood_that_never_ends_is_interrupted_and_nothing_of_it_is_credited_to_the_next(shell: Executor) -> None:
    size = 0
    for event in shell.run("yes"):
        size += len(event.text) if isinstance(event, OutputDelta) else 0
        if size > 5_000_000:
            threading.Thread(target=shell.interrupt).start()
            size = -(10**12)
    assert run_sample(shell, "echo on").output == "on\n"


def test_what_was_typed_ahead_is_gone_when_the_code_has_ended(shell: Executor) -> None:
    for event in shell.run("read -r x; sleep 0.2"):
        if isinstance(event, InputRequested):
            shell.answer("one")
            shell.answer("rm -rf everything")
    assert run_sample(shell, "echo $x").output == "one\n"
