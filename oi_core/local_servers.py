"""Servers with models that run on this machine: which of the usual ports answer, what they are, what they offer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

HOST: Final = "127.0.0.1"
PORTS: Final[Mapping[int, str]] = {11434: "Ollama", 1234: "LM Studio", 8080: "llama.cpp", 8000: "vLLM"}
"""The ports on which servers listen unless told otherwise, and whose they are."""
COMPATIBLE: Final = "OpenAI-compatible"
_OWNERS: Final = {"library": "Ollama", "organization_owner": "LM Studio", "llamacpp": "llama.cpp", "vllm": "vLLM"}
"""What servers say who owns their models."""
_LARGEST_ANSWER: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers: ``address`` is its base URL, up to ``/v1``; ``kind`` is what it seems to be.

    ``needs_key`` says that it told nothing of its models without an API key.
    """

    address: str
    kind: str
    models: tuple[str, ...]
    needs_key: bool = False


def local_servers(ports: Iterable[int] = tuple(PORTS), seconds: float = 0.5) -> list[LocalServer]:
    """Return the servers on these ports of the loopback interface, in their order, after ``seconds`` at the most.

    All are asked at once and directly, whatever proxy is set. What listens there and is no such server is passed over.
    """
    from concurrent.futures import ThreadPoolExecutor  # here, because few starts look for servers

    listed: Sequence[int] = list(dict.fromkeys(ports))
    if not listed:
        return []
    with ThreadPoolExecutor(len(listed), "local-servers") as threads:
        found = threads.map(lambda port: _ask(port, seconds), listed)
        return [server for server in found if server is not None]


def server_offering(model: str, servers: Iterable[LocalServer]) -> LocalServer | None:
    """Return the first server that offers a model of exactly this name, or None."""
    return next((server for server in servers if model in server.models), None)


def _ask(port: int, seconds: float) -> LocalServer | None:
    import http.client

    connection = http.client.HTTPConnection(HOST, port, timeout=seconds)
    try:
        connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
        response = connection.getresponse()
        body = _json(response.read(_LARGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    address = f"http://{HOST}:{port}/v1"
    software = response.headers.get("Server", "")
    if response.status in (401, 403) and isinstance(body, dict) and "error" in body:
        return LocalServer(address, _kind(port, software, []), (), needs_key=True)
    listed = body.get("data") if isinstance(body, dict) and response.status == 200 else None
    if not isinstance(listed, list):
        return None
    entries = [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    return LocalServer(address, _kind(port, software, entries), tuple(entry["id"] for entry in entries))


def _kind(port: int, software: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return what a server seems to be: by its own words, by who owns its models, by its port while that says none."""
    if "llama.cpp" in software.lower():
        return "llama.cpp"
    owners = {str(entry.get("owned_by")) for entry in entries}
    named = next((_OWNERS[owner] for owner in sorted(owners) if owner in _OWNERS), "")
    if named:
        return named
    return COMPATIBLE if entries else PORTS.get(port, COMPATIBLE)


def _json(raw: bytes) -> Any:  # whatever JSON holds; None when it is none
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
