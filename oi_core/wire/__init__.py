"""Messages as the dicts of OpenAI's chat completions, one function each way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.surrogates import mend
from oi_core.tool_schema import TOOL_NAME
from oi_core.wire.pairing import paired
from oi_core.wire.reading import MessageReader

# The values of the dicts are whatever JSON holds, hence Any.


SHOWN = "The pictures that the code showed:"


def to_wire(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Return a conversation as a server takes it: every call has its result directly behind its message.

    Servers insist on that order. A call without a result gets one that says so, and a result without a call becomes a
    user message; ``content`` is never null and arguments are always valid JSON, which some servers insist on too.
    Pictures of results, which most servers take from users only, follow in a user message once all results are there.
    Reasoning and state are left out. Text that cannot be encoded (halves of surrogate pairs) is mended.
    """
    return [to_wire_one(message) for message in _with_shown_pictures(paired(messages))]


def _with_shown_pictures(messages: Iterable[Message]) -> Iterator[Message]:
    pictures: list[str] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            pictures += message.images
        elif pictures:
            yield UserMessage(SHOWN, tuple(pictures))
            pictures = []
        yield message
    if pictures:
        yield UserMessage(SHOWN, tuple(pictures))


def to_wire_one(message: Message) -> dict[str, Any]:
    """Return one message as a dict, as it stands: for appending to a list that is kept.

    What the dicts of chat completions have no place for is left out: reasoning, state, pictures of results.
    """
    match message:
        case SystemMessage(text=text):
            return {"role": "system", "content": mend(text)}
        case UserMessage(text=text, images=()):
            return {"role": "user", "content": mend(text)}
        case UserMessage(text=text, images=images):
            pictures = [{"type": "image_url", "image_url": {"url": mend(image)}} for image in images]
            return {"role": "user", "content": [{"type": "text", "text": mend(text)}, *pictures]}
        case AssistantMessage(text=text, blocks=()):
            return {"role": "assistant", "content": mend(text)}
        case AssistantMessage(text=text, blocks=blocks):
            return {"role": "assistant", "content": mend(text), "tool_calls": [_call(block) for block in blocks]}
        case ToolMessage(call_id=call_id, text=text):
            return {"role": "tool", "tool_call_id": mend(call_id), "content": mend(text)}
        case _:
            assert_never(message)


def _call(block: CodeBlock) -> dict[str, Any]:
    arguments = json.dumps({"language": mend(block.language), "code": mend(block.code)}, ensure_ascii=False)
    return {"id": mend(block.call_id), "type": "function", "function": {"name": TOOL_NAME, "arguments": arguments}}


def from_wire(dicts: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Return the messages that OpenAI-shaped dicts stand for.

    Both ``tool_calls`` with ``role: tool`` and 2023's ``function_call`` with ``role: function`` are understood, system
    messages anywhere, ``content`` as null, text, or a list of text and image parts, and arguments as JSON text, a dict,
    or plain code. Keys that say nothing about the conversation are passed over. Missing ids are made, the same ones
    each time. A call that has no result, and is not one of the last message's, gets one that says so; a result without
    a call becomes a user message, so that nothing is lost.

    Raises:
        ConfigError: an element is not a message; the error names its index and what was expected.
    """
    reader = MessageReader(dicts)
    return paired((reader.read(index) for index in range(len(dicts))), fill_last=False)
