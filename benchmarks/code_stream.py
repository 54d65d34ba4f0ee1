"""CPU time to read 20 KB of call arguments that arrive in 5-character deltas, beside jiter parsing each prefix anew.

Run: ``python benchmarks/code_stream.py``. The bar is 10 ms of CPU for the whole way from deltas to events.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import jiter

from oi_core.code_stream import ReplyReader
from oi_core.json_arguments import ArgumentsScanner
from oi_core.model import CallPart

SIZE = 20_000
DELTA = 5
BAR_MS = 10.0
LINE = '    for name, total in sorted(totals.items()): print(f"{name:<12} {total:8.2f} é")  # \\n stays\n'
NAMES = {"python": "python", "shell": "shell"}


def arguments(size: int) -> list[str]:
    text = json.dumps({"language": "python", "code": (LINE * (size // len(LINE) + 1))[:size]})
    return [text[at : at + DELTA] for at in range(0, len(text), DELTA)]


def scanner(fragments: list[str]) -> int:
    feed = ArgumentsScanner().feed
    return sum(len(feed(fragment)) for fragment in fragments)


def whole_way(fragments: list[str]) -> int:
    deltas = (CallPart(0, "" if at else "call00001", "" if at else "run_code", f) for at, f in enumerate(fragments))
    return sum(1 for _ in ReplyReader(NAMES).read(deltas))


def jiter_prefixes(fragments: list[str]) -> int:
    received, shown = b"", 0
    for fragment in fragments:
        received += fragment.encode()
        value = jiter.from_json(received, partial_mode="trailing-strings")
        shown = len(value.get("code", ""))
    return shown


def cpu_ms(work: Callable[[list[str]], int], fragments: list[str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work(fragments)
        best = min(best, time.process_time() - start)
    return best * 1000


def main() -> int:
    fragments = arguments(SIZE)
    once, double = cpu_ms(whole_way, fragments, 15), cpu_ms(whole_way, arguments(2 * SIZE), 15)
    alone, beside = cpu_ms(scanner, fragments, 15), cpu_ms(jiter_prefixes, fragments, 3)
    print(f"{SIZE} characters of code in {len(fragments)} deltas of {DELTA}, best of 15, CPU ms")
    print(f"  scanner alone          {alone:7.2f}")
    print(f"  deltas to events       {once:7.2f}   bar {BAR_MS:.0f}: {'met' if once <= BAR_MS else 'NOT MET'}")
    print(f"  twice the code         {double:7.2f}   {double / once:.2f} times (linear: 2)")
    print(f"  jiter on every prefix  {beside:7.2f}   {beside / once:.1f} times ours")
    return 0 if once <= BAR_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
