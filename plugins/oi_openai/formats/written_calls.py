"""Calls that a model wrote as text: the tags and objects in which they are written, and what they ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oi_core.plugin_api import TOOL_NAME

TAGS = ("<tool_call>", "<function_call>", "<tools>", "<function=", "[TOOL_CALLS]", "<|python_tag|>")
"""What such a call can begin with: Hermes and Qwen, Qwen-Coder, Llama 3.1 and Functionary, Mistral, Llama 3."""
FENCE_WORDS = frozenset(("json", "tool_call", "tool_calls", "function_call"))
"""What a fence with such a call is marked as, if it is marked at all."""
_OWN_NAMES = frozenset((TOOL_NAME, "execute", "execute_code", "exec", "run", "code_interpreter", "interpreter"))
_NAME_KEYS = ("name", "function", "tool", "tool_name", "function_name")
_ARGUMENT_KEYS = ("arguments", "parameters", "args", "input")
_CODE_KEYS = ("code", "script", "command", "source")
_KEYS = frozenset((*_NAME_KEYS, *_ARGUMENT_KEYS, "type", "id", "language", "code", "tool_calls"))
_ELEMENT = re.compile(r"<(tool_call|function_call|tools)>(.*?)(?:</\1>|(?=<\1>)|$)", re.DOTALL)
_FUNCTION = re.compile(r"<function=([\w.:-]+)>?(.*?)(?:</function>|$)", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([\w-]+)>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|$)", re.DOTALL)
_WHERE = re.compile(
    rf"(?P<tag>{'|'.join(map(re.escape, TAGS))})"
    rf"|^[ \t]*(?P<fence>`{{3,}}|~{{3,}})[ \t]*(?:{'|'.join(FENCE_WORDS)})?[ \t]*\r?\n\s*(?=[\[{{])"
    r"|^[ \t]*(?=[\[{])",
    re.MULTILINE,
)
_CLOSING = re.compile(r"\s*?(?:`{3,}|~{3,})[ \t]*(?:\r?\n|\Z)")
_LONGEST_BEGINNING = 1000
_MOST_PLACES = 50
"""Of the places where a call may begin, so many are looked at: reading on from each takes time."""
_DECODER = json.JSONDecoder(strict=False)
_MISTRAL = re.compile(r"([\w.-]+)\s*(?:\[ARGS\])?\s*(\{.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """A call by its function's name and its arguments as JSON text."""

    name: str
    arguments: str


def like_a_call(text: str) -> bool | None:
    """Return whether JSON begins like a call, an object with one of the usual keys; None while that is open."""
    likeness = _begins_like_a_call(text[:_LONGEST_BEGINNING])
    return False if likeness is None and len(text) >= _LONGEST_BEGINNING else likeness


def _begins_like_a_call(text: str) -> bool | None:
    rest = text.lstrip()
    if rest.startswith("["):
        rest = rest[1:].lstrip()
    if not rest.startswith("{"):
        return False if rest else None
    rest = rest[1:].lstrip()
    if not rest.startswith('"'):
        return False if rest else None
    key, quote, rest = rest[1:].partition('"')
    if not quote:
        return None if any(known.startswith(key) for known in _KEYS) else False
    if key not in _KEYS:
        return False
    return rest.lstrip().startswith(":") if rest.strip() else None


def calls_in_text(text: str, languages: Mapping[str, str]) -> tuple[list[WrittenCall], str]:
    """Return the calls in a text, and what of it is none: tags, JSON fences, and objects that begin a line."""
    calls: list[WrittenCall] = []
    rest: list[str] = []
    at = 0
    tries = 0
    for place in _WHERE.finditer(text):
        if place.start() < at:
            continue
        tries += 1
        if tries > _MOST_PLACES:
            break
        if place["tag"]:
            found, remainder = calls_in_tags(text[place.start() :], languages)
            return [*calls, *found], "".join([*rest, text[at : place.start()], remainder])
        found, end = _object_at(text, place.end(), languages)
        if not found:
            continue
        closing = _CLOSING.match(text, end) if place["fence"] else None
        rest.append(text[at : place.start()])
        calls += found
        at = closing.end() if closing else end
    return calls, "".join([*rest, text[at:]])


def _object_at(text: str, start: int, languages: Mapping[str, str]) -> tuple[list[WrittenCall], int]:
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return [], start
    return calls_in_object(text[start:end], languages), end


def calls_in_object(text: str, languages: Mapping[str, str]) -> list[WrittenCall]:
    """Return the calls that a JSON document is: an object, or a list of them, each with a name and arguments.

    An object that is not a call of ours, or anything else beside calls, makes it none at all. A call is ours when its
    function is, when it is called like a language, or when its arguments name a language that can run and hold code:
    small models put any name there (Qwen2.5-Coder-0.5B writes ``multiply``).
    """
    value = _parsed(text)
    if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
        value = value["tool_calls"]
    listed = value if isinstance(value, list) else [value]
    calls = [_call(one, languages) for one in listed]
    return [call for call in calls if call] if calls and all(calls) else []


def calls_in_tags(text: str, languages: Mapping[str, str]) -> tuple[list[WrittenCall], str]:
    """Return the calls in a text that begins with one of :data:`TAGS`, and what of it is no call."""
    if text.startswith("<|python_tag|>"):
        code = text.removeprefix("<|python_tag|>").removesuffix("<|eom_id|>").removesuffix("<|eot_id|>").strip()
        calls = calls_in_object(code, languages)
        if not calls and code and "python" in languages:
            calls = [WrittenCall("python", json.dumps({"code": code}))]
        return (calls, "") if calls else ([], text)
    if text.startswith("[TOOL_CALLS]"):
        return _mistral(text, languages)
    calls, rest, end = [], [], 0
    pattern = _FUNCTION if text.startswith("<function=") else _ELEMENT
    for match in pattern.finditer(text):
        found = _in_element(match, languages)
        rest.append(text[end : match.start()] if found else text[end : match.end()])
        calls += found
        end = match.end()
    return calls, "".join([*rest, text[end:]])


def _in_element(match: re.Match[str], languages: Mapping[str, str]) -> list[WrittenCall]:
    if match.re is _FUNCTION:
        call = _function(match[1], match[2], languages)
        return [call] if call else []
    inner = _FUNCTION.search(match[2])
    if inner is not None:
        call = _function(inner[1], inner[2], languages)
        return [call] if call else []
    calls = calls_in_object(match[2], languages)
    if calls:
        return calls
    lines = [calls_in_object(line, languages) for line in match[2].splitlines() if line.strip()]
    return [call for line in lines for call in line] if lines and all(lines) else []


def _function(name: str, body: str, languages: Mapping[str, str]) -> WrittenCall | None:
    """Return the call ``<function=NAME>``, whose arguments are JSON (Llama 3.1) or parameters in tags (Qwen3-Coder)."""
    given = dict(_PARAMETER.findall(body))
    arguments: object = given or _parsed(body)
    return _ours(name, arguments if isinstance(arguments, dict) else None, languages)


def _mistral(text: str, languages: Mapping[str, str]) -> tuple[list[WrittenCall], str]:
    """Read ``[TOOL_CALLS][{…}]`` and the newer ``[TOOL_CALLS]name{…}`` or ``[TOOL_CALLS]name[ARGS]{…}``."""
    calls: list[WrittenCall] = []
    for part in text.split("[TOOL_CALLS]")[1:]:
        part = part.removesuffix("</s>").strip()
        named = _MISTRAL.fullmatch(part)
        call = _function(named[1], named[2], languages) if named else None
        found = [call] if call else calls_in_object(part, languages)
        if not found:
            return [], text
        calls += found
    return calls, ""


def _call(value: Any, languages: Mapping[str, str]) -> WrittenCall | None:  # whatever JSON holds
    if not isinstance(value, dict):
        return None
    inner = value.get("function")
    if isinstance(inner, dict):
        value = inner
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), "")
    arguments = next((value[key] for key in _ARGUMENT_KEYS if key in value), None)
    if isinstance(arguments, str):
        read = _parsed(arguments)
        arguments = read if isinstance(read, dict) else {"code": arguments}
    if arguments is None and not name and set(value) <= {"language", "code"}:
        arguments = value
    return _ours(name, arguments if isinstance(arguments, dict) else None, languages)


def _ours(name: str, arguments: Mapping[str, Any] | None, languages: Mapping[str, str]) -> WrittenCall | None:
    """Return the call if it is one of ours, under the name by which the core will understand it."""
    code = next((arguments[key] for key in _CODE_KEYS if key in arguments), None) if arguments else None
    if arguments is None or not isinstance(code, str | list):
        return None
    bare = re.split(r"[.:/]", name)[-1].lower()
    written = json.dumps(dict(arguments), ensure_ascii=False)
    if bare in _OWN_NAMES or bare in languages:
        return WrittenCall(bare, written)
    language = arguments.get("language")
    if isinstance(language, str) and language.strip().lower() in languages:
        return WrittenCall(TOOL_NAME, written)
    return None


def _parsed(text: str) -> Any:  # whatever JSON holds; None when it is none
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
