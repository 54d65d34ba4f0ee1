"""Boot text, loaded with the magics: how long code takes."""

# ruff: noqa: T201  (printing is the purpose)
from __future__ import annotations

import ast
import resource
import time

from oi_python.boot.cells import CELLS, MAIN, TOP_LEVEL_AWAIT
from oi_python.boot.commands import UsageError, run_body

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives


class Stopwatch:
    """Prints how long the code in a ``with`` took, also when it failed."""

    def __enter__(self) -> Stopwatch:
        self.usage, self.started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        wall, usage = time.perf_counter() - self.started, resource.getrusage(resource.RUSAGE_SELF)
        user, system = usage.ru_utime - self.usage.ru_utime, usage.ru_stime - self.usage.ru_stime
        print(f"CPU times: user {span(user)}, sys: {span(system)}, total: {span(user + system)}")
        print(f"Wall time: {span(wall)}")


class Timing:
    """What a ``%timeit`` measured: seconds for one run of the code, in each repetition."""

    def __init__(self, loops: int, all_runs: Any) -> None:
        self.loops, self.repeat, self.all_runs = loops, len(all_runs), all_runs
        self.timings = [seconds / loops for seconds in all_runs]
        self.average = sum(self.timings) / self.repeat
        self.best, self.worst = min(self.timings), max(self.timings)
        self.stdev = (sum((each - self.average) ** 2 for each in self.timings) / self.repeat) ** 0.5

    def __repr__(self) -> str:
        loops = f"{self.loops:,} loop{'' if self.loops == 1 else 's'} each"
        runs = f"{self.repeat} run{'' if self.repeat == 1 else 's'}, {loops}"
        return f"{span(self.average)} ± {span(self.stdev)} per loop (mean ± std. dev. of {runs})"


def span(seconds: float) -> str:
    """Return a time in the unit that suits it, with three digits."""
    if seconds >= 60:
        return f"{int(seconds // 60)}min {seconds % 60:.3g}s"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def time_code(rest: str, frame: Any) -> Any:
    """``%time``: run a statement, return its value if it has one, and print how long it took."""
    tree = CELLS.parse(rest, "<time>")
    last: Any = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    flags = TOP_LEVEL_AWAIT | CELLS.futures
    names = frame.f_globals, frame.f_locals
    first = compile(tree, "<time>", "exec", flags, True)
    value = compile(ast.Expression(last.value), "<time>", "eval", flags, True) if last else None
    with Stopwatch():
        CELLS.evaluate(first, *names)
        return CELLS.evaluate(value, *names) if value else None


def time_body(rest: str, body: str, line: int) -> None:
    """``%%time``: run the cell, and print how long it took."""
    with Stopwatch():
        run_body(rest + "\n" * bool(rest) + body, line - bool(rest))


def options_and_code(rest: str) -> Any:
    """Return the options that ``%timeit`` begins with, and the code."""
    given: Any = {"n": "0", "r": "7"}
    while rest.startswith("-"):
        word, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if word[1:2] in ("n", "r"):
            if not word[2:]:
                value, _, rest = rest.partition(" ")
            given[word[1]] = word[2:] or value
        elif word in ("-o", "-q", "-c", "-t"):
            given[word[1]] = "1"
        else:
            raise UsageError(f"%timeit does not know {word}; it takes -n LOOPS, -r REPETITIONS, -o, -q")
    return given, rest.strip()


def timeit_code(rest: str, frame: Any) -> Any:
    """``%timeit``: measure a statement."""
    options, code = options_and_code(rest)
    return measure(options, code, "pass", {**frame.f_globals, **frame.f_locals})


def timeit_body(rest: str, body: str, _: int) -> Any:
    """``%%timeit``: measure the cell; what stands after the magic is done once before."""
    options, setup = options_and_code(rest)
    return measure(options, body, setup or "pass", dict(MAIN))


def measure(options: Any, code: str, setup: str, names: Any) -> Any:
    """Measure code as :mod:`timeit` does, and print the result."""
    import timeit

    timer = timeit.Timer(code, setup, globals=names)
    loops = int(options["n"]) or timer.autorange()[0]
    timing = Timing(loops, timer.repeat(int(options["r"]), loops))
    if "q" not in options:
        print(timing)
    return timing if "o" in options else None
