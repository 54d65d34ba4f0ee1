"""The request for a reply as chat completions have it, rewritten for servers that refuse it as it is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import AssistantMessage, to_wire
from oi_openai.asking import Asking, Demand, WireDict
from oi_openai.roles import folded
from oi_openai.state import recalled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.plugin_api import Tool

UNSIGNED = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""What Google's documentation gives for calls that another model made."""
NO_REASONING = "…"
"""Stands for the reasoning of a reply that had none, where every reply must have some."""
NOTHING_SAID = "…"


def chat_request(asking: Asking) -> dict[str, Any]:
    """Return the arguments of ``chat.completions.create``, as this endpoint takes them."""
    request: dict[str, Any] = {
        "model": asking.model,
        "messages": _messages(asking),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if asking.temperature is not None:
        request["temperature"] = asking.temperature
    if asking.tools:
        request["tools"] = [_function(tool) for tool in asking.tools]
    return as_taken({**request, **asking.extra}, asking.known)


def as_taken(request: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the request without the fields that the endpoint does not take, or under the name that it takes."""
    taken = dict(request)
    if Demand.OTHER_LIMIT_FIELD in known:
        names = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
        taken = {names.get(name, name): value for name, value in taken.items()}
    if Demand.NOT_STREAMED in known:
        # The client insists on reading a stream of its own making; what goes out is what counts.
        taken["extra_body"] = {"stream": False}
        taken.pop("stream_options", None)
    return {name: value for name, value in taken.items() if name not in known}


def _function(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _messages(asking: Asking) -> list[WireDict]:
    known = asking.known
    wire = to_wire(asking.messages)
    replies = (message for message in asking.messages if isinstance(message, AssistantMessage))
    for reply, message in zip(replies, (m for m in wire if m["role"] == "assistant"), strict=True):
        _give_back(reply, message, asking)
    if Demand.FOLDED_ROLES in known:
        wire = folded(wire)
    if Demand.NO_EMPTY_TEXT in known:
        wire = [_without_empty_text(message) for message in wire]
    if Demand.SHORT_IDS in known:
        wire = [_with_short_ids(message) for message in wire]
    return wire


def _give_back(reply: AssistantMessage, message: WireDict, asking: Asking) -> None:
    """Put what the server wants back with its own reply onto a message."""
    known = asking.known
    state = {} if Demand.NO_STATE in known else recalled(reply, asking.origin)
    if state.get("reasoning_details"):
        message["reasoning_details"] = state["reasoning_details"]
    if Demand.REASONING_BACK in known and reply.blocks:
        message["reasoning_content"] = reply.reasoning or NO_REASONING
    signatures = state.get("calls") or []
    for place, call in enumerate(message.get("tool_calls", ())):
        signature = signatures[place] if place < len(signatures) else None
        signature = signature or (UNSIGNED if Demand.SIGNED_CALLS in known else None)
        if signature:
            call["extra_content"] = signature


def _without_empty_text(message: WireDict) -> WireDict:
    if message["content"] not in ("", []) or message["role"] == "system":
        return message
    if "tool_calls" in message:
        return {key: value for key, value in message.items() if key != "content"}
    return {**message, "content": NOTHING_SAID}


def _with_short_ids(message: WireDict) -> WireDict:
    if "tool_call_id" in message:
        return {**message, "tool_call_id": short_id(message["tool_call_id"])}
    if "tool_calls" in message:
        return {**message, "tool_calls": [{**call, "id": short_id(call["id"])} for call in message["tool_calls"]]}
    return message


def short_id(call_id: str) -> str:
    """Return an id of nine letters and digits, the same one each time."""
    return hashlib.sha256(call_id.encode(errors="replace")).hexdigest()[:9]
