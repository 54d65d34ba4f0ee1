"""The pieces of shell words: where quotes and brackets end, what braces stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

_STEP: Final = re.compile(r"\\.|'[^']*'?|[\"`(){}]|[^\\'\"`(){}]+", re.DOTALL)
_QUOTED_STEP: Final = re.compile(r"\\.|\$\(|\$\{|[\"`]|[^\\\"`$]+|\$", re.DOTALL)
_BRACE_RANGE: Final = re.compile(r"(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.-?\d+)?")
MOST_WORDS: Final = 32
"""Words that one brace expansion gives here; more differ in nothing a rule looks at."""


def closing(source: str, start: int, closer: str) -> int:
    """Return the index after the bracket that closes what was opened right before ``start``; the end if none does."""
    opener = {"}": "{", ")": "("}[closer]
    depth, index = 1, start
    while index < len(source):
        step = _STEP.match(source, index)
        if step is None:
            return len(source)
        text = step.group()
        index = step.end()
        if text == '"':
            index = quote_end(source, index)
        elif text == "`":
            index = backtick_end(source, index)
        elif text == opener:
            depth += 1
        elif text == closer:
            depth -= 1
            if depth == 0:
                return index
    return len(source)


def quote_end(source: str, start: int) -> int:
    """Return the index after the double quote that closes the one right before ``start``."""
    pending: list[str] = ['"']
    index = start
    while index < len(source):
        step = _QUOTED_STEP.match(source, index) if pending[-1] == '"' else _STEP.match(source, index)
        if step is None:
            return len(source)
        text = step.group()
        index = step.end()
        if text == '"' and pending[-1] != '"':
            pending.append('"')
        elif text in ("$(", "${") or (text in "({" and pending[-1] != '"' and text):
            pending.append(")" if text[-1] == "(" else "}")
        elif text == "`":
            index = backtick_end(source, index)
        elif text == pending[-1]:
            pending.pop()
            if not pending:
                return index
    return len(source)


def backtick_end(source: str, start: int) -> int:
    """Return the index after the backtick that closes the one right before ``start``."""
    match = re.compile(r"(?:[^`\\]|\\.)*`?", re.DOTALL).match(source, start)
    return match.end() if match else len(source)


def braces(word: str) -> list[str]:
    """Return the words that the brace expansions in a raw word give, at most :data:`MOST_WORDS`."""
    if "{" not in word or "}" not in word:
        return [word]
    parts: list[list[str]] = []
    index = plain = 0
    while index < len(word):
        character = word[index]
        if character == "\\":
            index += 2
        elif character in "'\"`":
            index = {"'": _single_end, '"': quote_end, "`": backtick_end}[character](word, index + 1)
        elif word.startswith(("${", "$("), index):
            index = closing(word, index + 2, "}" if word[index + 1] == "{" else ")")
        elif character == "{" and (choices := _choices(word, index)) is not None:
            parts += [[word[plain:index]], choices[0]]
            index = plain = choices[1]
        else:
            index += 1
    parts.append([word[plain:]])
    return ["".join(pieces) for pieces, _number in zip(product(*parts), range(MOST_WORDS), strict=False)]


def _single_end(source: str, start: int) -> int:
    end = source.find("'", start)
    return len(source) if end < 0 else end + 1


def _choices(word: str, start: int) -> tuple[list[str], int] | None:
    end = closing(word, start + 1, "}")
    inside = word[start + 1 : end - 1]
    if not word[:end].endswith("}"):
        return None
    span = _BRACE_RANGE.fullmatch(inside)
    if span is not None:
        return list(_range(span[1], span[2])), end
    pieces = list(_split(inside))
    if len(pieces) < 2:
        return None
    return [choice for piece in pieces[:MOST_WORDS] for choice in braces(piece)], end


def _range(first: str, last: str) -> Iterator[str]:
    if first.lstrip("-").isdigit() and last.lstrip("-").isdigit():
        low, high = int(first), int(last)
        step = 1 if low <= high else -1
        yield from (str(n) for n in range(low, high + step, step)[:MOST_WORDS])
    else:
        yield from (chr(n) for n in range(ord(first[0]), ord(last[0]) + 1)[:MOST_WORDS])


def _split(inside: str) -> Iterator[str]:
    depth = start = index = 0
    while index < len(inside):
        character = inside[index]
        if character == "\\":
            index += 1
        elif character in "'\"`":
            index = {"'": _single_end, '"': quote_end, "`": backtick_end}[character](inside, index + 1) - 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character == "," and depth == 0:
            yield inside[start:index]
            start = index + 1
        index += 1
    yield inside[start:]
