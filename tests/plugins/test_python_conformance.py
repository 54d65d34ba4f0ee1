"""The driven Python passes the suite that every executor has to pass, on each version there is."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import oi_python
import pytest

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import FLOOD_SIZE, UNICODE, ExecutorConformance
from oi_core.testing.running import run_sample

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


class TestPython(ExecutorConformance):
    hello = "print('hello')"
    store = "x = 41"
    recall = "print(globals().get('x'))"
    error = "raise ValueError('oops')"
    unicode = f"print({UNICODE!r})"
    no_newline = "print('abc', end='')"
    slow = "import time\nprint('first')\ntime.sleep(2)\nprint('second')"
    both_streams = "import sys\nprint(1)\nprint(2, file=sys.stderr)\nprint(3)"
    endless = "print('started')\nwhile True: pass"
    stubborn = (  # an empty loop would do in the source, but nothing of it stands in the table of what is guarded
        "import time\nprint('started')\nwhile True:\n    try:\n        time.sleep(60)\n"
        "    except KeyboardInterrupt: pass"
    )
    crash = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    flood = f"print('x' * {FLOOD_SIZE})\nprint('end')"
    forged_marker = "print('\\x1b]6973;0123456789abcdef;z;1;ok\\x07after')"
    reads_input = "name = input('Name: ')\nprint('got', name)"
    reads_secret = "import getpass\nprint(len(getpass.getpass()))"
    asks_nothing = (
        "!ls / | wc -l | tr -d ' '\nimport select, socket, subprocess\n"
        "_ = select.select([socket.socketpair()[0]], [], [], 0.2)\n"
        "_ = subprocess.run(['sleep', '0.1'])"
    )
    long_code = "x = 'a line of code that is repeated until the cell is a megabyte long'"

    def start(self) -> Executor:
        return oi_python.start(Workspace())


def interpreter(version: str) -> str:
    for folder in sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*")):
        if (program := folder / "bin" / "python").exists():
            return str(program)
    pytest.skip(f"no Python {version} is installed with pyenv")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_from_3_8_on_keeps_state_awaits_shows_errors_and_asks(version: str) -> None:
    executor = oi_python.start(Workspace(command=(interpreter(version),)))
    try:
        assert (
            run_sample(executor, "import sys, asyncio\nsys.version_info[:2]").output
            == f"({version.replace('.', ', ')})\n"
        )
        assert run_sample(executor, "x = await asyncio.sleep(0, 20)\nx + 1").output == "21\n"
        traceback = run_sample(executor, "def f():\n    return 1 / 0\nf()").output
        assert traceback.splitlines()[:2] == [
            "Traceback (most recent call last):",
            '  File "<cell 3>", line 3, in <module>',
        ]
        assert "return 1 / 0" in traceback
        assert run_sample(executor, "print(input('? '))", ["line"]).output == "? line\n"
        assert run_sample(executor, "'__annotations__' in globals()\nx").output == "20\n"
    finally:
        executor.close()


class TestOldestPython(TestPython):
    version: ClassVar[str] = "3.8"

    def start(self) -> Executor:
        return oi_python.start(Workspace(command=(interpreter(self.version),)))


class TestNewestPython(TestOldestPython):
    version: ClassVar[str] = "3.13"
