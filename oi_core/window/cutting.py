"""Messages made smaller by cutting their texts; the messages they are made from stay as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.tokens import TOKENS_PER_IMAGE, TOKENS_PER_MESSAGE, message_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.tokens import Counting

SHORT_OUTPUT_TOKENS = 150
"""What is left of the output of an older step: enough to see what it was, a traceback's end included."""
SHORT_OUTPUT_COST = TOKENS_PER_MESSAGE + SHORT_OUTPUT_TOKENS


def shortened(message: Message, cost: int, counting: Counting) -> Message:
    """Return the message, which costs ``cost``, cut if it is a call's long result, else itself."""
    if not isinstance(message, ToolMessage) or cost <= SHORT_OUTPUT_COST:
        return message
    if not message.images:
        return replace(message, text=counting.cut(message.text, SHORT_OUTPUT_TOKENS))
    text = _without_images(message.text, len(message.images))
    if counting.count(text) > SHORT_OUTPUT_TOKENS:
        text = counting.cut(text, SHORT_OUTPUT_TOKENS)
    return replace(message, text=text, images=())


def squeezed(messages: Sequence[Message], limit: int, counting: Counting) -> list[Message]:
    """Return a step's messages cut so that they cost at most ``limit`` tokens together.

    Long texts are cut to one common length, so that short ones stay whole. Where the calls or pictures alone are too
    many, the newest of them stay. A server's state goes: it belongs to the reply as it was.
    """
    kept = _fewer_images(_fewer_calls([_without_state(message) for message in messages], limit), limit)
    counts = [counting.count(text) for message in kept for text in _texts(message)]
    frames = sum(message_tokens(message, counting) for message in kept) - sum(counts)
    level = water_level(counts, limit - frames)
    left = iter(counts)

    def cut(text: str) -> str:
        return counting.cut(text, level) if next(left) > level else text

    return [_with_texts(message, cut) for message in kept]


def water_level(counts: Sequence[int], room: int) -> int:
    """Return the greatest level for which ``min(count, level)`` sums to at most ``room``; 0 where there is none."""
    remaining = max(0, room)
    rising = sorted(counts)
    for place, count in enumerate(rising):
        share = remaining // (len(rising) - place)
        if count > share:
            return share
        remaining -= count
    return rising[-1] if rising else 0


def _fewer_calls(messages: Sequence[Message], limit: int) -> list[Message]:
    """Return the step with as many of its newest calls and results as take at most half of ``limit`` by themselves."""
    head = messages[0]
    blocks = head.blocks if isinstance(head, AssistantMessage) else ()
    results = [message for message in messages if isinstance(message, ToolMessage)]
    frames = TOKENS_PER_MESSAGE * (1 + len(blocks) + len(results))
    if frames <= limit // 2:
        return list(messages)
    room = limit // 2 - TOKENS_PER_MESSAGE
    kept: list[ToolMessage] = []
    for result in reversed(results):
        answered = {message.call_id for message in kept}
        calls = 0 if result.call_id in answered else sum(block.call_id == result.call_id for block in blocks)
        room -= TOKENS_PER_MESSAGE * (1 + calls)
        if room < 0:
            break
        kept.append(result)
    answered = {message.call_id for message in kept}
    if isinstance(head, AssistantMessage):
        head = replace(head, blocks=tuple(block for block in blocks if block.call_id in answered))
    return [*([] if isinstance(head, ToolMessage) and kept else [head]), *reversed(kept)]


def _fewer_images(messages: Sequence[Message], limit: int) -> list[Message]:
    """Return the messages with no more pictures than take half of ``limit``, the newest; lines count those left out."""
    room = limit // 2 // TOKENS_PER_IMAGE
    kept: list[Message] = []
    for message in reversed(messages):
        images = message.images if isinstance(message, UserMessage | ToolMessage) else ()
        missing = max(0, len(images) - room)
        room -= len(images) - missing
        if missing and isinstance(message, UserMessage | ToolMessage):
            message = replace(message, text=_without_images(message.text, missing), images=images[missing:])
        kept.append(message)
    return kept[::-1]


def _without_images(text: str, number: int) -> str:
    return f"{text}\n[pictures left out to fit the model's window: {number}]"


def _without_state(message: Message) -> Message:
    return replace(message, state=()) if isinstance(message, AssistantMessage) and message.state else message


def _texts(message: Message) -> list[str]:
    match message:
        case SystemMessage(text=text) | UserMessage(text=text) | ToolMessage(text=text):
            return [text]
        case AssistantMessage(text=text, blocks=blocks):
            return [text, *(block.code for block in blocks)]
        case _:
            assert_never(message)


def _with_texts(message: Message, change: Callable[[str], str]) -> Message:
    text = change(message.text)
    if not isinstance(message, AssistantMessage):
        return message if text is message.text else replace(message, text=text)
    return replace(message, text=text, blocks=tuple(_with_code(block, change(block.code)) for block in message.blocks))


def _with_code(block: CodeBlock, code: str) -> CodeBlock:
    return block if code is block.code else replace(block, code=code)
