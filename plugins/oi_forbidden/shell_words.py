"""What a raw shell word stands for: quotes removed, variables and substitutions put in, split into fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from oi_forbidden.ansi_strings import unescape
from oi_forbidden.parameters import expand_parameter
from oi_forbidden.places import HOLE
from oi_forbidden.shell_scan import backtick_end, braces, closing, quote_end
from oi_forbidden.shell_state import ShellState, Stream

_PIECE: Final = re.compile(
    r"""
      (?P<plain>[^\\'"`$<>~]+)
    | (?P<escape>\\.?)
    | (?P<ansi>\$'(?:[^'\\]|\\.)*'?)
    | (?P<single>'[^']*'?)
    | (?P<double>\$?")
    | (?P<backtick>`)
    | (?P<arithmetic>\$\(\()
    | (?P<substitution>\$\()
    | (?P<process>[<>]\()
    | (?P<braced>\$\{)
    | (?P<name>\$(?:[A-Za-z_]\w*|[0-9@*\#?$!-]))
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED: Final = re.compile(
    r"""
      (?P<plain>[^\\`$]+)
    | (?P<escape>\\.?)
    | (?P<backtick>`)
    | (?P<arithmetic>\$\(\()
    | (?P<substitution>\$\()
    | (?P<braced>\$\{)
    | (?P<name>\$(?:[A-Za-z_]\w*|[0-9@*\#?$!-]))
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BACKTICK_ESCAPE: Final = re.compile(r"\\([\\$`])")
_SIMPLE: Final = re.compile(r"[\w./:=,@%+-]*")

LONGEST_WORDS: Final = 200_000
"""Characters that the words of one command expand to; what is beyond is not known."""

Substitute = Callable[[str], Stream]


class WordExpander:
    """Expands the words of one command; ``tags`` gathers where the text put into them comes from."""

    def __init__(self, state: ShellState, substitute: Substitute, process: Callable[[str, str], str]) -> None:
        self.state = state
        self.tags: set[str] = set()
        self._substitute = substitute
        self._process = process
        self._fields: list[str] = []
        self._current: list[str] = []
        self._open = False
        self._length = 0

    def words(self, raw: str) -> list[str]:
        """Return the fields that a raw word gives: none, one, or several."""
        if _SIMPLE.fullmatch(raw):
            return [raw]
        result: list[str] = []
        for word in braces(raw):
            self._fields, self._current, self._open = [], [], False
            self._scan(word, _PIECE, quoted=False, whole=False)
            self._end_field()
            result += self._fields
        return result

    def text(self, raw: str, *, quoted: bool = False) -> str:
        """Return what a raw word, or with ``quoted`` the inside of double quotes, gives as one piece of text."""
        if _SIMPLE.fullmatch(raw):
            return raw
        saved = self._fields, self._current, self._open
        self._fields, self._current, self._open = [], [], False
        self._scan(raw, _QUOTED if quoted else _PIECE, quoted=quoted, whole=True)
        text = " ".join([*self._fields, "".join(self._current)] if self._fields else ["".join(self._current)])
        self._fields, self._current, self._open = saved
        return text

    def _add(self, text: str) -> None:
        self._length += len(text)
        self._current.append(text if self._length <= LONGEST_WORDS else HOLE)
        self._open = True

    def _end_field(self) -> None:
        if self._open:
            self._fields.append("".join(self._current))
        self._current, self._open = [], False

    def _insert(self, text: str, *, quoted: bool, whole: bool) -> None:
        """Put in the value of an expansion, split into fields when it stands without quotes."""
        if quoted or whole:
            self._add(text)
            return
        separators = self.state.value("IFS")
        separators = separators if isinstance(separators, str) else " \t\n"
        pieces = re.split(f"[{re.escape(separators)}]+", text) if separators else [text]
        for number, piece in enumerate(pieces):
            if number:
                self._end_field()
            if piece:
                self._add(piece)

    def _scan(self, raw: str, pattern: re.Pattern[str], *, quoted: bool, whole: bool) -> None:
        index = 0
        while index < len(raw):
            piece = pattern.match(raw, index)
            if piece is None:
                return
            kind, text = piece.lastgroup, piece.group()
            index = piece.end()
            if kind in ("plain", "other"):
                self._add("~" if text == "~" else text)
            elif kind == "escape":
                self._escape(text, quoted=quoted)
            elif kind == "ansi":
                self._add(unescape(text[2:].removesuffix("'")))
            elif kind == "single":
                self._add(text[1:].removesuffix("'"))
            elif kind == "double":
                end = quote_end(raw, index)
                self._add("")
                self._scan(raw[index : end - raw[index:end].endswith('"')], _QUOTED, quoted=True, whole=whole)
                index = end
            else:
                index = self._expansion(kind or "", text, raw, index, quoted=quoted, whole=whole)

    def _escape(self, text: str, *, quoted: bool) -> None:
        if text[1:] == "\n":
            return
        self._add(text if quoted and text[1:] not in ("\\", "$", "`", '"') else text[1:])

    def _expansion(self, kind: str, text: str, raw: str, index: int, *, quoted: bool, whole: bool) -> int:
        """Put in an expansion that begins before ``index``; return where it ends."""
        if kind == "name":
            self._parameter(text[1:], quoted=quoted, whole=whole)
            return index
        if kind == "braced":
            end = closing(raw, index, "}")
            self._parameter(raw[index : end - raw[index:end].endswith("}")], quoted=quoted, whole=whole)
        elif kind == "backtick":
            end = backtick_end(raw, index)
            inside = _BACKTICK_ESCAPE.sub(r"\1", raw[index : end - raw[index:end].endswith("`")])
            self._output(inside, quoted=quoted, whole=whole)
        elif kind == "arithmetic":
            end = closing(raw, index - 1, ")")
            self.text(raw[index:end].rstrip(")"), quoted=True)
            self._add(HOLE)
        elif kind == "process":
            end = closing(raw, index, ")")
            self._add(self._process(text[0], raw[index : end - raw[index:end].endswith(")")]))
        else:
            end = closing(raw, index, ")")
            self._output(raw[index : end - raw[index:end].endswith(")")], quoted=quoted, whole=whole)
        return end

    def _output(self, source: str, *, quoted: bool, whole: bool) -> None:
        output = self._substitute(source)
        self.tags |= output.tags
        self._insert(output.text.rstrip("\n"), quoted=quoted, whole=whole)

    def _parameter(self, expression: str, *, quoted: bool, whole: bool) -> None:
        values = expand_parameter(expression, self.state, self)
        if isinstance(values, str):
            self._insert(values, quoted=quoted, whole=whole)
            return
        if quoted and not whole:
            for number, value in enumerate(values):
                if number:
                    self._end_field()
                self._add(value)
        else:
            self._insert(" ".join(values), quoted=quoted, whole=whole)
