"""CPU time and memory of a start, beside bare Python and a bare prompt_toolkit prompt, measured in one run.

Run: ``python benchmarks/startup.py``. The bars: ``--version`` and ``--help`` within 4 times ``python -c pass``; a
prompt that shows the first key pressed at it within 1.2 times a bare prompt that does the same; and a chat that is
whole, with its session open behind the prompt, within twice such a bare prompt and 40 MiB.
"""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROUNDS = 7
PATIENCE_SECONDS = 30.0
HELP_BAR, PROMPT_BAR, READY_BAR, READY_BAR_MIB = 4.0, 1.2, 2.0, 40.0
BARE = [sys.executable, "-c", "pass"]
BARE_PROMPT = [sys.executable, "-c", "from prompt_toolkit import prompt; prompt('> ')"]
INTERPRETER = [sys.executable, "-m", "oi_core"]
CURSOR_QUESTION, CURSOR_ANSWER = b"\x1b[6n", b"\x1b[1;1R"
PROMPT = re.compile(rb"\x1b\[\?2004h.*>.*\x1b\[\?25h", re.DOTALL)
"""A prompt that is drawn and shows its cursor; before it, bracketed paste is switched on."""
KEY = b"Q"
SHOWS_KEY = re.compile(PROMPT.pattern + b".*" + KEY, re.DOTALL)
READY = re.compile(PROMPT.pattern + rb".*ready .*\x1b\[\?25h", re.DOTALL)
"""The status line of a chat below its prompt."""


class Cost(NamedTuple):
    """What a start cost: CPU time and the largest size."""

    cpu_ms: float
    mebibytes: float


def start_cost(command: Sequence[str], home: Path, until: re.Pattern[bytes] | None) -> Cost:
    """Start a command on a terminal, wait for its end or for what it shows, and return what it cost until then."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(home)
        own = {"HOME": str(home), "TERM": "xterm-256color", "OPENAI_API_KEY": "sk-none", "COLUMNS": "80", "LINES": "24"}
        os.execve(command[0], list(command), {**os.environ, **own})
    _read(terminal, until)
    if until is not None:
        os.kill(pid, 9)
    _, _, usage = os.wait4(pid, 0)
    os.close(terminal)
    size = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    return Cost((usage.ru_utime + usage.ru_stime) * 1000, size)


def _read(terminal: int, until: re.Pattern[bytes] | None) -> None:
    """Read what a command shows, up to its end or to ``until``; at its first prompt a key is pressed."""
    seen, pressed, deadline = b"", until is not SHOWS_KEY, time.monotonic() + PATIENCE_SECONDS
    while not (until and until.search(seen)):
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        try:
            read = os.read(terminal, 65536) if ready else b""
        except OSError:  # Linux's way to say that the other side is closed
            read = b""
        if not read:
            if until:
                raise SystemExit(f"it did not come: {seen[-500:]!r}")
            return
        seen += read
        if CURSOR_QUESTION in seen:
            os.write(terminal, CURSOR_ANSWER)
            seen = seen.replace(CURSOR_QUESTION, b"")
        if not pressed and PROMPT.search(seen):
            os.write(terminal, KEY)
            pressed = True


def main() -> int:
    """Measure in turns, so that a busy moment is shared; the least of each counts."""
    commands = {
        "python -c pass": (BARE, None),
        "interpreter --version": ([*INTERPRETER, "--version"], None),
        "interpreter --help": ([*INTERPRETER, "--help"], None),
        "bare prompt": (BARE_PROMPT, SHOWS_KEY),
        "interpreter, prompt": (INTERPRETER, SHOWS_KEY),
        "interpreter, ready": (INTERPRETER, READY),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, (command, until) in commands.items():
                costs[name].append(start_cost(command, Path(folder), until))
    least = {name: Cost(min(c.cpu_ms for c in some), min(c.mebibytes for c in some)) for name, some in costs.items()}
    baseline = "python -c pass"
    for name, cost in least.items():
        baseline = name if name == "bare prompt" else baseline
        ratio = cost.cpu_ms / least[baseline].cpu_ms
        print(f"{name:<22} {cost.cpu_ms:6.0f} ms CPU  {cost.mebibytes:5.1f} MiB  {ratio:4.2f} times {baseline}")
    return _judged(least)


def _judged(least: dict[str, Cost]) -> int:
    quick = [least[f"interpreter {o}"].cpu_ms / least["python -c pass"].cpu_ms for o in ("--version", "--help")]
    ready = least["interpreter, ready"]
    prompt, whole = (cost.cpu_ms / least["bare prompt"].cpu_ms for cost in (least["interpreter, prompt"], ready))
    held = max(quick) <= HELP_BAR and prompt <= PROMPT_BAR and whole <= READY_BAR and ready.mebibytes <= READY_BAR_MIB
    bars = f"{HELP_BAR:g} times, prompt {PROMPT_BAR:g} times, ready {READY_BAR:g} times and {READY_BAR_MIB:g} MiB"
    print(f"bars ({bars}): {'held' if held else 'missed'}")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
