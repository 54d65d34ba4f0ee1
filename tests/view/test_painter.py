"""The painter: what is finished stands in the terminal once, what is alive stands below it, nothing else is there."""

from __future__ import annotations

import io
import os

from hypothesis import given
from hypothesis import strategies as st

from oi_core.view.painter import Painter

from .screen import Terminal, without_trailing_blanks

COLUMNS, ROWS = 20, 60
line = st.text("abcdé日 ", max_size=9)
frames = st.lists(st.tuples(st.lists(line, max_size=3), st.lists(line, max_size=5)), max_size=12)


@given(frames)
def test_after_any_frames_the_screen_shows_all_finished_lines_and_the_last_live_ones(
    frames: list[tuple[list[str], list[str]]],
) -> None:
    terminal = Terminal(COLUMNS, ROWS)
    painter = Painter(terminal, terminal.size)
    finished: list[str] = []
    for done, live in frames:
        painter.frame(done, live)
        finished += done
        assert terminal.lines() == without_trailing_blanks([*finished, *live])
    painter.clear()
    assert terminal.lines() == without_trailing_blanks(finished)
    assert terminal.screen.cursor.x == 0
    assert terminal.screen.cursor.y == len(finished)


@given(st.lists(st.tuples(st.lists(line, max_size=3), st.lists(line, max_size=4)), max_size=30))
def test_finished_lines_scroll_away_and_come_neither_twice_nor_never(
    frames: list[tuple[list[str], list[str]]],
) -> None:
    terminal = Terminal(COLUMNS, 8)
    painter = Painter(terminal, terminal.size)
    for done, live in frames:
        painter.frame(done, live)
    painter.clear()
    assert terminal.lines() == without_trailing_blanks([each for done, _ in frames for each in done])


def test_a_frame_that_changes_nothing_writes_nothing() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    painter = Painter(terminal, terminal.size)
    painter.frame([], ["same", "tail"])
    painter.frame([], ["same", "tail"])
    assert len(terminal.writes) == 1


def test_only_the_lines_that_differ_are_written_again() -> None:
    out = io.StringIO()
    painter = Painter(out, lambda: os.terminal_size((80, 24)))
    painter.frame([], ["first", "second", "third"])
    out.truncate(0)
    painter.frame([], ["first", "second", "changed"])
    assert "changed" in out.getvalue()
    assert "first" not in out.getvalue()


def test_after_the_window_became_narrower_the_folded_lines_are_taken_away() -> None:
    terminal = Terminal(COLUMNS, ROWS)
    sizes = [terminal.size(), os.terminal_size((10, ROWS))]
    painter = Painter(terminal, lambda: sizes[0])
    painter.frame(["kept"], ["\x1b[1mwide line of text\x1b[0m"])
    terminal.screen.reset()  # a terminal that reflows shows the live line on two rows of ten
    terminal.write("kept\r\nwide line\r\nof text")
    del sizes[0]
    painter.frame([], ["short"])
    assert terminal.lines() == ["kept", "short"]
