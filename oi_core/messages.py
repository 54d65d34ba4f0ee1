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


@dataclass(frozen=True, slots=True)
class SummaryMessage(UserMessage):
    """What stands for everything before it: a prompt begins with the newest one. To a server it is the user's message."""


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said: its text, then the code it wants to run; ``reasoning`` is kept for servers that want it back."""

    text: str
    blocks: tuple[CodeBlock, ...] = ()
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The result of one call, as text for the model."""

    call_id: str
    text: str


Message: TypeAlias = SystemMessage | UserMessage | AssistantMessage | ToolMessage
