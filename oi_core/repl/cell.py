"""One piece of code on its way through a language process: what its markers mean, and how it ended."""

from __future__ import annotations

import binascii
import enum
import json
import time
from base64 import b64decode
from typing import TYPE_CHECKING

from oi_core.events import DisplayData, InputRequested, LineRunning, Notice, OutputDelta
from oi_core.executors import IN_ORDER, CellEnded
from oi_core.repl.transcript import ScreenState
from oi_core.results import Outcome

if TYPE_CHECKING:
    from oi_core.executors import ExecutorEvent
    from oi_core.repl.markers import Marker
    from oi_core.repl.transcript import Transcript

LARGEST_DISPLAY = 64 * 1024 * 1024
LINE_SECONDS = 0.05
"""How long code runs before its lines are reported, and the least time between two reports."""


class Stage(enum.Enum):
    """How far a piece of code has come."""

    WAITING = "waiting for the process to be ready"
    SENT = "sent, not yet started"
    RUNNING = "running"
    ENDED = "ended"


class Asking(enum.Enum):
    """Who waits for an answer."""

    NOBODY = "nobody"
    BOOT_TEXT = "the boot text: it takes a message"
    PROGRAM = "a program that reads the terminal: it takes keystrokes"


class Cell:
    """The state of one piece of code; fed with what the process reports, it says what that means for the outside."""

    def __init__(self, number: int, kept: str) -> None:
        self.number = number
        self.stage = Stage.WAITING
        self.has_ended = False
        """Whether the end was reported."""
        self.asking = Asking.NOBODY
        self.ending = IN_ORDER
        self.stop_requested = False
        """Whether somebody asked for an end of it."""
        self.interrupted = False
        """Whether the process was sent an interrupt on account of this code."""
        self.reason = ""
        """Why it was stopped, when it was not somebody's wish."""
        self.killed = False
        self.reports_start = True
        """Whether its start is a marker; else anything that comes of it shows that it has started."""
        self.leaves_printers = True
        """Whether something the code started may still print."""
        self.holds_output = False
        """Whether the process keeps output back until it is told to print it."""
        self.line_due = float("inf")
        """When the line that runs is to be reported, of :func:`time.monotonic`; code that ends before has no lines."""
        self._line = 0
        self._lines_from = 0.0
        self._kept = kept
        self._screen = ScreenState()
        self._display: list[str] = []
        self._display_size = 0

    def note_sent(self, *, reports_start: bool) -> None:
        """Take note that the code is on its way; unless it reports its start, it counts as running from now on."""
        self.stage = Stage.SENT
        self.reports_start = reports_start
        self._lines_from = time.monotonic() + LINE_SECONDS

    def note_sign(self) -> None:
        """Take note that the process did something that it does only while code runs."""
        if self.stage is Stage.SENT and not self.reports_start:
            self.stage = Stage.RUNNING

    @property
    def fills_screen(self) -> bool:
        """Whether a program has the whole screen to itself, as editors and pagers do."""
        return self._screen.is_alternate

    def take_output(self, output: OutputDelta) -> OutputDelta:
        """Take note of output of this code."""
        self._screen.feed(output.text)
        return output

    def take_marker(self, marker: Marker, transcript: Transcript) -> ExecutorEvent | None:
        """Take note of what a marker in a transcript reports, and return the event it stands for, if any."""
        fields = (*marker.fields, "", "", "", "")
        match marker.kind:
            case "s" if fields[0] == str(self.number):
                self.stage = Stage.RUNNING
                self._lines_from = time.monotonic() + LINE_SECONDS
            case "z" if fields[0] == str(self.number) and not self.has_ended:
                self._end(fields[1], fields[2], _text(fields[3]))
                self.leaves_printers = fields[4] != "0"
            case "i":
                self.asking = Asking.BOOT_TEXT
                return InputRequested(_text(fields[0]) or transcript.last_line, secret=fields[1] == "1")
            case "l" if fields[0].isdigit():
                self._line = int(fields[0])
                self.line_due = max(self._lines_from, time.monotonic())
            case "n":
                return Notice(_text(fields[0]))
            case "b":
                self.holds_output = fields[0] == "1"
            case "d":
                return self._take_display(fields[0], fields[1])
            case _:
                pass  # a marker that a newer boot text knows, or one of another cell
        return None

    def take_line(self, now: float) -> LineRunning | None:
        """Return the line that runs when it is time to report it."""
        if self.has_ended or now < self.line_due:
            return None
        self._lines_from, self.line_due = now + LINE_SECONDS, float("inf")
        return LineRunning(self._line)

    def leave_screen(self) -> OutputDelta | None:
        """Return the escape sequences that undo what the code left on the screen, None when it left nothing."""
        restore = self._screen.restore()
        return OutputDelta(restore) if restore else None

    def end_with_process(self, status: int | None, note: str) -> None:
        """Take note that the code ended its process in order."""
        self._end("error" if status else "ok", "" if status is None else str(status), note)

    def _end(self, word: str, status: str, note: str) -> None:
        self.stage, self.has_ended = Stage.ENDED, True
        number = int(status) if status.lstrip("-").isdigit() else None
        if self.interrupted or word == "interrupt":
            outcome, note = Outcome.INTERRUPTED, note or self._kept
        else:
            outcome = Outcome.FINISHED if word == "ok" else Outcome.FAILED
        if self.reason:
            outcome, note = Outcome.FAILED, f"{self.reason}; {note}" if note else self.reason
        self.ending = CellEnded(outcome, number, note)

    def _take_display(self, more: str, data: str) -> DisplayData | None:
        self._display_size += len(data)
        if self._display_size <= LARGEST_DISPLAY:
            self._display.append(data)
        if more == "1":
            return None
        text, size = "".join(self._display), self._display_size
        self._display, self._display_size = [], 0
        return DisplayData(_bundle(text)) if size <= LARGEST_DISPLAY else None


def _text(encoded: str) -> str:
    if not encoded:
        return ""
    try:
        return b64decode(encoded, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _bundle(encoded: str) -> dict[str, str | bytes]:
    """Read a MIME bundle; anything that is not one is an empty bundle, because the program may have written it."""
    try:
        values = json.loads(_text(encoded))
        return {str(kind): _value(value) for kind, value in values.items()}
    except (ValueError, AttributeError, TypeError, KeyError):
        return {}


def _value(value: object) -> str | bytes:
    if isinstance(value, dict):
        return b64decode(value["base64"], validate=True)
    return str(value)
