"""The calls of a streamed reply: which piece belongs to which, whatever servers do to ids, names and indices."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import CallPart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(slots=True)
class _Call:
    number: int
    server_index: int | None
    call_id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)
    signature: Any = None  # whatever JSON holds: what the server wants back with the call
    id_given_out: bool = False
    name_given_out: bool = False


class CallTracker:
    """Turns the ``tool_calls`` entries of deltas into :class:`CallPart` pieces, numbered in the order of the calls."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []

    def feed(self, entry: Mapping[str, Any]) -> CallPart | None:
        """Return what an entry adds, or None while the call's name may still grow."""
        function = entry.get("function")
        if not isinstance(function, dict):
            function = entry
        call_id, name = _text(entry.get("id")), _text(function.get("name"))
        arguments = _arguments(function.get("arguments"))
        call = self._call(entry.get("index"), call_id, name, arguments)
        call.call_id = call.call_id or call_id
        call.signature = call.signature or entry.get("extra_content")
        # Repeated whole on every delta by llama-cpp-python, in pieces by others (continuedev/continue#5849).
        if name and name != call.name and not call.arguments:
            call.name += name
        if not arguments:
            return None
        call.arguments.append(arguments)
        return _part(call, arguments)

    def finish(self) -> Iterator[CallPart]:
        """Yield the calls that had no arguments, which were held back until now."""
        for call in self._calls:
            if not call.name_given_out:
                yield _part(call, "")

    def signatures(self) -> list[Any]:
        """Return what the server wants back with each call, None where nothing; empty if that is all there is.

        Google's servers sign calls in ``extra_content`` (pi#3234), under its own name or under that of Vertex.
        """
        signatures = [call.signature for call in self._calls]
        return signatures if any(signatures) else []

    def _call(self, index: object, call_id: str, name: str, arguments: str) -> _Call:
        """Return the call that an entry belongs to, opening one where needed.

        The index may be missing, or 0 for every call (ollama#7881, ollama#15457): then a new id together with a name
        opens a call. Ids may be new on every fragment (LM Studio), so that an id alone does not. Without ids, a name
        with arguments opens a call once those before are a complete object.
        """
        number = index if isinstance(index, int) else None
        call = next((c for c in reversed(self._calls) if number is None or c.server_index == number), None)
        if call is None and not name and self._calls and call_id in ("", self._calls[-1].call_id):
            call = self._calls[-1]
        new_id = bool(call_id and name and call and call.call_id and call_id != call.call_id)
        if call is None or new_id or (name and not call_id and _begins_anew(call, arguments)):
            call = _Call(len(self._calls), number)
            self._calls.append(call)
        return call


def _begins_anew(call: _Call, arguments: str) -> bool:
    if not arguments.lstrip().startswith("{") or not call.arguments or not call.arguments[-1].rstrip().endswith("}"):
        return False
    try:
        json.loads("".join(call.arguments), strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _part(call: _Call, arguments: str) -> CallPart:
    call_id = "" if call.id_given_out else call.call_id
    name = "" if call.name_given_out else call.name
    call.id_given_out, call.name_given_out = bool(call.call_id), bool(call.name)
    return CallPart(call.number, call_id, name, arguments)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: object) -> str:
    """Return a piece of arguments as text; some servers send an object, or null first (llama.cpp#20198, TGI#2461)."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
