"""A server on the loopback interface that answers OpenAI's protocols by a script, over real HTTP."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from oi_core.testing.answers import Answer, Ending, refuse, whole

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived: header names in lower case, the body parsed where it is JSON."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None  # whatever JSON holds
    at: float = field(default_factory=time.monotonic)


ASKING_PATHS = ("/chat/completions", "/responses")
Turn: TypeAlias = Answer | Callable[[Request], Answer]
"""What is answered next: an answer, or a function that makes one from the request."""


class ChatServer:
    """Answers each ``POST`` of a chat completion or a response with the next turn, ``GET /v1/models`` with ``models``.

    A name in ``models`` may be a whole entry of the list instead. ``pages`` are what else it has, JSON by path.

    ::

        with ChatServer(run("python", "6*7"), say("It is 42.")) as server:
            ...                                   # talk to server.base_url, with any key
        assert server.requests[1].body["messages"][-1]["content"] == "42"

    With ``api_key`` any other key is answered with 401. When the turns are used up, a request gets a 400 that says so.
    It listens on 127.0.0.1; a client that honours ``HTTP_PROXY`` needs ``NO_PROXY=127.0.0.1`` beside it.
    """

    def __init__(
        self,
        *turns: Turn,
        models: Sequence[str | Mapping[str, object]] = ("test-model",),
        api_key: str | None = None,
        pages: Mapping[str, object] | None = None,
    ) -> None:
        self.requests: list[Request] = []
        """Every request for a chat completion or a response, in order."""
        self._turns = list(turns)
        self._given = 0
        self._models = [_entry(model) for model in models]
        self.pages = dict(pages or {})
        """What else it has, JSON by path; may be changed while it runs."""
        self._api_key = api_key
        self._hang_ups: list[float] = []
        self._changed = threading.Condition()
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._listener = _Listener(self)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        """The address to give a client, up to ``/v1``."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}/v1"

    def add(self, *turns: Turn) -> None:
        """Append turns to the script."""
        with self._changed:
            self._turns.extend(turns)

    @property
    def unused(self) -> int:
        """The number of turns that nobody has asked for."""
        return len(self._turns) - self._given

    def wait_for_requests(self, count: int, timeout: float = 10.0) -> None:
        """Wait until ``count`` requests have arrived; raises ``TimeoutError`` after ``timeout`` seconds."""
        self._wait(lambda: len(self.requests) >= count, timeout, f"{count} requests")

    def wait_for_hang_up(self, timeout: float = 10.0) -> float:
        """Wait until a client has left in the middle of an answer, and return when, on the monotonic clock.

        Only answers that are stalled or paced notice it. Raises ``TimeoutError`` after ``timeout`` seconds.
        """
        self._wait(lambda: bool(self._hang_ups), timeout, "a client that hangs up")
        return self._hang_ups[0]

    def _wait(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"waited {timeout:g} s for {what}; {len(self.requests)} requests arrived")

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Close every connection and stop."""
        self._stop_writer.close()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        self._stop_reader.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # What follows is called from the threads that serve the connections.

    def answer_to(self, request: Request) -> Answer:
        """Return the answer to a request, and remember the request."""
        wrong_key = self._api_key is not None and request.headers.get("authorization") != f"Bearer {self._api_key}"
        path = request.path.partition("?")[0].rstrip("/")
        if path in self.pages:
            return whole(self.pages[path])
        if path.endswith("/models") and request.method == "GET":
            return _wrong_key() if wrong_key else whole({"object": "list", "data": self._models})
        if not path.endswith(ASKING_PATHS) or request.method != "POST":
            return refuse(404, "Not Found")
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            if wrong_key:
                return _wrong_key()
            if self._given == len(self._turns):
                return refuse(400, f"the script of this server is over: it had {self._given} turns")
            turn = self._turns[self._given]
            self._given += 1
        return turn if isinstance(turn, Answer) else turn(request)

    def client_left(self, connection: socket.socket, seconds: float | None = None) -> bool:
        """Wait until the client hangs up, the server closes, or the time is over; return whether the client left."""
        readable, _, _ = select.select([connection, self._stop_reader], [], [], seconds)
        left = connection in readable and not _peek(connection)
        if left:
            with self._changed:
                self._hang_ups.append(time.monotonic())
                self._changed.notify_all()
        elif connection in readable and seconds is not None:
            time.sleep(seconds)
        return left


def _entry(model: str | Mapping[str, object]) -> Mapping[str, object]:
    if isinstance(model, str):
        return {"id": model, "object": "model", "created": 0, "owned_by": "test"}
    return model


def _peek(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return b""


def _wrong_key() -> Answer:
    return refuse(401, "Incorrect API key provided.", type="invalid_request_error", code="invalid_api_key")


class _Listener(ThreadingMixIn, TCPServer):
    """Accepts connections, one thread each; an HTTPServer would look its own name up in the DNS."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, script: ChatServer) -> None:
        self.script = script
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # as in socketserver's own stubs
        self._connections.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:  # as in socketserver's own stubs
        self._connections.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._connections):
            _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # as in socketserver's own stubs
        """Keep quiet: a client that goes away in the middle is an ordinary case here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm: ClassVar[bool] = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw)
        except ValueError:
            body = raw.decode(errors="replace")
        self._answer(body)

    def _answer(self, body: object) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.script.answer_to(Request(self.command, self.path, headers, body))
        if answer.wait and self.server.script.client_left(self.connection, answer.wait):
            return
        if self._send(answer) and answer.ending is Ending.COMPLETE:
            return
        self.close_connection = True
        if answer.ending is Ending.STALLED:
            self.server.script.client_left(self.connection)
        _hang_up(self.connection)

    def _send(self, answer: Answer) -> bool:
        """Send the head and the body in its pieces; return whether all of it was sent."""
        if answer.status is None:
            return True
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        for number, piece in enumerate(answer.pieces()):
            if number and answer.pace and self.server.script.client_left(self.connection, answer.pace):
                return False
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if answer.ending is Ending.COMPLETE:
            self.wfile.write(b"0\r\n\r\n")
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name http.server gives it)
        """Write nothing on the person's terminal."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
