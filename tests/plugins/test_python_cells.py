"""What a cell of Python means: real ``__main__``, real tracebacks, a process that the code cannot wedge."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import oi_python
import pytest

from oi_core.events import DisplayData, InputRequested, OutputDelta
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import Ran, run_sample


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


def errors(ran: Ran) -> str:
    return "".join(event.text for event in ran.events if isinstance(event, OutputDelta) and event.stream == "stderr")


def test_the_last_expression_is_shown_and_kept(python: Executor) -> None:
    assert run_sample(python, "x = 20\nx * 2").output == "40\n"
    assert run_sample(python, "_ + 2").output == "42\n"
    assert run_sample(python, "None").output == ""
    assert run_sample(python, "x;").output == ""


def test_nothing_of_ours_is_in_the_globals(python: Executor) -> None:
    names = run_sample(python, "print(sorted(globals()))").output
    wanted = ["__annotations__", "__builtins__", "__doc__", "__loader__", "__name__", "__package__", "__spec__"]
    assert set(eval(names)) <= set(wanted)
    assert run_sample(python, "import sys\nsys.argv, __name__").output == "([''], '__main__')\n"


def test_a_traceback_has_the_code_and_only_the_persons_frames(python: Executor) -> None:
    run_sample(python, "def divide(a, b):\n    return a / b")
    ran = run_sample(python, "divide(\n    1, 0)")
    lines = [line for line in ran.output.splitlines() if "^" not in line]
    assert lines[0] == "Traceback (most recent call last):"
    assert [line for line in lines if line.startswith("  File")] == [
        '  File "<cell 2>", line 1, in <module>',
        '  File "<cell 1>", line 2, in divide',
    ]
    assert "    return a / b" in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert errors(ran) == ran.output


def test_a_syntax_error_runs_nothing_and_points_at_the_place(python: Executor) -> None:
    ran = run_sample(python, "print('before')\nx = = 1")
    assert "before" not in ran.output.replace("print('before')", "")
    assert 'File "<cell 1>", line 2' in ran.output
    assert ran.output.splitlines()[-1].startswith("SyntaxError")
    assert ran.ending.outcome is Outcome.FAILED
    assert run_sample(python, "print('early')\nreturn 1").output.startswith('  File "<cell 2>", line 2')


def test_source_is_there_for_inspect(python: Executor) -> None:
    run_sample(python, "def f():\n    return 'the source'\nclass C:\n    pass")
    assert run_sample(python, "import inspect\nprint(inspect.getsource(f))").output.startswith(
        "def f():\n    return 'the"
    )


def test_future_imports_hold_for_the_cells_that_follow(python: Executor) -> None:
    run_sample(python, "from __future__ import annotations")
    assert run_sample(python, "def f(x: no_such_name): pass\nf.__annotations__").output == "{'x': 'no_such_name'}\n"


def test_await_works_at_the_top_level_and_so_does_asyncio_run(python: Executor) -> None:
    code = "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 5\nawait f()"
    assert run_sample(python, code).output == "5\n"
    assert run_sample(python, "asyncio.run(f())").output == "5\n"
    assert run_sample(python, "async with asyncio.Lock():\n    print('held')").output == "held\n"


def test_a_task_lives_on_in_the_next_cell(python: Executor) -> None:
    run_sample(python, "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 7")
    run_sample(python, "async def start(): return asyncio.ensure_future(f())\ntask = await start()")
    assert run_sample(python, "await task").output == "7\n"


def test_an_interrupt_reaches_an_await(python: Executor) -> None:
    run_sample(python, "import asyncio")
    threading.Timer(0.5, python.interrupt).start()
    ran = run_sample(python, "try:\n    await asyncio.sleep(60)\nfinally:\n    print('cleaned up')")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert "cleaned up" in ran.output


def test_classes_pickle_and_work_in_dataclasses(python: Executor) -> None:
    run_sample(python, "import dataclasses, pickle\n@dataclasses.dataclass\nclass Point:\n    x: int")
    assert run_sample(python, "pickle.loads(pickle.dumps(Point(3)))").output == "Point(x=3)\n"


def test_forked_workers_find_functions_of_cells(python: Executor) -> None:
    run_sample(python, "import multiprocessing\ndef square(n):\n    return n * n")
    code = "with multiprocessing.get_context('fork').Pool(2) as pool:\n    print(pool.map(square, range(4)))"
    assert run_sample(python, code).output.endswith("[0, 1, 4, 9]\n")


def test_a_fork_that_falls_off_the_end_ends_there(python: Executor) -> None:
    ran = run_sample(python, "import os\npid = os.fork()\nif pid: print('parent', os.waitpid(pid, 0)[1])")
    assert ran.output == "parent 0\n"
    assert run_sample(python, "os.getpid() != pid").output == "True\n"


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("exit()", 0, Outcome.FINISHED),
        ("import sys; sys.exit(3)", 3, Outcome.FAILED),
        ("quit()", 0, Outcome.FINISHED),
        ("raise SystemExit('gone')", 1, Outcome.FAILED),
    ],
)
def test_exit_keeps_the_process_and_says_so(python: Executor, code: str, status: int, outcome: Outcome) -> None:
    run_sample(python, "x = 41")
    ran = run_sample(python, code)
    assert (ran.ending.exit_status, ran.ending.outcome) == (status, outcome)
    assert "kept, variables intact" in ran.ending.note
    assert run_sample(python, "print(x, input())", ["still asks"]).output == "41 still asks\n"


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.stdout.close()",
        "import sys\nsys.stdout = sys.stderr = None",
        "import os\nos.close(1)",
        "import os\nos.close(0); os.close(2)",
        "import sys, io\nsys.stdin = io.StringIO('x')",
        "import sys\ndel sys.stdout, sys.stderr, sys.stdin",
        "import sys\nsys.ps1 = 'gotcha'; sys.displayhook = None",
        "import tty\ntty.setraw(0)",
        "import builtins\nbuiltins.input = None",
        "import os\nos.system('stty raw -echo')",
    ],
)
def test_what_code_does_to_the_terminal_and_streams_is_undone(python: Executor, code: str) -> None:
    run_sample(python, code)
    ran = run_sample(python, "import sys\nprint(1)\nprint(2, file=sys.stderr)\n3")
    assert ran.output == "1\n2\n3\n"
    assert run_sample(python, "input('? ')", ["answer"]).output == "? 'answer'\n"


def test_a_replaced_standard_input_is_read_within_the_cell(python: Executor) -> None:
    assert run_sample(python, "import sys, io\nsys.stdin = io.StringIO('x\\n')\ninput()").output == "'x'\n"


def test_all_ways_to_read_standard_input_ask(python: Executor) -> None:
    ran = run_sample(python, "import sys\nprint([line for line in sys.stdin])", ["one", "two", None])
    assert ran.output == "['one\\n', 'two\\n']\n"
    assert run_sample(python, "sys.stdin.readline()", ["three"]).output == "'three\\n'\n"


def test_the_end_of_input_is_an_error_in_input(python: Executor) -> None:
    assert run_sample(python, "input()", [None]).output.endswith("EOFError: EOF when reading a line\n")


def test_the_debugger_is_driven_by_answers(python: Executor) -> None:
    ran = run_sample(
        python, "def f():\n    secret = 7\n    breakpoint()\n    return secret\nf()", ["p secret + 1", "c"]
    )
    assert [event.prompt for event in ran.events if isinstance(event, InputRequested)] == ["(Pdb) ", "(Pdb) "]
    assert "8\n" in ran.output
    assert ran.output.endswith("7\n")


def test_a_programs_output_keeps_its_place(python: Executor) -> None:
    code = "import os\nfor i in range(3000): print(i)\n_ = os.system('echo program')\nprint('after')"
    lines = run_sample(python, code).output.splitlines()
    assert lines == [*map(str, range(3000)), "program", "0", "after"] or lines == [
        *map(str, range(3000)),
        "program",
        "after",
    ]


def test_a_flood_that_stops_is_shown_at_once(python: Executor) -> None:
    text = ""
    for event in python.run("import time\nfor i in range(5000): print(i)\ntime.sleep(2)\nprint('end')"):
        text += event.text if isinstance(event, OutputDelta) else ""
        if text.endswith("4999\n"):
            break
    assert "end" not in text


def test_errors_in_a_flood_keep_their_place(python: Executor) -> None:
    code = "import sys\nfor i in range(2000):\n    print(i)\n    if i == 1500: print('error', file=sys.stderr)"
    lines = run_sample(python, code).output.splitlines()
    assert lines[1501] == "error"
    assert len(lines) == 2001


def test_pagers_and_prompts_of_programs_do_not_trap(python: Executor) -> None:
    names = "PAGER GIT_PAGER MANPAGER SYSTEMD_PAGER GIT_TERMINAL_PROMPT DEBIAN_FRONTEND"
    code = f"import os\nprint(*[os.environ[name] for name in {names!r}.split()])"
    assert run_sample(python, code).output == "cat cat cat cat 0 noninteractive\n"


def test_a_broken_pipe_is_an_exception_here_and_the_default_in_programs(python: Executor) -> None:
    assert run_sample(python, "import os\nos.system('yes | head -n 1')").output == "y\n0\n"
    code = "r, w = os.pipe()\nos.close(r)\ntry:\n    os.write(w, b'x')\nexcept BrokenPipeError:\n    print('caught')"
    assert run_sample(python, code).output == "caught\n"


def test_an_excepthook_of_the_codes_own_is_used(python: Executor) -> None:
    run_sample(python, "import sys\nsys.excepthook = lambda kind, error, trace: print('hooked', error)")
    assert run_sample(python, "raise ValueError('x')").output == "hooked x\n"


def test_a_handler_for_interrupts_is_kept_for_the_next_cell(python: Executor) -> None:
    run_sample(python, "import signal, time\nsignal.signal(signal.SIGINT, lambda *_: print('handled'))")
    threading.Timer(0.5, python.interrupt).start()
    assert "handled" in run_sample(python, "time.sleep(0.9)").output


def test_values_with_richer_forms_show_them(python: Executor) -> None:
    run_sample(
        python,
        "class Picture:\n    def _repr_png_(self): return b'\\x89PNG'\n    def __repr__(self): return 'a picture'",
    )
    ran = run_sample(python, "Picture()")
    assert ran.output == "a picture\n"
    assert [event.data for event in ran.events if isinstance(event, DisplayData)] == [{"image/png": b"\x89PNG"}]


def test_a_richer_form_that_fails_does_no_harm(python: Executor) -> None:
    run_sample(
        python, "class Broken:\n    def _repr_html_(self): raise ValueError\n    def __repr__(self): return 'ok'"
    )
    ran = run_sample(python, "Broken()")
    assert ran.output == "ok\n"
    assert ran.ending.outcome is Outcome.FINISHED


def test_files_are_flushed_when_the_session_ends(tmp_path: Path) -> None:
    executor = oi_python.start(Workspace(folder=tmp_path))
    run_sample(executor, "import atexit\nf = open('out.txt', 'w'); _ = f.write('kept')")
    run_sample(executor, "_ = atexit.register(lambda: open('left.txt', 'w').write('said'))")
    executor.close()
    assert (tmp_path / "out.txt").read_text() == "kept"
    assert (tmp_path / "left.txt").read_text() == "said"


@pytest.mark.parametrize("code", [r"len('\d')", r"len('\d'); 1", "len('\\d')\n1", "1 if 2else 3"])
def test_what_the_compiler_warns_of_is_said_once(python: Executor, code: str) -> None:
    run_sample(python, "import warnings\nwarnings.simplefilter('always')")
    assert run_sample(python, code).output.count("Warning: invalid") == 1
