"""The Python executor beside a raw pty that os.read drives, and beside ipykernel where that is installed.

Usage: python benchmarks/executors.py [--quick]

Every figure comes from this run; the bars are in the last column. CPU is that of this process and
of the language process together, start-up of both included on either side.
"""

from __future__ import annotations

import os
import pty
import resource
import statistics
import sys
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import oi_python

import oi_core
from oi_core.events import Executed, OutputDelta
from oi_core.executors import Executor, Workspace
from oi_core.session import Session

LINES_50_MB = "import sys\nfor _ in range(655360): sys.stdout.write('x' * 79 + '\\n')\n"
MILLION_LINES = "for i in range(10**6): print(i)\n"
FIRST_LINE = "import time\nprint(time.perf_counter(), flush=True)\ntime.sleep(0.05)\n"
BLOCKS = 20
"""In how many turns the round trips of each kind are measured."""
END = "import time\ntime.sleep(0.02)\nprint(time.perf_counter())\n"


@dataclass(frozen=True)
class Cost:
    """Seconds of wall clock and of CPU."""

    wall: float
    cpu: float


def cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def cost(action: Callable[[], object]) -> Cost:
    wall, before = time.perf_counter(), cpu()
    action()
    return Cost(time.perf_counter() - wall, cpu() - before)


@contextmanager
def raw_process(*arguments: str) -> Iterator[int]:
    """Start this Python on a raw pty and yield the descriptor that reads it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["PYTHON_BASIC_REPL"] = "1"
        os.execv(sys.executable, [sys.executable, *arguments])
    tty.setraw(terminal)
    try:
        yield terminal
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def raw_flood(code: str) -> None:
    with raw_process("-q", "-c", code) as terminal:
        try:
            while os.read(terminal, 65536):
                pass
        except OSError:  # how Linux says that the other end is closed
            return


def our_flood(code: str) -> None:
    with session() as opened:
        for _event in opened.run_code("python", code, timeout=0):
            pass


def session() -> Session:
    return oi_core.open_session(isolated=True, languages={"python": {"command": [sys.executable]}})


@contextmanager
def raw_round_trip(end: bytes, *arguments: str) -> Iterator[Callable[[], None]]:
    """Start a Python that says ``end`` when it is ready for a line; yield what sends it one and reads until then."""
    with raw_process(*arguments) as terminal:

        def read_answer() -> None:
            answer = b""
            while not answer.endswith(end):
                answer += os.read(terminal, 65536)

        def once() -> None:
            os.write(terminal, b"1+1\n")
            read_answer()

        read_answer()
        try:
            yield once
        finally:
            os.write(terminal, b"quit()\n")


def executor_round_trip(executor: Executor) -> None:
    for _event in executor.run("1+1"):
        pass


def session_round_trip(opened: Session) -> None:
    for _event in opened.run_code("python", "1+1"):
        pass


def round_trips(actions: Sequence[Callable[[], None]], count: int) -> list[list[float]]:
    """Seconds of each action, sorted; they take turns in blocks, so that what else the machine does befalls all."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(BLOCKS):
        for action, seconds in zip(actions, times, strict=True):
            for _ in range(count // BLOCKS):
                start = time.perf_counter()
                action()
                seconds.append(time.perf_counter() - start)
    return [sorted(seconds) for seconds in times]


def delays(opened: Session, code: str, count: int, until: type) -> list[float]:
    """Seconds from the moment the code printed to the moment an event of class ``until`` was here."""
    result = []
    for _ in range(count):
        printed = arrived = 0.0
        for event in opened.run_code("python", code):
            if isinstance(event, OutputDelta) and not printed:
                printed = float(event.text)
            if isinstance(event, until) and not arrived:
                arrived = time.perf_counter()
        result.append(arrived - printed)
    return sorted(result)


def ipykernel_round_trips(count: int) -> list[float] | None:
    try:
        from jupyter_client.manager import start_new_kernel  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError:
        return None
    manager, client = start_new_kernel(kernel_name="python3")
    times = []
    for _ in range(count):
        start = time.perf_counter()
        client.execute_interactive("1+1", output_hook=lambda _message: None)
        times.append(time.perf_counter() - start)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return sorted(times)


def row(what: str, value: str, bar: str) -> None:
    print(f"{what:<42}{value:>34}   {bar}")


def compare_round_trips(opened: Session, count: int) -> None:
    """Print the rows of ``1+1``: what a bare pty takes, what the executor does, and what a whole session does."""
    executor = oi_python.start(Workspace(Path.cwd(), command=(sys.executable,)))
    with (
        closing(executor),
        raw_round_trip(b">>> ", "-i", "-q", "-u") as prompt,
        raw_round_trip(b"> ", "-u", "-c", "while True: print(eval(input('> ')))") as loop,
    ):
        actions = (prompt, loop, partial(executor_round_trip, executor), partial(session_round_trip, opened))
        round_trips(actions, BLOCKS)
        every = round_trips(actions, count)
    theirs, bare, alone, own = map(statistics.median, every)
    row("1+1 at Python's own prompt on a raw pty", f"{theirs * 1e3:.3f} ms", "")
    row("1+1 in a bare eval loop on a raw pty", f"{bare * 1e3:.3f} ms", "")
    row("1+1 by the executor beside that prompt", f"{alone / theirs:.2f}x, {alone * 1e3:.3f} ms", "<= 2x")
    times = f"{own * 1e3:.3f} ms, p99 {every[-1][int(count * 0.99)] * 1e3:.2f} ms"
    row("1+1 in a session", times, "p50 <= 0.5 ms, p99 <= 5 ms")
    row("1+1 in a session beside that prompt", f"{own / theirs:.2f}x", "")
    row("1+1 in a session beside a bare eval loop", f"{own / bare:.2f}x", "")
    kernel = ipykernel_round_trips(count)
    if kernel is None:
        row("1+1 beside ipykernel", "jupyter_client is not installed", "<= 0.2x")
    else:
        row(
            "1+1 beside ipykernel",
            f"{own / statistics.median(kernel):.2f}x of {statistics.median(kernel) * 1e3:.2f} ms",
            "<= 0.2x",
        )


def main() -> None:
    quick = "--quick" in sys.argv
    row("measurement", "value", "bar")
    with session() as opened:
        compare_round_trips(opened, 200 if quick else 2000)
        first = delays(opened, FIRST_LINE, 20, OutputDelta)
        end = delays(opened, END, 20, Executed)
    row("first line to reader", f"{statistics.median(first) * 1e3:.2f} ms, most {first[-1] * 1e3:.2f} ms", "<= 5 ms")
    row("end of code to reader", f"{statistics.median(end) * 1e3:.2f} ms, most {end[-1] * 1e3:.2f} ms", "<= 2 ms")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for what, code, bar in (
        ("50 MB in lines", LINES_50_MB, "CPU <= 1.2x"),
        ("10^6 short lines", MILLION_LINES, "CPU <= 0.5x"),
    ):
        costs = [(cost(lambda: raw_flood(code)), cost(lambda: our_flood(code))) for _ in range(1 if quick else 3)]  # noqa: B023  (called before the loop goes on)
        theirs, mine = (min((pair[side] for pair in costs), key=lambda each: each.cpu) for side in (0, 1))
        row(what, f"CPU {mine.cpu / theirs.cpu:.2f}x, wall {mine.wall / theirs.wall:.2f}x ({mine.wall:.2f} s)", bar)
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    row("memory growth of this process", f"{growth:.1f} MiB", "<= 8 MiB")


if __name__ == "__main__":
    main()
