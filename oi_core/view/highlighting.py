"""Colours of code that is still being written: each line is read once, from where the one before it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from oi_core.view.spans import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pygments.lexer import RegexLexer  # type: ignore[import-untyped]  # pygments has no types of its own
    from pygments.token import _TokenType  # type: ignore[import-untyped]  # as above

ROOT: Final[tuple[str, ...]] = ("root",)
LONGEST_LINE: Final = 2000
"""Characters; some lexers take quadratic time for what is longer, and nobody reads it by its colours."""


class CodeHighlighter:
    """Colours lines of code as they are completed.

    A Pygments lexer that is a plain table of regular expressions is run from the state its last line ended in; one that
    does more than that reads each line for itself. What a single expression of the table matches over several lines, as
    a comment of C, gets its colours only when the block is whole and read at once. Without a lexer lines are plain.
    """

    def __init__(self, lexer_name: str, style_of: Callable[[_TokenType], str]) -> None:
        self._style_of = style_of
        self._lexer = _lexer(lexer_name)
        self._stack = ROOT

    def line(self, text: str) -> list[Span]:
        """Return the next line, which is complete; its characters are ``text``'s."""
        spans, self._stack = self._coloured(text)
        return spans

    def partial(self, text: str) -> list[Span]:
        """Return a line that more will be added to; the next call begins where this one did."""
        return self._coloured(text)[0]

    def _coloured(self, text: str) -> tuple[list[Span], tuple[str, ...]]:
        if self._lexer is None or len(text) > LONGEST_LINE:
            return [Span(text)], self._stack
        if _is_plain_table(self._lexer):
            reading = _Reading(self._lexer, self._stack)
            tokens = list(reading.tokens(f"{text}\n"))
            stack = reading.state
        else:
            tokens, stack = list(self._lexer.get_tokens(f"{text}\n")), ROOT
        spans = _joined((value, self._style_of(kind)) for kind, value in tokens)
        return (spans if "".join(span.text for span in spans) == text else [Span(text)]), stack


def _joined(pieces: Iterator[tuple[str, str]]) -> list[Span]:
    """Return spans without newlines, pieces of one look together."""
    spans: list[Span] = []
    for value, style in pieces:
        text = value.replace("\n", "")
        if spans and (spans[-1].style == style or not text.strip()):
            spans[-1] = Span(spans[-1].text + text, spans[-1].style)
        elif text:
            spans.append(Span(text, style))
    return spans


def _lexer(name: str) -> RegexLexer | None:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]  # pygments has no types
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]  # pygments has no types

    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _is_plain_table(lexer: RegexLexer) -> bool:
    from pygments.lexer import RegexLexer

    return isinstance(lexer, RegexLexer) and type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed


class _Reading:
    """Runs a lexer's table over text and keeps the stack of states, which Pygments itself forgets at the end."""

    def __init__(self, lexer: RegexLexer, state: tuple[str, ...]) -> None:
        self._lexer = lexer
        self._rules: dict[str, Any] = lexer._tokens  # its compiled table: (match, action, transition) by state
        self._stack = list(state)

    @property
    def state(self) -> tuple[str, ...]:
        """The states to go on in, the innermost last."""
        return tuple(self._stack)

    def tokens(self, text: str) -> Iterator[tuple[Any, str]]:  # Any: a kind of token
        """Yield the kinds of token and their text."""
        position = 0
        while position < len(text):
            for matches, action, transition in self._rules[self._stack[-1]]:
                found = matches(text, position)
                if found is None:
                    continue
                yield from self._act(action, found)
                position = found.end()
                self._go(transition)
                break
            else:
                yield from self._skip(text[position])
                position += 1

    def _act(self, action: Any, found: Any) -> Iterator[tuple[Any, str]]:  # Any: a kind of token, or a callback
        if action is None:
            return
        if callable(action):
            yield from ((kind, value) for _at, kind, value in action(self._lexer, found))
        else:
            yield action, found.group()

    def _go(self, transition: Any) -> None:  # Any: how Pygments writes a change of state
        if isinstance(transition, int):  # how many to leave, below zero; the first one always stays
            del self._stack[max(len(self._stack) + transition, 1) :]
        elif transition == "#push":
            self._stack.append(self._stack[-1])
        elif isinstance(transition, tuple):
            for each in transition:
                self._go_one(each)
        elif transition is not None:
            self._go_one(transition)

    def _go_one(self, name: str) -> None:
        if name == "#pop":
            del self._stack[max(len(self._stack) - 1, 1) :]
        else:
            self._stack.append(self._stack[-1] if name == "#push" else name)

    def _skip(self, character: str) -> Iterator[tuple[Any, str]]:
        """Take a character that no rule fits; as in Pygments, a newline then ends whatever was open."""
        from pygments.token import Error, Whitespace

        if character == "\n":
            self._stack = list(ROOT)
        yield (Whitespace if character == "\n" else Error), character
