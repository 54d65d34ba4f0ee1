"""One executor on a real process: what it reports, how it is stopped, and what it says of a death."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import oi_python
import oi_shell
import pytest

from oi_core.errors import ExecutorError, ProcessDied
from oi_core.events import DisplayData, InputRequested, LineRunning, Notice, OutputDelta
from oi_core.executors import CellEnded, Workspace
from oi_core.plugin_api import Dialect, ReplExecutor
from oi_core.results import Outcome
from oi_core.testing.running import run_and_interrupt, run_sample

STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


@pytest.fixture
def python() -> Iterator[ReplExecutor]:
    executor = oi_python.start(Workspace())
    assert isinstance(executor, ReplExecutor)
    run_sample(executor, "")  # from here on it has started, however busy the machine
    yield executor
    executor.close()


@pytest.fixture
def shell() -> Iterator[ReplExecutor]:
    executor = oi_shell.start(Workspace())
    assert isinstance(executor, ReplExecutor)
    run_sample(executor, "")  # from here on it has started, however busy the machine
    yield executor
    executor.close()


def notices(executor: ReplExecutor, code: str) -> list[str]:
    return [event.text for event in executor.run(code) if isinstance(event, Notice)]


def wait_until(path: Path, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert path.exists()


def test_what_is_printed_between_blocks_is_told_and_credited_to_none(shell: ReplExecutor, tmp_path: Path) -> None:
    run_sample(shell, f"(sleep 0.2; echo late; touch {tmp_path}/done) &")
    wait_until(tmp_path / "done")
    events = list(shell.run("echo next"))
    assert [event.text for event in events if isinstance(event, Notice)] == ["shell printed between blocks: late"]
    assert "".join(event.text for event in events if isinstance(event, OutputDelta)) == "next\n"


def test_a_background_program_is_not_held_up_by_what_it_prints(shell: ReplExecutor, tmp_path: Path) -> None:
    run_sample(shell, f"(seq 100000; touch {tmp_path}/done) &")
    wait_until(tmp_path / "done")
    (notice,) = notices(shell, ":")
    assert "characters before" in notice
    assert len(notice) < 3000


def test_a_thread_that_prints_after_its_cell_is_background(python: ReplExecutor, tmp_path: Path) -> None:
    code = f"""
        import threading, time, pathlib
        def late():
            time.sleep(0.2)
            print("late")
            pathlib.Path({str(tmp_path / "done")!r}).touch()
        threading.Thread(target=late).start()
    """
    run_sample(python, "if True:" + code)
    wait_until(tmp_path / "done")
    time.sleep(0.1)
    assert notices(python, "1") == ["python printed between blocks: late"]


def test_settings_that_a_thread_changes_between_blocks_are_put_back(python: ReplExecutor, tmp_path: Path) -> None:
    code = f"""
        import threading, time, termios, pathlib
        def late():
            time.sleep(0.2)
            settings = termios.tcgetattr(0)
            settings[1] |= termios.OPOST | termios.ONLCR
            settings[3] |= termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, settings)
            pathlib.Path({str(tmp_path / "done")!r}).touch()
        threading.Thread(target=late).start()
    """
    run_sample(python, "if True:" + code)
    wait_until(tmp_path / "done")
    assert notices(python, "x = 1") == []
    assert run_sample(python, "print(x)\ninput('? ')", ["yes"]).output == "1\n? 'yes'\n"


def test_only_one_piece_of_code_runs_at_a_time(python: ReplExecutor) -> None:
    first = python.run("print('started')\nwhile True: pass")
    next(first)
    with pytest.raises(ExecutorError, match="still running"):
        python.run("1")


def test_an_iterator_that_was_never_read_is_in_nobodys_way(python: ReplExecutor) -> None:
    python.run("print('never')")
    assert run_sample(python, "print('hello')").output == "hello\n"


def test_a_closed_executor_says_so(python: ReplExecutor) -> None:
    python.close()
    with pytest.raises(ProcessDied, match="was closed"):
        list(python.run("1"))


def test_a_program_that_dies_at_the_start_is_quoted(tmp_path: Path) -> None:
    dialect = Dialect("broken", lambda _nonce: ("sh", "-c", "echo no such library; exit 3"))
    executor = ReplExecutor(dialect, Workspace(folder=tmp_path))
    with pytest.raises(ProcessDied, match="broken could not start: it exited with status 3: no such library") as raised:
        list(executor.run("1"))
    assert raised.value.exit_status == 3
    executor.close()


def test_a_start_that_takes_for_ever_can_be_interrupted(tmp_path: Path) -> None:
    executor = ReplExecutor(Dialect("slow", lambda _nonce: ("sleep", "60")), Workspace(folder=tmp_path))
    ran, seconds = run_and_interrupt(executor, "1")
    assert seconds < 3
    assert ran.ending == CellEnded(Outcome.INTERRUPTED, note="it had not started")
    executor.close()


def test_a_death_in_mid_cell_is_put_in_words(python: ReplExecutor) -> None:
    with pytest.raises(ProcessDied, match=r"python was killed by SIGKILL .* variables and imports are lost") as raised:
        run_sample(python, "import os, signal\nprint('last words')\nos.kill(os.getpid(), signal.SIGKILL)")
    assert raised.value.exit_status == -9


def test_output_before_a_death_is_kept(python: ReplExecutor) -> None:
    texts: list[str] = []
    events = python.run("import os\nprint('last words')\nos._exit(4)")
    with pytest.raises(ProcessDied):
        texts.extend(event.text for event in events if isinstance(event, OutputDelta))
    assert "".join(texts) == "last words\n"


def test_a_death_between_blocks_is_told_to_the_model_and_the_block_runs(python: ReplExecutor) -> None:
    pid = int(run_sample(python, "import os\nos.getpid()").output)
    os.kill(pid, signal.SIGKILL)
    ran = run_sample(python, "print('ran')")
    assert ran.output == "ran\n"
    assert ran.ending.outcome is Outcome.FINISHED
    assert "killed by SIGKILL" in ran.ending.note
    assert "started again" in ran.ending.note


def test_code_that_cannot_be_stopped_costs_the_state_and_says_so(python: ReplExecutor) -> None:
    timer = threading.Timer(0.5, python.interrupt)
    timer.start()
    with pytest.raises(ProcessDied, match="did not stop when interrupted, and was killed; its variables"):
        run_sample(python, STUBBORN)
    assert run_sample(python, "1").output == "1\n"


def test_a_second_interrupt_does_not_wait(python: ReplExecutor) -> None:
    def insist() -> None:
        for _ in range(4):
            python.interrupt()

    timer = threading.Timer(0.5, insist)
    timer.start()
    began = time.monotonic()
    with pytest.raises(ProcessDied):
        run_sample(python, STUBBORN)
    assert time.monotonic() - began < 2.5


def test_interrupts_at_any_moment_lose_no_cell(python: ReplExecutor, shell: ReplExecutor) -> None:
    for executor, code in ((shell, "echo {}"), (python, "print({})")):
        for number in range(120):
            timer = threading.Timer(number % 40 * 0.00005, executor.interrupt)
            timer.start()
            ran = run_sample(executor, code.format(number))
            timer.join()
            assert ran.output == f"{number}\n" or ran.ending.outcome is Outcome.INTERRUPTED
            assert run_sample(executor, code.format("1")).output == "1\n"


def test_a_foreground_program_that_ignores_interrupts_is_killed_and_the_shell_is_not(shell: ReplExecutor) -> None:
    run_sample(shell, "kept=1")
    ran, seconds = run_and_interrupt(shell, "(trap '' INT; while :; do sleep 0.2; done)")
    assert seconds < 3.5
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert run_sample(shell, "echo $kept").output == "1\n"


def test_an_interrupt_leaves_no_trace_of_the_key(python: ReplExecutor) -> None:
    ran, _ = run_and_interrupt(python, "import time\nwhile True:\n    print('.', end='')\n    time.sleep(0.01)")
    assert "^C" not in ran.output
    assert ran.output.endswith("KeyboardInterrupt\n")


def test_output_that_nobody_had_read_survives_an_interrupt(shell: ReplExecutor, tmp_path: Path) -> None:
    text, printed = "", tmp_path / "printed"
    for event in shell.run(f"echo ready; sleep 0.1; seq 600; touch '{printed}'; sleep 60"):
        if isinstance(event, OutputDelta) and not text:
            while not printed.exists():  # then all numbers wait in the terminal
                time.sleep(0.01)
            shell.interrupt()
        text += event.text if isinstance(event, OutputDelta) else ""
    assert text.splitlines()[1:601] == [str(number) for number in range(1, 601)]


def test_any_program_that_reads_the_terminal_is_asked_for(python: ReplExecutor) -> None:
    ran = run_sample(python, "import subprocess\nsubprocess.run(['head', '-n', '1']).returncode", ["a line"])
    assert [event for event in ran.events if isinstance(event, InputRequested)] == [InputRequested("")]
    assert ran.output == "a line\n0\n"


def test_a_prompt_of_a_program_is_its_last_line(shell: ReplExecutor) -> None:
    ran = run_sample(shell, "echo intro; printf 'Continue? '; head -n 1 >/dev/null", ["yes"])
    assert InputRequested("Continue? ") in ran.events
    assert ran.output == "intro\nContinue? "


def test_a_second_question_does_not_repeat_the_first(shell: ReplExecutor) -> None:
    ran = run_sample(shell, "printf 'First: '; read a; sh -c 'printf \"Second: \"; read b'", ["one", "two"])
    asked = [event for event in ran.events if isinstance(event, InputRequested)]
    assert asked == [InputRequested("First: "), InputRequested("Second: ")]


def test_a_program_that_turns_echo_off_asks_for_a_secret(shell: ReplExecutor) -> None:
    ran = run_sample(shell, "stty -echo; printf 'Password: '; read p; stty echo; echo; echo ${#p}", ["swordfish"])
    assert InputRequested("Password: ", secret=True) in ran.events
    assert ran.output == "Password: \n9\n"


def test_keys_typed_ahead_do_not_reach_the_next_cell(python: ReplExecutor) -> None:
    for event in python.run("import time\nprint('go')\ntime.sleep(0.5)"):
        if isinstance(event, OutputDelta):
            python.answer("print('typed ahead')")
    assert run_sample(python, "print('next')").output == "next\n"


def test_a_long_answer_arrives_whole(python: ReplExecutor) -> None:
    assert run_sample(python, "print(len(input()))", ["x" * 50_000]).output == "50000\n"


def test_the_terminal_is_put_back_after_a_cell(shell: ReplExecutor) -> None:
    before = run_sample(shell, "stty -g").output
    run_sample(shell, "stty raw -echo -isig")
    assert run_sample(shell, "stty -g").output == before
    assert run_sample(shell, 'read -p "? " x; echo "$x"', ["line"]).output == "? line\n"


def test_a_colour_that_was_left_on_is_turned_off(shell: ReplExecutor) -> None:
    assert run_sample(shell, "printf '\\033[31mred'").output == "\x1b[31mred\x1b[0m"


def test_the_lines_of_slow_code_are_told_and_those_of_quick_code_are_not(python: ReplExecutor) -> None:
    def lines(code: str) -> list[int]:
        return [event.line for event in python.run(code) if isinstance(event, LineRunning)]

    told = lines("import time\na = 1\ntime.sleep(0.3)\n\nb = 2\ntime.sleep(0.3)")
    assert told == sorted(told)
    assert {3, 6} <= set(told)  # a busy machine may stop at others long enough for them to be told too
    assert any(not lines("a = 1\nb = 2\n\nc = 3") for _ in range(5))


def test_bytes_that_are_not_utf_8_are_replaced(python: ReplExecutor) -> None:
    assert run_sample(python, "import os\n_ = os.write(1, b'a\\xff\\xfeb')").output == "a\ufffd\ufffdb"


@pytest.mark.parametrize("code", ["print('\0')", "print('a')\r\nprint('b')\r\n", "\x1b[31m", "\ud800"])
def test_odd_code_is_an_answer_and_never_a_wedge(python: ReplExecutor, code: str) -> None:
    run_sample(python, code)
    assert run_sample(python, "print('still here')").output == "still here\n"


def test_a_character_the_language_cannot_hold_is_refused_in_words(shell: ReplExecutor) -> None:
    ran = run_sample(shell, "echo a\0b")
    assert ran.ending.outcome is Outcome.FAILED
    assert "cannot take code that contains the character '\\x00'" in ran.output


def test_the_nonce_in_the_wrong_place_is_output(python: ReplExecutor) -> None:
    ran = run_sample(python, "import sys\nprint('\\x1b]6973;' + 'f' * 16 + ';z;1;ok\\x07', 'after')")
    assert ran.output.endswith(" after\n")


def test_a_rich_value_of_any_size_arrives(python: ReplExecutor) -> None:
    code = """
class Rich:
    def _repr_html_(self):
        return '<b>' + 'x' * 100_000
    def __repr__(self):
        return 'plain'
Rich()
"""
    ran = run_sample(python, code)
    assert ran.output == "plain\n"
    assert [event.data for event in ran.events if isinstance(event, DisplayData)] == [
        {"text/html": "<b>" + "x" * 100_000}
    ]


def test_many_sessions_leave_nothing_behind() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    threads = threading.active_count()
    for _ in range(20):
        executor = oi_shell.start(Workspace())
        run_sample(executor, "sleep 60 & echo $!")
        executor.close()
    assert len(list(Path("/dev/fd").iterdir())) == before
    assert threading.active_count() == threads


def test_programs_find_a_terminal_as_wide_as_what_shows_their_output() -> None:
    widths = iter([77, 77, 50, 50, 50])
    with closing(oi_shell.start(Workspace(columns=lambda: next(widths)))) as shell:
        assert run_sample(shell, "stty size").output == "40 77\n"
        assert run_sample(shell, "stty size; tput cols; echo $COLUMNS").output == "40 50\n50\n50\n"
