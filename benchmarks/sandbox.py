"""Time from the start of a Python to its end, confined beside bare; and of a session's Python to its first answer.

Run: ``python benchmarks/sandbox.py``. The bar is twice the bare start. The two are started in turn, so that a busy
machine slows both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from oi_core import open_session
from oi_core.errors import InterpreterError

ROUNDS = 25
BAR = 2.0


def seconds(command: Sequence[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def first_answer(folder: Path, sandbox: str) -> float:
    with open_session(folder, sandbox=sandbox, isolated=True) as session:
        start = time.perf_counter()
        for _event in session.run_code("python", "1+1"):
            pass
        return time.perf_counter() - start


def compare(name: str, bare: Callable[[], float], confined: Callable[[], float], rounds: int) -> float:
    pairs = [(bare(), confined()) for _ in range(rounds)]
    usual, inside = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    ratio = statistics.median(second / first for first, second in pairs)
    print(f"  {name:<34} {usual:7.1f} ms bare {inside:7.1f} ms confined   {ratio:.2f} times")
    return ratio


def main() -> int:
    program = [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            session = open_session(folder, sandbox="workspace", isolated=True)
        except InterpreterError as error:
            print(f"nothing to measure: {error}")
            return 0
        print(f"{ROUNDS} rounds, medians, {session.launcher.probe(session.config.folder).detail}")
        with session:
            ratio = compare(
                "python -c pass",
                lambda: seconds(program, folder),
                lambda: seconds(session.launcher.wrap(program, folder), folder),
                ROUNDS,
            )
        compare(
            "a session's first 1+1",
            lambda: first_answer(folder, "none"),
            lambda: first_answer(folder, "workspace"),
            5,
        )
    print(f"bar {BAR:.0f} times the bare start: {'met' if ratio <= BAR else 'NOT MET'}")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    raise SystemExit(main())
