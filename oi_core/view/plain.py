"""The plain view: append-only text in words, without an escape byte; the answer to one stream, the rest to another."""

from __future__ import annotations

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
from oi_core.printed.line_emulator import LineEmulator
from oi_core.printed.untrusted_text import neutralise, neutralise_line
from oi_core.review import Review, Verdict
from oi_core.view.displayed import DisplayedFiles
from oi_core.view.words import ending, spell_count

if TYPE_CHECKING:
    from oi_core.messages import CodeBlock
    from oi_core.results import ExecutionResult

LEVEL_WORDS: Final = {Level.INFO: "note", Level.WARNING: "warning", Level.ERROR: "error"}
INDENT: Final = "  "


class PlainView:
    """Writes the model's text to ``answer`` as it comes and everything else to ``rest``, a line at a time."""

    def __init__(self, answer: TextIO, rest: TextIO) -> None:
        self._answer = answer
        self._rest = rest
        self._answer_open = False
        self._shown: CodeBlock | None = None
        self._output: LineEmulator | None = None
        self._lines = 0
        self._displayed = DisplayedFiles()

    @property
    def code_runs(self) -> bool:
        """Whether a block runs now."""
        return self._output is not None

    def show(self, event: Event) -> None:
        """Write what there is to say of an event."""
        match event:
            case TextDelta(text=text):
                self._write_answer(neutralise(text))
            case Reviewed(block=block, review=review):
                self._show_code(block)
                self._show_review(review)
            case ExecutionStarted(block=block):
                self._show_code(block)
                self._say(f"running {neutralise_line(block.language)}")
                self._output, self._lines = LineEmulator(), 0
            case OutputDelta(text=text):
                self._show_output(text)
            case DisplayData(data=data):
                self._show_lines(self._displayed.lines(data))
            case InputRequested(prompt=prompt, secret=secret):
                kind = "a hidden line" if secret else "a line"
                self._finish_output(prompt)
                self._say(f"the program asks for {kind} of input: {neutralise_line(prompt.strip()) or '(no prompt)'}")
            case Executed(result=result):
                self._show_result(result)
            case Notice(text=text, level=level):
                self._say(f"{LEVEL_WORDS[level]}: {neutralise(text)}")
            case TurnEnded(outcome=outcome):
                self.close()
                if outcome is TurnOutcome.INTERRUPTED:
                    self._say("interrupted: the turn is over")
            case ReasoningDelta() | CodeStarted() | CodeDelta() | CodeReady() | LineRunning() | Usage():
                pass
            case _:
                assert_never(event)

    def close(self) -> None:
        """End the line that is half written, if there is one."""
        self._end_answer_line()
        self._rest.flush()

    def _write_answer(self, text: str) -> None:
        if text:
            self._answer.write(text)
            self._answer.flush()
            self._answer_open = not text.endswith("\n")

    def _end_answer_line(self) -> None:
        if self._answer_open:
            self._write_answer("\n")

    def _say(self, line: str) -> None:
        self._end_answer_line()
        self._rest.write(line + "\n")
        self._rest.flush()

    def _show_code(self, block: CodeBlock) -> None:
        if self._shown == block:
            return
        self._shown = block
        lines = block.code.split("\n")
        if len(lines) > 1 and not lines[-1]:
            lines.pop()
        self._say(f"{neutralise_line(block.language)} code, {spell_count(len(lines), 'line')}:")
        for line in lines:
            self._say(f"{INDENT}{neutralise_line(line.expandtabs(4))}".rstrip())

    def _show_review(self, review: Review) -> None:
        if review.verdict is Verdict.ASK and review.reason:
            self._say(f"review by {neutralise_line(review.reviewer)}: {neutralise_line(review.reason)}")

    def _show_output(self, text: str) -> None:
        if self._output is None:
            self._output = LineEmulator()
        self._show_lines(self._output.feed(text))

    def _show_lines(self, lines: list[str]) -> None:
        if not lines:
            return
        if not self._lines:
            self._say("output:")
        self._lines += len(lines)
        self._rest.writelines(f"{INDENT}{neutralise(line)}".rstrip() + "\n" for line in lines)
        self._rest.flush()

    def _finish_output(self, prompt: str = "") -> None:
        """Write the line that is still open, unless it is the prompt of a question that is shown itself."""
        lines = self._output.finish() if self._output is not None else []
        if lines and prompt and lines[-1].strip() == prompt.strip():
            lines.pop()
        self._show_lines(lines)

    def _show_result(self, result: ExecutionResult) -> None:
        self._show_code(result.block)
        self._finish_output()
        end = ending(result, self._lines)
        self._say(f"finished: {end.text}" if end.good else end.text)
        self._output, self._lines, self._shown = None, 0, None
