"""Colours of code as it is written are those it has when it is whole."""

from __future__ import annotations

import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.view.code_frame import highlighted
from oi_core.view.highlighting import CodeHighlighter
from oi_core.view.looks import DARK, LIGHT, Looks
from oi_core.view.spans import Span

PYTHON = '''import os
def greet(name: str) -> str:
    """A docstring

    over lines."""
    text = f"hello {name!r}" + \\
        'there'
    return text  # why not
@decorated
class A: x = 1.5
'''
SHELL = 'for f in *.txt; do\n  echo "$f is\n here" # why\ndone\nif true; then :; fi\n'
SCRIPT = "const a = `one ${1 +\n 2} two`;\nfunction f() { return /x/.test(a) }\n"


def by_line(code: str, lexer: str) -> list[list[Span]]:
    highlighter = CodeHighlighter(lexer, Looks().style_of)
    return [highlighter.line(line) for line in code.removesuffix("\n").split("\n")]


def characters(lines: list[list[Span]]) -> list[tuple[str, str]]:
    return [(c, span.style) for span in chain.from_iterable(lines) for c in span.text if c.strip()]


@pytest.mark.parametrize(("code", "lexer"), [(PYTHON, "python"), (SHELL, "bash"), (SCRIPT, "javascript")])
def test_colours_carry_over_from_line_to_line(code: str, lexer: str) -> None:
    assert characters(by_line(code, lexer)) == characters(highlighted(code, lexer, Looks().style_of))


def test_a_line_that_is_not_finished_is_coloured_and_changes_nothing() -> None:
    highlighter = CodeHighlighter("python", Looks().style_of)
    highlighter.line('text = """one')
    assert highlighter.partial("import") == [Span("import", "32")]
    assert highlighter.partial('end"""') == [Span('end"""', "32")]
    assert highlighter.line("import") == [Span("import", "32")]


@pytest.mark.parametrize("lexer", ["python", "bash", "ruby", "html", "console", "no such lexer"])
@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs", "Cc"]))))
def test_every_character_is_kept_whatever_the_lexer_does(lexer: str, lines: list[str]) -> None:
    highlighter = CodeHighlighter(lexer, Looks().style_of)
    for line in lines:
        assert "".join(span.text for span in highlighter.partial(line)) == line
        assert "".join(span.text for span in highlighter.line(line)) == line


def test_the_cost_of_code_grows_with_its_length_only() -> None:
    def cost(lines: int) -> float:
        started = time.process_time()
        by_line(PYTHON * (lines // 10), "python")
        return time.process_time() - started

    cost(100)
    assert cost(1600) < 8 * cost(400) + 0.5


def test_the_ground_that_the_terminal_answers_with_decides_the_colours() -> None:
    looks = Looks(asks_ground=True)
    assert looks.answered("\x1b]11;rgb:ffff/fafa/f0f0\x07").palette is LIGHT
    assert looks.answered("\x1b]11;rgb:1e/1e/2e\x1b\\").palette is DARK
    assert looks.answered("\x1b]11;rgba:0/0/0/f\x1b\\").palette is DARK
    for other in ("\x1b]10;rgb:0/0/0\x07", "\x1b]11;red\x07", "\x1b[?62c"):
        assert looks.answered(other) == looks
