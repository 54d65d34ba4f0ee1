"""Pictures among the output of a block: they stand where they came, with all text above and below them once."""

from __future__ import annotations

import io
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oi_core.appearance import Pictures
from oi_core.events import DisplayData, Event, Executed, ExecutionStarted, OutputDelta, Reviewed, TextDelta, TurnEnded
from oi_core.results import ExecutionResult, Outcome
from oi_core.review import NO_OPINION
from oi_core.view.looks import Looks
from oi_core.view.pictures import TerminalPictures
from oi_core.view.pictures.fitting import Cell, fitted
from oi_core.view.plain import PlainView
from oi_core.view.terminal import TerminalView
from oi_core.view.words import spell_count

from .events_of_a_turn import BLOCK
from .picture_terminal import PictureTerminal, iterm2_content

CELL = Cell(10, 20)
ITERM2 = {"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}
XTERM = {"TERM": "xterm-256color"}


@pytest.fixture(scope="module", autouse=True)
def folder_of_pictures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("pictures")))
        yield


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def view_on(terminal: PictureTerminal, pictures: TerminalPictures) -> TerminalView:
    return TerminalView(terminal, lexers={}, looks=Looks(False), pictures=pictures, size=terminal.size)


def turn(*output: Event) -> list[Event]:
    end = Executed(ExecutionResult(BLOCK, "", Outcome.FINISHED, seconds=0.84))
    return [TextDelta("Look:\n\n"), Reviewed(BLOCK, NO_OPINION), ExecutionStarted(BLOCK), *output, end, TurnEnded()]


def show(view: TerminalView, events: Sequence[Event]) -> None:
    view.begin()
    for event in events:
        view.show(event)
    view.close()


def shown_of(text: str) -> list[str]:
    """Return the rows that stay of a piece of output: the last ten lines, and how many came before them."""
    lines = text.splitlines()
    hidden = len(lines) - 10 if len(lines) > 11 else 0
    return [*([f"│ … {hidden} earlier lines"] if hidden else []), *(f"│ {line}" for line in lines[hidden:])]


def with_short_names(lines: Sequence[str]) -> list[str]:
    """Return lines with the names of pictures cut off, also where a narrow window breaks them."""
    text = re.sub(r"(?m)^│ picture: /[\s\S]*?\.(?:\n│ )?p(?:\n│ )?n(?:\n│ )?g$", "│ picture:", "\n".join(lines))
    return text.split("\n")


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 1200),
    st.integers(1, 900),
    st.integers(24, 120),
    st.integers(8, 50),
    st.lists(st.one_of(st.integers(0, 14), st.just("picture")), max_size=9),
    st.data(),
)
def test_text_stands_once_above_and_below_pictures_of_any_size(
    width: int, height: int, columns: int, rows: int, output: list[int | str], data: st.DataObject
) -> None:
    placing = fitted(width, height, columns, rows, CELL)
    assert placing is not None
    terminal = PictureTerminal(columns, rows, data.draw(st.integers(0, placing.rows), "cursor after a picture"))
    content = png(width, height)
    events: list[Event] = []
    expected = ["Look:", "╭─ python", "│   1 x = 1", "│   2 print(x)", *(["├─ output"] if output else [])]
    printed, count = "", 0
    for place, what in enumerate(output):
        if isinstance(what, int):
            piece = "".join(f"{place}.{number}\n" for number in range(what)) + f"o{place}"
            events.append(OutputDelta(piece))
            printed += piece
            count += what
        else:
            events.append(DisplayData({"image/png": content, "text/plain": "<Figure>"}))
            expected += [*shown_of(printed), *["│"] * placing.rows, "│ picture:"]
            count += 1 + bool(printed)
            printed = ""
    count += bool(printed)
    expected += [*shown_of(printed), f"╰─ ✓ 0.8 s · {spell_count(count, 'line') if count else 'no output'}"]
    show(view_on(terminal, TerminalPictures(Pictures.AUTO, ITERM2, lambda: CELL)), turn(*events))
    lines = terminal.lines()
    assert with_short_names(lines) == [line.rstrip() for line in expected]
    assert (terminal.row, terminal.screen.cursor.x) == (len(lines), 0)
    assert len(terminal.drawn) == output.count("picture")
    for drawn in terminal.drawn:
        assert drawn.column == 2
        assert lines[drawn.row : drawn.row + placing.rows] == ["│"] * placing.rows
        assert lines[drawn.row + placing.rows].startswith("│ picture: /")
        assert iterm2_content(drawn.sequence)[1] == content


def test_a_picture_stands_between_what_was_printed_before_and_after_it() -> None:
    terminal = PictureTerminal(60, 24, below=3)
    first = OutputDelta("".join(f"before {number}\n" for number in range(14)) + "half a line")
    events = turn(first, DisplayData({"image/png": png(100, 60)}), OutputDelta("after\n"))
    show(view_on(terminal, TerminalPictures(Pictures.AUTO, ITERM2, lambda: CELL)), events)
    assert with_short_names(terminal.lines())[4:] == [
        "├─ output",
        "│ … 5 earlier lines",
        *[f"│ before {number}" for number in range(5, 14)],
        "│ half a line",
        *["│"] * 3,
        "│ picture:",
        "│ after",
        "╰─ ✓ 0.8 s · 17 lines",
    ]


def test_the_first_picture_waits_for_what_the_terminal_answers() -> None:
    terminal = PictureTerminal()
    view = view_on(terminal, TerminalPictures(Pictures.AUTO, XTERM, lambda: CELL))

    def answer() -> None:
        while not any("\x1b[c" in text for text in terminal.writes):
            time.sleep(0.001)
        view.take_answer("\x1b_Gi=31;OK\x1b\\")
        view.take_answer("\x1b[?62;4c")

    person = threading.Thread(target=answer)
    person.start()
    show(view, turn(DisplayData({"image/png": png(100, 60)}), DisplayData({"image/png": png(100, 60)})))
    person.join()
    assert [drawn.sequence[:3] for drawn in terminal.drawn] == ["\x1b_G"] * 2
    assert sum("\x1b[c" in text for text in terminal.writes) == 1


def test_a_terminal_that_answers_nothing_gets_links_and_one_that_answers_late_the_next_pictures() -> None:
    terminal = PictureTerminal()
    view = view_on(terminal, TerminalPictures(Pictures.AUTO, XTERM, lambda: CELL))
    picture = DisplayData({"image/png": png(100, 60)})
    show(view, turn(picture, picture))
    assert not terminal.drawn
    assert "\n".join(terminal.lines()).count("│ picture: /") == 2
    view.take_answer("\x1b_Gi=31;OK\x1b\\")
    view.take_answer("\x1b[?62;4c")
    show(view, turn(picture))
    assert len(terminal.drawn) == 1


def test_why_a_picture_is_not_drawn_is_told_beside_its_link() -> None:
    terminal = PictureTerminal(200)
    view = view_on(terminal, TerminalPictures(Pictures.AUTO, ITERM2, lambda: CELL))
    vector, broken = {"image/svg+xml": "<svg/>"}, {"image/png": png(100, 60)[:-9]}
    show(view, turn(DisplayData(vector), DisplayData(broken), DisplayData({"image/png": "not base64!"})))
    assert not terminal.drawn
    lines = [line.partition("/")[0] for line in terminal.lines()[5:-1]]
    assert lines[:3] == ["│ picture: ", "│ picture: ", "│ not drawn: its data is broken"]
    assert lines[3].startswith("│ (a picture that could not be saved")


def test_nothing_is_drawn_where_there_is_no_room_or_no_wish() -> None:
    for terminal, wanted in ((PictureTerminal(9, 24), Pictures.KITTY), (PictureTerminal(80, 24), Pictures.OFF)):
        show(
            view_on(terminal, TerminalPictures(wanted, ITERM2, lambda: CELL)),
            turn(DisplayData({"image/png": png(9, 9)})),
        )
        assert not terminal.drawn
        assert not any("\x1b[c" in text for text in terminal.writes)


def test_the_plain_view_writes_no_escape_byte_for_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    out = io.StringIO()
    view = PlainView(out, out)
    for event in turn(DisplayData({"image/png": png(100, 60)})):
        view.show(event)
    assert "  picture: /" in out.getvalue()
    assert "\x1b" not in out.getvalue()
