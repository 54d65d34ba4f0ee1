"""How servers say that a conversation does not fit into the model's window, and the figures they give."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODES = (
    "context_length_exceeded",  # OpenAI, Azure, vLLM, TensorRT-LLM
    "exceed_context_size_error",  # llama.cpp
    "model_max_prompt_tokens_exceeded",  # GitHub Copilot
    "tokens_limit_reached",  # GitHub Models
    "string_above_max_length.*messages",
)
_WORDINGS = (
    r"maximum (context|prompt|model) length",  # OpenAI, vLLM, OpenRouter, xAI, Mistral
    r"(exceeds?|exceeded|longer than|larger than|greater than|too large for|over|reached)\b.{0,40}"
    r"\bcontext[- ]?(size|window|length|limit)",
    r"context (size|window|length)( limit)?( has been| was)? (exceeded|exceeds)",  # LM Studio on MLX, MiniMax
    r"context the overflows",  # LM Studio's own wording
    r"(prompt|input)( is|'s)? too long",  # Anthropic, Bedrock, Ollama, omlx
    r"prompt exceeds max length",  # z.ai
    r"input token count.{0,40}exceeds",  # Google
    r"(input|prompt) (length|token count).{0,40}exceeds? the (maximum|limit)",  # GLM behind LiteLLM, Copilot
    r"exceeded model token limit",  # Kimi
    r"exceeded max context length",  # Ollama
    r"reduce the length of the (messages|prompt|input|conversation)",  # Groq, Cerebras, OpenAI
    r"`inputs` (tokens \+|must have less than)",  # text-generation-inference
    r"too many (input )?tokens|request too large for",  # Cohere; Groq and OpenAI where a minute's allowance is smaller
)
_OVERFLOW = re.compile("|".join((*_CODES, *_WORDINGS)), re.IGNORECASE | re.DOTALL)
_THROTTLED = re.compile(r"please wait|throttl|too many requests|retry (in|after)", re.IGNORECASE)
"""Bedrock throttles with "Too many tokens, please wait"."""
_WINDOWS = (
    r"n_ctx\W+{N}",
    r"context limit: [\d,]+ \+ [\d,]+ > {N}",
    r"maximum (?:context|prompt|model) length (?:is|of)? ?{N}",
    r"tokens? > {N} maximum",
    r"with {N} maximum context",
    r"context (?:size|length|window|limit)(?: of(?: only)?|:)? {N}",
    r"tokens allowed {N}",
    r"while limit is {N}",
    r"token limit: {N}",
    r"max size: {N} tokens",
    r"must be <= {N}",
    r"must have less than {N}",
    r"(?:the limit|input length) of {N}",
)
_PROMPTS = (
    r"n_prompt_tokens\W+{N}",
    r"{N} in the messages",
    r"has {N} input tokens",
    r"context limit: {N} \+",
    r"prompt is too long: {N}",
    r"resulted in {N}",
    r"request {N} tokens",
    r"first {N} tokens",
    r"the input {N} tokens",
    r"input token count {N}",
    r"token count of {N}",
    r"request contains {N}",
    r"prompt contains {N}",
    r"prompt \(length {N}",
    r"(?:input|prompt) length {N}",
    r"length is {N} while",
    r"requested:? (?:about )?{N}",
    r"given: {N}",
)
_STATUSES = frozenset((400, 413, 422, 429, 500))


@dataclass(frozen=True, slots=True)
class Overflow:
    """The size of the window and of the prompt, in tokens, where the server said them."""

    window: int | None = None
    prompt_tokens: int | None = None


def overflow_in(said: str, status: int | None = None) -> Overflow | None:
    """Return what a server said of an overflow, or None where it said something else.

    ``status`` is the response's, or None for an error within a stream. A request too large to be looked at (413) is
    one too, whatever its words: less has to be sent.
    """
    if status is not None and status not in _STATUSES:
        return None
    if status != 413 and (not _OVERFLOW.search(said) or _THROTTLED.search(said)):
        return None
    window, prompt = _figure(_WINDOWS, said), _figure(_PROMPTS, said)
    is_possible = window is None or prompt is None or prompt > window // 2
    return Overflow(window, prompt if is_possible else None)


def _figure(wordings: tuple[str, ...], said: str) -> int | None:
    """Return the number that the first of these wordings gives; ``{N}`` in them stands for it."""
    for wording in wordings:
        found = re.search(wording.replace("{N}", r"\(?(\d[\d,]{0,15})"), said, re.IGNORECASE)
        if found:
            return int(found[1].replace(",", "")) or None
    return None
