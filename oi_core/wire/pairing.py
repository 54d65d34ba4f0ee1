"""Calls and their results in order: every result directly behind the message that made the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.messages import AssistantMessage, CodeBlock, Message, ToolMessage, UserMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

NO_RESULT = "[no result was recorded for this call]"
NO_CALL = "The result of a call that is not part of this conversation:"


def paired(messages: Iterable[Message], *, fill_last: bool = True) -> list[Message]:
    """Return the messages with each call's result behind its message, in the order of the calls.

    A call without a result gets :data:`NO_RESULT`, and a result without a call becomes a user message. Where an id is
    used again, a result belongs to the newest call before it. Without ``fill_last``, calls that can still be answered,
    because nothing but results follows their message, stay open.
    """
    ordered = list(messages)
    answers = _answers(ordered)
    placed = set(answers.values())
    stays_open = -1 if fill_last else _last_call(ordered)
    result: list[Message] = []
    for index, message in enumerate(ordered):
        if isinstance(message, ToolMessage):
            if index not in placed:
                result.append(UserMessage(f"{NO_CALL}\n{message.text}"))
            continue
        result.append(message)
        if isinstance(message, AssistantMessage):
            calls = [(block, answers.get((index, place))) for place, block in enumerate(message.blocks)]
            result.extend(_results(ordered, calls, fill=index != stays_open))
    return result


def _results(
    messages: Sequence[Message], calls: Sequence[tuple[CodeBlock, int | None]], *, fill: bool
) -> Iterator[Message]:
    for block, answer in calls:
        if answer is not None:
            yield messages[answer]
        elif fill:
            yield ToolMessage(block.call_id, NO_RESULT)


def _answers(messages: Sequence[Message]) -> dict[tuple[int, int], int]:
    """Return the index of each call's result, by the index of its message and its place therein."""
    answers: dict[tuple[int, int], int] = {}
    waiting: dict[str, list[tuple[int, int]]] = {}
    for index, message in enumerate(messages):
        if isinstance(message, AssistantMessage):
            fresh: dict[str, list[tuple[int, int]]] = {}
            for place, block in enumerate(message.blocks):
                fresh.setdefault(block.call_id, []).append((index, place))
            waiting.update(fresh)
        elif isinstance(message, ToolMessage) and waiting.get(message.call_id):
            answers[waiting[message.call_id].pop(0)] = index
    return answers


def _last_call(messages: Sequence[Message]) -> int:
    """Return the index of the message whose calls can still be answered, or -1."""
    for index in range(len(messages) - 1, -1, -1):
        if not isinstance(messages[index], ToolMessage):
            return index if isinstance(messages[index], AssistantMessage) else -1
    return -1
