"""The values a conversation is made of; how they are written for a server is the business of ``wire``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Code a model wants to run: the call's id, the language's name and the source, exactly as it will run."""

    call_id: str
    language: str
    code: str


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """Standing instructions; the core puts one before the others, a loaded conversation may hold more."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the person said, with any images as URLs (``data:`` or ``https:``)."""

    text: str
    images: tuple[str, ...] = ()


SUMMARY_HEADING = "[Summary of the conversation so far; what came before it is left out]"
"""The first line of every summary, by which one is known where only its text is kept."""


@dataclass(frozen=True, slots=True)
class SummaryMessage(UserMessage):
    """What stands for everything before it: prompts begin with the newest one. To a server it is the user's message."""


USER_CODE_HEADING = "[The user ran this code themselves; it is done, and no answer to it is needed]"
"""The first line of every report of such code, by which one is known where only its text is kept."""


@dataclass(frozen=True, slots=True)
class UserCodeMessage(UserMessage):
    """Code that the person ran in a language process of the session, and its result: no request of theirs."""


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said: its text, then the code it wants to run.

    ``reasoning`` is kept for servers that want it back, and so is ``state``, as JSON texts that only the model's plugin
    understands: reasoning that a server encrypted, signatures of calls.
    """

    text: str
    blocks: tuple[CodeBlock, ...] = ()
    reasoning: str = ""
    state: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The result of one call: text for the model, and the pictures that the code showed, as URLs."""

    call_id: str
    text: str
    images: tuple[str, ...] = ()


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage
