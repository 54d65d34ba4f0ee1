"""The view for a person at a terminal: finished text scrolls away as usual, only a short tail below it is alive."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO, assert_never

from oi_core.appearance import Pictures
from oi_core.events import (
    CodeDelta,
    CodeReady,
    CodeStarted,
    DisplayData,
    Event,
    Executed,
    ExecutionStarted,
    InputRequested,
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
from oi_core.view.answer import Answer
from oi_core.view.block_frame import BlockFrame
from oi_core.view.drawing import Drawing
from oi_core.view.highlighting import CodeHighlighter
from oi_core.view.live_tail import LiveTail
from oi_core.view.looks import GROUND_QUESTION, Looks
from oi_core.view.notices import notice_rows
from oi_core.view.painter import Painter
from oi_core.view.pictures import TerminalPictures
from oi_core.view.pictures.fitting import MARGIN_COLUMNS
from oi_core.view.spans import RED, Line, Span, painted
from oi_core.view.ticker import Ticker

if TYPE_CHECKING:
    import os

    from oi_core.view.attention import Attention

FRAME_SECONDS: Final = 1 / 30
PLAIN_LOOKS: Final = Looks(colour=False)


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
        looks: Looks = PLAIN_LOOKS,
        attention: Attention | None = None,
        pictures: TerminalPictures | None = None,
        size: Callable[[], os.terminal_size] = shutil.get_terminal_size,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._clock = clock
        self._size = size
        self._looks = looks
        self._attention = attention
        self._pictures = pictures or TerminalPictures(Pictures.OFF, {}, lambda: None)
        self._painter = Painter(out, size)
        self._answer = Answer(looks)
        self._block = BlockFrame(lexers, output_lines, self._width)
        self._interruption_told = False
        self._tail = LiveTail(clock)
        self._drawing = Drawing()
        self._last_frame = 0.0
        self._ticker: Ticker | None = None

    @property
    def code_runs(self) -> bool:
        """Whether a block runs now."""
        return self._tail.running

    def begin(self) -> None:
        """Begin a turn: from now on the person sees how long the model takes."""
        with self._drawing.held():
            self._tail.wait_for("waiting for the model")
            self._start_ticking()

    def show(self, event: Event) -> None:
        """Draw what an event changes."""
        with self._drawing.held():
            rows = self._rows_for(event)
            if isinstance(event, TurnEnded | InputRequested | Reviewed):
                self._stop_ticking()
            else:
                self._start_ticking()
            self._paint(rows)
            if isinstance(event, TurnEnded) and self._attention is not None:
                self._attention.end()

    def pause(self) -> None:
        """Take the live tail away and write nothing more until the next event: the person is asked something."""
        with self._drawing.held():
            self._stop_ticking()
            self._painter.clear()
            if self._attention is not None:
                self._attention.ask()

    def do_aside(self, action: Callable[[], None]) -> None:
        """Do something with the live tail taken away, such as stopping; safe in a signal's handler."""

        def with_tail_away() -> None:
            self._painter.clear()
            action()

        self._drawing.between_frames(with_tail_away)

    def close(self) -> None:
        """Write what is not finished and stop."""
        with self._drawing.held():
            self._stop_ticking()
            self._tail.clear()
            self._paint(self._answer.finish(self._width()))
            if self._attention is not None:
                self._attention.close()

    def stop_asked(self) -> None:
        """Show from the next frame on that what happens now is being stopped; safe in a signal's handler."""
        self._tail.stop()

    def answered(self, line: str, *, hidden: bool = False) -> None:
        """Show a line of input as the running program's terminal would: the prompt and what was typed."""
        with self._drawing.held():
            self._block.output.add_answer(line, hidden=hidden)
            self._start_ticking()
            self._paint(self._drawn(self._block.finished_output()))

    def show_typing(self, text: str, *, to_program: bool) -> None:
        """Show what the person is typing, to the program that runs or for the next prompt."""
        with self._drawing.held():
            self._tail.type(text, to_program=to_program)
            self._paint([], at_once=True)

    def add_typed_line(self, line: str) -> None:
        """Show a line that was typed to the program among its output."""
        with self._drawing.held():
            self._block.output.add_lines([line])

    def take_answer(self, sequence: str) -> None:
        """Take what the terminal answered to a question of this view's."""
        with self._drawing.held():
            self._looks = self._looks.answered(sequence)
            self._answer.change_looks(self._looks)
            self._pictures.take_answer(sequence)
            self._drawing.changed.notify_all()

    def _rows_for(self, event: Event) -> list[str]:
        """Take an event in and return the rows that are finished with it."""
        match event:
            case TextDelta(text=text):
                self._ask_ground()
                self._tail.went_on()
                return self._answer.feed(text, self._width())
            case ReasoningDelta(text=text):
                self._tail.think(text)
            case CodeStarted(language=language):
                self._ask_ground()
                rows = self._answer.finish(self._width())
                self._tail.start_code(
                    language, CodeHighlighter(self._block.lexer(language), lambda kind: self._looks.style_of(kind))
                )
                return rows
            case CodeDelta(text=text):
                self._tail.add_code(text)
            case CodeReady():
                return self._answer.finish(self._width())
            case Reviewed(block=block):
                rows = self._drawn(self._block.frame(block, self._looks))
                self._tail.clear()
                return [*self._answer.finish(self._width()), *rows]
            case ExecutionStarted(block=block):
                rows = self._drawn(self._block.frame(block, self._looks))
                self._block.begin_output()
                self._pictures.begin_block()
                self._tail.run(self._block.code)
                return rows
            case OutputDelta(text=text):
                self._block.output.feed(text)
            case DisplayData(data=data):
                return self._show_value(data)
            case InputRequested(prompt=prompt):
                return self._drawn(self._block.finished_output(prompt))
            case LineRunning(line=line):
                self._tail.line_runs(line)
            case Executed(result=result):
                self._interruption_told = result.outcome is Outcome.INTERRUPTED
                self._tail.wait_for("waiting for the model")
                return [*self._answer.finish(self._width()), *self._drawn(self._block.end(result, self._looks))]
            case Notice():
                return [*self._answer.finish(self._width()), *self._drawn(notice_rows(event, self._width()))]
            case Usage():
                pass
            case TurnEnded(outcome=outcome):
                return self._end_turn(outcome)
            case _:
                assert_never(event)
        return []

    def _show_value(self, data: Mapping[str, str | bytes]) -> list[str]:
        """Draw a value's picture where the terminal can; return the rows that are finished with it."""
        picture = self._block.saved(data)
        if picture is None:
            return []
        self._ask_for_pictures()
        drawing, remark = self._pictures.drawing_or_remark(picture.content, self._size())
        if drawing is None:
            self._block.name_picture(picture, remark)
            return []
        above, name = (self._drawn(rows) for rows in self._block.drawn_picture(picture, drawing.rows))
        return [*above, name[0] + drawing.above(MARGIN_COLUMNS), *name[1:]]

    def _end_turn(self, outcome: TurnOutcome) -> list[str]:
        rows = self._answer.finish(self._width())
        self._tail.clear()
        self._block.forget()
        told, self._interruption_told = self._interruption_told, False
        if outcome is TurnOutcome.INTERRUPTED and not told:
            rows += self._drawn([[Span("✗ ", RED), Span("interrupted")]])
        return rows

    def _ask_ground(self) -> None:
        """Ask the terminal for its ground, once, when the model has begun: the answer comes long before the prompt."""
        if self._looks.asks_ground:
            self._looks = self._looks.without_question()
            self._out.write(GROUND_QUESTION)

    def _ask_for_pictures(self) -> None:
        """Ask the terminal what pictures it takes, and give it a moment: its answer comes by another thread."""
        if question := self._pictures.take_question():
            self._out.write(question)
            self._out.flush()
            self._drawing.changed.wait_for(lambda: self._pictures.answered, self._pictures.patience)

    def _width(self) -> int:
        return max(self._size().columns - 1, 8)

    def _drawn(self, lines: Sequence[Line]) -> list[str]:
        return [painted(line, self._looks.colour, self._looks.links) for line in lines]

    def _paint(self, finished: Sequence[str], *, at_once: bool = False) -> None:
        now = self._clock()
        if not (finished or at_once) and self._ticker is not None and now - self._last_frame < FRAME_SECONDS:
            return
        self._last_frame = now
        self._painter.frame(finished, self._drawn(self._live_rows()))

    def _live_rows(self) -> list[list[Span]]:
        if self._ticker is None:
            return []
        room = max(self._size().lines - 4, 1)
        rows = self._block.live_output() if self._tail.running else []
        rows += self._tail.rows(self._answer.tail, self._width(), room)
        return rows[-room:]

    def _tick(self) -> None:
        with self._drawing.held():
            if self._ticker is not None:
                self._paint([])

    def _start_ticking(self) -> None:
        if self._ticker is None:
            self._ticker = Ticker(self._tick)
            if self._attention is not None:
                self._attention.begin()

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
