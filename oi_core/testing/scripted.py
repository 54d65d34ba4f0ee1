"""A model in this process whose replies are written down beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from oi_core.errors import ModelCancelled, ModelError
from oi_core.model import CallPart, TextPart

if TYPE_CHECKING:
    from oi_core.messages import Message
    from oi_core.model import Delta
    from oi_core.tool_schema import Tool

Step: TypeAlias = "Delta | str | ModelError"
"""A delta, a text, or an error that breaks the reply off."""

ScriptedReply: TypeAlias = "Iterable[Step] | Callable[[Sequence[Message]], Iterable[Step]]"
"""The steps of one reply, or a function that makes them from the messages it answers."""


class ScriptedModel:
    """Gives each request the next reply. ``prompts`` are the messages of every request, ``tools`` the last tools sent.

    ::

        model = ScriptedModel(["Let me see.", call("python", "6*7")], ["It is 42."])

    A request beyond the last reply is a ``ModelError``. :meth:`cancel` ends a reply before its next step.
    """

    context_window: int | None = None

    def __init__(self, *replies: ScriptedReply, name: str = "scripted/model") -> None:
        self.name = name
        self.prompts: list[list[Message]] = []
        self.tools: Sequence[Tool] = ()
        self.closed = False
        self._replies = list(replies)
        self._cancelled = False

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the next reply."""
        self._cancelled = False
        self.tools = tools
        self.prompts.append(list(messages))
        if len(self.prompts) > len(self._replies):
            raise ModelError(f"the script of {self.name} is over: it had {len(self._replies)} replies")
        reply = self._replies[len(self.prompts) - 1]
        for step in reply(messages) if callable(reply) else reply:
            if isinstance(step, ModelError):
                raise step
            yield TextPart(step) if isinstance(step, str) else step
            if self._cancelled:
                raise ModelCancelled("the reply was stopped")

    def cancel(self) -> None:
        """Stop the reply that is being streamed."""
        self._cancelled = True

    def close(self) -> None:
        """Remember that the model was given back."""
        self.closed = True


def call(language: str, code: str, *, index: int = 0, call_id: str = "") -> CallPart:
    """Return a whole call of ``run_code``."""
    arguments = json.dumps({"language": language, "code": code})
    return CallPart(index, call_id or f"call{index:05}", "run_code", arguments)
