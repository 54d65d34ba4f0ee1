"""The reader of shell source: one pass, no recursion, never an error; what it cannot make sense of is a word.

It understands bash, and of its relatives (sh, dash, ksh, zsh) what they share with it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Final

from oi_forbidden.ansi_strings import unescape
from oi_forbidden.shell_commands import HereDocument, Script, ShellReading
from oi_forbidden.shell_scope import Scope

KEPT: Final = 400
"""Characters of a substitution's source that stay in the word it stands in: longer ones are in no entry, and copying
them at each level of a deep nesting would cost the square of its depth."""

_STEP: Final = re.compile(
    r"""
      (?P<plain>[^ \t\r\n\\'"`$|&;()<>\#]+)
    | (?P<blank>[ \t\r]+)
    | (?P<newline>\n)
    | (?P<hash>\#)
    | (?P<escape>\\(?:\r?\n|.)?)
    | (?P<ansi>\$'(?:[^'\\]|\\.)*'?)
    | (?P<single>'[^']*'?)
    | (?P<double>\$?")
    | (?P<backtick>`(?:[^`\\]|\\.)*`?)
    | (?P<substitution>\$\(|[<>]\()
    | (?P<parameter>\$\{(?:\w+\})?)
    | (?P<dollar>\$[\#$!?@*-]?)
    | (?P<redirect>&>>|&>|<<<|<<-?|>>|>\||<>|[<>]&|[<>])
    | (?P<operator>;;&|;;|;&|&&|\|\||\|&|[;|&])
    | (?P<open>\()
    | (?P<close>\))
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED_PLAIN: Final = {
    '"': re.compile(r'[^"\\`$]+'),
    "{": re.compile(r"[^}\"'\\`$]+"),
    "(": re.compile(r"[^()\"'\\`$]+"),
    "<": re.compile(r"[^\\`$]+"),
}
_CLOSERS: Final = {'"': '"', "{": "}", "(": ")", "<": ""}
_LITERAL_IN_TEXT: Final = frozenset({"ansi", "single", "double"})
_CASE_ENDS: Final = frozenset({";;", ";&", ";;&"})
_QUOTED_ESCAPE: Final = re.compile(r"\\([\\$`\"])")
_BACKTICK_ESCAPE: Final = re.compile(r"\\([\\$`])")
_EMPTY_PARENTHESES: Final = re.compile(r"[ \t]*\)")


def read_shell(script: Script) -> ShellReading:
    """Return the commands of a source; in time proportional to its length, whatever it holds."""
    return _Reader(script).read()


class _Reader:
    """Reads one source from its beginning to its end."""

    def __init__(self, script: Script) -> None:
        self.reading = ShellReading()
        self._source = script.source
        self._first_line = script.line
        self._is_text = script.is_text
        self._position = 0
        self._newlines = [match.start() for match in re.finditer("\n", script.source)]
        self._scopes = [Scope(self.reading, quotes=["<"] if script.is_text else [])]
        self._steps: dict[str, Callable[[Scope, str], None]] = {
            "newline": self._newline,
            "hash": self._hash,
            "escape": self._escape,
            "ansi": lambda scope, text: scope.add(unescape(text[2:].removesuffix("'"))),
            "single": lambda scope, text: scope.add(text[1:].removesuffix("'")),
            "double": lambda scope, _text: scope.open_quote('"'),
            "backtick": self._backtick,
            "substitution": self._open_substitution,
            "parameter": self._parameter,
            "dollar": lambda scope, text: scope.add(text),
            "redirect": self._redirect,
            "operator": self._operator,
            "open": self._open_parenthesis,
            "close": self._close_parenthesis,
            "other": lambda scope, text: scope.add(text),
        }

    def read(self) -> ShellReading:
        """Return everything there is in the source."""
        source, steps = self._source, self._steps
        while self._position < len(source):
            scope = self._scopes[-1]
            if scope.quotes:
                self._step_quoted(scope, scope.quotes[-1])
                continue
            kind, text = self._next()
            if kind == "blank":
                scope.end_word()
                continue
            if not scope.words and not scope.in_word:
                scope.begin_line(self._line(self._position - len(text)))
            if kind == "plain":
                scope.add(text, bare=True)
            else:
                steps[kind](scope, text)
        while len(self._scopes) > 1:
            self._scopes.pop().end()
        if not self._is_text:
            self._scopes[0].end()
        return self.reading

    def _next(self) -> tuple[str, str]:
        match = _STEP.match(self._source, self._position)
        assert match is not None, "the last alternative matches any character"  # noqa: S101  (for the type checker; holds by the pattern)
        self._position = match.end()
        return match.lastgroup or "other", match.group()

    def _line(self, position: int) -> int:
        return self._first_line + bisect_left(self._newlines, position)

    def _step_quoted(self, scope: Scope, quote: str) -> None:
        """Read on inside of a word, up to the next thing that is not plain text."""
        plain = _QUOTED_PLAIN[quote].match(self._source, self._position)
        if plain is not None:
            self._position = plain.end()
            scope.add(plain.group())
            return
        start = self._position
        character = self._source[start]
        kind, text = self._next()
        if character == _CLOSERS[quote]:
            self._position = start + 1
            scope.close_quote()
        elif character == "\\":
            scope.add("" if text[1:] in ("\n", "\r\n") else _QUOTED_ESCAPE.sub(r"\1", text))
        elif kind in _LITERAL_IN_TEXT and character != '"' and scope.is_text:
            self._position = start + 1
            scope.add(character)
        elif kind == "open":
            scope.open_quote("(")
        else:
            self._steps[kind](scope, text)

    def _newline(self, scope: Scope, _text: str) -> None:
        scope.end_word()
        if scope.in_pattern:
            scope.drop_command()
        elif not scope.in_test:
            scope.end_command()
            scope.separate()
        for document in scope.documents:
            first_line = self._line(self._position)
            document.body = self._take_body(document)
            if document.body and not document.literal:
                self.reading.scripts.append(Script(document.body, first_line, is_text=True))
        scope.documents.clear()

    def _take_body(self, document: HereDocument) -> str:
        """Return the lines up to the delimiter's, or all that are left, and go on after them."""
        source, start = self._source, self._position
        while self._position < len(source):
            line_start = self._position
            line_end = source.find("\n", line_start)
            line_end = len(source) if line_end < 0 else line_end
            self._position = line_end + 1
            line = source[line_start:line_end].removesuffix("\r")
            if (line.lstrip("\t") if document.tabs_stripped else line) == document.delimiter:
                return source[start:line_start]
        return source[start:]

    def _hash(self, scope: Scope, text: str) -> None:
        if scope.in_word:
            scope.add(text, bare=True)
            return
        line_end = self._source.find("\n", self._position)
        self._position = len(self._source) if line_end < 0 else line_end

    def _escape(self, scope: Scope, text: str) -> None:
        if text == "\\":
            scope.add(text)
        elif text[1:] not in ("\n", "\r\n"):
            scope.add(text[1:])

    def _backtick(self, scope: Scope, text: str) -> None:
        inside = _BACKTICK_ESCAPE.sub(r"\1", text[1:].removesuffix("`"))
        if inside.strip():
            self.reading.scripts.append(Script(inside, self._line(self._position - len(text))))
        scope.add(text[:KEPT])

    def _parameter(self, scope: Scope, text: str) -> None:
        if text.endswith("}"):
            scope.add("$" + text[2:-1])
        else:
            scope.open_quote("{")

    def _open_substitution(self, scope: Scope, text: str) -> None:
        if text[0] != "$" and (scope.quotes or scope.in_test):
            scope.add(text[0])
            self._position -= 1
            return
        inner = Scope(self.reading, start=self._position - 2)
        if text[0] == "$" and self._source.startswith("(", self._position):
            inner.arithmetic = 0
        self._scopes.append(inner)

    def _close_substitution(self, inner: Scope) -> None:
        inner.end()
        self._scopes.pop()
        length = self._position - inner.start
        self._scopes[-1].add(self._source[inner.start : self._position] if length <= KEPT else "$(…)")

    def _redirect(self, scope: Scope, text: str) -> None:
        if scope.in_test or scope.arithmetic is not None:
            scope.end_word()
        else:
            scope.redirect(text)

    def _operator(self, scope: Scope, text: str) -> None:
        scope.end_word()
        if scope.in_test:
            return
        if scope.in_pattern:
            scope.drop_command()
            return
        scope.end_command()
        if text == ";":
            scope.separate()
        else:
            scope.add_operator(text)
        if text in _CASE_ENDS and scope.cases:
            scope.cases[-1] = True

    def _open_parenthesis(self, scope: Scope, text: str) -> None:
        if scope.takes_parenthesis:
            scope.open_quote("(")
            return
        scope.end_word()
        if scope.in_test or scope.in_pattern:
            return
        if scope.names_function and _EMPTY_PARENTHESES.match(self._source, self._position):
            scope.drop_command()
        scope.end_command()
        scope.add_operator(text)
        if scope.arithmetic is None and self._source.startswith("(", self._position):
            scope.arithmetic = scope.parentheses
        scope.parentheses += 1

    def _close_parenthesis(self, scope: Scope, text: str) -> None:
        scope.end_word()
        if scope.in_test:
            return
        if scope.in_pattern:
            scope.drop_command()
            scope.cases[-1] = False
            return
        scope.end_command()
        if scope.parentheses:
            scope.parentheses -= 1
            scope.add_operator(text)
            if scope.parentheses == scope.arithmetic:
                scope.arithmetic = None
        elif len(self._scopes) > 1:
            self._close_substitution(scope)
