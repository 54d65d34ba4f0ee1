"""Messages in the roles and the order that the strictest chat templates insist on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oi_openai.asking import WireDict

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = "(read)"
"""The assistant's word between a result and the user's next message, which Mistral's servers ask for (crush#279)."""
EARLIER = "(the conversation began earlier)"


def folded(messages: Sequence[WireDict]) -> list[WireDict]:
    """Return the messages with the system's folded into the first of the user, and user and assistant in turns.

    Chat templates exist that know no system role (mistral.rs#506), that take it at the beginning only (Qwen's), or that
    insist that roles alternate (jan#6254): neighbours of one role become one message.
    """
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system" and m["content"])
    spoken = [m for m in messages if m["role"] != "system"]
    if system or (spoken and spoken[0]["role"] != "user"):
        spoken.insert(0, {"role": "user", "content": system or EARLIER})
    merged: list[WireDict] = []
    for message in spoken:
        last = merged[-1] if merged else None
        if last and last["role"] == message["role"] in ("user", "assistant") and "tool_calls" not in last:
            merged[-1] = {**last, **message, "content": _together(last["content"], message["content"])}
        else:
            if last and (last["role"], message["role"]) == ("tool", "user"):
                merged.append({"role": "assistant", "content": READ})
            merged.append(message)
    return merged


def _together(one: str | list[Any], other: str | list[Any]) -> str | list[Any]:
    if isinstance(one, str) and isinstance(other, str):
        return "\n\n".join(text for text in (one, other) if text)
    return [*_parts(one), *_parts(other)]


def _parts(content: str | list[Any]) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) and content else [*content]
