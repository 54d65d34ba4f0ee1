"""Decodes the code of a ``run_code`` call while the JSON of its arguments is still arriving."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_PLAIN = re.compile(r'[^"\\]+')
_SCALAR = re.compile(r"[^,}\]\s]+")
_NESTED = re.compile(r'[^"{}\[\]]+')
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX = frozenset("0123456789abcdefABCDEF")
_REPLACEMENT = "\ufffd"


class _NotAnObject(Exception):
    """The text is not the JSON of an object."""


class ArgumentsScanner:
    """Reads ``{"language": …, "code": …}``, keys in any order, in fragments cut anywhere, in linear time.

    ``language`` is that key's value once it is complete. ``code_begun`` says that the value of ``code`` has been
    reached, ``complete`` that the object is closed, ``failed`` that the text cannot be an object. Other keys are passed
    over, whatever their values. Line ends and other control characters are taken inside strings as they are, because
    models write them; a lone surrogate that is escaped becomes U+FFFD.
    """

    def __init__(self) -> None:
        self.language: str | None = None
        self.code_begun = False
        self.complete = False
        self.failed = False
        self._in_code = False
        self._text = ""
        self._at = 0
        self._code: list[str] = []
        self._reader = self._object()

    def feed(self, fragment: str) -> str:
        """Take the next fragment and return the piece of code that it completes; text behind the object is ignored."""
        if self._in_code and '"' not in fragment and "\\" not in fragment:
            return fragment
        if self.complete or self.failed:
            return ""
        self._text, self._at = fragment, 0
        try:
            next(self._reader)
        except StopIteration:
            self.complete = True
        except _NotAnObject:
            self.failed = True
        code = "".join(self._code)
        self._code.clear()
        return code

    # Each reader below is resumed by ``feed`` with a new fragment, and yields when it has used the fragment up.

    def _object(self) -> Generator[None, None, None]:
        if (yield from self._visible()) != "{":
            raise _NotAnObject
        if (yield from self._visible()) != "}":
            self._at -= 1
            yield from self._members()

    def _members(self) -> Generator[None, None, None]:
        while True:
            if (yield from self._visible()) != '"':
                raise _NotAnObject
            key: list[str] = []
            yield from self._string(key)
            if (yield from self._visible()) != ":":
                raise _NotAnObject
            yield from self._value("".join(key))
            follows = yield from self._visible()
            if follows == "}":
                return
            if follows != ",":
                raise _NotAnObject

    def _value(self, key: str) -> Generator[None, None, None]:
        first = yield from self._visible()
        if first == '"' and key == "code" and not self.code_begun:
            self.code_begun = True
            yield from self._string(self._code)
        elif first == '"':
            value: list[str] = []
            yield from self._string(value)
            if key == "language" and self.language is None:
                self.language = "".join(value)
        elif first in "{[":
            yield from self._nested()
        elif first in ",}]:":
            raise _NotAnObject
        else:
            yield from self._scalar()

    def _string(self, into: list[str]) -> Generator[None, None, None]:
        """Decode a string whose opening quote is behind us, piece by piece."""
        is_code = into is self._code
        while True:
            while self._at >= len(self._text):
                self._in_code = is_code
                yield
                self._in_code = False
            plain = _PLAIN.match(self._text, self._at)
            if plain is not None:
                into.append(plain[0])
                self._at = plain.end()
                continue
            sign = self._text[self._at]
            self._at += 1
            if sign == '"':
                return
            into.append((yield from self._escape()))

    def _escape(self) -> Generator[None, None, str]:
        while self._at >= len(self._text):
            yield
        letter = self._text[self._at]
        self._at += 1
        if letter != "u":
            return self._simple_escape(letter)
        unit = yield from self._four_digits()
        lost = ""
        while 0xD800 <= unit <= 0xDBFF:
            if (yield from self._peek()) != "\\":
                return lost + _REPLACEMENT
            self._at += 1
            letter = yield from self._character()
            if letter != "u":
                return lost + _REPLACEMENT + self._simple_escape(letter)
            second = yield from self._four_digits()
            if 0xDC00 <= second <= 0xDFFF:
                return lost + chr(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
            unit, lost = second, lost + _REPLACEMENT
        return lost + (_REPLACEMENT if 0xDC00 <= unit <= 0xDFFF else chr(unit))

    def _simple_escape(self, letter: str) -> str:
        if letter not in _ESCAPES:
            raise _NotAnObject
        return _ESCAPES[letter]

    def _four_digits(self) -> Generator[None, None, int]:
        digits = ""
        while len(digits) < 4:
            digit = yield from self._character()
            if digit not in _HEX:
                raise _NotAnObject
            digits += digit
        return int(digits, 16)

    def _nested(self) -> Generator[None, None, None]:
        depth = 1
        while depth:
            yield from self._pass_over(_NESTED)
            bracket = yield from self._character()
            if bracket == '"':
                yield from self._string([])
            else:
                depth += 1 if bracket in "{[" else -1

    def _scalar(self) -> Generator[None, None, None]:
        yield from self._pass_over(_SCALAR)

    def _pass_over(self, pattern: re.Pattern[str]) -> Generator[None, None, None]:
        while True:
            match = pattern.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
            if self._at < len(self._text):
                return
            yield

    def _visible(self) -> Generator[None, None, str]:
        """Return the next character that is not white space, and step over it."""
        while True:
            character = yield from self._character()
            if character not in " \t\r\n":
                return character

    def _character(self) -> Generator[None, None, str]:
        character = yield from self._peek()
        self._at += 1
        return character

    def _peek(self) -> Generator[None, None, str]:
        while self._at >= len(self._text):
            yield
        return self._text[self._at]
