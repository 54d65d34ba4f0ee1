"""A list of shell commands under construction: words become commands, keywords and ``case`` patterns do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from oi_forbidden.shell_commands import HereDocument, Redirection, ShellCommand, ShellReading, Token

KEYWORDS: Final = frozenset(
    {"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "coproc"}
)
"""Words that stand before a command, or alone, where a command could begin."""

OPENERS: Final = frozenset({"if", "then", "elif", "else", "while", "until", "do", "{"})
"""Keywords after which a newline separates nothing."""

HERE_DOCUMENTS: Final = frozenset({"<<", "<<-"})
_OPENING_TEXT: Final = {'"': "", "{": "${", "(": "("}
_CLOSING_TEXT: Final = {'"': "", "{": "}", "(": ")"}
_PLAIN_OPERATOR: Final = {">|": ">", "&>": ">", "&>>": ">>"}


@dataclass(slots=True)
class Scope:
    """The source itself, or one substitution in it, as far as it is read.

    ``start`` is where it began in the source. ``quotes`` are the quotes and brackets open in the word being read:
    ``"``, ``{`` for ``${``, ``(`` for an array, ``<`` for text. ``cases`` says for each open ``case`` whether a pattern
    is being read. ``arithmetic`` is the depth of parentheses around an open ``((``, or None.
    """

    reading: ShellReading
    start: int = 0
    quotes: list[str] = field(default_factory=list)
    parentheses: int = 0
    arithmetic: int | None = None
    cases: list[bool] = field(default_factory=list)
    documents: list[HereDocument] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _double_quotes: int = 0
    _word: list[str] = field(default_factory=list)
    _in_word: bool = False
    _bare: bool = True
    _line: int = 0
    _redirections: list[Redirection] = field(default_factory=list)
    _redirect: str = ""
    _tokens: list[Token] = field(default_factory=list)
    _command_documents: list[HereDocument] = field(default_factory=list)

    @property
    def in_word(self) -> bool:
        """Whether a word has begun."""
        return self._in_word

    @property
    def in_pattern(self) -> bool:
        """Whether words are patterns of a ``case``."""
        return bool(self.cases) and self.cases[-1]

    @property
    def in_test(self) -> bool:
        """Whether words stand between ``[[`` and ``]]``."""
        return bool(self.words) and self.words[0] == "[["

    @property
    def is_text(self) -> bool:
        """Whether quotes other than double ones are text here."""
        return self._double_quotes > 0 or self.quotes[0] == "<"

    @property
    def takes_parenthesis(self) -> bool:
        """Whether a parenthesis right here belongs to the word: ``name=(``, or a pattern such as ``!(``."""
        return self._bare and bool(self._word) and self._word[-1][-1:] in tuple("=?*+@!")

    @property
    def names_function(self) -> bool:
        """Whether the command so far could be a function's name."""
        return len(self.words) == 1 or (len(self.words) == 2 and self.words[0] == "function")

    def open_quote(self, quote: str) -> None:
        """Begin a quoted or bracketed part of the word; brackets stay in the word."""
        self.quotes.append(quote)
        self._double_quotes += quote == '"'
        self.add(_OPENING_TEXT[quote])

    def close_quote(self) -> None:
        """End the innermost of them."""
        quote = self.quotes.pop()
        self._double_quotes -= quote == '"'
        self.add(_CLOSING_TEXT[quote])

    def add(self, text: str, *, bare: bool = False) -> None:
        """Add to the word being read; ``bare`` text is unquoted, and can be part of a keyword."""
        self._word.append(text)
        self._in_word = True
        if not bare:
            self._bare = False

    def begin_line(self, line: int) -> None:
        """Note the line, if the command has not begun yet."""
        if not self.words and not self._redirections:
            self._line = line

    def end_word(self) -> None:
        """End the word being read, if there is one, and put it where it belongs."""
        if not self._in_word:
            return
        text, bare = "".join(self._word), self._bare
        self._word.clear()
        self._in_word, self._bare = False, True
        self._tokens.append(Token(text, self._line))
        if self._redirect:
            self._end_redirection(text, literal=not bare)
        elif not (bare and self._take_keyword(text)):
            self.words.append(text)

    def redirect(self, operator: str) -> None:
        """Begin a redirection: the next word is its target, digits right before it are a file descriptor."""
        if self._bare and "".join(self._word).isdigit():
            self._word.clear()
            self._in_word = False
        self.end_word()
        self._redirect = _PLAIN_OPERATOR.get(operator, operator)
        self._tokens.append(Token(self._redirect, self._line, is_operator=True))

    def end_command(self) -> None:
        """End the command being read, if there is one, and report it."""
        self.end_word()
        if self.words or self._redirections:
            self.reading.commands.append(
                ShellCommand(tuple(self.words), self._line, tuple(self._redirections), tuple(self._command_documents))
            )
        self.drop_command()

    def drop_command(self) -> None:
        """Forget the command being read: it was a function's name, or a pattern."""
        self.words.clear()
        self._redirections.clear()
        self._command_documents.clear()
        self._redirect = ""

    def add_operator(self, operator: str) -> None:
        """Note an operator between commands."""
        self._tokens.append(Token(operator, self._line, is_operator=True))

    def separate(self) -> None:
        """Note the end of a command by a newline or semicolon, where it separates anything."""
        last = self._tokens[-1] if self._tokens else None
        if last is not None and not last.is_operator and last.text not in OPENERS:
            self.add_operator(";")

    def end(self) -> None:
        """End the scope: the source, or the substitution, is over."""
        self.end_command()
        if self._tokens:
            self.reading.streams.append(self._tokens)

    def _end_redirection(self, target: str, *, literal: bool) -> None:
        operator, self._redirect = self._redirect, ""
        if operator in HERE_DOCUMENTS:
            document = HereDocument(target, operator == "<<-", literal)
            self.documents.append(document)
            self._command_documents.append(document)
        else:
            self._redirections.append(Redirection(operator, target))

    def _take_keyword(self, word: str) -> bool:
        """Whether the bare word is no part of a command; words that change how the next are read do so here."""
        match self.words:
            case []:
                if word == "esac" and self.cases:
                    self.cases.pop()
                    return True
                return word in KEYWORDS and not self.in_pattern
            case ["case", _] if word == "in":
                self.cases.append(True)
                self.drop_command()
                return True
            case ["function", _] if word == "{":
                self.drop_command()
                return True
            case ["[[", *_] if word == "]]":
                self.words[:] = ["]]"]
                return True
        return False
