"""Calls that a model wrote as text instead of making them, turned into calls."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import CallPart, Delta, TextPart

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAGGED = re.compile(r"<function=([\w.-]+)>?(.*?)(?:</function>|$)", re.DOTALL)
_WRAPPED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|$)", re.DOTALL)
_PYTHON_TAG = "<|python_tag|>"


def rescued(generation: str) -> Iterator[Delta]:
    """Yield what a model meant by a call that its server could not read (Groq hands it back as ``failed_generation``).

    Known are a tag with the function's name, an object with name and arguments (alone, in a list, or in a tag), and
    Llama's tag before Python code; anything else is text.
    """
    calls = list(_calls(generation))
    if not calls:
        yield TextPart(generation)
    for index, (name, arguments) in enumerate(calls):
        yield CallPart(index, "", name, arguments)


def _calls(text: str) -> Iterator[tuple[str, str]]:
    tagged = _TAGGED.findall(text)
    if tagged:
        yield from ((name, arguments.strip()) for name, arguments in tagged)
        return
    if text.strip().startswith(_PYTHON_TAG):
        yield "python", text.strip().removeprefix(_PYTHON_TAG)
        return
    for document in _WRAPPED.findall(text) or [text]:
        value = _parsed(document)
        for call in value if isinstance(value, list) else [value]:
            yield from _named(call)


def _named(call: Any) -> Iterator[tuple[str, str]]:  # whatever JSON holds
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return
    arguments: object = next((call[key] for key in ("arguments", "parameters") if key in call), {})
    yield call["name"], arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _parsed(text: str) -> Any:  # whatever the JSON holds; None when it is none
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
