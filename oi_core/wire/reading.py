"""Reading one OpenAI-shaped dict after the other into messages, in every form that has been in use since 2023."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from oi_core.errors import ConfigError
from oi_core.messages import (
    SUMMARY_HEADING,
    USER_CODE_HEADING,
    AssistantMessage,
    CodeBlock,
    Message,
    SummaryMessage,
    SystemMessage,
    ToolMessage,
    UserCodeMessage,
    UserMessage,
)
from oi_core.tool_call import understand

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_LANGUAGES_OF_OLD = {"python": "python", "shell": "shell", "bash": "shell", "sh": "shell"}
"""What a function's name says about the language where the arguments of an old conversation do not say it."""


class MessageReader:
    """Reads the dicts of one conversation in order, and makes the ids that are missing in it.

    Made ids have nine letters and digits, which every server takes, and are the same ones each time.
    """

    def __init__(self, dicts: Sequence[Mapping[str, Any]]) -> None:
        self._dicts = dicts
        self._open: list[tuple[str, str]] = []
        self._made = 0
        self._ids_taken = set(_ids(dicts))

    def read(self, index: int) -> Message:
        """Return the message that the dict at ``index`` stands for.

        Raises:
            ConfigError: it is not a message; the error names the index and what was expected.
        """
        wire = self._dicts[index]
        if not isinstance(wire, Mapping):
            raise _wrong(index, "", "a dict with role and content", wire)
        match wire.get("role"):
            case "system" | "developer":
                return SystemMessage(_text(index, wire.get("content")))
            case "user":
                text = _text(index, wire.get("content"))
                return _kind_by_heading(text)(text, _images(wire.get("content")))
            case "assistant":
                return self._assistant(index, wire)
            case "tool" | "function":
                content = wire.get("content")
                left_out = "\n[an image that is not kept]" * len(_images(content))
                return ToolMessage(self._answered_id(wire), _text(index, content) + left_out)
            case role:
                raise _wrong(index, ".role", f"one of {', '.join(ROLES)}", role)

    def _assistant(self, index: int, wire: Mapping[str, Any]) -> AssistantMessage:
        calls = wire.get("tool_calls") or []
        if not isinstance(calls, list | tuple):
            raise _wrong(index, ".tool_calls", "a list of calls", calls)
        places = {f".tool_calls[{place}]": call for place, call in enumerate(calls)}
        if not places and wire.get("function_call"):
            places = {".function_call": wire["function_call"]}
        if places:
            self._open.clear()
        blocks = [self._block(index, place, call) for place, call in places.items()]
        text = _text(index, wire.get("content")) or _text(index, wire.get("refusal"))
        reasoning = wire.get("reasoning_content") or wire.get("reasoning")
        return AssistantMessage(text, tuple(blocks), reasoning if isinstance(reasoning, str) else "")

    def _block(self, index: int, place: str, call: object) -> CodeBlock:
        if not isinstance(call, Mapping):
            raise _wrong(index, place, "a dict with a function's name and arguments", call)
        function = call.get("function") or call.get("custom") or call
        if not isinstance(function, Mapping) or not isinstance(function.get("name", ""), str):
            raise _wrong(index, f"{place}.function", "a dict with name and arguments", function)
        name = function.get("name", "")
        call_id = str(call.get("id") or "") or self._new_id()
        self._open.append((call_id, name))
        return _block(call_id, name, function.get("arguments", function.get("input")))

    def _answered_id(self, wire: Mapping[str, Any]) -> str:
        """Return the id of the call that a result answers; one that names no id answers the first open call."""
        call_id = str(wire.get("tool_call_id") or "")
        name = wire.get("name")
        candidates = [call for call in self._open if call[0] == call_id] if call_id else self._open
        same_name = [call for call in candidates if call[1] == name]
        for call in (*same_name, *candidates):
            self._open.remove(call)
            return call[0]
        return call_id or self._new_id()

    def _new_id(self) -> str:
        while True:
            self._made += 1
            call_id = f"call{self._made:05}"
            if call_id not in self._ids_taken:
                return call_id


def _kind_by_heading(text: str) -> type[UserMessage]:
    """Return what message of the user's a text is: some are made, and begin with a line that says so."""
    kinds = {SUMMARY_HEADING: SummaryMessage, USER_CODE_HEADING: UserCodeMessage}
    heading, newline, _ = text.partition("\n")
    return kinds.get(heading, UserMessage) if newline else UserMessage


def _block(call_id: str, name: str, arguments: object) -> CodeBlock:
    """Return the block of a call; one whose arguments are no code at all keeps them as they are."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, default=str)
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and isinstance(value.get("language"), str) and isinstance(value.get("code"), str):
        return CodeBlock(call_id, value["language"], value["code"])
    meaning = understand(name, text, _LANGUAGES_OF_OLD)
    return CodeBlock(call_id, meaning.language or name, text if meaning.problem else meaning.code)


def _text(index: int, content: object) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list | tuple):
        raise _wrong(index, ".content", "text, null or a list of parts", content)
    texts = [_part_text(index, place, part) for place, part in enumerate(content)]
    return "\n".join(text for text in texts if text)


def _part_text(index: int, place: int, part: object) -> str:
    """Return a part as text; "" for an image, which :func:`_images` reads."""
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        raise _wrong(index, f".content[{place}]", "a dict with a type", part)
    if isinstance(_image_url(part), str):
        return ""
    text = next((part[key] for key in ("text", "refusal") if isinstance(part.get(key), str)), None)
    return f"[a part of type {part.get('type')!r} that is not kept]" if text is None else text


def _images(content: object) -> tuple[str, ...]:
    parts = content if isinstance(content, list | tuple) else ()
    urls = (_image_url(part) for part in parts if isinstance(part, Mapping))
    return tuple(url for url in urls if isinstance(url, str))


def _image_url(part: Mapping[str, Any]) -> object:
    image = part.get("image_url")
    return image.get("url") if isinstance(image, Mapping) else image


def _ids(dicts: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return every id that stands in the dicts, of calls and of results."""
    ids: set[str] = set()
    for wire in dicts:
        if isinstance(wire, Mapping):
            calls = wire.get("tool_calls")
            named = calls if isinstance(calls, list | tuple) else ()
            ids.update(str(call.get("id")) for call in named if isinstance(call, Mapping))
            ids.add(str(wire.get("tool_call_id")))
    return ids


def _wrong(index: int, key: str, expected: str, got: object) -> ConfigError:
    return ConfigError(f"messages[{index}]{key}: expected {expected}, not {_kind(got)}")


def _kind(value: object) -> str:
    return (
        "null" if value is None else repr(value) if isinstance(value, str) and len(value) < 40 else type(value).__name__
    )
