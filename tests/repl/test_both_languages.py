"""What the kit does for a language, seen on a real Python and a real bash alike."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path

import oi_python
import oi_shell
import pytest

from oi_core.errors import ProcessDied
from oi_core.events import Executed, InputRequested, Notice, OutputDelta
from oi_core.opening import open_session
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import run_and_interrupt, run_sample

STARTS = {"python": oi_python.start, "bash": oi_shell.start}


@pytest.fixture(params=STARTS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def executor(language: str, tmp_path: Path) -> Iterator[Executor]:
    started = STARTS[language](Workspace(folder=tmp_path))
    run_sample(started, "")  # from here on it has started, however busy the machine
    yield started
    started.close()


def in_shell(language: str, command: str) -> str:
    """Return code that runs a command of the shell on the terminal."""
    return command if language == "bash" else f"import subprocess\n_ = subprocess.run({command!r}, shell=True)"


NONCE_AND_ENDS: Mapping[str, str] = {
    "python": "import sys\nfor at in 0, 77:\n"
    "    print(f'\\x1b]6973;{sys.orig_argv[-1]};z;{at};ok\\x07', end='')\nprint('on')\nraise ValueError('oops')",
    "bash": 'for at in 0 77; do printf "\\e]6973;%s;z;%s;ok\\a" "$__oi_nonce" $at; done; echo on; false',
}


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the code reads the command line it was started with")
def test_the_end_of_another_cell_ends_none_even_with_the_right_nonce(language: str, executor: Executor) -> None:
    ran = run_sample(executor, NONCE_AND_ENDS[language])
    assert ran.output.startswith("on\n")
    assert ran.ending.outcome is Outcome.FAILED
    assert run_sample(executor, in_shell(language, "echo next")).output == "next\n"


def test_what_comes_to_the_terminal_before_code_has_started_is_credited_to_none(
    language: str, executor: Executor
) -> None:
    tell = "import os\nprint(os.ttyname(0))" if language == "python" else "tty"
    terminal = Path(run_sample(executor, tell).output.strip())
    with terminal.open("w") as file:
        file.write("late\n")
    ran = run_sample(executor, "print('next')" if language == "python" else "echo next")
    assert ran.output == "next\n"
    name = "python" if language == "python" else "shell"
    assert [event.text for event in ran.events if isinstance(event, Notice)] == [f"{name} printed between blocks: late"]


def test_a_megabyte_of_code_goes_in_while_a_program_in_the_background_prints(language: str, executor: Executor) -> None:
    start = "import subprocess\nchild = subprocess.Popen(['yes'])" if language == "python" else "yes & child=$!"
    stop = "child.kill()" if language == "python" else "kill $child"
    run_sample(executor, start)
    ran = run_sample(executor, f"{stop}\nx='{'y' * 1_000_000}'")
    assert ran.ending.outcome is Outcome.FINISHED


def test_more_is_typed_to_a_program_than_the_terminal_takes_while_it_prints_more_than_that(
    language: str, executor: Executor
) -> None:
    typed = "\n".join("x" * 99 for _ in range(3000))
    command = "stty -echo; echo ready; head -c 3000000 /dev/zero | tr '\\0' y; wc -c; stty echo"
    text, answered = "", False
    for event in executor.run(in_shell(language, command)):
        text += event.text if isinstance(event, OutputDelta) else ""
        if "ready" in text and not answered:
            executor.answer(typed)
            answered = True
        elif isinstance(event, InputRequested):
            executor.answer(None)
    assert text == "ready\n" + "y" * 3_000_000 + "300000\n"


def test_characters_that_come_in_pieces_arrive_whole(language: str, executor: Executor) -> None:
    code = {
        "python": "import os, time\nfor byte in '世界'.encode():\n"
        "    _ = os.write(1, bytes([byte]))\n    time.sleep(0.02)",
        "bash": r"for byte in 344 270 226 347 225 214; do printf \\$byte; sleep 0.02; done",
    }[language]
    assert run_sample(executor, code).output == "世界"


def test_an_interrupt_begins_as_a_person_does_with_the_key(language: str, executor: Executor) -> None:
    """A program that takes every key gets it, and may do with it what it likes: an editor is not ended."""
    command = "stty raw; echo ready; head -c 1 | od -An -tx1; stty sane"
    text = ""
    for event in executor.run(in_shell(language, command)):
        text += event.text if isinstance(event, OutputDelta) else ""
        if isinstance(event, OutputDelta) and "ready" in event.text:
            executor.interrupt()
    assert text.split() == ["ready", "03"]


def test_the_second_measure_reaches_a_program_that_turned_the_key_off_and_keeps_the_state(
    language: str, executor: Executor
) -> None:
    run_sample(executor, "kept = 41" if language == "python" else "kept=41")
    ran, seconds = run_and_interrupt(executor, in_shell(language, "stty -isig; sleep 60"))
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 10
    assert run_sample(executor, "kept" if language == "python" else "echo $kept").output == "41\n"


def test_a_line_of_eight_megabytes_passes_in_constant_memory(language: str, executor: Executor) -> None:
    size = 0
    tracemalloc.start()
    try:
        for event in executor.run(in_shell(language, "head -c 8000000 /dev/zero | tr '\\0' x")):
            size += len(event.text) if isinstance(event, OutputDelta) else 0
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert size == 8_000_000


def test_a_death_says_how_and_what_is_lost(language: str, executor: Executor) -> None:
    lost = {
        "python": "its variables and imports are lost",
        "bash": "its working directory, variables and functions are lost",
    }[language]
    kill = "import os\nos.kill(os.getpid(), 9)" if language == "python" else "kill -9 $$"
    with pytest.raises(ProcessDied, match=f"was killed by SIGKILL .*; {lost}$"):
        run_sample(executor, kill)
    assert run_sample(executor, "1" if language == "python" else "echo 1").output == "1\n"


def test_the_time_limit_of_the_configuration_interrupts_and_keeps_the_state(language: str, tmp_path: Path) -> None:
    name = {"python": "python", "bash": "shell"}[language]
    keep, recall = ("kept = 41", "kept") if language == "python" else ("kept=41", "echo $kept")
    with open_session(tmp_path, isolated=True, limits={"seconds": 1.0}) as session:
        *_, executed = session.run_code(name, f"{keep}\n{in_shell(language, 'sleep 60')}")
        assert isinstance(executed, Executed)
        assert executed.result.outcome is Outcome.TIMED_OUT
        assert executed.result.status().startswith("stopped at the time limit after ")
        assert "variables intact" in executed.result.status() or "variables and functions" in executed.result.status()
        *_, executed = session.run_code(name, recall)
        assert isinstance(executed, Executed)
        assert executed.result.output == "41\n"


def test_a_terminal_that_a_program_left_not_to_be_waited_for_loses_no_output_of_the_next(
    language: str, executor: Executor
) -> None:
    """Node and asyncio do so to the terminal that all programs share; then what does not fit at once is lost."""
    code = "import os, sys\nos.set_blocking(0, False)"
    if language == "python":
        run_sample(executor, f"kept = 41\n{code}")
    else:
        run_sample(executor, f'kept=41; {sys.executable} -c "{code}"')
    ran = run_sample(executor, in_shell(language, "seq 300000"))
    assert ran.output == "".join(f"{number}\n" for number in range(1, 300_001))
    assert run_sample(executor, "kept" if language == "python" else "echo $kept").output == "41\n"
