"""The request for a reply, and what of it is left out or rewritten for servers that refuse it as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import to_wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.plugin_api import Message, Tool

FOLD_ROLES = "fold roles"
_OPTIONAL = ("stream_options", "temperature")
_UNKNOWN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra|invalid|does not take",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"roles? must alternate|alternate user/assistant|system role (is )?not supported|only user and assistant roles",
    re.IGNORECASE,
)

WireMessage = dict[str, Any]  # the values are whatever JSON holds


def parameters(
    model: str, messages: Sequence[Message], tools: Sequence[Tool], temperature: float | None, without: frozenset[str]
) -> dict[str, Any]:
    """Return the arguments of ``chat.completions.create``, less what the server is known to refuse."""
    wire = to_wire(messages)
    request: dict[str, Any] = {
        "model": model,
        "messages": folded(wire) if FOLD_ROLES in without else wire,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if temperature is not None:
        request["temperature"] = temperature
    if tools:
        request["tools"] = [_function(tool) for tool in tools]
    return {name: value for name, value in request.items() if name not in without}


def _function(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def demand(said: str, without: frozenset[str]) -> str | None:
    """Return what to leave out or rewrite, judging by what a server said when it refused a request, or None."""
    if _ROLES.search(said) and FOLD_ROLES not in without:
        return FOLD_ROLES
    if not _UNKNOWN.search(said):
        return None
    return next((name for name in _OPTIONAL if name in said and name not in without), None)


def folded(messages: Sequence[WireMessage]) -> list[WireMessage]:
    """Return the messages with the system's folded into the first of the user, and neighbours of one role merged.

    Chat templates exist that know no system role (mistral.rs#506) or insist that roles alternate (jan#6254).
    """
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system" and m["content"])
    merged: list[WireMessage] = [{"role": "user", "content": system}] if system else []
    for message in messages:
        if message["role"] == "system":
            continue
        last = merged[-1] if merged else None
        if last and last["role"] == message["role"] in ("user", "assistant") and "tool_calls" not in last:
            merged[-1] = {**last, **message, "content": _together(last["content"], message["content"])}
        else:
            merged.append(message)
    return merged


def _together(one: str | list[Any], other: str | list[Any]) -> str | list[Any]:
    if isinstance(one, str) and isinstance(other, str):
        return "\n\n".join(text for text in (one, other) if text)
    return [*_parts(one), *_parts(other)]


def _parts(content: str | list[Any]) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content
