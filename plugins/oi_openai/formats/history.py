"""A conversation retold without tool calls: calls in the words of a format, results as messages to the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from oi_core.plugin_api import AssistantMessage, SystemMessage, ToolMessage, UserMessage
from oi_openai.formats.fence_scanner import fenced

if TYPE_CHECKING:
    from oi_core.plugin_api import CodeBlock, Message

NO_RESULT = "(no result was recorded)"


def retold(
    messages: Sequence[Message], write: Callable[[str, CodeBlock | None], str], explanation: str, reminder: str
) -> list[Message]:
    """Return the conversation with the explanation at the end of the first system message, or before everything.

    ``write`` returns a reply in the format's words from its text and the code it runs, if any. A reply with several
    calls becomes one for each, its result behind it, so that the model sees the one step at a time it is to take.
    ``reminder`` ends each result.
    """
    told = list(_retold(list(messages), write, reminder))
    for place, message in enumerate(told):
        if isinstance(message, SystemMessage):
            told[place] = SystemMessage(f"{message.text}\n\n{explanation}")
            return told
    return [SystemMessage(explanation), *told]


def _retold(messages: list[Message], write: Callable[[str, CodeBlock | None], str], reminder: str) -> Iterator[Message]:
    place = 0
    while place < len(messages):
        message = messages[place]
        place += 1
        if isinstance(message, ToolMessage):
            yield _result(message, reminder)
        elif not isinstance(message, AssistantMessage):
            yield message
        elif not message.blocks:
            yield AssistantMessage(write(message.text, None), (), message.reasoning)
        else:
            results, place = _results_behind(messages, place)
            yield from _steps(message, results, write, reminder)


def _results_behind(messages: list[Message], place: int) -> tuple[list[ToolMessage], int]:
    results: list[ToolMessage] = []
    while place < len(messages) and isinstance(messages[place], ToolMessage):
        results.append(messages[place])  # type: ignore[arg-type]  # just checked
        place += 1
    return results, place


def _steps(
    message: AssistantMessage,
    results: list[ToolMessage],
    write: Callable[[str, CodeBlock | None], str],
    reminder: str,
) -> Iterator[Message]:
    for number, block in enumerate(message.blocks):
        text = message.text if number == 0 else ""
        yield AssistantMessage(write(text, block), (), message.reasoning if number == 0 else "")
        mine = next((result for result in results if result.call_id == block.call_id), None)
        if mine is not None:
            results.remove(mine)
        yield _result(mine or ToolMessage(block.call_id, NO_RESULT), reminder)
    for stray in results:
        yield _result(stray, reminder)


def _result(result: ToolMessage, reminder: str) -> UserMessage:
    """Return a result as the model is told it: output is data, so it stands in a fence that it cannot close."""
    text = f"The code has run. Its output:\n{fenced('output', result.text)}\n{reminder}"
    return UserMessage(text, result.images)
