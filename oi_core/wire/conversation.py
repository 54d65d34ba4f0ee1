"""A conversation kept as a list of OpenAI-shaped dicts that a program holds, reads and may change between turns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from oi_core.conversation import Conversation
from oi_core.messages import AssistantMessage, ToolMessage
from oi_core.wire import from_wire, to_wire_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.messages import Message


class WireConversation(Conversation):
    """Reads ``dicts`` afresh whenever its messages are asked for, and appends to that very list.

    The dicts are a program's: what was in them is never changed, and their values are whatever JSON holds. What dicts
    have no place for, reasoning and the pictures of results, is kept beside them for as long as a message reads as it
    was appended.
    """

    def __init__(self, dicts: list[dict[str, Any]] | None = None) -> None:
        super().__init__()
        self.dicts: list[dict[str, Any]] = [] if dicts is None else dicts
        self._whole: dict[Message, Message] = {}

    @property
    def messages(self) -> Sequence[Message]:
        """The messages that the dicts stand for.

        Raises:
            ConfigError: a dict is not a message; the error names its place in the list.
        """
        return tuple(self._whole.get(message, message) for message in from_wire(self.dicts))

    def _append(self, message: Message) -> None:
        self.dicts.append(to_wire_one(message))
        bare = _bare(message)
        if bare != message:
            self._whole[bare] = message

    def _keep(self, count: int) -> None:
        del self.dicts[count:]


def _bare(message: Message) -> Message:
    """Return what dicts tell of a message."""
    match message:
        case AssistantMessage():
            return replace(message, reasoning="", state=())
        case ToolMessage():
            return replace(message, images=())
        case _:
            return message
