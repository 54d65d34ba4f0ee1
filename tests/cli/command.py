"""The command as its users start it: a process of its own, with a folder, a home and an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 60
"""A hang guard, nothing more."""
KEPT = ("PATH", "LANG", "PYTHONPATH", "COVERAGE_PROCESS_CONFIG", "PYTHON_KEYRING_BACKEND")
"""What of the machine's environment the command sees."""


@dataclass
class Command:
    """Starts ``interpreter`` in ``folder`` with nothing of the machine's own configuration."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        home = self.folder.parent / "home"
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        own = {"HOME": str(home), "TERM": "xterm-256color", "NO_PROXY": "127.0.0.1", "OPENAI_API_KEY": "sk-test"}
        return {"LANG": "C.UTF-8", **kept, **own, **self.extra}

    @property
    def home(self) -> Path:
        return Path(self.environment["HOME"])

    def arguments(self, words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "oi_core", *words]

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.arguments(words),
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            self.arguments(words),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


def children_of(pid: int) -> set[int]:
    """Return the processes that a process has started, and theirs."""
    found: set[int] = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(parts[1]) == pid:
            child = int(entry.parent.name)
            found |= {child, *children_of(child)}
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
