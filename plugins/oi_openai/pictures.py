"""Pictures in a conversation: which models take them, how many go, and what is said instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from oi_core.plugin_api import Message, ToolMessage, UserMessage, described
from oi_openai.choices import ImagesChoice

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PICTURES = 20
STRIDE = 10
"""The oldest are left out so many at a time, so that most prompts begin as the one before, for caches' sake."""
MOST_CHARS = 24_000_000
"""Of all URLs together; Anthropic's servers take requests of 32 MB, others more."""
_BLIND = re.compile(
    r"gpt-3|gpt-4(-\d{4}|-32k|$)|o1-(mini|preview)|o3-mini|gemma-?3[:-](1b|270m)|codex-mini|text-", re.I
)
_SEEING = re.compile(
    r"gpt-4|gpt-[5-9]|chatgpt-4o|\bo[1-9]\b|claude|gemini|gemma-?(3|4)|llama-?4|llama-?3\.2.*vision|vision|llava|"
    r"\bvl|vl\b|[a-z0-9]vl\b|-vl-|omni|pixtral|moondream|molmo|minicpm-?[vo]|multimodal|internvl|smolvlm|cogvlm|glm-[45](\.\d)?v|"
    r"mistral-small-?3\.[1-9]|mistral-(small|medium|large)-(latest|25|26)|ministral-?3|grok-(2-vision|[4-9])|nova-(lite|pro|premier)|"
    r"kimi-k2\.[5-9]|qwen-?3\.[5-9]",
    re.IGNORECASE,
)
Pictured: TypeAlias = UserMessage | ToolMessage


def takes_pictures(model: str, choice: ImagesChoice, *, is_openai: bool, told: bool | None = None) -> bool:
    """Return whether a model is sent pictures: as set, as the server ``told``, else as its name has it.

    OpenAI's own models take them unless they are known not to.
    """
    if choice is not ImagesChoice.AUTO:
        return choice is ImagesChoice.YES
    if told is not None:
        return told
    name = model.rpartition("/")[2]
    return not _BLIND.search(name) and (is_openai or _SEEING.search(name) is not None)


def has_pictures(messages: Iterable[Message]) -> bool:
    """Return whether there is any picture in a conversation."""
    return any(isinstance(message, Pictured) and message.images for message in messages)


def without_pictures(messages: Sequence[Message]) -> list[Message]:
    """Return the conversation with a line for each picture that says what it was."""
    return _retold(messages, lambda _place: False, "this model is not shown pictures")


def bounded_pictures(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the conversation with its newest pictures, and a line for each older one."""
    sizes = [len(url) for message in messages if isinstance(message, Pictured) for url in message.images]
    excess = max(0, len(sizes) - MOST_PICTURES)
    first = -(-excess // STRIDE) * STRIDE
    while sum(sizes[first:]) > MOST_CHARS:
        first += 1
    return _retold(messages, lambda place: place >= first, "an older one, left out") if first else messages


def _retold(messages: Sequence[Message], stays: Callable[[int], bool], reason: str) -> list[Message]:
    told: list[Message] = []
    place = 0
    for message in messages:
        if not isinstance(message, Pictured) or not message.images:
            told.append(message)
            continue
        staying = tuple(url for offset, url in enumerate(message.images) if stays(place + offset))
        lines = [
            f"[a picture: {described(url)}; {reason}]"
            for offset, url in enumerate(message.images)
            if not stays(place + offset)
        ]
        place += len(message.images)
        told.append(replace(message, text="\n".join([message.text, *lines]), images=staying))
    return told
