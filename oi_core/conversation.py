"""The ordered messages of a conversation, which change only at the end and never keep a call without its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from oi_core.messages import (
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    ToolMessage,
    UserCodeMessage,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Conversation:
    """What was said so far. Messages are values: nothing here, or anywhere, edits a stored one."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._messages = list(messages)
        self.on_change: Callable[[], None] | None = None
        """Called when messages have been added or taken back."""

    @property
    def messages(self) -> Sequence[Message]:
        """The messages, oldest first."""
        return tuple(self._messages)

    def fresh(self) -> Self:
        """Return an empty conversation of the same kind; this one stays as it is."""
        return type(self)()

    def add(self, message: Message) -> None:
        """Append a message; one that repeats the last, unanswered one is a second try and is not stored twice."""
        messages = self.messages
        if isinstance(message, AssistantMessage) or not messages or messages[-1] != message:
            self._add(message)

    def _add(self, message: Message) -> None:
        self._append(message)
        self._changed()

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _append(self, message: Message) -> None:
        self._messages.append(message)

    def take_back(self) -> Sequence[Message]:
        """Take the person's last message out again, with all that followed it, and return what was taken.

        Nothing is taken when there is none, or when a summary stands for it.
        """
        messages = self.messages
        for place in range(len(messages) - 1, -1, -1):
            match messages[place]:
                case SummaryMessage():
                    break
                case UserCodeMessage():
                    continue
                case UserMessage():
                    self._keep(place)
                    self._changed()
                    return messages[place:]
                case _:
                    continue
        return ()

    def _keep(self, count: int) -> None:
        """Forget all messages but the first ``count``."""
        del self._messages[count:]

    def open_calls(self) -> tuple[CodeBlock, ...]:
        """Return the calls of the last reply that have no result yet, in their order."""
        answered: set[str] = set()
        for message in reversed(self.messages):
            match message:
                case ToolMessage(call_id=call_id):
                    answered.add(call_id)
                case AssistantMessage(blocks=blocks):
                    return tuple(block for block in blocks if block.call_id not in answered)
                case _:
                    return ()
        return ()

    def close_calls(self, text: str) -> None:
        """Give every open call the result ``text``."""
        for block in self.open_calls():
            self._add(ToolMessage(block.call_id, text))
