"""One reply's dealings with the server, which can be given up at any moment: connecting, waiting, reading, sleeping."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING

from oi_core.plugin_api import ModelCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_openai.line import Line
    from oi_openai.response import ResponseStream


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
        self._mailbox: queue.SimpleQueue[ResponseStream | Exception | None] = queue.SimpleQueue()

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

    def open(self, send: Callable[[], ResponseStream], seconds: float) -> ResponseStream:
        """Return what ``send`` returns, or raise what it raises.

        Raises:
            NoAnswer: it takes longer than ``seconds``.
            ModelCancelled: the exchange was cancelled meanwhile.
        """
        self.check()
        threading.Thread(target=self._send, args=(send, self._opening), name="openai-request", daemon=True).start()
        try:
            outcome = self._mailbox.get(timeout=seconds)
        except queue.Empty:
            self.give_up()
            raise NoAnswer from None
        except BaseException:
            self.give_up()
            raise
        if isinstance(outcome, Exception):
            self.check()
            raise outcome
        if outcome is None or self.cancelled:
            self._close_late_response()
            raise ModelCancelled("the reply was stopped")
        return outcome

    def sleep(self, seconds: float) -> None:
        """Wait, unless the exchange is cancelled: then raise ``ModelCancelled``."""
        with contextlib.suppress(queue.Empty):
            self._mailbox.get(timeout=seconds)
        self.check()

    def _send(self, send: Callable[[], ResponseStream], opening: int) -> None:
        self._line.used_by(lambda: opening != self._opening)
        try:
            response = send()
        except Exception as error:  # noqa: BLE001  (raised again in the thread that waits)
            self._mailbox.put(error)
            return
        self._mailbox.put(response)
        if opening != self._opening:
            response.close()

    def _close_late_response(self) -> None:
        try:
            outcome = self._mailbox.get_nowait()
        except queue.Empty:
            return
        if outcome is not None and not isinstance(outcome, Exception):
            outcome.close()
