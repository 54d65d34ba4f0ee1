"""What a tool call asks to run: its language and code, out of the many ways in which models write one."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oi_core.surrogates import mend
from oi_core.tool_schema import TOOL_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGE_KEYS = ("language", "lang")
CODE_KEYS = ("code", "script", "source", "input")
COMMAND_KEYS = ("command", "cmd")
SHELL_NAMES = ("shell", "bash", "sh")
RUNNERS = frozenset((TOOL_NAME, "run", "exec", "execute", "execute_code", "code_interpreter", "interpreter"))
"""Names under which models look for this tool; under these, arguments that are not JSON are taken as code."""

_HOW = f'call {TOOL_NAME} again with {{"language": "…", "code": "…"}}'
_LOOKS_LIKE_JSON = re.compile(r"\s*(\{\s*(\"|\}|$)|\"|$)")
_NOT_JSON = object()


@dataclass(frozen=True, slots=True)
class CallMeaning:
    """What a call asks for; when ``problem`` says why it cannot be run, the rest is what could be made out."""

    language: str
    code: str
    problem: str = ""


def canonical(word: str, names: Mapping[str, str]) -> str | None:
    """Return the language that ``word`` names, whatever its case, or None; ``names`` maps spoken names to real ones."""
    return names.get(word) or names.get(word.strip().lower())


def language_of_tool(name: str, names: Mapping[str, str]) -> str | None:
    """Return the language that a tool's name is (``python``, ``functions.python``), or None."""
    return canonical(_bare(name), names)


def understand(name: str, arguments: str, names: Mapping[str, str]) -> CallMeaning:
    """Return what a complete call asks for.

    ``names`` maps every name and alias of a language to the language. A function that is called like a language has
    that language. One that the arguments name is returned as it is written there; without one it is read from the
    tool's name, or is the shell for ``{"command": …}``, or else the first there is.
    """
    value = _parsed(arguments)
    by_name = language_of_tool(name, names)
    if isinstance(value, str):
        inner = _parsed(value)
        if not isinstance(inner, dict) or _code(inner) is None:
            return _from_text(name, value, by_name, names)
        value = inner
    if isinstance(value, dict):
        return _from_object(name, value, arguments, by_name, names)
    if value is _NOT_JSON and _LOOKS_LIKE_JSON.match(arguments):
        return CallMeaning(by_name or "", arguments, _why_not_json(arguments))
    return _from_text(name, arguments, by_name, names)


def _from_text(name: str, code: str, by_name: str | None, names: Mapping[str, str]) -> CallMeaning:
    """Read arguments that are the code itself."""
    code = mend(code)
    language = by_name or _language_in(name, names)
    if language is None and _bare(name).lower() not in RUNNERS:
        return CallMeaning("", code, _unknown_tool(name))
    return CallMeaning(language or _first(names), code)


def _from_object(
    name: str, value: dict[str, Any], arguments: str, by_name: str | None, names: Mapping[str, str]
) -> CallMeaning:
    named = next((value[key].strip() for key in LANGUAGE_KEYS if isinstance(value.get(key), str)), "")
    code = _code(value)
    if code is None:
        known = by_name or named or _bare(name).lower() in RUNNERS
        problem = f"the call has no code: {_HOW}" if known else _unknown_tool(name)
        return CallMeaning(by_name or mend(named), arguments, problem)
    guessed = by_name or named or _language_in(name, names)
    if not guessed and not any(key in value for key in CODE_KEYS):
        guessed = next((names[word] for word in SHELL_NAMES if word in names), None)
    if not guessed and "code" not in value and _bare(name).lower() not in RUNNERS:
        return CallMeaning("", arguments, _unknown_tool(name))
    return CallMeaning(mend(guessed or _first(names)), mend(code))


def _code(value: dict[str, Any]) -> str | None:
    for key in (*CODE_KEYS, *COMMAND_KEYS):
        found = value.get(key)
        if isinstance(found, str):
            return found
        if isinstance(found, list) and found and all(isinstance(line, str) for line in found):
            return _command(found) if key in COMMAND_KEYS else "\n".join(found)
    return None


def _command(words: list[str]) -> str:
    """Return an argument vector as a line for a shell; one that starts a shell for a line is that line."""
    if len(words) == 3 and words[0].rsplit("/")[-1] in SHELL_NAMES and words[1] in ("-c", "-lc"):
        return words[2]
    return shlex.join(words)


class _Repeated(ValueError):
    """An object gives one key twice, so that what it means depends on who reads it."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Repeated
    return value


def _parsed(text: str) -> Any:  # whatever the JSON holds, or _NOT_JSON
    try:
        return json.loads(text, strict=False, object_pairs_hook=_object_of)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _why_not_json(arguments: str) -> str:
    if not arguments.strip():
        return f"the call has no arguments: {_HOW}"
    try:
        json.loads(arguments, strict=False, object_pairs_hook=_object_of)
    except _Repeated:
        return f"the arguments of the call give one key twice: {_HOW}"
    except json.JSONDecodeError as error:
        if error.pos >= len(arguments.rstrip()) or error.msg.startswith("Unterminated string"):
            return f"the arguments of the call end in the middle, perhaps at a length limit: {_HOW}, in smaller steps"
        return f"the arguments of the call are not JSON ({error.msg} at character {error.pos + 1}): {_HOW}"
    except (ValueError, RecursionError):
        pass
    return f"the arguments of the call are not JSON: {_HOW}"


def _unknown_tool(name: str) -> str:
    return f"there is no tool {mend(name)!r}, and its arguments hold no code: {_HOW}"


def _bare(name: str) -> str:
    """Return a tool's name without the namespace that some models put before it: ``functions.run_code``."""
    return re.split(r"[.:/]", name.strip())[-1]


def _language_in(name: str, names: Mapping[str, str]) -> str | None:
    """Return the language that is a word of the tool's name: ``run_python``, ``bash-exec``."""
    words = re.split(r"[^a-z0-9+#]+", name.lower())
    return next((names[word] for word in words if word in names), None)


def _first(names: Mapping[str, str]) -> str:
    return next((real for spoken, real in names.items() if spoken == real), next(iter(names.values()), ""))
