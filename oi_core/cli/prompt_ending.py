"""A prompt that SIGTERM or SIGHUP ends: through its own loop.

An exception that a handler raises in the midst of asyncio's loop can lose one of the loop's callbacks: then the task
that waited for it waits for ever, and the program with it. Seen when a terminal went away while its window was resized.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from oi_core.cli.signals import termination_calls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any  # what a prompt returns

    from prompt_toolkit.application import Application

    from oi_core.cli.signals import Terminated


@contextmanager
def ended_by_signals(application: Application[Any]) -> Iterator[None]:
    """Have a prompt that runs within this raise :class:`~oi_core.cli.signals.Terminated` when a signal asks for it."""
    asked: list[Terminated] = []

    def end(termination: Terminated) -> None:
        asked.append(termination)
        if application.loop is None:
            raise termination
        application.loop.call_soon_threadsafe(finish)

    def finish() -> None:
        if application.future is not None and not application.future.done():
            application.exit(exception=asked[0])

    with termination_calls(end):
        yield
    if asked:  # it was about to end by itself
        raise asked[0]
