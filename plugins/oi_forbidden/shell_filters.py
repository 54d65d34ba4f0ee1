"""What small text programs print: ``echo``, ``rev``, ``tr``, ``base64 -d``, worked out without running anything."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from oi_forbidden.ansi_strings import unescape
from oi_forbidden.places import HOLE

LONGEST: Final = 100_000
"""Characters of output followed; what prints more is treated as unknown."""

Filter = Callable[[Sequence[str], str], str | None]


def output_of(name: str, arguments: Sequence[str], text: str) -> str | None:
    """Return what the program prints when it reads ``text``, or None when that is not known here."""
    function = FILTERS.get(name)
    if function is None or len(text) > LONGEST:
        return None
    try:
        output = function(arguments, text)
    except (ValueError, IndexError, OverflowError, re.error, binascii.Error):
        return None
    return output if output is not None and len(output) <= LONGEST else None


def _echo(arguments: Sequence[str], _text: str) -> str:
    words, escapes, newline = list(arguments), False, "\n"
    while words and re.fullmatch(r"-[neE]+", words[0]):
        escapes = escapes or "e" in words[0]
        newline = "" if "n" in words[0] else newline
        words.pop(0)
    line = " ".join(words)
    return (unescape(line) if escapes else line) + newline


def _printf(arguments: Sequence[str], _text: str) -> str | None:
    words = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not words or words[0].startswith("-"):
        return None
    form, rest = unescape(words[0]), words[1:]
    pieces = re.split(r"(%[-+ #0]*\d*(?:\.\d+)?[sbdiuxXoqc]|%%)", form)
    slots = sum(piece[:1] == "%" and piece != "%%" for piece in pieces[1::2])
    output: list[str] = []
    for _round in range(max(1, -(-len(rest) // slots)) if slots else 1):
        for index, piece in enumerate(pieces):
            if index % 2 == 0:
                output.append(piece)
            elif piece == "%%":
                output.append("%")
            else:
                output.append(_printed(piece[-1], rest.pop(0) if rest else ""))
    return "".join(output)


def _printed(kind: str, word: str) -> str:
    if kind == "b":
        return unescape(word)
    if kind == "c":
        return word[:1]
    if kind in "xXo":
        return format(int(word, 0), kind)
    return word


def _cat(arguments: Sequence[str], text: str) -> str | None:
    return text if all(a == "-" or (a.startswith("-") and a[1:].strip("uAvteET") == "") for a in arguments) else None


def _decodes(arguments: Sequence[str]) -> bool:
    return any(a in ("--decode", "-D") or re.fullmatch(r"-[a-zA-Z]*d[a-zA-Z]*", a) for a in arguments)


def _base64(arguments: Sequence[str], text: str) -> str | None:
    if any(not a.startswith("-") and not a.isdigit() for a in arguments) or HOLE in text:
        return None
    if not _decodes(arguments):
        return base64.b64encode(text.encode()).decode() + "\n"
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    return base64.b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "replace")


def _base32(arguments: Sequence[str], text: str) -> str | None:
    return (
        base64.b32decode(text.strip()).decode("utf-8", "replace") if _decodes(arguments) and HOLE not in text else None
    )


def _openssl(arguments: Sequence[str], text: str) -> str | None:
    plain = {"base64", "-base64", "-a", "-d", "enc", "-A"}
    if plain.issuperset(arguments) and {"base64", "-base64", "-a"}.intersection(arguments):
        return _base64(["-d"] if "-d" in arguments else [], text)
    return None


def _xxd(arguments: Sequence[str], text: str) -> str | None:
    flags = "".join(a[1:] for a in arguments if a.startswith("-"))
    if any(not a.startswith("-") for a in arguments) or HOLE in text:
        return None
    if "r" in flags:
        return bytes.fromhex(re.sub(r"[^0-9a-fA-F]", "", text)).decode("utf-8", "replace") if "p" in flags else None
    return text.encode().hex() + "\n" if "p" in flags else None


def _rev(_arguments: Sequence[str], text: str) -> str:
    return "\n".join(line[::-1] for line in text.split("\n"))


def _tr(arguments: Sequence[str], text: str) -> str | None:
    flags = "".join(a[1:] for a in arguments if a.startswith("-") and len(a) > 1)
    sets = [_characters(a) for a in arguments if not a.startswith("-") or len(a) == 1]
    if not sets or "c" in flags or "C" in flags:
        return None
    if "d" in flags:
        return "".join(c for c in text if c not in sets[0])
    if "s" in flags and len(sets) == 1:
        return re.sub(r"(.)\1+", lambda m: m[1] if m[1] in sets[0] else m[0], text, flags=re.DOTALL)
    source, target = sets[0], sets[1]
    target = target + target[-1] * (len(source) - len(target))
    return text.translate({ord(a): b for a, b in zip(source, target, strict=False)})


_CLASSES: Final = {
    "[:lower:]": "abcdefghijklmnopqrstuvwxyz",
    "[:upper:]": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "[:digit:]": "0123456789",
    "[:space:]": " \t\n\r\v\f",
}


def _characters(text: str) -> str:
    for name, characters in _CLASSES.items():
        text = text.replace(name, characters)
    return re.sub(
        r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), unescape(text), flags=re.DOTALL
    )


def _sed(arguments: Sequence[str], text: str) -> str | None:
    scripts = [a for a in arguments if not a.startswith("-")]
    if len(scripts) != 1:
        return None
    for command in re.split(r";\s*(?=[sy])", scripts[0]):
        match = re.fullmatch(r"s(.)((?:(?!\1).)*)\1((?:(?!\1).)*)\1([gI]*);?", command.strip())
        if match is None:
            return None
        _mark, pattern, replacement, flags = match.groups()
        pattern = re.sub(r"\\([(){}|+?])", r"\1", pattern)
        replacement = re.sub(r"(?<!\\)&", r"\\g<0>", replacement)
        count = 0 if "g" in flags else 1
        if len(pattern) > 60 or len(text) > 10_000 or re.search(r"[*+}?)]\s*[*+{]", pattern):
            return None
        text = "\n".join(re.sub(pattern, replacement, line, count=count) for line in text.split("\n"))
    return text


def _cut(arguments: Sequence[str], text: str) -> str | None:
    joined = " ".join(arguments)
    fields = re.search(r"-f ?(\d+)(?:-(\d+))?\b", joined)
    characters = re.search(r"-[cb] ?(\d*)(-?)(\d*)", joined)
    separator = re.search(r"-d ?(\S|'.')", joined + " ")
    if fields:
        mark, first = (separator.group(1)[:1] if separator else "\t"), int(fields[1])
        last = int(fields[2] or first)
        return "\n".join(mark.join(line.split(mark)[first - 1 : last]) for line in text.split("\n"))
    if characters:
        begin = int(characters[1] or 1)
        end = int(characters[3]) if characters[3] else None if characters[2] else begin
        return "\n".join(line[begin - 1 : end] for line in text.split("\n"))
    return None


def _lines(arguments: Sequence[str], text: str, *, first: bool) -> str | None:
    numbers = re.search(r"-n? ?(\d+)", " ".join(arguments))
    if any(not a.startswith("-") and not a.isdigit() for a in arguments):
        return None
    count = int(numbers[1]) if numbers else 10
    lines = text.splitlines(keepends=True)
    return "".join(lines[:count] if first else lines[-count:])


def _tac(arguments: Sequence[str], text: str) -> str | None:
    return None if arguments else "".join(reversed(text.splitlines(keepends=True)))


def _awk(arguments: Sequence[str], _text: str) -> str | None:
    match = re.fullmatch(
        r"\s*BEGIN\s*\{\s*print\s+\"((?:[^\"\\]|\\.)*)\"\s*;?\s*\}\s*", arguments[-1] if arguments else ""
    )
    return unescape(match[1]) + "\n" if match else None


def _rot13(_arguments: Sequence[str], text: str) -> str:
    return codecs.encode(text, "rot13")


def _printing(pattern: str) -> Filter:
    expression = re.compile(pattern, re.DOTALL)

    def printed(arguments: Sequence[str], _text: str) -> str | None:
        match = expression.fullmatch(arguments[1].strip()) if len(arguments) == 2 else None
        return unescape(match[2]) + "\n" if match else None

    return printed


_PRINTED_TEXT: Final = r"(?:print|say|puts|echo|console\.log)\s*\(?\s*(['\"])((?:(?!\1|\\).|\\.)*)\1\s*\)?\s*;?"

FILTERS: Final[Mapping[str, Filter]] = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "tee": lambda _arguments, text: text,
    "base64": _base64,
    "base32": _base32,
    "openssl": _openssl,
    "xxd": _xxd,
    "rev": _rev,
    "tr": _tr,
    "sed": _sed,
    "cut": _cut,
    "head": lambda arguments, text: _lines(arguments, text, first=True),
    "tail": lambda arguments, text: _lines(arguments, text, first=False),
    "tac": _tac,
    "awk": _awk,
    "rot13": _rot13,
    "python": _printing(_PRINTED_TEXT),
    "python3": _printing(_PRINTED_TEXT),
    "perl": _printing(_PRINTED_TEXT),
    "ruby": _printing(_PRINTED_TEXT),
    "which": lambda arguments, _text: f"/usr/bin/{arguments[0]}\n" if len(arguments) == 1 else None,
    "whoami": lambda _arguments, _text: None,
    "pwd": lambda _arguments, _text: None,
    "sort": lambda arguments, text: "".join(sorted(text.splitlines(keepends=True))) if not arguments else None,
}
"""By program."""
