"""What a person can choose about how servers are spoken to, besides what the core's settings say."""

from __future__ import annotations

from enum import StrEnum


class ProtocolChoice(StrEnum):
    """Which of OpenAI's two protocols to speak."""

    AUTO = "auto"
    """Responses with OpenAI's own servers, chat completions with all others."""
    CHAT = "chat"
    """Chat completions, which every compatible server knows."""
    RESPONSES = "responses"
    """Responses, in which a model's reasoning is kept from call to call."""


class ImagesChoice(StrEnum):
    """Whether the model is sent pictures; one that is not is told what they were."""

    AUTO = "auto"
    """If the model's name is one of those known to take them."""
    YES = "yes"
    NO = "no"
