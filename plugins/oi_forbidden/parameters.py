"""The values of shell parameters: ``$x``, ``${x:-rm}``, ``${x//a/b}``, ``${!x}``, ``"${x[@]}"``."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Final

from oi_forbidden.places import HOLE
from oi_forbidden.shell_state import ShellState

if TYPE_CHECKING:
    from oi_forbidden.shell_words import WordExpander

_EXPRESSION: Final = re.compile(
    r"(?P<before>[!#]?)(?P<name>[A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(?P<index>[^\]]*)\])?(?P<rest>.*)", re.DOTALL
)
_DEFAULT: Final = re.compile(r"(:?[-=+?])(.*)", re.DOTALL)
_SLICE: Final = re.compile(r":\s*(-?\d+)\s*(?::\s*(-?\d+)\s*)?")
_REPLACE: Final = re.compile(r"(//?)([#%]?)((?:[^/\\]|\\.)+)(?:/(.*))?", re.DOTALL)

SECRET_NAME: Final = re.compile(
    r"(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL)", re.IGNORECASE
)
"""Names of environment variables that hold what nobody else should see."""

Values = str | tuple[str, ...]


def expand_parameter(expression: str, state: ShellState, words: WordExpander) -> Values:
    """Return what ``${expression}`` gives; a tuple for all elements of an array or all arguments."""
    match = _EXPRESSION.fullmatch(expression)
    if match is None:
        return HOLE
    name, index, rest = match["name"], match["index"], match["rest"]
    value = _value(name, index, state)
    words.tags |= state.origins.get(state.references.get(name, name), frozenset())
    if value is None and SECRET_NAME.search(name):
        words.tags |= {"secret", "$" + name}
    if match["before"] == "!" and isinstance(value, str) and not rest.startswith(("*", "@")):
        value = _value(value, None, state)
    elif match["before"] == "#":
        return HOLE if value is None or HOLE in value else str(len(value))
    if not rest:
        return _or_hole(value, name, state)
    changed = _with_default(value, rest, name, state, words)
    if changed is not None:
        return changed
    if isinstance(value, tuple):
        return value
    if value is None:
        words.text(rest, quoted=True)
        return HOLE
    return _transformed(value, rest, words)


def _value(name: str, index: str | None, state: ShellState) -> Values | None:
    if name in ("@", "*"):
        return state.positional
    if name == "!":
        return "$!"
    if name.isdigit():
        if name == "0" or state.positional is None:
            return None
        number = int(name[:4])
        return state.positional[number - 1] if number <= len(state.positional) else ""
    value = state.value(name)
    if index is None:
        return (value[0] if value else "") if isinstance(value, tuple) else value
    if index in ("@", "*"):
        return (value,) if isinstance(value, str) else value
    if isinstance(value, tuple):
        return value[int(index)] if re.fullmatch(r"-?\d+", index) and -len(value) <= int(index) < len(value) else HOLE
    return value if index == "0" else None


def _or_hole(value: Values | None, name: str, state: ShellState) -> Values:
    if value is not None:
        return value
    return (HOLE,) if name in ("@", "*") and state.positional is None else HOLE


def _with_default(value: Values | None, rest: str, name: str, state: ShellState, words: WordExpander) -> Values | None:
    match = _DEFAULT.fullmatch(rest)
    if match is None or (match[1][0] == ":" and len(match[1]) < 2):
        return None
    operator = match[1][-1]
    if operator == "+":
        return words.text(match[2]) if value else "" if value is not None else words.text(match[2])
    if operator == "?":
        return _or_hole(value, name, state)
    if value:
        return value
    text = words.text(match[2])
    if operator == "=" and value is None:
        state.assign(name, text)
    return text


def _transformed(value: str, rest: str, words: WordExpander) -> str:
    cut = _SLICE.fullmatch(rest)
    if cut is not None:
        start = int(cut[1])
        end = None if cut[2] is None else int(cut[2]) if int(cut[2]) < 0 else start % max(len(value), 1) + int(cut[2])
        return HOLE if HOLE in value else value[start:end]
    if rest in ("^^", ",,", "^", ","):
        changed = value.upper() if rest[0] == "^" else value.lower()
        return changed if len(rest) == 2 else changed[:1] + value[1:]
    if rest[0] in "#%":
        return HOLE if HOLE in value else _without(value, rest[:2] if rest[1:2] == rest[0] else rest[0], rest, words)
    replace = _REPLACE.fullmatch(rest)
    if replace is not None:
        return _replaced(value, replace, words)
    return value if rest[0] == "@" else HOLE


def _without(value: str, operator: str, rest: str, words: WordExpander) -> str:
    pattern = words.text(rest[len(operator) :])
    if len(value) > 500:
        return HOLE
    lengths = range(len(value) + 1)
    for length in reversed(lengths) if len(operator) == 2 else lengths:
        part = value[:length] if operator[0] == "#" else value[len(value) - length :]
        if fnmatch.fnmatchcase(part, pattern):
            return value[length:] if operator[0] == "#" else value[: len(value) - length]
    return value


def _replaced(value: str, match: re.Match[str], words: WordExpander) -> str:
    pattern, replacement = words.text(match[3]), words.text(match[4] or "")
    if len(value) > 2000 or HOLE in pattern:
        return HOLE
    expression = re.sub(r"\\Z$", "", fnmatch.translate(pattern)).removesuffix("\\z")
    expression = expression.replace(r"\Z", "")
    anchored = {"#": f"^(?:{expression})", "%": f"(?:{expression})$"}.get(match[2], expression)
    try:
        return re.sub(anchored, lambda _m: replacement, value, count=0 if match[1] == "//" else 1)
    except re.error:
        return HOLE
