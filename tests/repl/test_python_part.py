"""A language that is a program in Python passes the suite, and has what the kit promises to such programs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.errors import ProcessDied
from oi_core.plugin_api import (
    CellEnded,
    Dialect,
    DisplayData,
    Executor,
    InputRequested,
    LineRunning,
    Outcome,
    OutputDelta,
    ReplExecutor,
    Workspace,
    python_command,
)
from oi_core.repl.boot_parts.python.tables import columns_of, table
from oi_core.testing.conformance import FLOOD_SIZE, UNICODE, ExecutorConformance
from oi_core.testing.running import run_and_interrupt, run_sample

PROGRAM = Path(__file__).with_name("programs") / "statements.py"
PARTS = Path(sys.modules["oi_core.repl.boot_parts.python.tables"].__file__ or "").parent


def start_program(workspace: Workspace) -> Executor:
    return ReplExecutor(Dialect("statements", python_command(workspace, PROGRAM)), workspace)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Executor]:
    executor = start_program(Workspace(folder=tmp_path))
    yield executor
    executor.close()


class TestProgram(ExecutorConformance):
    hello = "print('hello')"
    store = "x = 41"
    recall = "print(globals().get('x'))"
    error = "raise ValueError('oops')"
    unicode = f"print({UNICODE!r})"
    no_newline = "print('abc', end='')"
    slow = "import time\nprint('first')\ntime.sleep(2)\nprint('second')"
    both_streams = "import sys\nprint(1, end=' ')\nprint(2, end=' ', file=sys.stderr)\nprint(3)"
    endless = "print('started')\nwhile True: pass"
    stubborn = "print('started')\nwhile True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass"
    crash = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    flood = f"print('x' * {FLOOD_SIZE})\nprint('end')"
    forged_marker = "print('\\x1b]6973;0123456789abcdef;z;1;ok\\x07after')"
    reads_input = "name = input('Name: ')\nprint('got', name)"
    reads_secret = "import getpass\nprint(len(getpass.getpass()))"
    asks_nothing = "import subprocess, time\nsubprocess.run('ls / | wc -l | tr -d 1', shell=True)\ntime.sleep(0.2)"
    long_code = "x = 'a line of code that is repeated until the cell is a megabyte long'"

    def start(self) -> Executor:
        return start_program(Workspace())


def test_the_oldest_python_runs_a_program_as_well() -> None:
    found = sorted((Path.home() / ".pyenv" / "versions").glob("3.8.*/bin/python"))
    if not found:
        pytest.skip("no Python 3.8 is installed with pyenv")
    executor = start_program(Workspace(command=(str(found[0]),)))
    try:
        assert run_sample(executor, "import sys\nprint(sys.version_info[:2])").output == "(3, 8)\n"
        assert run_sample(executor, "print('got', input('Name: '))", ["Ada"]).output == "Name: got Ada\n"
        assert run_sample(executor, "terminal.table(['a'], [(1,), ('é',)])").output == "a\n-\n1\né\n(2 rows)\n"
        assert run_sample(executor, "1 / 0").ending.outcome is Outcome.FAILED
        assert run_and_interrupt(executor, "while True: pass")[0].ending.outcome is Outcome.INTERRUPTED
        assert run_sample(executor, "print('again')").output == "again\n"
    finally:
        executor.close()


def test_a_program_that_cannot_start_is_an_error_that_quotes_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import pluggy\ndef run(code, terminal):\n    print(pluggy.__name__)\n")
    workspace = Workspace(folder=tmp_path)
    executor = ReplExecutor(Dialect("broken", python_command(workspace, broken)), workspace)
    with pytest.raises(ProcessDied, match=r"broken could not start: .*No module named 'pluggy'"):
        list(executor.run("1"))
    executor.close()
    executor = ReplExecutor(Dialect("whole", python_command(workspace, broken, options=("-I",))), workspace)
    assert run_sample(executor, "with the packages that are installed").output == "pluggy\n"
    executor.close()


def test_the_part_is_written_in_the_oldest_python() -> None:
    parts = sorted(PARTS.glob("*.py"))
    assert {"terminal.py", "tables.py"} <= {part.name for part in parts}
    for part in parts:
        ast.parse(part.read_text("utf-8"), feature_version=(3, 8))


def test_code_ends_as_a_program_does(program: Executor) -> None:
    ran = run_sample(program, "import sys\nsys.exit('in words')")
    assert (ran.ending.outcome, ran.ending.exit_status) == (Outcome.FAILED, None)
    assert [event.stream for event in ran.events if isinstance(event, OutputDelta)] == ["stderr"]
    assert ran.output == "in words\n"
    ran = run_sample(program, "sys.exit(3)")
    assert (ran.ending.outcome, ran.ending.exit_status, ran.output) == (Outcome.FAILED, 3, "")
    assert run_sample(program, "sys.exit()").ending.outcome is Outcome.FINISHED
    lines = run_sample(program, "def f():\n    1 / 0\nf()").output.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "statements.py" in lines[1]
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_code_reports_lines_values_and_what_to_know_of_the_state(program: Executor) -> None:
    code = "import time\ntime.sleep(0.2)\nterminal.line(3)\ntime.sleep(0.2)\nterminal.note = 'half done'"
    ran = run_sample(program, code)
    assert [event.line for event in ran.events if isinstance(event, LineRunning)] == [3]
    assert ran.ending.note == "half done"
    ran = run_sample(program, "terminal.display({'text/html': '<b>' * 9999, 'image/png': bytes(range(256))})")
    (shown,) = [event for event in ran.events if isinstance(event, DisplayData)]
    assert shown.data == {"text/html": "<b>" * 9999, "image/png": bytes(range(256))}
    assert ran.ending.note == ""


def test_a_failure_shows_its_line_and_its_place_in_it(program: Executor) -> None:
    assert run_sample(program, "terminal.fail('No.', 'one\\ntwo three\\n', 8)").output == (
        "No.\nline 2:\n  two three\n      ^\n"
    )
    assert run_sample(program, "terminal.fail('No.', 'one', 1, 'a.txt', exact=False)").output == (
        "No.\nin a.txt, line 1:\n  one\n"
    )
    long = run_sample(program, "terminal.fail('No.', 'x' * 9999, 5000)").output.splitlines()
    assert (len(long[2]), long[3].index("^")) == (162, 82)


def test_a_secret_is_asked_for_as_one(program: Executor) -> None:
    ran = run_sample(program, "print(len(terminal.ask('Key: ', secret=True)))", ["swordfish"])
    assert [(event.prompt, event.secret) for event in ran.events if isinstance(event, InputRequested)] == [
        ("Key: ", True)
    ]
    assert ran.output == "Key: 9\n"


def test_what_code_makes_of_its_surroundings_is_put_back(program: Executor) -> None:
    run_sample(program, "import io, os, sys\nsys.stdout.close()\nsys.stderr = io.StringIO()\ninput = None")
    assert run_sample(program, "print('out')\nprint('err', file=sys.stderr)").output == "out\nerr\n"
    run_sample(program, "os.closerange(0, 3)")
    assert run_sample(
        program, "import builtins\nprint(builtins.input('? '))\nos.system('echo a child')", ["x"]
    ).output == ("? x\na child\n")
    assert len(run_sample(program, "os.set_blocking(1, False)\nprint('x' * 10**6)").output) == 10**6 + 1
    run_sample(program, "os.system('stty raw -echo')")
    assert run_sample(program, "print('a\\nb')\nos.system('echo c')").output == "a\nb\nc\n"


def test_an_interrupt_never_cuts_what_is_reported(program: Executor) -> None:
    for _ in range(2):
        ran, _seconds = run_and_interrupt(program, "while True: terminal.line(7)")
        assert (ran.ending.outcome, ran.output) == (Outcome.INTERRUPTED, "")


def test_a_question_can_be_interrupted_and_asked_again(program: Executor) -> None:
    for _ in range(2):
        events = []
        for event in program.run("print(input('Name: '))"):
            events.append(event)
            if isinstance(event, InputRequested):
                program.interrupt()
        assert [event.outcome for event in events if isinstance(event, CellEnded)] == [Outcome.INTERRUPTED]
    assert run_sample(program, "print(input('Name: '))", ["Ada"]).output == "Name: Ada\n"


def test_a_fork_that_falls_off_the_end_of_its_code_ends(program: Executor) -> None:
    ran = run_sample(program, "import os, time\nif os.fork() == 0: time.sleep(0.1)\nelse: print(os.wait()[1])")
    assert (ran.output, ran.ending.outcome) == ("0\n", Outcome.FINISHED)
    assert run_sample(program, "print('once')").output == "once\n"


def test_a_table_is_cut_counted_and_html_too(program: Executor) -> None:
    ran = run_sample(program, "terminal.table(['<a>', 'b'], ((n, None) for n in range(9)), most=2)")
    assert ran.output == "<a>  b\n---  ----\n  0  NULL\n  1  NULL\n(9 rows, the first 2 shown)\n"
    (shown,) = [event for event in ran.events if isinstance(event, DisplayData)]
    assert str(shown.data["text/html"]).startswith("<table><tr><th>&lt;a&gt;</th><th>b</th></tr><tr><td>0</td>")


@given(st.lists(st.text(max_size=9), max_size=5))
def test_columns_of_a_table_begin_at_the_same_place(texts: list[str]) -> None:
    lines = table(["text", "|"], [(text, "|") for text in texts]).split("\n")[:-1]
    assert len(lines) == len(texts) + 2
    assert {columns_of(line) for line in lines if line.endswith("|")} == {columns_of(lines[1])}
    assert sum(line.endswith("|") for line in lines) == len(texts) + 1
