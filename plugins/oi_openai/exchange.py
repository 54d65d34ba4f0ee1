"""One reply's dealings with the server, which can be given up at any moment: connecting, waiting, reading, sleeping."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from oi_core.plugin_api import ModelCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_openai.line import Line


class Closable(Protocol):
    """What an exchange opens: a client, then a response."""

    def close(self) -> object:
        """Give it back."""
        ...


Opened = TypeVar("Opened", bound=Closable)


class NoAnswer(Exception):
    """The server did not begin to answer in time."""


class Exchange:
    """Opens the response in a thread of its own, so that looking a name up or connecting never holds a person up.

    What happens is told through a ``SimpleQueue``, whose ``put`` may be called in a signal handler that interrupts its
    ``get``; the locks of an Event or a Queue could be held then.
    """

    def __init__(self, line: Line) -> None:
        self.cancelled = False
        self._opening = 0
        self._line = line
        self._mailbox: queue.SimpleQueue[Any] = (
            queue.SimpleQueue()
        )  # what was opened, or an Exception, or None for cancelled

    def cancel(self) -> None:
        """Stop whatever goes on; safe from any thread and from a signal handler."""
        self.cancelled = True
        self.give_up()
        self._mailbox.put(None)

    def give_up(self) -> None:
        """Hang up: nobody waits for what was opened last any more. Another try may be opened after it."""
        self._opening += 1
        self._line.hang_up()

    def check(self) -> None:
        """Raise ``ModelCancelled`` once the reply was cancelled."""
        if self.cancelled:
            raise ModelCancelled("the reply was stopped")

    def open(self, opener: Callable[[], Opened], seconds: float | None = None) -> Opened:
        """Return what ``opener`` returns, or raise what it raises.

        Raises:
            NoAnswer: it takes longer than ``seconds``.
            ModelCancelled: the exchange was cancelled meanwhile.
        """
        self.check()
        threading.Thread(target=self._run, args=(opener, self._opening), name="openai-request", daemon=True).start()
        try:
            outcome = self._mailbox.get(timeout=seconds)
        except queue.Empty:
            self.give_up()
            raise NoAnswer from None
        except BaseException:
            self.give_up()
            raise
        if outcome is None or self.cancelled:
            _close(outcome)
            self._close_what_came_late()
            raise ModelCancelled("the reply was stopped")
        if isinstance(outcome, Exception):
            raise outcome
        opened: Opened = outcome
        return opened

    def sleep(self, seconds: float) -> None:
        """Wait, unless the exchange is cancelled: then raise ``ModelCancelled``."""
        with contextlib.suppress(queue.Empty):
            self._mailbox.get(timeout=seconds)
        self.check()

    def _run(self, opener: Callable[[], Closable], opening: int) -> None:
        self._line.used_by(lambda: opening != self._opening)
        try:
            opened = opener()
        except Exception as error:  # noqa: BLE001  (raised again in the thread that waits)
            self._mailbox.put(error)
            return
        self._mailbox.put(opened)
        if opening != self._opening:
            opened.close()

    def _close_what_came_late(self) -> None:
        with contextlib.suppress(queue.Empty):
            _close(self._mailbox.get_nowait())


def _close(outcome: Closable | Exception | None) -> None:
    if outcome is not None and not isinstance(outcome, Exception):
        outcome.close()
