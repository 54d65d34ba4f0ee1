"""What a server says of a model: how long its window is, whether it calls tools, whether it takes pictures.

The list of models has it at vLLM, OpenRouter, Groq, Together, Mistral and in newer llama.cpp servers; llama.cpp, Ollama
and LM Studio have pages of their own. Nothing of it is needed: a server that says nothing, or nonsense, is none the
worse.
"""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

from oi_openai.client import PROVIDER_PREFIX

if TYPE_CHECKING:
    from oi_openai.client import Server

SECONDS: Final = 2.0
"""How long each page is waited for."""
OLLAMA_DEFAULT: Final = 4096
"""Ollama's window where neither the model nor a loaded instance says another."""
_LARGEST_PAGE: Final = 8_000_000
_WINDOWS: Final = ("loaded_context_length", "max_model_len", "context_length", "context_window", "max_context_length")


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """What a server says of a model; None is what it does not say.

    ``may_change`` says that it will know better once the model is loaded, or the server is up.
    """

    context_window: int | None = None
    calls_tools: bool | None = None
    takes_images: bool | None = None
    may_change: bool = False

    def completed_by(self, other: EndpointFacts) -> EndpointFacts:
        """Return these facts, with the others' where these are silent."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        added = {name: getattr(other, name) for name, value in told.items() if value is None}
        return replace(self, **added, may_change=self.may_change or other.may_change)


class _Unreachable(Exception):
    """The server did not answer at all; ``refused`` at once, which costs nothing to try again."""

    def __init__(self, *, refused: bool) -> None:
        super().__init__()
        self.refused = refused


def endpoint_facts(server: Server, model: str, key: str, *, own: bool, seconds: float = SECONDS) -> EndpointFacts:
    """Ask a server about a model. ``own`` says that it is one of those that run on the person's own machines.

    Only such a server is asked for more than its list of models.
    """
    pages = _Pages(server, key, seconds)
    try:
        listed = pages.get("/models")
        entries = [entry for entry in _list(_part(listed, "data")) if isinstance(entry, dict)]
        entry = _entry_of(model, entries)
        facts = _facts_of_entry(entry)
        if not own:
            return facts
        for told in _told_by_owner(pages, model, str(entry.get("owned_by", ""))):
            # What the server runs with comes before what the model could do.
            facts = told.completed_by(facts)
            if facts.context_window is not None and facts.calls_tools is not None:
                break
    except _Unreachable as problem:
        return EndpointFacts(may_change=problem.refused)
    return facts


class _Pages:
    """Reads pages of one server; what cannot be read as JSON is None."""

    def __init__(self, server: Server, key: str, seconds: float) -> None:
        self._url = server.url
        self._root = re.sub(r"/v\d+$", "", server.url)
        self._headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        self._seconds = seconds
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if server.is_this_machine:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str) -> Any:  # whatever JSON holds
        return self._read(self._url + path, None)

    def get_root(self, path: str) -> Any:  # whatever JSON holds
        return self._read(self._root + path, None)

    def post_root(self, path: str, body: Mapping[str, object]) -> Any:  # whatever JSON holds
        return self._read(self._root + path, json.dumps(body).encode())

    def _read(self, url: str, body: bytes | None) -> Any:  # whatever JSON holds
        if not url.startswith(("http://", "https://")):
            return None
        headers = {**self._headers, "Content-Type": "application/json"} if body else self._headers
        try:
            request = urllib.request.Request(url, body, headers)  # noqa: S310  (the scheme is checked above)
            with self._opener.open(request, timeout=self._seconds) as response:
                return json.loads(response.read(_LARGEST_PAGE))
        except urllib.error.HTTPError as error:
            error.close()
            return None
        except urllib.error.URLError as error:
            raise _Unreachable(refused=isinstance(error.reason, ConnectionRefusedError)) from error
        except TimeoutError as error:
            raise _Unreachable(refused=False) from error
        except (OSError, http.client.HTTPException, ValueError, RecursionError):
            return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: the key is for the server that was named."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Have the redirection be an error."""
        return


def _told_by_owner(pages: _Pages, model: str, owner: str) -> Iterator[EndpointFacts]:
    """Yield what each kind of server says on its own page, the one that the list's owner points to first."""
    ways = {"llamacpp": _llama_cpp, "library": _ollama, "organization_owner": _lm_studio}
    for name in sorted(ways, key=lambda name: name != owner):
        yield ways[name](pages, model)
        if name == owner:
            return


def _llama_cpp(pages: _Pages, _model: str) -> EndpointFacts:
    properties = pages.get_root("/props")
    return EndpointFacts(
        context_window=_size(_part(properties, "default_generation_settings", "n_ctx")),
        calls_tools=_flag(_part(properties, "chat_template_caps", "supports_tools")),
        takes_images=_flag(_part(properties, "modalities", "vision")),
    )


def _ollama(pages: _Pages, model: str) -> EndpointFacts:
    shown = pages.post_root("/api/show", {"model": model})
    if not isinstance(shown, dict):
        return EndpointFacts()
    capabilities = _part(shown, "capabilities")
    known = isinstance(capabilities, list)
    parameter = re.search(r"^num_ctx\s+(\d+)", str(_part(shown, "parameters")), re.MULTILINE)
    running = [entry for entry in _list(_part(pages.get_root("/api/ps"), "models")) if isinstance(entry, dict)]
    loaded = _size(_entry_of(model, running).get("context_length"))
    return EndpointFacts(
        context_window=loaded or (int(parameter[1]) if parameter else OLLAMA_DEFAULT),
        calls_tools="tools" in capabilities if known else None,
        takes_images="vision" in capabilities if known else None,
        may_change=loaded is None,
    )


def _lm_studio(pages: _Pages, model: str) -> EndpointFacts:
    entries = [entry for entry in _list(_part(pages.get_root("/api/v0/models"), "data")) if isinstance(entry, dict)]
    entry = _entry_of(model, entries)
    capabilities = entry.get("capabilities")
    loaded = _size(entry.get("loaded_context_length"))
    return EndpointFacts(
        context_window=loaded,
        calls_tools="tool_use" in capabilities if isinstance(capabilities, list) else None,
        takes_images=entry["type"] == "vlm" if isinstance(entry.get("type"), str) else None,
        may_change=bool(entry) and loaded is None,
    )


def _entry_of(model: str, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the entry of a model, the only one there is, or an empty one. Ollama's names may lack ``:latest``."""
    names = (model, f"{model}:latest", model.removeprefix(PROVIDER_PREFIX))
    for entry in entries:
        if any(entry.get(key) in names for key in ("id", "name", "model")):
            return entry
    return entries[0] if len(entries) == 1 else {}


def _facts_of_entry(entry: Mapping[str, Any]) -> EndpointFacts:
    """Return what the list of models says of one."""
    windows = (_size(entry.get(name)) for name in _WINDOWS)
    offered = _size(_part(entry, "top_provider", "context_length"))
    parameters, modalities = entry.get("supported_parameters"), _part(entry, "architecture", "input_modalities")
    return EndpointFacts(
        context_window=_size(_part(entry, "meta", "n_ctx")) or offered or next(filter(None, windows), None),
        calls_tools="tools" in parameters if isinstance(parameters, list) else None,
        takes_images="image" in modalities if isinstance(modalities, list) else None,
    )


def _part(value: Any, *path: str) -> Any:  # whatever JSON holds
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:  # whatever JSON holds
    return value if isinstance(value, list) else []


def _size(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**40 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
