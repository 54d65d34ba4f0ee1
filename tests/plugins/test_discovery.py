"""Servers with models on the loopback interface: found over real sockets, whatever else listens there."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from oi_core.local_servers import LocalServer, local_servers, server_offering
from oi_core.testing.server import ChatServer


@contextmanager
def answering(status: int, body: bytes, server: str = "") -> Iterator[int]:
    """Something that answers every request in the same way; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            if server:
                self.send_header("Server", server)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name http.server gives it)
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield listener.server_address[1]
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


@contextmanager
def listening() -> Iterator[int]:
    """Something that accepts connections and never says a word; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def listed(*names: str, owner: str = "") -> bytes:
    entries = [{"id": name, "object": "model", "owned_by": owner} for name in names]
    return json.dumps({"object": "list", "data": entries}).encode()


def test_a_server_is_found_with_its_models_and_what_is_none_is_passed_over() -> None:
    with (
        ChatServer(models=("tiny", "small")) as server,
        answering(200, b"<html>my app</html>") as page,
        answering(404, b"{}") as missing,
        answering(200, b'{"data": 7}') as odd,
        answering(200, b"[1]") as array,
        listening() as silent,
    ):
        port = urlsplit(server.base_url).port or 0
        found = local_servers([page, missing, port, odd, array, silent, free_port(), port])
    assert found == [LocalServer(server.base_url, "OpenAI-compatible", ("tiny", "small"))]


@pytest.mark.parametrize(
    ("body", "software", "kind"),
    [
        (listed("llama3.2:1b", owner="library"), "", "Ollama"),
        (listed("qwen2.5-coder", owner="organization_owner"), "", "LM Studio"),
        (listed("Qwen/Qwen3", owner="vllm"), "uvicorn", "vLLM"),
        (listed("/models/x.gguf", owner="llamacpp"), "", "llama.cpp"),
        (listed("x"), "llama.cpp", "llama.cpp"),
        (listed("x", owner="someone"), "uvicorn", "OpenAI-compatible"),
    ],
)
def test_what_a_server_is_shows_in_what_it_says(body: bytes, software: str, kind: str) -> None:
    with answering(200, body, software) as port:
        (server,) = local_servers([port])
    assert server.kind == kind
    assert len(server.models) == 1


def test_a_server_that_wants_a_key_is_found_without_its_models() -> None:
    with answering(401, b'{"error": {"message": "Invalid API Key"}}', "llama.cpp") as port:
        assert local_servers([port]) == [LocalServer(f"http://127.0.0.1:{port}/v1", "llama.cpp", (), needs_key=True)]
    with answering(401, b"<html>please log in</html>") as port:
        assert local_servers([port]) == []


def test_many_silent_ports_are_asked_at_once() -> None:
    with listening() as one, listening() as two, listening() as three, listening() as four:
        start = time.monotonic()
        assert local_servers([one, two, three, four], seconds=1.0) == []
        assert time.monotonic() - start < 3.0


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with ChatServer() as server:
        assert len(local_servers([urlsplit(server.base_url).port or 0])) == 1


def test_no_ports_are_no_servers_and_the_usual_ones_are_asked_unless_told_otherwise() -> None:
    assert local_servers([]) == []
    assert isinstance(local_servers(seconds=0.2), list)


def test_a_model_is_looked_for_by_its_exact_name() -> None:
    servers = [LocalServer("a", "Ollama", ("x:1b",)), LocalServer("b", "vLLM", ("x:1b", "y"))]
    assert server_offering("x:1b", servers) is servers[0]
    assert server_offering("y", servers) is servers[1]
    assert server_offering("x", servers) is None
