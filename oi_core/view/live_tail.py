"""What is alive below the finished lines: text and code being written, and how long a wait has lasted."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

from oi_core.printed.untrusted_text import neutralise, neutralise_prose
from oi_core.view.code_frame import TAB_CELLS, frame_head
from oi_core.view.spans import DIM, GREEN, Span, cut, cut_spans, folded
from oi_core.view.words import spell_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.view.highlighting import CodeHighlighter

SHOWN_WAIT_SECONDS: Final = 1.0
"""A wait shorter than this is not worth a word."""
STALL_SECONDS: Final = 3.0
"""The same for a reply that has begun: models pause between words."""
TAIL_LINES: Final = 200
TAIL_PIECES: Final = 1000
"""Pieces of a line being written that are looked at for each frame."""
THOUGHT_ROWS: Final = 3


class LiveTail:
    """Follows what is going on and draws it; nothing here is ever finished."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._waiting = ""
        self._patience = SHOWN_WAIT_SECONDS
        self._line = 0
        self._thoughts = ""
        self._language = ""
        self._highlighter: CodeHighlighter | None = None
        self._code_lines: deque[list[Span]] = deque(maxlen=TAIL_LINES)
        self._code_count = 0
        self._code_partial: list[str] = []
        self._running_code: Sequence[Sequence[Span]] = ()
        self._typing = ""
        self._typing_to_program = False
        self._stops = 0

    @property
    def running(self) -> bool:
        """Whether a block runs now."""
        return self._waiting == "running"

    def wait_for(self, what: str) -> None:
        """Begin a wait, named in words."""
        self.clear()
        self._waiting, self._since, self._patience = what, self._clock(), SHOWN_WAIT_SECONDS

    def went_on(self) -> None:
        """Note that the model has just written something."""
        self._waiting, self._since, self._patience = "waiting for the model", self._clock(), STALL_SECONDS

    def clear(self) -> None:
        """Forget what was being written."""
        self._waiting, self._line, self._thoughts, self._language = "", 0, "", ""
        self._highlighter, self._running_code, self._stops = None, (), 0
        self._code_lines.clear()
        self._code_partial.clear()
        self._code_count = 0

    def think(self, text: str) -> None:
        """Take the next piece of the model's reasoning."""
        self.went_on()
        self._thoughts = (self._thoughts + text)[-4000:]

    def start_code(self, language: str, highlighter: CodeHighlighter) -> None:
        """Begin a block of code."""
        self.clear()
        self.went_on()
        self._language, self._highlighter = language or "code", highlighter

    def add_code(self, text: str) -> None:
        """Take the next piece of the block's code; a line is coloured once, when it is complete."""
        self.went_on()
        first, *others = text.split("\n")
        self._code_partial.append(first)
        for line in others:
            if self._highlighter is not None:
                self._code_lines.append(self._highlighter.line(_harmless("".join(self._code_partial))))
                self._code_count += 1
            self._code_partial = [line]

    def run(self, code: Sequence[Sequence[Span]]) -> None:
        """Begin the wait for a block that runs, whose lines are given."""
        self.wait_for("running")
        self._running_code = code

    def line_runs(self, line: int) -> None:
        """Note which line of the block runs."""
        self._line = line

    def stop(self) -> None:
        """Note that the person asked for the end of this, once more where they have before."""
        self._stops += 1
        if self._stops == 1:
            self._since = self._clock()

    def type(self, text: str, *, to_program: bool) -> None:
        """Note what the person is typing, to the running program or for the next prompt."""
        self._typing, self._typing_to_program = text, to_program

    def rows(self, text: str, width: int, room: int) -> list[list[Span]]:
        """Draw it all below the ``text`` being written, no wider than ``width``: the last ``room`` rows, or more."""
        rows = _text_rows(text, width, room)
        if self._language:
            rows += self._code_rows(width, room)
        elif self._thoughts and not text:
            words = [row for line in self._thoughts.splitlines() for row in _word_rows(_harmless(line), width)]
            rows += [[Span(row, DIM)] for row in words[-THOUGHT_ROWS:]]
        seconds = self._clock() - self._since
        if self._waiting and (self._stops or seconds >= self._patience):
            rows += self._running_row(width)
            rows.append([Span(cut(self._wait_words(seconds), width), DIM)])
        return rows + self._typing_rows(width)

    def _wait_words(self, seconds: float) -> str:
        took = f" · {spell_seconds(int(seconds))}".replace(".0", "") if seconds >= SHOWN_WAIT_SECONDS else ""
        head = "╰─ " if self.running else ""
        if self._stops:
            force = "   (ctrl-c again forces it)" if self.running and self._stops == 1 else ""
            return f"{head}{'stopping' if self._stops == 1 else 'stopping by force'}{took}{force}"
        return f"{head}running{took}   (ctrl-c stops it)" if self.running else f"{self._waiting}{took}   (esc stops it)"

    def _running_row(self, width: int) -> list[list[Span]]:
        """Draw the line of the block that runs, as it stands in the frame above, with a mark."""
        if not 0 < self._line <= len(self._running_code):
            return []
        head = Span(f"{self._line:3} ", DIM)
        return [[Span("▶ ", GREEN), head, *cut_spans(self._running_code[self._line - 1], width - 2 - len(head.text))]]

    def _typing_rows(self, width: int) -> list[list[Span]]:
        """Draw the last line of what is being typed, the end of it where it is too long."""
        *before, line = self._typing.replace("\r", "\n").rstrip("\n").split("\n")
        if self._typing_to_program:
            head, tail = "→ program: ", "   (ctrl-t ends this, ctrl-d is end of file)"
        elif self._typing:
            head = f"> … {len(before)} + " if before else "> "
            tail = "   (sent next)" if "\r" in self._typing else ""
        else:
            return []
        room = max(width - len(head) - len(tail), 8)
        shown = neutralise(line) if len(line) <= room else "…" + neutralise(line[1 - room :])
        return [[Span(cut(f"{head}{shown}{tail}", width), DIM)]]

    def _code_rows(self, width: int, room: int) -> list[list[Span]]:
        """Draw the code being written: its head while that fits, and its last lines."""
        partial = "".join(self._code_partial[-TAIL_PIECES:])
        lines = [*self._code_lines][-room:]
        if self._highlighter is not None:
            lines.append(self._highlighter.partial(_harmless(partial)))
        first = self._code_count + 2 - len(lines)
        rows = [frame_head(self._language)] if first == 1 else []
        for number, line in enumerate(lines, first):
            rows.append([Span(f"│ {number:3} ", DIM), *cut_spans(line, width - 6)])
        return rows


def _harmless(line: str) -> str:
    return neutralise(line).expandtabs(TAB_CELLS)


def _text_rows(text: str, width: int, room: int) -> list[list[Span]]:
    if not text:
        return []
    lines = text[-8000:].split("\n")[-room:]
    return [[Span(row)] for line in lines for row in _word_rows(neutralise_prose(line).expandtabs(TAB_CELLS), width)]


def _word_rows(line: str, width: int) -> list[str]:
    """Break a line between words, further rows indented like its first: about where it will stand when it is drawn."""
    body = line.lstrip(" ")
    indent = " " * min(len(line) - len(body), width // 2)
    return [indent + row for row in folded(body, width - len(indent))]
