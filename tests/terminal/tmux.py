"""A window of tmux with the command in it: keys go in, the pane comes out, scrollback included."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SECONDS = 60
"""A hang guard, nothing more."""


class Tmux:
    """Starts ``interpreter WORDS`` in ``folder``, in a window of a tmux server of its own."""

    def __init__(
        self, folder: Path, words: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]
    ) -> None:
        self._server = ["tmux", "-L", f"interpreter-{os.getpid()}-{columns}", "-f", "/dev/null"]
        command = shlex.join(["env", "-i", *(f"{name}={value}" for name, value in environment.items())])
        program = shlex.join([sys.executable, "-m", "oi_core", *words])
        self._run("new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(folder), "sh")
        self._run("set-option", "-g", "history-limit", "10000")
        self._run("set-option", "-g", "status", "off")
        self._run("respawn-pane", "-k", "-c", str(folder), f"{command} {program}; sleep 60")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run("kill-server")

    @property
    def text(self) -> str:
        """The scrollback and the screen."""
        return self._run("capture-pane", "-p", "-S", "-")

    def type(self, keys: str) -> None:
        self._run("send-keys", "-l", keys)

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them."""
        self._run("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_for(self, *texts: str, count: int = 1) -> str:
        """Wait until the pane shows every one of ``texts`` at least ``count`` times; return what it shows."""
        deadline = time.monotonic() + SECONDS
        while any(_flat(text).count(wanted) < count for text in [self.text] for wanted in texts):
            assert time.monotonic() < deadline, f"waited for {texts}, the pane is:\n{self.text}"
            time.sleep(0.05)
        return self.text

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._server, *words], check=True, capture_output=True, text=True).stdout


def _flat(text: str) -> str:
    """Return text as one line, so that what is wrapped is found as well."""
    return " ".join(text.split())
