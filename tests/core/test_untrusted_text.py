"""Untrusted text: nothing a stranger writes reaches the terminal as a command, and nothing of it vanishes unseen."""

from __future__ import annotations

import itertools
import time
import unicodedata

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oi_core.printed.line_emulator import LineEmulator, plain_lines
from oi_core.printed.untrusted_text import neutralise, neutralise_line, neutralise_prose, strip_escapes

hostile = st.text(
    st.one_of(
        st.sampled_from("\x1b[]PX^_\\;?0123456789mKJHABCDEFGhlcM7 \x07\x08\r\n\t\x9b\x9d\x9c\x18\u202e\u200b\ufeff"),
        st.characters(),
    ),
    max_size=60,
)
movement = st.sampled_from(
    [
        "a",
        "bc",
        "déjà",
        " ",
        "\r",
        "\b",
        "\n",
        "\r\n",
        "\x1b[K",
        "\x1b[1K",
        "\x1b[2K",
        "\x1b[J",
        "\x1b[A",
        "\x1b[2B",
        "\x1b[3C",
        "\x1b[2D",
        "\x1b[5G",
        "\x1b[2E",
        "\x1b[F",
        "\x1b[1;31m",
        "\x1b]0;title\x07",
        "\x1b[?25l",
    ]
)


@given(hostile)
def test_neutralised_text_holds_only_printable_characters_newlines_and_tabs(text: str) -> None:
    for character in neutralise(text):
        assert character.isprintable() or character in "\n\t" or unicodedata.category(character) == "Zs"


@given(hostile, hostile)
def test_neutralising_pieces_gives_the_same_as_neutralising_the_whole(first: str, second: str) -> None:
    assert neutralise(first) + neutralise(second) == neutralise(first + second)


@given(hostile)
def test_a_terminal_shown_neutralised_text_does_nothing_but_print(text: str) -> None:
    screen = pyte.Screen(40, 10)
    pyte.Stream(screen).feed(neutralise_line(text))
    assert screen.title == screen.icon_name == ""
    assert screen.cursor.attrs.fg == "default"
    assert pyte.modes.DECTCEM in screen.mode


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\rb", "a␍b"),
        ("\x7f", "␡"),
        ("user\u202etxt.exe", "user\u2039U+202E\u203atxt.exe"),
        ("zero\u200bwidth", "zero\u2039U+200B\u203awidth"),
        ("tag\U000e0041", "tag\u2039U+E0041\u203a"),
        ("\u3164 = 1", "\u2039U+3164\u203a = 1"),
        ("\udc80", "\u2039U+DC80\u203a"),
        ("\x9b31m", "\u2039U+009B\u203a31m"),
        ("日本語\u3000と émoji 🎉", "日本語\u3000と émoji 🎉"),
        ("10\u202f000 €", "10\u202f000 €"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_what_a_terminal_would_not_show_is_written_out(text: str, shown: str) -> None:
    assert neutralise(text) == shown


def test_a_line_keeps_its_newlines_and_tabs_as_pictures() -> None:
    assert neutralise_line("a\nb\tc") == "a␊b␉c"


def test_complete_escape_sequences_are_taken_out_and_cut_ones_stay() -> None:
    assert strip_escapes("\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1b(B\x1b7.") == "red link ."
    assert strip_escapes("cut \x1b[31") == "cut \x1b[31"
    assert strip_escapes("plain") == "plain"


@given(
    st.one_of(hostile, st.lists(movement, max_size=30).map("".join)), st.lists(st.integers(0, 60)), st.integers(0, 4)
)
@example("a\r", [1], 0)
@example("\x1b]0;x\x1b", [2, 7], 0)
def test_any_split_of_the_same_output_gives_the_same_lines(text: str, cuts: list[int], reach: int) -> None:
    whole = LineEmulator(reach)
    expected = whole.feed(text) + whole.finish()
    pieces = LineEmulator(reach)
    lines: list[str] = []
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(bounds):
        lines += pieces.feed(text[start:end])
        assert len(pieces.open_lines) <= reach + 1
    assert lines + pieces.finish() == expected


@given(st.lists(movement, max_size=40))
def test_lines_are_those_a_real_terminal_would_show(pieces: list[str]) -> None:
    text = "".join(pieces)
    screen = pyte.Screen(300, 100)
    pyte.Stream(screen).feed(text.replace("\n", "\r\n"))
    emulator = LineEmulator(reach=99)
    lines = emulator.feed(text) + emulator.finish()
    shown = [line.rstrip() for line in screen.display]
    assert [line.rstrip() for line in lines] + [""] * (100 - len(lines)) == shown


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20), max_size=20))
def test_output_without_controls_comes_out_line_by_line(lines: list[str]) -> None:
    assert plain_lines("".join(line + "\n" for line in lines)) == lines


def test_a_progress_bar_is_one_line() -> None:
    bar = "".join(f"\r{percent:3}%|{'#' * (percent // 10):10}|" for percent in range(101))
    assert plain_lines(bar + "\ndone\n") == ["100%|##########|", "done"]


def test_two_progress_bars_are_two_lines() -> None:
    frames = "".join(f"first {n}\nsecond {n}\n\x1b[2A" for n in range(50))
    assert plain_lines(frames + "\x1b[2B") == ["first 49", "second 49"]


def test_a_program_that_clears_the_screen_loses_nothing() -> None:
    assert plain_lines("before\x1b[H\x1b[2Jafter\n") == ["before", "after"]


def test_an_escape_that_never_ends_swallows_nothing() -> None:
    text = "\x1b]0;" + "x" * 100_000
    assert plain_lines(text) == [text]
    assert plain_lines("\x1b]never closed\nnext\n") == ["\x1b]never closed", "next"]


def test_a_cursor_sent_far_away_costs_no_memory() -> None:
    assert len(plain_lines("\x1b[999999999Gx")[0]) <= 4096


def test_a_flood_of_lines_and_one_endless_line_cost_little() -> None:
    emulator = LineEmulator()
    started = time.process_time()
    lines = emulator.feed("line of output\r\n" * 200_000)
    for _ in range(2000):
        emulator.feed("x" * 500)
    lines += emulator.finish()
    assert len(lines) == 200_001
    assert len(lines[-1]) == 1_000_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("می\u200cگویم", "می\u200cگویم"),
        ("क्\u200dष", "क्\u200dष"),
        ("\U0001f469\u200d\U0001f4bb \u2764\ufe0f\u200d\U0001f525", "\U0001f469\U0001f4bb \u2764\ufe0f\U0001f525"),
        ("ad\u200cmin \u200c م\u200c", "ad\u2039U+200C\u203amin \u2039U+200C\u203a م\u2039U+200C\u203a"),
        ("\u202eevil\x1b[2J", "\u2039U+202E\u203aevil\u241b[2J"),
    ],
)
def test_joiners_stand_out_of_prose_only_where_they_hide_something(text: str, shown: str) -> None:
    assert neutralise_prose(text) == shown
