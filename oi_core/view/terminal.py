"""The view for a person at a terminal: finished text scrolls away as usual, only a short tail below it is alive."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO, assert_never

from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    DisplayData,
    Event,
    Executed,
    ExecutionStarted,
    InputRequested,
    Level,
    LineRunning,
    Notice,
    OutputDelta,
    ReasoningDelta,
    Reviewed,
    TextDelta,
    TurnEnded,
    TurnOutcome,
    Usage,
)
from oi_core.results import Outcome
from oi_core.untrusted_text import neutralise
from oi_core.view.answer import Answer
from oi_core.view.code_frame import frame_head, highlighted, numbered
from oi_core.view.displayed import DisplayedFiles
from oi_core.view.live_tail import LiveTail
from oi_core.view.output_pane import OutputPane
from oi_core.view.painter import Painter
from oi_core.view.spans import BOLD, DIM, GREEN, RED, YELLOW, Line, Span, folded, painted
from oi_core.view.words import ending

if TYPE_CHECKING:
    import os

    from oi_core.messages import CodeBlock
    from oi_core.results import ExecutionResult

FRAME_SECONDS: Final = 1 / 30
LEVEL_MARKS: Final = {
    Level.INFO: Span("· ", DIM),
    Level.WARNING: Span("! ", YELLOW),
    Level.ERROR: Span("✗ ", RED),
}
OUTPUT_HEAD: Final = [Span("├─ output", DIM)]


class TerminalView:
    """Draws events on a terminal that can move its cursor.

    ``lexers`` names the Pygments lexer of each language, ``output_lines`` how many lines of output are shown. A thread
    repaints the live tail while nothing happens, so that waiting is seen to pass; :meth:`pause` hands the terminal to
    somebody else until the next event.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        lexers: Mapping[str, str],
        output_lines: int = 10,
        colour: bool = True,
        light: bool = False,
        size: Callable[[], os.terminal_size] = shutil.get_terminal_size,
    ) -> None:
        self._lexers = lexers
        self._output_lines = output_lines
        self._colour = colour
        self._size = size
        self._painter = Painter(out, size)
        self._answer = Answer(colour=colour, light=light)
        self._displayed = DisplayedFiles()
        self._framed: CodeBlock | None = None
        self._pane: OutputPane | None = None
        self._pane_open = False
        self._interruption_told = False
        self._tail = LiveTail()
        self._lock = threading.Lock()
        self._last_frame = 0.0
        self._ticker: _Ticker | None = None

    def show(self, event: Event) -> None:
        """Draw what an event changes."""
        with self._lock:
            rows = self._rows_for(event)
            if isinstance(event, TurnEnded | InputRequested | Reviewed):
                self._stop_ticking()
            elif self._ticker is None:
                self._ticker = _Ticker(self._tick)
            self._paint(rows)

    def begin(self) -> None:
        """Begin a turn: from now on the person sees how long the model takes."""
        with self._lock:
            self._tail.wait_for("waiting for the model")
            if self._ticker is None:
                self._ticker = _Ticker(self._tick)

    def pause(self) -> None:
        """Take the live tail away and write nothing more until the next event."""
        with self._lock:
            self._stop_ticking()
            self._painter.clear()

    def answered(self, line: str) -> None:
        """Show a line of input as the running program's terminal would: the prompt and what was typed."""
        with self._lock:
            self._output().add_lines([line])
            self._paint(self._flush_output())

    @property
    def code_runs(self) -> bool:
        """Whether a block runs now."""
        return self._tail.running

    def show_typing(self, text: str, *, to_program: bool) -> None:
        """Show what the person is typing, to the program that runs or for the next prompt."""
        with self._lock:
            self._tail.type(text, to_program=to_program)
            self._paint([])

    def add_typed_line(self, line: str) -> None:
        """Show a line that was typed to the program among its output."""
        with self._lock:
            self._output().add_lines([line])
            self._paint([])

    def take_answer(self, sequence: str) -> None:
        """Take what the terminal answered to a question of ours."""

    def close(self) -> None:
        """Write what is not finished and stop."""
        with self._lock:
            self._stop_ticking()
            self._tail.clear()
            self._paint(self._answer.finish(self._width()))

    def _rows_for(self, event: Event) -> list[str]:
        """Take an event in and return the rows that are finished with it."""
        match event:
            case TextDelta(text=text):
                self._tail.went_on()
                return self._answer.feed(text, self._width())
            case ReasoningDelta(text=text):
                self._tail.think(text)
            case CodeStarted(call_id=call_id, language=language):
                rows = self._answer.finish(self._width())
                self._tail.start_code(call_id, language)
                return rows
            case CodeDelta(text=text):
                self._tail.add_code(text)
            case CodeReady():
                return self._answer.finish(self._width())
            case Reviewed(block=block):
                return [*self._answer.finish(self._width()), *self._frame(block)]
            case ExecutionStarted(block=block):
                rows = self._frame(block)
                self._pane, self._pane_open = OutputPane(self._output_lines), False
                self._tail.wait_for("running")
                return rows
            case OutputDelta(text=text):
                self._output().feed(text)
            case DisplayData(data=data):
                self._output().add_lines(self._displayed.lines(data))
            case InputRequested(prompt=prompt):
                return self._flush_output(prompt)
            case LineRunning(line=line):
                self._tail.line_runs(line)
            case Executed(result=result):
                return self._result(result)
            case Notice():
                return [*self._answer.finish(self._width()), *self._notice(event)]
            case Usage():
                pass
            case TurnEnded(outcome=outcome):
                return self._end_turn(outcome)
            case _:
                assert_never(event)
        return []

    def _width(self) -> int:
        return max(self._size().columns - 1, 8)

    def _drawn(self, lines: Sequence[Line]) -> list[str]:
        return [painted(line, self._colour) for line in lines]

    def _paint(self, finished: Sequence[str]) -> None:
        now = time.monotonic()
        if not finished and self._ticker is not None and now - self._last_frame < FRAME_SECONDS:
            return
        self._last_frame = now
        self._painter.frame(finished, self._drawn(self._live_rows()))

    def _tick(self) -> None:
        with self._lock:
            if self._ticker is not None:
                self._paint([])

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None

    def _live_rows(self) -> list[list[Span]]:
        if self._ticker is None:
            return []
        size = self._size()
        rows: list[list[Span]] = []
        if self._pane is not None and self._pane.lines and self._tail.running:
            rows += [] if self._pane_open else [OUTPUT_HEAD]
            rows += self._pane.live(self._width())
        rows += self._tail.rows(self._answer.tail, self._width())
        room = max(size.lines - 4, 1)
        return rows[-room:]

    def _frame(self, block: CodeBlock) -> list[str]:
        """Return the code whole, unless it stands right above."""
        if self._framed == block:
            return []
        self._framed = block
        self._tail.clear()
        lines = highlighted(block.code, self._lexers.get(block.language, block.language))
        return self._drawn([frame_head(block.language), *numbered(lines, self._width())])

    def _output(self) -> OutputPane:
        if self._pane is None:
            self._pane = OutputPane(self._output_lines)
        return self._pane

    def _flush_output(self, prompt: str = "") -> list[str]:
        """Return the rows of output that are new since the last time, the head before the first ones."""
        rows = self._pane.finished(self._width(), prompt) if self._pane is not None else []
        head = [OUTPUT_HEAD] if rows and not self._pane_open else []
        self._pane_open = self._pane_open or bool(rows)
        return self._drawn([*head, *rows])

    def _result(self, result: ExecutionResult) -> list[str]:
        rows = [*self._answer.finish(self._width()), *self._frame(result.block), *self._flush_output()]
        self._interruption_told = result.outcome is Outcome.INTERRUPTED
        end = ending(result, self._pane.lines if self._pane is not None else 0)
        mark = Span("✓ ", GREEN) if end.good else Span("✗ ", RED)
        words = Span(end.text, DIM if end.good else "")
        rows += self._drawn(self._hanging(Span("╰─ ", DIM), mark, words))
        self._pane, self._pane_open, self._framed = None, False, None
        self._tail.wait_for("waiting for the model")
        return rows

    def _notice(self, notice: Notice) -> list[str]:
        style = BOLD if notice.level is Level.ERROR else ""
        return self._drawn(
            self._hanging(Span(""), LEVEL_MARKS[notice.level], Span(neutralise(notice.text).expandtabs(4), style))
        )

    def _hanging(self, prefix: Span, mark: Span, words: Span) -> list[list[Span]]:
        """Wrap words behind a prefix and a mark, further rows below the first one's words."""
        indent = len(prefix.text + mark.text)
        rows = [row for line in words.text.split("\n") for row in folded(line, self._width() - indent)]
        leads = [[prefix, mark], *[[Span(" " * indent)]] * (len(rows) - 1)]
        return [[*lead, Span(row, words.style)] for lead, row in zip(leads, rows, strict=True)]

    def _end_turn(self, outcome: TurnOutcome) -> list[str]:
        rows = self._answer.finish(self._width())
        self._tail.clear()
        told, self._interruption_told = self._interruption_told, False
        self._framed = None
        if outcome is TurnOutcome.INTERRUPTED and not told:
            rows += self._drawn([[Span("✗ ", RED), Span("interrupted")]])
        return rows


class _Ticker:
    """Calls a function ten times a second from a thread, until it is stopped."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._stopped = threading.Event()
        self._tick = tick
        threading.Thread(target=self._run, daemon=True, name="view-ticker").start()

    def _run(self) -> None:
        while not self._stopped.wait(0.1):
            try:
                self._tick()
            except (OSError, ValueError):  # the terminal is gone: the thread that shows events meets it too
                return

    def stop(self) -> None:
        self._stopped.set()
