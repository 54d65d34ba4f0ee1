"""What a terminal shows of a turn outside its text: progress on its tab, a call when a long turn needs the person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TextIO

from oi_core.appearance import Notify

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG_SECONDS: Final = 30.0
"""A turn that takes longer has lost the person's eyes."""
ST: Final = "\x1b\\"
BELL: Final = "\x07"
ITERM_PROGRESS: Final = (3, 6, 6)
"""The first iTerm2 that takes OSC 9;4 for progress; those before show it as a message."""


class Attention:
    """Writes the sequences that the terminal is known to know, and no others.

    Progress is OSC 9;4 of ConEmu, which Windows Terminal, Ghostty and iTerm2 have taken over; other terminals show it
    as a message, or as text. Notifications are OSC 99 for kitty, OSC 9 for Ghostty, iTerm2 and WezTerm, else a bell.
    """

    def __init__(
        self,
        out: TextIO,
        environment: Mapping[str, str],
        notify: Notify = Notify.OFF,
        long_seconds: float = LONG_SECONDS,
    ) -> None:
        self._out = out
        self._notify = notify
        self._long = long_seconds
        self._knows_progress = knows_progress(environment)
        self._notification = notification(environment)
        self._left_at: float | None = None
        self._shows_progress = False

    def begin(self) -> None:
        """Show that something goes on again, which takes as long as it takes."""
        if self._left_at is None:
            self._left_at = time.monotonic()
        self._show_progress()

    def ask(self) -> None:
        """Show that nothing goes on until the person answers, and call them when they have waited long."""
        self._end("interpreter asks whether code may run, or for input")

    def end(self) -> None:
        """Take the progress away, and call a person who has waited long."""
        self._end("interpreter has finished")

    def close(self) -> None:
        """Take the progress away, whatever has happened."""
        if self._shows_progress:
            self._shows_progress = False
            self._write(f"\x1b]9;4;0;0{ST}")

    def _show_progress(self) -> None:
        if self._knows_progress and not self._shows_progress:
            self._shows_progress = True
            self._write(f"\x1b]9;4;3;0{ST}")

    def _end(self, words: str) -> None:
        self.close()
        left_at, self._left_at = self._left_at, None
        if self._notify is Notify.OFF or left_at is None or time.monotonic() - left_at < self._long:
            return
        self._write(self._notification.format(words) if self._notify is Notify.NOTIFICATION else BELL)

    def _write(self, sequence: str) -> None:
        self._out.write(sequence)
        self._out.flush()


def knows_progress(environment: Mapping[str, str]) -> bool:
    """Whether the terminal that this environment tells of shows OSC 9;4 as progress; a multiplexer hides it."""
    if environment.get("TMUX") or environment.get("STY"):
        return False
    if environment.get("WT_SESSION") or environment.get("ConEmuANSI") == "ON":
        return True
    program = environment.get("TERM_PROGRAM", "")
    return program == "ghostty" or (program == "iTerm.app" and _version(environment) >= ITERM_PROGRESS)


def notification(environment: Mapping[str, str]) -> str:
    """Return the sequence that shows a notification, with ``{}`` for its words; the bell where none is known."""
    if environment.get("TMUX") or environment.get("STY"):
        return BELL
    if environment.get("KITTY_WINDOW_ID"):
        return f"\x1b]99;;{{}}{ST}"
    return f"\x1b]9;{{}}{ST}" if environment.get("TERM_PROGRAM") in ("ghostty", "iTerm.app", "WezTerm") else BELL


def _version(environment: Mapping[str, str]) -> tuple[int, ...]:
    parts = environment.get("TERM_PROGRAM_VERSION", "").split(".")
    return tuple(int(part) for part in parts if part.isascii() and part.isdigit())
