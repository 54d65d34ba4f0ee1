"""What the body of an error says, in whichever of the known shapes it comes."""

from __future__ import annotations

import json
import re
from typing import Any

MESSAGE_CHARS = 240
_DEEPEST = 6


def message_in(body: object, depth: int = 0) -> str:
    """Return the words of an error: ``{"error": {"message"}}``, ``{"detail"}``, in a list (Google), within ``raw``.

    Gateways hand on what the server behind them said as JSON text in ``metadata.raw`` (OpenRouter).
    """
    if isinstance(body, str):
        return body
    if isinstance(body, list) and body and depth < _DEEPEST:
        return message_in(body[0], depth + 1)
    if not isinstance(body, dict) or depth >= _DEEPEST:
        return ""
    handed_on = _handed_on(body)
    if handed_on is not None:
        return message_in(handed_on, depth + 1) or str(handed_on)
    for key in ("message", "detail", "error", "msg"):
        if body.get(key):
            return message_in(body[key], depth + 1) or str(body[key])
    return ""


def _handed_on(body: dict[str, Any]) -> object:
    metadata = body.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if not isinstance(raw, str) or not raw.strip():
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return raw


def said_in(body: object) -> str:
    """Return all that an error says, as one text to search in."""
    return "" if body is None else str(body)


def param_in(body: object) -> str:
    """Return the parameter that an error names, or nothing."""
    inner = body.get("error", body) if isinstance(body, dict) else None
    param = inner.get("param") if isinstance(inner, dict) else None
    return param if isinstance(param, str) else ""


def code_in(body: object) -> int | str | None:
    """Return the code of an error."""
    code = body.get("code") or body.get("type") if isinstance(body, dict) else None
    return code if isinstance(code, int | str) else None


def failed_generation(body: object) -> str:
    """Return what the model wrote when the server could make no call of it (Groq's ``tool_use_failed``)."""
    generation = body.get("failed_generation") if isinstance(body, dict) else None
    return generation if isinstance(generation, str) else ""


def one_line(text: str) -> str:
    """Return text as one line of bounded length; a web page as its visible words."""
    if "<" in text and re.search(r"<(!doctype|html|head|body|h1|p)\b", text, re.IGNORECASE):
        text = "a web page: " + re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", text)
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_CHARS else text[: MESSAGE_CHARS - 1] + "…"
