"""Colours of programs: those on the list pass, each line closes its own, and nothing else gets through."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.printed.graphic_rendition import pieces_of, rendition
from oi_core.printed.line_emulator import LineEmulator
from oi_core.view.output_pane import OutputPane
from oi_core.view.spans import painted, width_of

OURS = re.compile(r"\x1b\[(\d+(;\d+)*)m")


@pytest.mark.parametrize(
    ("before", "parameters", "after"),
    [
        ("", "1;31", "1;31"),
        ("1;31", "0", ""),
        ("1;31", "", ""),
        ("1;2;31", "22", "31"),
        ("31;44", "39;04", "4;44"),
        ("", "38;5;208;48;2;1;2;3", "38;5;208;48;2;1;2;3"),
        ("31", "38;5;1;97", "97"),
        ("", "8;5;6;21;38;5;99999;58;5;1;5", ""),
        ("7", "27;100;106", "106"),
        ("32", "1" * 500, "32"),
    ],
)
def test_only_colours_and_plain_attributes_make_a_rendition(before: str, parameters: str, after: str) -> None:
    assert rendition(before, parameters) == after


def lines(text: str) -> list[str]:
    emulator = LineEmulator(5, colours=True)
    return emulator.feed(text) + emulator.finish()


def test_a_colour_lasts_until_it_is_ended_and_every_line_closes_its_own() -> None:
    assert lines("a\x1b[31mb\nc\x1b[0md\n") == ["a\x1b[31mb\x1b[0m", "\x1b[31mc\x1b[0md"]


def test_what_is_written_over_has_the_new_colour_and_no_length_of_its_own() -> None:
    assert lines("\x1b[31mred line\r\x1b[32mgo\n") == ["\x1b[32mgo\x1b[0m\x1b[31md line\x1b[0m"]
    assert lines("\x1b[31m10%\r\x1b[K\x1b[32m20%\x1b[0m\n") == ["\x1b[32m20%\x1b[0m"]


def test_without_colours_lines_are_plain() -> None:
    assert LineEmulator().feed("\x1b[1;31mred\x1b[0m\n") == ["red"]


hostile = st.text(st.sampled_from("\x1b[]?;0138m5Hhl2JK\r\n\t\x07\x9bab日\u202e"), max_size=80)


@given(hostile, st.integers(0, 80))
def test_any_split_gives_the_same_coloured_lines(text: str, at: int) -> None:
    emulator = LineEmulator(5, colours=True)
    assert emulator.feed(text[:at]) + emulator.feed(text[at:]) + emulator.finish() == lines(text)


@given(hostile, st.integers(8, 40))
def test_nothing_but_whole_renditions_reaches_the_terminal(text: str, width: int) -> None:
    pane = OutputPane(5)
    pane.feed(text)
    for row in [*pane.live(width), *pane.finished(width)]:
        assert width_of(row) <= width
        drawn = painted(row, True)
        assert "\x1b" not in OURS.sub("", drawn)
        assert not [style for span in row for style in (span.style,) if style and rendition("", style) != style]
        last = OURS.findall(drawn)[-1:]
        assert not last or last[0][0] == "0"


def test_tabs_stand_where_they_stood_without_the_colours() -> None:
    pane = OutputPane(5)
    pane.feed("\x1b[31mab\x1b[0m\tc\n")
    assert painted(pane.live(40)[0], False) == "│ ab      c"


def test_a_line_of_a_megabyte_in_colours_is_read_as_far_as_it_is_shown() -> None:
    line = "\x1b[38;2;255;255;255mx\x1b[0m" * 50_000
    pieces = pieces_of(line)
    assert next(pieces) == ("x", "38;2;255;255;255")
    pane = OutputPane(5)
    pane.feed(line)
    assert painted(pane.finished(40)[-1], False) == "│ … 49,520 more characters"
