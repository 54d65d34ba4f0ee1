"""What an endpoint wants otherwise, judged by how it refused a request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from oi_openai.asking import Demand

if TYPE_CHECKING:
    from collections.abc import Mapping

_DROPPABLE = (
    "stream_options",
    "temperature",
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "include",
    "reasoning",
    "store",
)
"""Fields that a reply can do without."""
_TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
_UNKNOWN = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra|invalid|does not take|"
    r"deprecated|must be verified",
    re.IGNORECASE,
)
_SIGNS = {
    # jan#6254, mistral.rs#506, Qwen's and Gemma's templates; Mistral's servers (crush#279); llama.cpp's wording of both
    Demand.FOLDED_ROLES: r"roles? must alternate|alternate user/assistant|system role (is )?not supported|"
    r"only user and assistant roles|system message must be (at|the)|unexpected role|expected last role|"
    r"developer instruction is not enabled",
    # llama.cpp without a projector, and llama-cpp-python, whose templates concatenate content: both in the transcripts
    Demand.NO_IMAGES: r"image input is not supported|not support (image|vision|multimodal)|"
    r"no endpoints found that support image|image_url.{0,60}(not supported|unknown|invalid|unexpected)|"
    r"not a (vision|multimodal) model|is not multimodal|"
    r"can only concatenate str \(not .{0,2}list|content must be a string",
    # continue#9913: DeepSeek and Kimi while they think
    Demand.REASONING_BACK: r"reasoning_content.{0,40}(is missing|must be passed back|is required)|"
    r"missing.{0,10}reasoning_content",
    # openai/codex#8119: reasoning that another organisation, or another day, encrypted
    Demand.NO_STATE: r"encrypted.content.{0,200}could not be verified|invalid_encrypted_content|"
    r"required following item|without its required|not found. items are not persisted|"
    r"reasoning_details.{0,40}(invalid|unknown|not)|thought.signature.{0,20}(is )?(not valid|invalid)|extra_content",
    # pi#3234: Gemini 3 wants one with each call
    Demand.SIGNED_CALLS: r"missing a .{0,2}thought_signature",
    # opencode#1680: Mistral; OpenAI has limits of 40 and of 64 characters
    Demand.SHORT_IDS: r"tool.?call.?id.{0,80}(length of 9|must be a-z)|(tool_calls|call_id).{0,80}string too long|"
    r"string too long.{0,80}(tool_call|call_id)",
    # Anthropic's servers, and Bedrock
    Demand.NO_EMPTY_TEXT: r"(text|content).{0,40}(must be non-empty|is blank|must not be empty|cannot be empty|"
    r"non-whitespace text)",
    Demand.OTHER_PROTOCOL: r"only supported in v1/responses|not in v1/chat/completions|use (the )?/?v1/responses|"
    r"(not supported|cannot be used) (in|with|by) the (v1/)?responses",
}
_DEMANDS = {demand: re.compile(sign, re.IGNORECASE | re.DOTALL) for demand, sign in _SIGNS.items()}
_NOT_STREAMED = re.compile(
    r"verified to stream|'stream' does not support|stream(ing)?\b[^.]{0,40} (is )?not (supported|available|allowed)",
    re.I,
)


def demand(said: str, param: str, request: Mapping[str, Any], known: frozenset[str]) -> str | None:
    """Return what to do otherwise after a refusal: a :class:`Demand`, the name of a field to leave out, or None.

    ``said`` is all that the server said, ``param`` the parameter that it named, if it did.
    """
    for wanted, sign in _DEMANDS.items():
        if wanted not in known and sign.search(said) and _changes(wanted, request):
            return wanted
    named = _refused_field(said, param, request)
    if named in _TOKEN_LIMITS and Demand.OTHER_LIMIT_FIELD not in known:
        return Demand.OTHER_LIMIT_FIELD
    if named is not None:
        return named
    streams = param == "stream" or _NOT_STREAMED.search(said)
    return Demand.NOT_STREAMED if streams and Demand.NOT_STREAMED not in known else None


def _changes(wanted: Demand, request: Mapping[str, Any]) -> bool:
    """Return whether meeting a demand would change anything of this request, as far as that is seen easily."""
    if wanted is Demand.NO_IMAGES:
        return any("image" in str(part.get("type")) for part in _parts(request))
    return True


def _parts(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    messages = request.get("messages") or request.get("input") or []
    contents = [message.get(key) for message in messages for key in ("content", "output")]
    return [part for content in contents if isinstance(content, list) for part in content]


def _refused_field(said: str, param: str, request: Mapping[str, Any]) -> str | None:
    """Return the field of the request that is refused and can be left out."""
    top = re.split(r"[.\[]", param, maxsplit=1)[0]
    if top in _DROPPABLE and top in request:
        return top
    if re.search(r"encrypted content is not supported", said, re.IGNORECASE) and "include" in request:
        return "include"
    if not _UNKNOWN.search(said):
        return None
    return next((name for name in _DROPPABLE if name in request and _names(said, name)), None)


def _names(said: str, field: str) -> bool:
    """Return whether a field is named; one that is a word of English counts in quotes or after a colon only."""
    plain = field in ("include", "reasoning", "store")
    return re.search(rf"['\"`:]\s*{field}\b" if plain else rf"\b{field}\b", said) is not None
