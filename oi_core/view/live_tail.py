"""What is alive below the finished lines: text and code being written, and how long a wait has lasted."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from oi_core.untrusted_text import neutralise
from oi_core.view.code_frame import frame_head
from oi_core.view.spans import DIM, Span, cut, wrapped
from oi_core.view.words import spell_seconds

SHOWN_WAIT_SECONDS: Final = 1.0
"""A wait shorter than this is not worth a word."""
STALL_SECONDS: Final = 3.0
"""The same for a reply that has begun: models pause between words."""
TAIL_LINES: Final = 100
THOUGHT_ROWS: Final = 3


class LiveTail:
    """Follows what is going on and draws it; nothing here is ever finished."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._waiting = ""
        self._patience = SHOWN_WAIT_SECONDS
        self._line = 0
        self._thoughts = ""
        self._language = ""
        self._code_lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._code_before = 0
        self._typing = ""
        self._typing_to_program = False

    @property
    def running(self) -> bool:
        """Whether a block runs now."""
        return self._waiting == "running"

    def wait_for(self, what: str) -> None:
        """Begin a wait, named in words."""
        self.clear()
        self._waiting, self._since, self._patience = what, time.monotonic(), SHOWN_WAIT_SECONDS

    def went_on(self) -> None:
        """Note that the model has just written something."""
        self._waiting, self._since, self._patience = "waiting for the model", time.monotonic(), STALL_SECONDS

    def clear(self) -> None:
        """Forget what was being written."""
        self._waiting, self._line, self._thoughts, self._language = "", 0, "", ""
        self._code_lines.clear()
        self._code_before = 0

    def think(self, text: str) -> None:
        """Take the next piece of the model's reasoning."""
        self.went_on()
        self._thoughts = (self._thoughts + text)[-4000:]

    def start_code(self, call_id: str, language: str) -> None:  # noqa: ARG002  (the last call is the one being written)
        """Begin a block of code."""
        self.clear()
        self.went_on()
        self._language = language or "code"
        self._code_lines.append("")

    def add_code(self, text: str) -> None:
        """Take the next piece of the block's code."""
        self.went_on()
        first, *others = text.split("\n")
        if self._code_lines:
            self._code_lines[-1] += first
        for line in others:
            self._code_before += len(self._code_lines) == TAIL_LINES
            self._code_lines.append(line)

    def line_runs(self, line: int) -> None:
        """Note which line of the block runs."""
        self._line = line

    def type(self, text: str, *, to_program: bool) -> None:
        """Note what the person is typing, to the running program or for the next prompt."""
        self._typing, self._typing_to_program = text, to_program

    def rows(self, text: str, width: int) -> list[list[Span]]:
        """Draw it all below the ``text`` being written, no wider than ``width``; the caller takes what rows fit."""
        rows = _text_rows(text, width)
        if self._language:
            rows += self._code_rows(width)
        elif self._thoughts and not text:
            words = [row for line in self._thoughts.splitlines() for row in wrapped([Span(neutralise(line))], width)]
            rows += [[Span(span.text, DIM) for span in row] for row in words[-THOUGHT_ROWS:]]
        seconds = time.monotonic() - self._since
        if self._waiting and seconds >= self._patience:
            rows.append([Span(cut(self._wait_words(seconds), width), DIM)])
        return rows + self._typing_rows(width)

    def _wait_words(self, seconds: float) -> str:
        took = spell_seconds(int(seconds)).replace(".0", "")
        where = f" · line {self._line}" if self.running and self._line else ""
        return f"╰─ running · {took}{where}   (ctrl-c stops it)" if self.running else f"{self._waiting} · {took}"

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

    def _code_rows(self, width: int) -> list[list[Span]]:
        rows = [frame_head(self._language)]
        for number, line in enumerate(self._code_lines, self._code_before + 1):
            rows.append([Span(f"│ {number:3} ", DIM), Span(cut(neutralise(line[:width]).expandtabs(4), width - 6))])
        return rows


def _text_rows(text: str, width: int) -> list[list[Span]]:
    if not text:
        return []
    lines = text[-8000:].split("\n")
    return [row for line in lines for row in wrapped([Span(neutralise(line).expandtabs(4))], width)]
