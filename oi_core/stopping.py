"""The wish that what happens now stops: a flag that a signal handler sets and a turn reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StopRequest:
    """Whether the person wants the turn to stop. A bare flag: signal handlers set it, and a lock could be held then."""

    requested: bool = False
