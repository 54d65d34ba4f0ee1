"""The small parts of the drawing: spans, wording, code frames, the output pane, saved pictures."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from oi_core.messages import CodeBlock
from oi_core.results import ExecutionResult, Outcome
from oi_core.view.code_frame import code_lines, highlighted, numbered
from oi_core.view.displayed import DisplayedFiles, linked
from oi_core.view.looks import Looks
from oi_core.view.output_pane import OutputPane
from oi_core.view.spans import Span, cut, folded, painted, prefixed, width_of, wrapped
from oi_core.view.words import ending, spell_count, spell_seconds

words = st.text("ab 日é🎉", max_size=40)


@given(st.lists(words, max_size=5), st.integers(2, 20))
def test_wrapping_leaves_nothing_out_and_fits(texts: list[str], width: int) -> None:
    line = [Span(text, "1") for text in texts]
    rows = wrapped(line, width)
    assert "".join(span.text for row in rows for span in row) == "".join(texts)
    assert all(width_of(row) <= width for row in rows)


@given(words, st.integers(2, 20))
def test_folded_words_fit_and_keep_their_characters(text: str, width: int) -> None:
    rows = folded(text, width)
    assert all(cell_len(row) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


@given(words, st.integers(1, 20))
def test_a_cut_line_fits_and_says_that_it_is_cut(text: str, width: int) -> None:
    shown = cut(text, width)
    assert cell_len(shown) <= max(width, 1)
    assert shown == text or shown.endswith("…")


def test_words_are_broken_between_words() -> None:
    assert folded("one two three", 8) == ["one two", "three"]
    assert folded("", 8) == [""]


def test_a_prefix_stands_before_every_row() -> None:
    rows = prefixed(Span("| "), [Span("abcdef")], 5, Span("> "))
    assert [painted(row, False) for row in rows] == ["| abc", "> def"]
    assert painted([Span("x", "1"), Span("", "1")], True) == "\x1b[1mx\x1b[0m"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.012, "12 ms"),
        (0.8, "0.8 s"),
        (41.2, "41 s"),
        (59.9, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3780, "1 h 3 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert spell_seconds(seconds) == said


def test_counts_have_separators_and_plurals() -> None:
    assert [spell_count(n, "line") for n in (0, 1, 1204)] == ["0 lines", "1 line", "1,204 lines"]


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("note", ["", "a note\x1b[2J"])
def test_every_outcome_is_said_in_harmless_words(outcome: Outcome, note: str) -> None:
    result = ExecutionResult(CodeBlock("1", "python", "x"), "", outcome, note=note, seconds=2)
    end = ending(result, 3)
    assert end.text
    assert end.good is (outcome is Outcome.FINISHED)
    assert "\x1b" not in end.text
    assert "a note" in end.text or not note


def test_an_exit_status_is_said() -> None:
    result = ExecutionResult(CodeBlock("1", "shell", "x"), "", Outcome.FAILED, exit_status=2, seconds=1)
    assert ending(result, 0).text == "failed with exit status 2 · 1.0 s · no output"


@given(st.text(max_size=80))
def test_highlighting_changes_no_character_but_hidden_ones(code: str) -> None:
    plain = highlighted(code, "no such lexer", Looks().style_of)
    coloured = highlighted(code, "python", Looks().style_of)
    assert [painted(line, False) for line in coloured] == [painted(line, False) for line in plain]
    assert len(plain) == len(code_lines(code))


def test_code_is_coloured_numbered_and_wrapped() -> None:
    lines = highlighted('def f():\n    return "a string that is long"  # why\n', "python", Looks().style_of)
    assert any(span.style for line in lines for span in line)
    rows = [painted(row, False) for row in numbered(lines, 24)]
    assert rows[0] == "│   1 def f():"
    assert rows[2].startswith("│   ↳ ")
    assert all(cell_len(row) <= 24 for row in rows)


def rows(pane: OutputPane, width: int = 40) -> list[str]:
    return [painted(row, False) for row in pane.finished(width)]


def test_a_pane_shows_the_last_lines_and_counts_the_others() -> None:
    pane = OutputPane(3)
    pane.feed("".join(f"{n}\n" for n in range(1300)))
    assert [painted(row, False) for row in pane.live(40)] == ["│ … 1,297 earlier lines", "│ 1297", "│ 1298", "│ 1299"]
    assert rows(pane) == ["│ … 1,297 earlier lines", "│ 1297", "│ 1298", "│ 1299"]
    assert pane.lines == 1300


def test_a_single_line_too_many_is_shown_instead_of_counted() -> None:
    pane = OutputPane(3)
    pane.feed("a\nb\nc\nd")
    assert rows(pane) == ["│ a", "│ b", "│ c", "│ d"]


def test_what_comes_after_a_question_stands_below_it_and_the_prompt_is_not_shown_twice() -> None:
    pane = OutputPane(3)
    pane.feed("hello\nname: ")
    assert [painted(row, False) for row in pane.finished(40, "name: ")] == ["│ hello"]
    pane.add_lines(["name: Ada"])
    pane.feed("bye\n")
    assert rows(pane) == ["│ name: Ada", "│ bye"]
    assert pane.lines == 3


def test_a_progress_bar_takes_one_line_and_a_long_line_is_cut_while_it_grows() -> None:
    pane = OutputPane(5)
    pane.feed("10%\r20%\r" + "x" * 100)
    assert [painted(row, False) for row in pane.live(12)] == ["│ xxxxxxxxx…"]


def test_a_line_of_a_megabyte_is_shown_in_part_and_the_rest_is_counted() -> None:
    pane = OutputPane(5)
    pane.feed("x" * 1_000_000)
    shown = rows(pane, 80)
    assert len(shown) < 20
    assert shown[-1] == "│ … 999,040 more characters"


def test_program_output_cannot_act_on_the_terminal() -> None:
    pane = OutputPane(5)
    pane.feed("\x1b[31mred\x1b[0m \x1b]0;t\x07 \u202e \x1b[")
    assert rows(pane) == ["│ red  \u2039U+202E\u203a ␛["]


def test_pictures_are_saved_and_named() -> None:
    shown = DisplayedFiles()
    png = b"\x89PNG..."
    (line,) = shown.lines({"text/plain": "<Figure>", "image/png": png})
    path = Path(line.removeprefix("picture: "))
    assert path.read_bytes() == png
    (line,) = shown.lines({"image/png": base64.b64encode(png).decode()})
    assert Path(line.removeprefix("picture: ")).read_bytes() == png
    (line,) = shown.lines({"image/svg+xml": "<svg/>"})
    assert Path(line.removeprefix("picture: ")).read_text() == "<svg/>"
    for file in path.parent.iterdir():
        file.unlink()
    path.parent.rmdir()


def test_the_name_of_a_picture_is_a_link_to_its_file_whatever_the_name() -> None:
    link = linked("picture: /tmp/a b\x1b]/ü.png")
    assert isinstance(link, Span)
    assert link.link.startswith("file://")
    assert link.link.endswith("/tmp/a%20b%1B%5D/%C3%BC.png")
    pane = OutputPane(5)
    pane.add_lines([link])
    (row,) = pane.live(60)
    assert painted(row, False) == "│ picture: /tmp/a b␛]/ü.png"
    assert painted(row, False, links=True).count("\x1b]8;;file://") == 1
    assert painted(row, False, links=True).endswith("\x1b]8;;\x1b\\")
    assert linked("not one") == "not one"


def test_values_without_a_picture_are_text_and_strange_ones_are_named() -> None:
    shown = DisplayedFiles()
    assert shown.lines({"text/html": "<b>", "text/plain": "a\nb"}) == ["a", "b"]
    assert shown.lines({}) == ["(a value that cannot be shown here: nothing)"]
    assert "could not be saved" in shown.lines({"image/png": "not base64!"})[0]


def test_a_table_that_was_printed_as_text_is_not_mentioned_again() -> None:
    assert DisplayedFiles().lines({"text/html": "<table></table>"}) == []


def test_a_value_of_an_unknown_kind_is_named() -> None:
    assert DisplayedFiles().lines({"application/x-odd": "?"}) == [
        "(a value that cannot be shown here: application/x-odd)"
    ]
