"""How code is stopped: ever harder, within three seconds, and with the state kept whenever that can be."""

from __future__ import annotations

import enum


class Measure(enum.Enum):
    """What to do next to code that was told to stop."""

    TYPE_INTERRUPT = "type ^C"
    """As a person would; the foreground program gets SIGINT, unless it turned that off."""
    SEND_SIGINT = "send SIGINT"
    """To the process and the foreground group, whatever the terminal's settings."""
    KILL_JOB = "kill the foreground job"
    """The program that the language process started in the foreground, when that is what does not stop."""
    KILL = "kill the process"
    """The state is lost."""


_PLAN = ((0.0, Measure.TYPE_INTERRUPT), (1.0, Measure.SEND_SIGINT), (2.0, Measure.KILL_JOB), (2.5, Measure.KILL))
HURRIED_SECONDS = 0.5
"""Between two measures when somebody asked again: enough for a program to end, and for its language to notice."""
NEVER = float("inf")


class Escalation:
    """The measures that remain, from the moment that somebody asked; times are of :func:`time.monotonic`.

    Code that was sent and has not started gets no interrupt, which would cut the message; only the last measure
    applies to it, and the others as soon as it starts.
    """

    def __init__(self, asked_at: float) -> None:
        self._due = [(asked_at + delay, measure) for delay, measure in _PLAN]

    def next_at(self, *, started: bool) -> float:
        """Return when the next measure that applies is due, :data:`NEVER` after the last."""
        if not self._due:
            return NEVER
        return self._due[0][0] if started else self._due[-1][0]

    def take_due(self, now: float, *, started: bool) -> list[Measure]:
        """Return the measures that are due by ``now``, each once."""
        if now < self.next_at(started=started):
            return []
        due = [measure for at, measure in self._due if at <= now]
        del self._due[: len(due)]
        return due

    def hurry(self, now: float) -> None:
        """Make the next measure due at once, and the others in quick succession."""
        self._due = [(min(at, now + place * HURRIED_SECONDS), measure) for place, (at, measure) in enumerate(self._due)]
