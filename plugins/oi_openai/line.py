"""The connection that a reply comes over, held so that it can be hung up at any moment and from anywhere."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import ModelCancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WAYPOINTS = ("connect_tcp.complete", "start_tls.complete", "send_request_headers.started", "send_request_body.started")
"""The library's events at which a request that was given up is left; at others it may be cleaning up."""


class Line:
    """Holds a second handle of the newest connection that the HTTP library opened.

    The library blocks in ``recv`` and offers nothing to stop it, and closing a socket under a reader does not wake it;
    shutting the connection down does. The handle is a duplicate because TLS takes the first one over, and because a
    closed descriptor's number may by then belong to another file.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._thread = threading.local()

    def used_by(self, given_up: Callable[[], bool]) -> None:
        """Say, in the thread that sends a request, how to find out that nobody waits for the answer any more."""
        self._thread.given_up = given_up

    def on_request(self, request: Any) -> None:  # httpx's or httpx2's Request, whichever the client is built on
        """Watch what the library does for a request; an event hook of its client."""
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        given_up: Callable[[], bool] = getattr(self._thread, "given_up", lambda: False)
        connected = info["return_value"].get_extra_info("socket") if event.endswith("connect_tcp.complete") else None
        if given_up() and event.endswith(_WAYPOINTS):
            if connected is not None:
                connected.close()
            raise ModelCancelled("the reply was stopped")
        if connected is not None:
            self._hold(connected)

    def _hold(self, connected: socket.socket) -> None:
        self.hang_up()
        self._socket = connected.dup()

    def hang_up(self) -> None:
        """Shut the connection down, if there is one; safe from any thread and from a signal handler."""
        held, self._socket = self._socket, None
        if held is None:
            return
        with contextlib.suppress(OSError):  # the server, or another thread, was faster
            held.shutdown(socket.SHUT_RDWR)
        held.close()
