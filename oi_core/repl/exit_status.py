"""How a process ended, in words."""

from __future__ import annotations

import signal


def status_in_words(exit_status: int | None) -> str:
    """Say how a process ended: "exited with status 3", "was killed by SIGKILL (out of memory, perhaps)"."""
    if exit_status is None:
        return "ended"
    if exit_status >= 0:
        return f"exited with status {exit_status}"
    try:
        name = signal.Signals(-exit_status).name
    except ValueError:
        name = f"signal {-exit_status}"
    return f"was killed by {name}" + (" (out of memory, perhaps)" if exit_status == -signal.SIGKILL else "")
