"""What code does to the process that runs it, and what the person still gets: answers, interrupts, an order kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import oi_python
import pytest

from oi_core.errors import ProcessDied
from oi_core.events import InputRequested, OutputDelta
from oi_core.plugin_api import Executor, LineRunning, Outcome, Workspace
from oi_core.testing.running import run_and_interrupt, run_sample

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path))
    run_sample(executor, "import os, sys, time")
    yield executor
    executor.close()


@pytest.fixture(params=VERSIONS)
def every_python(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path, command=(interpreter(request.param),)))
    yield executor
    executor.close()


def interpreter(version: str) -> str:
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*")):
        if (program := folder / "bin" / "python").exists():
            return str(program)
    pytest.skip(f"no Python {version} is installed with pyenv")


def test_magics_prompts_debugger_and_results_work_on_every_python(every_python: Executor) -> None:
    assert run_sample(every_python, "!echo {1 + 1}\nlines = !echo a\nlines").output == "2\n['a']\n"
    assert run_sample(every_python, "%%time\n3").output.startswith("3\nCPU times")
    assert "1 loop each" in run_sample(every_python, "for i in range(1):\n    %timeit -n1 -r1 i").output
    assert run_sample(every_python, ">>> 1 + 1\n2\n>>> 'x'\n'x'").output == "2\n'x'\n"
    assert run_sample(every_python, "!echo 'a\n!ls (\n").output != ""
    assert run_sample(every_python, "_out[1][0]").output == "'a'\n"
    ran = run_sample(every_python, "def f():\n    x = 7\n    breakpoint()\n    return x\nf()", ["p x + 1", "c"])
    assert "8\n" in ran.output
    assert ran.output.endswith("7\n")
    assert run_sample(every_python, "import getpass\ngetpass.getpass()", ["key"]).output == "Password: 'key'\n"


SHADOWED = (
    "abc ast base64 binascii codecs contextlib errno getpass importlib inspect io json linecache os random re readline "
    "resource rlcompleter secrets selectors shlex shutil signal site sitecustomize string struct subprocess tempfile "
    "termios time token tokenize traceback types warnings zlib"
)


def test_modules_of_a_project_that_are_named_like_pythons_own_are_neither_run_nor_in_the_way(
    every_python: Executor, tmp_path: Path
) -> None:
    for name in SHADOWED.split():
        (tmp_path / f"{name}.py").write_text(f"open('run', 'a').write('{name}\\n')\nmine = True\n")
    (tmp_path / "shop.py").write_text("price = 42\n")
    os.kill(int(run_sample(every_python, "import os\nos.getpid()").output), signal.SIGKILL)  # the next one starts here
    assert run_sample(every_python, "2 + 2\n!echo hi").output == "hi\n"
    ran = run_sample(every_python, "import shop, sys, secrets\nshop.price, sys.path[0], secrets.mine")
    assert ran.output == "(42, '', True)\n"
    assert "ZeroDivisionError" in run_sample(every_python, "1 / 0").output
    assert run_sample(every_python, "input('? ')", ["yes"]).output == "? 'yes'\n"
    assert (tmp_path / "run").read_text() == "secrets\n"


def test_sleep_is_interrupted_at_once(python: Executor) -> None:
    ran, seconds = run_and_interrupt(python, "time.sleep(60)")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 3


def test_a_search_that_backtracks_for_ever_is_interrupted(python: Executor) -> None:
    ran, seconds = run_and_interrupt(python, "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 5
    assert run_sample(python, "1").output == "1\n"


def test_code_that_never_looks_at_signals_is_killed_and_the_next_starts_afresh(python: Executor) -> None:
    with pytest.raises(ProcessDied, match="killed"):
        run_and_interrupt(python, "sum(range(10**13))")
    assert run_sample(python, "1").output == "1\n"


def test_code_that_catches_the_interrupt_goes_on_and_keeps_its_state(python: Executor) -> None:
    code = "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('tidied up')\nx = 5"
    ran, _ = run_and_interrupt(python, code)
    assert ran.output == "tidied up\n"
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert run_sample(python, "x").output == "5\n"


def test_a_long_repr_is_interrupted(python: Executor) -> None:
    run_sample(python, "class Slow:\n    def __repr__(self):\n        time.sleep(60)\n        return 'slow'")
    ran, seconds = run_and_interrupt(python, "[Slow()] * 1000")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 3


@pytest.mark.parametrize(
    "code",
    [
        "os.closerange(3, 256)",
        "os.dup2(os.open('/dev/null', os.O_RDWR), 1)",
        "os.dup2(os.open('/dev/null', os.O_RDWR), 0); os.dup2(0, 2)",
        "import builtins\nbuiltins.print = lambda *a, **k: None\ndel builtins.print\nbuiltins.print = __import__('pprint').pprint",  # noqa: E501  (one program)
        "sys.ps1 = 5\nsys.ps2 = None",
        "sys.stderr.close(); sys.stdout.close(); sys.stdin.close()",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        "import warnings\nwarnings.simplefilter('error')",
        "import builtins\nbuiltins._out = None\ndel builtins._",
        "import linecache\nlinecache.clearcache()",
        "sys.meta_path.clear()\nsys.meta_path.append(__import__('importlib.machinery').machinery.PathFinder)",
        "sys.settrace(lambda *a: None)",
        "import gc\ngc.disable()\nsys.setswitchinterval(1)",
        "import atexit\natexit._clear()",
        "del sys.modules['traceback'], sys.modules['linecache']",
        "os.environ.clear()",
        "sys.excepthook = None",
    ],
)
def test_what_code_breaks_is_whole_in_the_next_cell(python: Executor, code: str) -> None:
    run_sample(python, f"_ = 1\n{code}")
    ran = run_sample(python, "import sys\nprint(1)\n_ = sys.stderr.write('2\\n')\n3")
    assert ran.output == "1\n2\n3\n"
    assert "ZeroDivisionError" in run_sample(python, "1 / 0").output
    assert run_sample(python, "!echo magic").output == "magic\n"
    assert run_sample(python, "import _tracemalloc, threading\nthreading.Thread().start()").output == ""
    assert run_sample(python, "input('? ')", ["answer"]).output == "? 'answer'\n"


def test_an_ignored_interrupt_does_not_wedge(python: Executor) -> None:
    run_sample(python, "import signal\n_ = signal.signal(signal.SIGINT, signal.SIG_IGN)")
    try:
        ran, seconds = run_and_interrupt(python, "time.sleep(60)")
    except ProcessDied:
        return
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert seconds < 5


def test_input_from_threads_is_answered(python: Executor) -> None:
    code = "import threading\nt = threading.Thread(target=lambda: print('got', input('name? ')))\nt.start(); t.join()"
    ran = run_sample(python, code, ["Ada"])
    assert [event.prompt for event in ran.events if isinstance(event, InputRequested)] == ["name? "]
    assert ran.output == "name? got Ada\n"


def test_a_thread_that_asks_between_cells_gets_the_end_of_input(python: Executor) -> None:
    code = (
        "import threading\nsaid = []\ndef ask():\n    time.sleep(0.2)\n    try:\n        input()\n"
        "    except EOFError:\n        said.append('end')\nt = threading.Thread(target=ask)\nt.start()"
    )
    run_sample(python, code)
    time.sleep(0.5)
    assert run_sample(python, "t.join()\nsaid").output == "['end']\n"
    assert run_sample(python, "!echo magic").output == "magic\n"


def test_a_thread_that_asks_does_not_take_what_the_cell_needs(python: Executor) -> None:
    code = (
        "import threading\nt = threading.Thread(target=lambda: print('got', input('name? ')))\nt.start()\n"
        "time.sleep(0.1)\nimport decimal\nclass Rich:\n    def _repr_html_(self): return '<b>'\n"
        "sys.displayhook(Rich())\nprint('shown')\nt.join()"
    )
    text = ""
    for event in python.run(code):
        text += event.text if isinstance(event, OutputDelta) else ""
        if isinstance(event, OutputDelta) and text.endswith("shown\n"):
            python.answer("Ada")
    assert text.endswith("shown\ngot Ada\n")


def test_a_post_mortem_is_driven_by_answers(python: Executor) -> None:
    run_sample(python, "def f(x):\n    return 1 / x\nf(0)")
    assert "0\n" in run_sample(python, "import pdb\npdb.pm()", ["p x", "q"]).output
    assert "0\n" in run_sample(python, "%debug", ["p x", "q"]).output


def test_passwords_are_asked_for_in_secret(python: Executor) -> None:
    ran = run_sample(python, "import getpass\nlen(getpass.getpass('key: '))", ["secret"])
    assert [(event.prompt, event.secret) for event in ran.events if isinstance(event, InputRequested)] == [
        ("key: ", True)
    ]
    assert ran.output == "key: 6\n"


def test_lines_are_told_of_slow_statements_only(python: Executor) -> None:
    ran = run_sample(python, "a = 1\nb = 2\n\ntime.sleep(0.2)\nfor i in range(3):\n    time.sleep(0.1)\nc = 3")
    lines = [event.line for event in ran.events if isinstance(event, LineRunning)]
    assert [line for line in lines if line != 7] == [4, 5]  # the last one is reached late, and may be told
    quick = run_sample(python, "a = 1\nb = 2\nc = 3")
    assert not [event for event in quick.events if isinstance(event, LineRunning)]


def test_lines_that_change_quickly_are_told_twenty_times_a_second_at_most(python: Executor) -> None:
    began = time.monotonic()
    ran = run_sample(python, "import time\n" + "time.sleep(0.002)\n" * 250)
    told = sum(isinstance(event, LineRunning) for event in ran.events)
    assert 2 <= told <= (time.monotonic() - began) / 0.05


def test_code_is_not_traced(python: Executor) -> None:
    assert run_sample(python, "sys.gettrace(), sys.getprofile()").output == "(None, None)\n"


@pytest.mark.parametrize(
    "code", ["print('a\0b')", "x = '\x01\x02\x1b[0m'\nlen(x)", "\ufeffprint(1)", "\u2028", "\x0c1"]
)
def test_control_characters_in_code_are_an_answer(python: Executor, code: str) -> None:
    run_sample(python, code)
    assert run_sample(python, "1").output == "1\n"


def test_ten_megabytes_of_code_run(python: Executor) -> None:
    code = "x = '''" + "y" * 10_000_000 + "'''\nlen(x)"
    assert run_sample(python, code).output == "10000000\n"


def test_a_session_leaves_no_process_behind(tmp_path: Path) -> None:
    executor = oi_python.start(Workspace(folder=tmp_path, command=(sys.executable,)))
    run_sample(executor, "import multiprocessing, os\ndef f(): return os.getpid()")
    code = "context = multiprocessing.get_context('forkserver')\nwith context.Pool(2) as pool: print(pool.apply(f))"
    run_sample(executor, code)
    child = int(run_sample(executor, "import subprocess\nsubprocess.Popen(['sleep', '600']).pid").output)
    guard = threading.Timer(30, os._exit, [1])
    guard.start()
    executor.close()
    guard.cancel()
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False).stdout
    assert state.strip()[:1] in ("", "Z")


def test_what_code_leaves_on_the_screen_is_undone_at_its_end(python: Executor) -> None:
    ran = run_sample(python, r"print('\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[31mred', end='')")
    assert set(ran.output.split("red")[1].split("\x1b")[1:]) == {"[?1049l", "[?25h", "[?1000l", "[0m"}
    assert run_sample(python, r"print('\x1b[31mred\x1b[0m')").output == "\x1b[31mred\x1b[0m\n"


def test_a_program_whose_reader_has_gone_ends(python: Executor) -> None:
    code = "import subprocess\nsubprocess.run('yes | head -n 1; echo ${PIPESTATUS[0]}', shell=True, executable='bash')"
    assert run_sample(python, f"{code};").output == "y\n141\n"


def test_a_language_that_another_one_killed_is_there_again(python: Executor, tmp_path: Path) -> None:
    other = oi_python.start(Workspace(folder=tmp_path))
    try:
        pid = int(run_sample(other, "import os\nos.getpid()").output)
        run_sample(python, f"os.kill({pid}, 9)")
        ran = run_sample(other, "print('on')")
        assert ran.output == "on\n"
        assert "killed by SIGKILL" in ran.ending.note
    finally:
        other.close()


def test_a_flood_that_never_ends_is_interrupted_and_nothing_of_it_is_credited_to_the_next(python: Executor) -> None:
    size = 0
    for event in python.run("while True: print('y')"):
        size += len(event.text) if isinstance(event, OutputDelta) else 0
        if size > 5_000_000:
            threading.Thread(target=python.interrupt).start()
            size = -(10**12)
    assert run_sample(python, "print('on')").output == "on\n"
