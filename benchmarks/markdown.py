"""The cost of showing a long answer as it is written, beside rich.Live and beside drawing it once when it is whole.

Run it as ``python benchmarks/markdown.py``. Tokens come at 100 a second by the view's clock, 30 frames a second are
drawn, and the processor's time is counted. All figures of a line are of one run, so that the machine's speed cancels
out of the ratios.
"""

from __future__ import annotations

import gc
import io
import os
import re
import sys
import time
from dataclasses import dataclass, field

from oi_core.events import CodeDelta, CodeReady, CodeStarted, TextDelta, TurnEnded
from oi_core.messages import CodeBlock
from oi_core.view.looks import Looks
from oi_core.view.terminal import TerminalView

SIZE = os.terminal_size((80, 24))
TOKENS_A_SECOND = 100
FRAMES_A_SECOND = 30
PART = """## Section {n}

The total of month {n} is *higher* than that of the month before, because `orders.parquet` holds {n} late orders
that were booked twice; see **the table** below for each of them and for what was done.

- first check the index of every partition
- then compare the sums
    - once with duplicates
    - once without

| month | total | orders |
|---|---:|---:|
| {n} | 41.20 | 1204 |
| {n}b | 43.87 | 1187 |

```python
frame = polars.read_parquet("orders.parquet")
for month, group in frame.group_by("month"):
    print(month, group["total"].mean())  # {n}
```

"""
CODE_LINE = "    result[{n}] = compute(value, scale=1.5, name=f'step {n}')  # step\n"


def tokens_of(text: str, count: int) -> list[str]:
    """Return the first ``count`` pieces of a text, of some four characters each as a model sends them."""
    return re.findall(r".{1,4}", text, re.DOTALL)[:count]


def answer(count: int) -> list[str]:
    return tokens_of("".join(PART.format(n=n) for n in range(1, 2 + count // 100)), count)


@dataclass
class Cost:
    """Processor time of one showing, in seconds, and its longest step."""

    total: float = 0.0
    longest: float = 0.0
    _now: float = field(default=0.0, repr=False)

    def clock(self) -> float:
        """Return the time by which the view decides when to draw."""
        return self._now


def shown(tokens: list[str]) -> Cost:
    cost = Cost()
    view = TerminalView(io.StringIO(), lexers={}, looks=Looks(), size=lambda: SIZE, clock=cost.clock)
    view.begin()
    for token in tokens:
        cost._now += 1 / TOKENS_A_SECOND
        started = time.thread_time()
        view.show(TextDelta(token))
        step = time.thread_time() - started
        cost.total += step
        cost.longest = max(cost.longest, step)
    started = time.thread_time()
    view.show(TurnEnded())
    view.close()
    step = time.thread_time() - started
    cost.total += step
    cost.longest = max(cost.longest, step)
    return cost


def shown_code(lines: int) -> float:
    tokens = tokens_of("".join(CODE_LINE.format(n=n) for n in range(lines)), sys.maxsize)
    cost = Cost()
    view = TerminalView(io.StringIO(), lexers={}, looks=Looks(), size=lambda: SIZE, clock=cost.clock)
    view.begin()
    started = time.thread_time()
    view.show(CodeStarted("1", "python"))
    for token in tokens:
        cost._now += 1 / TOKENS_A_SECOND
        view.show(CodeDelta("1", token))
    view.show(CodeReady(CodeBlock("1", "python", "".join(tokens))))
    view.close()
    return time.thread_time() - started


def drawn_once(tokens: list[str]) -> float:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=io.StringIO(), force_terminal=True, width=SIZE.columns)
    started = time.thread_time()
    console.print(Markdown("".join(tokens), code_theme="ansi_dark"))
    return time.thread_time() - started


def rich_live(tokens: list[str]) -> float:
    from rich.console import Console
    from rich.live import Live
    from rich.markdown import Markdown

    console = Console(file=io.StringIO(), force_terminal=True, width=SIZE.columns, height=SIZE.lines)
    each = TOKENS_A_SECOND // FRAMES_A_SECOND
    started = time.thread_time()
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        for end in range(each, len(tokens) + each, each):
            live.update(Markdown("".join(tokens[:end]), code_theme="ansi_dark"), refresh=True)
    return time.thread_time() - started


def shapes() -> dict[str, str]:
    """Return answers of one long block each."""
    sentence = "The total of this month is *higher* than that of the month before, and `orders` holds it. "
    item = "- item {n} of a *list* with `code` in it\n"
    row = "| {n} | 41.20 | see *this* and `that` |\n"
    return {
        "one line of 36 KB": sentence * 400,
        "a paragraph of 400 lines": sentence.replace("it. ", "it.\n") * 400,
        "a list of 1,000 items": "".join(item.format(n=n) for n in range(1000)),
        "the same, blank lines between": "".join(item.format(n=n) + "\n" for n in range(1000)),
        "500 numbered items with others": "".join(f"{n}. item\n    - of *it*\n" for n in range(1, 501)),
        "a table of 500 rows": "| a | b | c |\n|---|--:|---|\n" + "".join(row.format(n=n) for n in range(500)),
    }


def main() -> None:
    gc.freeze()  # as the program does once it has started
    shown(answer(500))
    drawn_once(answer(500))
    print(" tokens     ours   a token   longest     once ours/once  rich.Live Live/ours")
    costs = {}
    for count in (1000, 2000, 5000, 20000):
        tokens = answer(count)
        cost, once = shown(tokens), drawn_once(tokens)
        costs[count] = cost.total
        live = rich_live(tokens) if count <= 2000 else None
        beside = f"{live:8.2f} s {live / cost.total:8.0f}x" if live is not None else f"{'-':>10} {'-':>9}"
        figures = f"{cost.total:6.2f} s {cost.total / count * 1e6:6.0f} us {cost.longest * 1e3:6.1f} ms"
        print(f"{count:7} {figures} {once:6.2f} s {cost.total / once:8.1f}x {beside}")
    print(f"20,000 tokens / 5,000 tokens: {costs[20000] / costs[5000]:.1f} (linear is 4)")
    for name, text in shapes().items():
        tokens = tokens_of(text, sys.maxsize)
        cost = shown(tokens)
        print(f"{name:32} {cost.total / len(tokens) * 1e6:4.0f} us a token, longest {cost.longest * 1e3:5.1f} ms")
    print(f"400 lines of code while they are written: {shown_code(400):.2f} s")


if __name__ == "__main__":
    main()
