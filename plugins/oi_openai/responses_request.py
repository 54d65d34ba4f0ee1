"""The request for a reply as the Responses protocol has it.

Nothing is stored at the server (``store`` is false): what a person says to a model is not to lie there for 30 days
because of us, organisations without data retention are served too, and the core decides what of a long conversation is
sent, which one that the server keeps would not let it. The model's reasoning comes back encrypted instead, and is sent
with the messages that it led to.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import AssistantMessage, SystemMessage, ToolMessage, UserMessage, mend, paired, to_wire
from oi_openai.asking import Asking, Demand, WireDict
from oi_openai.requests import NOTHING_SAID, as_taken, short_id
from oi_openai.responses_events import BETWEEN_MESSAGES
from oi_openai.state import recalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from oi_core.plugin_api import Message, Tool

_DOES_NOT_REASON = re.compile(r"(gpt-[34]|chatgpt-4o|text-|davinci|babbage)")
_NAMES = {"max_tokens": "max_output_tokens", "max_completion_tokens": "max_output_tokens"}


def responses_request(asking: Asking) -> dict[str, Any]:
    """Return the arguments of ``responses.create``, as this endpoint takes them."""
    messages = paired(asking.messages)
    leading = next((n for n, message in enumerate(messages) if not isinstance(message, SystemMessage)), 0)
    instructions = "\n\n".join(mend(m.text) for m in messages[:leading] if isinstance(m, SystemMessage) and m.text)
    request: dict[str, Any] = {
        "model": asking.model,
        "input": list(_items(messages[leading:], asking)),
        "stream": True,
        "store": False,
    }
    if instructions:
        request["instructions"] = instructions
    if not _DOES_NOT_REASON.match(asking.model):
        request |= {"include": ["reasoning.encrypted_content"], "reasoning": {"summary": "auto"}}
    if asking.temperature is not None:
        request["temperature"] = asking.temperature
    if asking.tools:
        request["tools"] = [_function(tool) for tool in asking.tools]
    return as_taken({**request, **_translated(asking.extra)}, asking.known)


def _function(tool: Tool) -> dict[str, Any]:
    # Left out, ``strict`` would be true here, and the tool's schema rewritten.
    about = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "strict": False, **about}


def _translated(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return further arguments of chat completions under the names they have here."""
    translated = {_NAMES.get(name, name): value for name, value in extra.items() if name != "response_format"}
    wanted = extra.get("response_format")
    if isinstance(wanted, dict):
        schema = wanted.get("json_schema")
        translated["text"] = {"format": {"type": wanted.get("type"), **(schema if isinstance(schema, dict) else {})}}
    return translated


def _items(messages: Sequence[Message], asking: Asking) -> Iterator[WireDict]:
    for message in messages:
        match message:
            case SystemMessage(text=text):
                yield {"type": "message", "role": "system", "content": mend(text)}
            case UserMessage(text=text, images=images):
                yield {"type": "message", "role": "user", "content": _content(text, images)}
            case ToolMessage(call_id=call_id, text=text, images=images):
                output = {"call_id": _id(call_id, asking), "output": _content(text, images)}
                yield {"type": "function_call_output", **output}
            case AssistantMessage():
                yield from _reply_items(message, asking)


def _content(text: str, images: Sequence[str]) -> str | list[WireDict]:
    if not images:
        return mend(text)
    pictures = [{"type": "input_image", "detail": "auto", "image_url": mend(url)} for url in images]
    return [{"type": "input_text", "text": mend(text)}, *pictures]


def _id(call_id: str, asking: Asking) -> str:
    return short_id(call_id) if Demand.SHORT_IDS in asking.known else mend(call_id)


def _calls(message: AssistantMessage, asking: Asking) -> list[WireDict]:
    calls = to_wire([message])[0].get("tool_calls", [])
    return [{"type": "function_call", "call_id": _id(call["id"], asking), **call["function"]} for call in calls]


def _reply_items(message: AssistantMessage, asking: Asking) -> Iterator[WireDict]:
    """Yield a reply in the order in which its items came, each reasoning before what it led to.

    The server refuses reasoning without the item that followed it, so reasoning goes when that is gone.
    """
    calls = _calls(message, asking)
    state = {} if Demand.NO_STATE in asking.known else recalled(message, asking.origin)
    texts = _texts(message, state)
    reasoning: list[WireDict] = []
    for item in state.get("items", ()):
        following: WireDict | None = None
        if item.get("type") == "reasoning":
            reasoning.append(item)
            continue
        if item.get("type") == "function_call":
            following = calls.pop(0) if calls else None
        elif texts and (text := texts.pop(0)):
            following = _said(text, item.get("phase"))
        if following is not None:
            yield from reasoning
            yield following
        reasoning = []
    for text in texts:
        if text:
            yield _said(text)
    yield from calls
    if not message.text and not message.blocks:
        yield _said(NOTHING_SAID)


def _said(text: str, phase: str | None = None) -> WireDict:
    """Return a message of the assistant's, in the long form: llama.cpp knows no shorter one."""
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}
    return {**item, "phase": phase} if phase else item


def _texts(message: AssistantMessage, state: Mapping[str, Any]) -> list[str]:
    """Return the text of each message item of a reply; of a reply whose text is another now, all in one."""
    lengths = [item.get("characters", 0) for item in state.get("items", ()) if item.get("type") == "message"]
    text = mend(message.text)
    if sum(lengths) != len(text) or not lengths:
        return [text]
    texts, start = [], 0
    for length in lengths:
        texts.append(text[start : start + length].removeprefix(BETWEEN_MESSAGES))
        start += length
    return texts
