"""The real ``__main__``: what other processes, coroutines and introspection find of what cells defined."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import oi_python
import pytest

from oi_core.plugin_api import Executor, Notice, Outcome, OutputDelta, Workspace
from oi_core.testing.running import run_sample


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


@pytest.fixture(params=["3.8", "3.11", "3.13"])
def each_python(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path, command=(interpreter(request.param),)))
    yield executor
    executor.close()


def interpreter(version: str) -> str:
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*")):
        if (program := folder / "bin" / "python").exists():
            return str(program)
    pytest.skip(f"no Python {version} is installed with pyenv")


DEFINITIONS = """
import dataclasses, math, multiprocessing
from concurrent.futures import ProcessPoolExecutor
factor = 3
@dataclasses.dataclass
class Point:
    x: float
origin = Point(0)
def scaled(n, start=origin):
    return Point(start.x + math.sqrt(n) * factor)
print('ran once')
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_every_kind_find_what_cells_defined(each_python: Executor, method: str) -> None:
    assert run_sample(each_python, DEFINITIONS).output == "ran once\n"
    code = f"with multiprocessing.get_context('{method}').Pool(2) as pool:\n    print(pool.map(scaled, [1, 4]))"
    assert run_sample(each_python, code).output.endswith("[Point(x=3.0), Point(x=6.0)]\n")
    run_sample(each_python, "factor = 10\ndef scaled(n):\n    return n * factor")
    assert run_sample(each_python, code).output.endswith("[10, 40]\n")


def test_an_executor_of_processes_finds_them(each_python: Executor) -> None:
    run_sample(each_python, DEFINITIONS)
    code = (
        "if __name__ == '__main__':\n    context = multiprocessing.get_context('spawn')\n"
        "    with ProcessPoolExecutor(2, mp_context=context) as pool:\n        print(list(pool.map(scaled, [4])))"
    )
    assert run_sample(each_python, code).output == "[Point(x=6.0)]\n"


def test_a_fresh_process_runs_no_cell_again_and_survives_what_it_cannot_have(python: Executor, tmp_path: Path) -> None:
    code = (
        "import multiprocessing, threading\nlock = threading.Lock()\nopen('runs.txt', 'a').write('once')\n"
        "def register(f):\n    lock.acquire(False)\n    return f\n@register\ndef unlucky(): pass\n"
        "!true\ndef lucky():\n    print('in the child', __name__)"
    )
    run_sample(python, code)
    run_sample(python, "x = = 1")
    code = "p = multiprocessing.get_context('spawn').Process(target=lucky)\np.start(); p.join(); p.exitcode"
    assert run_sample(python, code).output == "in the child __mp_main__\n0\n"
    assert (tmp_path / "runs.txt").read_text() == "once"


def test_an_error_in_a_fresh_process_shows_its_source(python: Executor) -> None:
    run_sample(python, "import multiprocessing\ndef fail():\n    return 1 / 0")
    code = "with multiprocessing.get_context('spawn').Pool(1) as pool:\n    pool.apply(fail)"
    ran = run_sample(python, code)
    assert "return 1 / 0" in ran.output
    assert ran.output.endswith("ZeroDivisionError: division by zero\n")


def test_the_files_for_fresh_processes_are_deleted_in_the_end(tmp_path: Path) -> None:
    executor = oi_python.start(Workspace(folder=tmp_path, environment={"TMPDIR": str(tmp_path)}))
    run_sample(executor, "import multiprocessing\ndef f(): return 1")
    run_sample(executor, "with multiprocessing.get_context('spawn').Pool(1) as pool: pool.apply(f)")
    assert list(tmp_path.glob("interpreter-*"))
    executor.close()
    assert not list(tmp_path.glob("interpreter-*"))


def test_classes_and_functions_pickle(each_python: Executor) -> None:
    run_sample(each_python, DEFINITIONS)
    run_sample(each_python, "import pickle")
    assert run_sample(each_python, "pickle.loads(pickle.dumps([scaled, Point(1)]))[0](4)").output == "Point(x=6.0)\n"


def test_source_is_found_of_functions_methods_and_classes(each_python: Executor) -> None:
    run_sample(each_python, "class Empty:\n    pass\n\nclass Full:\n    def method(self):\n        return 1\n")
    run_sample(each_python, "def f():\n    return 2\nimport inspect")
    code = "for thing in (Empty, Full, Full.method, f): print(inspect.getsource(thing))"
    assert run_sample(each_python, code).output == (
        "class Empty:\n    pass\n\nclass Full:\n    def method(self):\n        return 1\n\n"
        "    def method(self):\n        return 1\n\ndef f():\n    return 2\n\n"
    )


def test_what_is_asynchronous_works_at_the_top_level(each_python: Executor) -> None:
    run_sample(each_python, "import asyncio\nasync def numbers():\n    for i in range(3):\n        yield i")
    assert run_sample(each_python, "[n async for n in numbers()]").output == "[0, 1, 2]\n"
    assert run_sample(each_python, "async for n in numbers():\n    print(n, end=' ')").output == "0 1 2 "
    assert run_sample(each_python, "{n: await asyncio.sleep(0, n) async for n in numbers()}[2]").output == "2\n"


def test_a_loop_lives_from_cell_to_cell_and_beside_asyncio_run(each_python: Executor) -> None:
    run_sample(
        each_python, "import asyncio\nqueue = None\nasync def work():\n    await asyncio.sleep(0.01)\n    return 7"
    )
    run_sample(each_python, "task = asyncio.ensure_future(work()) if await asyncio.sleep(0) else None")
    run_sample(each_python, "async def begin():\n    return asyncio.ensure_future(work())\ntask = await begin()")
    assert run_sample(each_python, "asyncio.run(work())").output == "7\n"
    assert run_sample(each_python, "await task").output == "7\n"


def test_a_traceback_out_of_a_coroutine_begins_with_the_cell(python: Executor) -> None:
    ran = run_sample(python, "async def f():\n    raise ValueError('x')\nawait f()")
    files = [line for line in ran.output.splitlines() if line.startswith("  File")]
    assert files == ['  File "<cell 1>", line 3, in <module>', '  File "<cell 1>", line 2, in f']


def test_future_imports_are_carried_on(each_python: Executor) -> None:
    run_sample(each_python, "from __future__ import annotations")
    assert run_sample(each_python, "def f(x: nothing | None): pass\nf.__annotations__['x']").output == (
        "'nothing | None'\n"
    )


def test_warnings_are_shown_with_their_source_and_once(python: Executor) -> None:
    code = "import warnings\nfor i in range(3):\n    warnings.warn('careful')"
    shown = "<cell 1>:3: UserWarning: careful\n  warnings.warn('careful')\n"
    assert run_sample(python, code).output == shown
    assert run_sample(python, code).output == shown.replace("cell 1", "cell 2")
    assert run_sample(python, "'__warningregistry__' in dir()").output == "False\n"


def test_what_a_script_would_find_is_as_at_the_prompt(python: Executor) -> None:
    assert run_sample(python, "import sys\nsys.argv, '__file__' in globals(), __name__").output == (
        "([''], False, '__main__')\n"
    )


def test_threads_print_while_the_cell_runs_and_after_it(python: Executor) -> None:
    code = (
        "import threading, time\ndef talk():\n    print('now')\n    time.sleep(0.3)\n    print('later')\n"
        "thread = threading.Thread(target=talk, daemon=True); thread.start(); time.sleep(0.1)"
    )
    assert run_sample(python, code).output == "now\n"
    time.sleep(0.6)
    ran = run_sample(python, "print('mine')")
    assert ran.output == "mine\n"
    assert [event.text for event in ran.events if isinstance(event, Notice)] == ["python printed between blocks: later"]


def test_forks_end_at_the_end_of_the_cell_even_when_they_fail(python: Executor) -> None:
    code = "import os\npid = os.fork()\nif not pid: raise ValueError('in the child')\nos.waitpid(pid, 0)[1] >> 8"
    ran = run_sample(python, code)
    assert ran.output.endswith("1\n")
    assert "ValueError: in the child" in ran.output
    assert run_sample(python, "os.getpid() == pid").output == "False\n"


def test_a_fork_prints_without_being_told_to(python: Executor) -> None:
    code = (
        "import os, sys, time\nfor i in range(300): print(i)\npid = os.fork()\n"
        "if not pid:\n    for i in range(300): print('child', i)\n    time.sleep(60)\n"
    )
    text = ""
    for event in python.run(code + "else:\n    time.sleep(1)\n    os.kill(pid, 9); os.waitpid(pid, 0)"):
        text += event.text if isinstance(event, OutputDelta) else ""
    assert text.endswith("child 299\n")


def test_deep_recursion_and_no_memory_are_ordinary_errors(python: Executor) -> None:
    run_sample(python, "import sys\nsys.setrecursionlimit(3000)\ndef deep(n): return deep(n + 1)")
    assert "RecursionError" in run_sample(python, "deep(0)").output
    assert run_sample(python, "[0] * 10**15").output.splitlines()[-1].startswith("MemoryError")
    assert run_sample(python, "1").output == "1\n"


def test_a_folder_that_is_gone_is_no_obstacle(python: Executor) -> None:
    run_sample(python, "import os\nos.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')")
    assert run_sample(python, "import colorsys\n1").output == "1\n"
    assert run_sample(python, "x = = 1").output.splitlines()[-1].startswith("SyntaxError")
    assert run_sample(python, "os.getcwd()").ending.outcome is Outcome.FAILED
