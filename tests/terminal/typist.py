"""A person at a terminal: types keys into the real command on a real pty and reads the screen."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

from oi_core.cli.keyboard import GUARD_SECONDS

SECONDS = 30
"""A hang guard, nothing more."""
KEPT = ("PATH", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_CONFIG", "PYTHON_KEYRING_BACKEND")
"""What of the machine's environment the command sees."""


def installed(site: Path, name: str, source: str) -> str:
    """Install a plugin's module into a folder of its own, and return that folder for ``PYTHONPATH``."""
    about = site / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[interpreter]\n{name} = {name}\n")
    (site / f"{name}.py").write_text(source)
    return os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])


class Typist:
    """Starts ``interpreter WORDS`` in ``folder`` on a terminal of its own, between two pieces of shell."""

    def __init__(
        self,
        folder: Path,
        words: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 40,
        before: str = "",
        after: str = "",
        shell: Sequence[str] = (),
        **environment: str,
    ) -> None:
        home = folder.parent / "home"
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        own = {"HOME": str(home), "TERM": "xterm-256color", "NO_PROXY": "127.0.0.1", "OPENAI_API_KEY": "sk-test"}
        self.home = home
        self.raw = ""
        self._screen = pyte.HistoryScreen(columns, rows, history=10_000, ratio=0.5)
        self._stream = pyte.Stream(self._screen)
        command = shlex.join([sys.executable, "-m", "oi_core", *words])
        script = f"{before}exec {command}" if not after else f"{before}{command}; {after}"
        argv = list(shell) or ["/bin/sh", "-c", script]
        self.process: Any = pexpect.spawn(  # Any: pexpect's types do not know that encoding makes it text
            argv[0],
            argv[1:],
            cwd=str(folder),
            env={"LANG": "C.UTF-8", **kept, **own, **environment},
            dimensions=(rows, columns),
            encoding="utf-8",
            codec_errors="replace",
            timeout=SECONDS,
        )
        self.process.delaybeforesend = None

    @classmethod
    def in_shell(cls, folder: Path, words: Sequence[str], **options: Any) -> Self:  # Any: what __init__ takes
        """Start the command as a job of an interactive shell, which shows the terminal's modes before and after."""
        command = shlex.join([sys.executable, "-m", "oi_core", *words])
        typed = f"PS1= PS2=; stty -g; {command}; echo ended $?; stty -g; echo all done"
        person = cls(folder, [], shell=["bash", "--noprofile", "--norc", "-i"], **options)
        person.type(f"{typed}\r")
        return person

    def modes_around(self) -> tuple[str, str]:
        """Wait for the end of a command that was started in a shell; return the terminal's modes before and after."""
        self.wait_for("\nall done")
        first, last = (line for line in self.lines if re.fullmatch(r"[0-9a-f]+(:[0-9a-f]+){20,}", line))
        return first, last

    def program(self) -> int:
        """Return the process id of the command that was started in a shell."""
        (child,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.process.isalive():
            self.process.kill(signal.SIGHUP)
            deadline = time.monotonic() + SECONDS
            while self._goes_on(deadline):
                pass
        self.process.close(force=True)

    @property
    def lines(self) -> list[str]:
        """The screen and what has scrolled off it, without blank lines at the end."""
        past = ["".join(row[x].data for x in range(self._screen.columns)) for row in self._screen.history.top]
        lines = [line.rstrip() for line in [*past, *self._screen.display]]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def at_prompt(self) -> bool:
        """Whether the last line, or the last one above the status line, is an empty prompt."""
        above, last = ["", "", *self.lines][-2:]
        line = above if last.startswith("ready") else last
        return line == ">" or re.fullmatch(r"> +@ files  / commands  ! shell", line) is not None

    def wait_for(self, *texts: str, gone: str = "") -> None:
        """Read until the terminal shows every one of ``texts`` and no ``gone``."""
        deadline = time.monotonic() + SECONDS
        while any(text not in self.text for text in texts) or (gone and gone in self.text):
            assert self._goes_on(deadline), f"waited for {texts}, the screen is:\n{self.text}"

    def wait_for_prompt(self, count: int = 1) -> None:
        """Read until the last lines are an empty prompt, for the time that ``count`` prompts have been there."""
        deadline = time.monotonic() + SECONDS
        while not (self.at_prompt and sum(line.startswith(">") for line in self.lines) >= count):
            assert self._goes_on(deadline), f"waited for a prompt, the screen is:\n{self.text}"

    def type(self, keys: str) -> None:
        self.process.send(keys)

    def say(self, message: str) -> None:
        """Type a message and Enter at the next prompt."""
        self.wait_for_prompt()
        self.type(f"{message}\r")

    def answer(self, keys: str, after: str = "y run") -> None:
        """Type keys once a question is there and open for them."""
        self.wait_for(after)
        self.pause(GUARD_SECONDS + 0.2)
        self.type(keys)

    def pause(self, seconds: float) -> None:
        """Read for a while whatever comes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._read()

    def wait_for_end(self) -> int:
        """Read to the end and return the exit status, that of a signal as a shell tells it."""
        deadline = time.monotonic() + SECONDS
        while self.process.isalive() or self._read():
            assert time.monotonic() < deadline, f"it does not end, the screen is:\n{self.text}"
            self._read()
        self.process.close()
        status, number = self.process.exitstatus, self.process.signalstatus
        return int(status) if status is not None else 128 + int(number)

    def _goes_on(self, deadline: float) -> bool:
        """Read what there is; say whether more can come, and in time."""
        alive = self.process.isalive()
        return bool(self._read() or (alive and time.monotonic() < deadline))

    def _read(self) -> bool:
        try:
            text = self.process.read_nonblocking(65536, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += text
        self._stream.feed(text)
        return bool(text)
