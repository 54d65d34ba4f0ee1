"""Pictures in the terminal: which terminal gets which protocol, what is sent, how large, and what is left undrawn."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from oi_core.appearance import Pictures
from oi_core.cli.terminal_pictures import cell_size, sixels_pass, terminal_pictures
from oi_core.images.png import PASSES, is_whole_png
from oi_core.view.pictures import MOST_OF_A_BLOCK, MOST_SENT, TerminalPictures
from oi_core.view.pictures.capabilities import KITTY_QUESTION, question
from oi_core.view.pictures.errors import CannotDraw
from oi_core.view.pictures.fitting import Cell, Placing, fitted
from oi_core.view.pictures.iterm2 import iterm2_sequence
from oi_core.view.pictures.kitty import kitty_sequence
from oi_core.view.pictures.sixel import PalettePixels, sixel_sequence

from .picture_terminal import iterm2_content, kitty_content, sixel_content

CELL = Cell(10, 20)
WINDOW = os.terminal_size((80, 40))
PLACING = Placing(3, 2, 30, 40, shrunk=True)
XTERM = {"TERM": "xterm-256color"}
KITTY_OK = "\x1b_Gi=31;OK\x1b\\"
sides = st.integers(1, 3000)


def encoded(width: int = 40, height: int = 30, kind: str = "PNG", mode: str = "RGB") -> bytes:
    gradient = Image.linear_gradient("L").resize((width, height))
    buffer = io.BytesIO()
    gradient.convert(mode).save(buffer, kind)
    return buffer.getvalue()


def pictures_of(
    environment: Mapping[str, str], *answers: str, wanted: Pictures = Pictures.AUTO, passing: bool = True
) -> TerminalPictures:
    pictures = TerminalPictures(wanted, environment, lambda: CELL, lambda: passing)
    for answer in answers:
        pictures.take_answer(answer)
    return pictures


def protocol(pictures: TerminalPictures) -> str:
    drawing = pictures.draw(encoded(), WINDOW)
    if drawing is None:
        return "none"
    return {"\x1b_": "kitty", "\x1b]": "iterm2", "\x1bP": "sixel"}[drawing.sequence[:2]]


@pytest.mark.parametrize(
    ("environment", "answers", "expected"),
    [
        ({"TERM": "xterm-kitty"}, [], "kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, [], "kitty"),
        (XTERM | {"TERM_PROGRAM": "iTerm.app"}, [], "iterm2"),
        (XTERM | {"TERM_PROGRAM": "WezTerm"}, [], "iterm2"),
        (XTERM, [KITTY_OK, "\x1b[?62;4c"], "kitty"),
        (XTERM, ["\x1b_Gi=31;ENOTSUPPORTED\x1b\\", "\x1b[?62;22c"], "none"),
        (XTERM, ["\x1bP>|WezTerm 20240203\x1b\\", "\x1b[?65;4;6;18;22c"], "iterm2"),
        (XTERM, ["\x1bP>|iTerm2 3.5.0\x1b\\", "\x1b[?62;4c"], "iterm2"),
        (XTERM, ["\x1bP>|foot(1.16.2)\x1b\\", "\x1b[?62;4;22c"], "sixel"),
        (XTERM | {"TERM_PROGRAM": "vscode"}, ["\x1bP>|xterm.js(5.6.0)\x1b\\", "\x1b[?62;4;9;22c"], "iterm2"),
        (XTERM | {"TERM_PROGRAM": "vscode"}, ["\x1bP>|xterm.js(5.6.0)\x1b\\", "\x1b[?1;2c"], "none"),
        (XTERM | {"TERM_PROGRAM": "vscode"}, ["\x1b[?62;4;9;22c"], "iterm2"),
        (XTERM | {"TERM_PROGRAM": "vscode"}, ["\x1b[?1;2c"], "none"),
        (XTERM, ["\x1b[?64;1;2;14;4c"], "sixel"),
        (XTERM, ["\x1b[?64;1;44;40c"], "none"),
        (XTERM, [], "none"),
        (XTERM | {"TERM_PROGRAM": "WezTerm", "XTERM_VERSION": "XTerm(379)"}, ["\x1b[?64;1c"], "none"),
        ({"TERM": "tmux-256color", "TMUX": "/x,1,0", "TERM_PROGRAM": "tmux"}, ["\x1b[?1;2c"], "none"),
        ({"TERM": "tmux-256color", "TMUX": "/x,1,0"}, ["\x1b[?1;2;4c"], "sixel"),
        ({"TERM": "screen-256color"}, ["\x1b[?1;2c"], "none"),
        ({"TERM": "xterm-kitty", "SSH_CONNECTION": "1 2 3 4"}, [], "none"),
        ({"TERM": "xterm-kitty", "SSH_CONNECTION": "1 2 3 4"}, [KITTY_OK, "\x1b[?62c"], "kitty"),
        ({"TERM": "xterm-kitty", "ZELLIJ": "0"}, ["\x1b[?62;4c"], "sixel"),
        (XTERM | {"TERM_PROGRAM": "WezTerm", "NVIM": "/run/x"}, ["\x1b[?62c"], "none"),
        ({"TERM": "xterm-kitty", "STY": "1.pts"}, [], "none"),
    ],
)
def test_a_terminal_gets_the_protocol_that_it_takes(
    environment: dict[str, str], answers: list[str], expected: str
) -> None:
    assert protocol(pictures_of(environment, *answers)) == expected


def test_a_tmux_whose_client_draws_no_sixels_gets_none() -> None:
    tmux = {"TERM": "tmux-256color", "TMUX": "/x,1,0"}
    assert protocol(pictures_of(tmux, "\x1b[?1;2;4c", passing=False)) == "none"


def test_a_named_protocol_is_used_whatever_the_terminal_says() -> None:
    for wanted in (Pictures.KITTY, Pictures.ITERM2, Pictures.SIXEL):
        assert protocol(pictures_of(XTERM, wanted=wanted)) == wanted
    assert protocol(pictures_of({"TERM": "xterm-kitty"}, KITTY_OK, "\x1b[?62;4c", wanted=Pictures.OFF)) == "none"


def test_in_tmux_only_sixels_can_be_wished_for() -> None:
    tmux = {"TERM": "tmux-256color", "TMUX": "/x,1,0"}
    assert protocol(pictures_of(tmux, wanted=Pictures.KITTY)) == "none"
    assert protocol(pictures_of(tmux, "\x1b[?1;2;4c", wanted=Pictures.ITERM2)) == "sixel"
    assert protocol(pictures_of(tmux, wanted=Pictures.SIXEL)) == "sixel"


def test_only_a_terminal_that_is_not_known_is_asked_and_only_once() -> None:
    assert pictures_of({"TERM": "xterm-kitty"}).take_question() == ""
    assert pictures_of(XTERM, wanted=Pictures.OFF).take_question() == ""
    pictures = pictures_of(XTERM)
    assert KITTY_QUESTION in pictures.take_question()
    assert pictures.take_question() == ""
    assert not pictures.answered
    pictures.take_answer("\x1b[?62c")
    assert pictures.answered
    pictures.begin_block()
    assert pictures.take_question() == ""


def test_over_ssh_an_answer_may_take_longer() -> None:
    assert pictures_of(XTERM).patience == 0.1
    assert pictures_of(XTERM | {"SSH_CONNECTION": "1 2 3 4"}).patience == 0.5


def test_a_terminal_that_never_answers_is_asked_three_times_at_most() -> None:
    pictures = pictures_of(XTERM)
    asked = 0
    for _ in range(10):
        pictures.begin_block()
        asked += bool(pictures.take_question())
    assert asked == 3


def test_terminals_that_would_show_the_question_are_not_asked_it() -> None:
    for environment in ({"TERM": "linux"}, XTERM | {"TERM_PROGRAM": "Apple_Terminal"}, XTERM | {"INSIDE_EMACS": "29"}):
        assert question(environment) == ""
    assert KITTY_QUESTION not in question({"TERM": "screen", "STY": "1.pts"})
    assert KITTY_QUESTION not in question({"TERM": "tmux-256color", "TMUX": "/x,1,0"})


@given(st.text("\x1b_Gi=31;OK\\P>|[?6;4ct\x07", max_size=30))
def test_any_sequence_may_be_an_answer(sequence: str) -> None:
    pictures = pictures_of(XTERM)
    pictures.take_answer(sequence)
    assert pictures.answered == (re.match(r"\x1b\[\?[\d;]*c", sequence) is not None)


def test_without_colours_only_a_named_protocol_draws() -> None:
    out = io.StringIO()
    assert terminal_pictures(Pictures.AUTO, out, XTERM, colour=False).take_question() == ""
    assert protocol(terminal_pictures(Pictures.AUTO, out, {"TERM": "xterm-kitty"}, colour=False)) == "none"


def test_the_driver_says_how_large_a_cell_is() -> None:
    import fcntl
    import pty
    import termios

    master, terminal = pty.openpty()
    try:
        assert cell_size(terminal) is None
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 803, 481))
        assert cell_size(terminal) == Cell(10, 20)
    finally:
        os.close(master)
        os.close(terminal)
    assert cell_size(terminal) is None


def test_without_a_tmux_that_answers_no_sixels_pass_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sixels_pass({})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not sixels_pass({"TMUX": "/x,1,0"})
    for features, passes in [("RGB,sixel,title", True), ("RGB,title", False)]:
        (tmp_path / "tmux").write_text(f"#!/bin/sh\necho {features}\n")
        (tmp_path / "tmux").chmod(0o755)
        assert sixels_pass({"TMUX": "/x,1,0"}) is passes


@given(
    sides,
    sides,
    st.integers(1, 300),
    st.integers(1, 100),
    st.builds(Cell, st.integers(1, 40), st.integers(1, 60)),
    st.sampled_from([1, 6]),
)
def test_any_picture_fits_in_any_window(
    width: int, height: int, columns: int, lines: int, cell: Cell, band: int
) -> None:
    placing = fitted(width, height, columns, lines, cell, band=band)
    most = max(lines // 2, min(12, lines - 4))
    if placing is None:
        assert columns < 11 or lines < 6 or most * cell.height < band
        return
    for each in (placing, placing.in_whole_cells(cell)):
        assert 1 <= each.columns <= columns - 3
        assert 1 <= each.rows <= most
    assert placing.width <= min(width, placing.columns * cell.width)
    assert placing.height <= min(height, placing.rows * cell.height)
    assert -(-placing.height // band) * band <= placing.rows * cell.height
    shrunk = min(placing.width / width, placing.height / height)
    assert abs(placing.width - width * shrunk) <= 1 + width / height
    assert abs(placing.height - height * shrunk) <= 1 + height / width


@given(st.binary(min_size=1, max_size=20_000))
def test_kitty_and_iterm2_get_the_file_as_it_is(content: bytes) -> None:
    controls, data = kitty_content(kitty_sequence(content, PLACING, stretched=True))
    assert data == content
    assert controls | {"m": ""} == {"a": "T", "f": "100", "C": "1", "q": "2", "c": "3", "r": "2", "m": ""}
    assert "c" not in kitty_content(kitty_sequence(content, PLACING, stretched=False))[0]
    arguments, data = iterm2_content(iterm2_sequence(content, PLACING))
    assert data == content
    assert (arguments["width"], arguments["height"], arguments["size"]) == ("3", "2", str(len(content)))


@st.composite
def paletted(draw: st.DrawFn) -> PalettePixels:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 20))
    palette = draw(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=256))
    few = st.sampled_from(range(len(palette)))
    runs = draw(st.lists(st.tuples(few, st.integers(1, 60)), min_size=1, max_size=30))
    pixels = b"".join(bytes([colour]) * length for colour, length in runs)
    return PalettePixels(width, height, (pixels * (width * height))[: width * height], palette)


@given(paletted())
def test_sixels_are_the_pixels(picture: PalettePixels) -> None:
    shown = sixel_content(sixel_sequence(picture))
    percent = [tuple(round(part * 100 / 255) for part in colour) for colour in picture.palette]
    assert (shown.width, shown.height) == (picture.width, picture.height)
    assert [shown.palette[pixel] for pixel in shown.pixels] == [percent[pixel] for pixel in picture.pixels]
    assert len(shown.palette) == len(set(picture.pixels))
    assert shown.pixels[-1] == 0


def test_a_picture_of_few_colours_keeps_them_as_sixels_and_transparent_ground_is_white() -> None:
    image = Image.new("RGBA", (20, 13))
    image.paste((255, 0, 0, 255), (0, 0, 10, 13))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    drawing = pictures_of(XTERM, wanted=Pictures.SIXEL).draw(buffer.getvalue(), WINDOW)
    assert drawing is not None
    shown = sixel_content(drawing.sequence)
    colours = [shown.palette[pixel] for pixel in shown.pixels]
    assert colours == ([(100, 0, 0)] * 10 + [(100, 100, 100)] * 10) * 13


@settings(deadline=None)
@given(st.integers(1, 900), st.integers(1, 900), st.integers(20, 200), st.integers(10, 60))
def test_a_sixel_picture_is_never_larger_than_the_cells_kept_for_it(
    width: int, height: int, columns: int, lines: int
) -> None:
    pictures = pictures_of(XTERM, wanted=Pictures.SIXEL)
    drawing = pictures.draw(encoded(width, height, mode="1"), os.terminal_size((columns, lines)))
    assert drawing is not None
    head = drawing.sequence.partition('"1;1;')[2].partition("#")[0]
    across, down = map(int, head.split(";"))
    assert across <= min(1000, drawing.columns * CELL.width)
    bands = -(-down // 6)
    assert (drawing.rows - 1) * CELL.height < bands * 6 <= drawing.rows * CELL.height
    assert drawing.rows <= max(lines // 2, min(12, lines - 4))


def test_other_kinds_of_pictures_are_sent_as_the_terminal_takes_them() -> None:
    for kind in ("JPEG", "GIF", "WEBP"):
        drawing = pictures_of({"TERM": "xterm-kitty"}).draw(encoded(kind=kind), WINDOW)
        assert drawing is not None
        assert is_whole_png(kitty_content(drawing.sequence)[1])
    jpeg = encoded(kind="JPEG")
    drawing = pictures_of(XTERM | {"TERM_PROGRAM": "iTerm.app"}).draw(jpeg, WINDOW)
    assert drawing is not None
    assert iterm2_content(drawing.sequence)[1] == jpeg


def test_a_file_of_many_bytes_is_scaled_to_what_is_shown_of_it() -> None:
    noise = Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000))
    buffer = io.BytesIO()
    noise.save(buffer, "PNG")
    assert len(buffer.getvalue()) > MOST_SENT
    drawing = pictures_of({"TERM": "xterm-kitty"}).draw(buffer.getvalue(), WINDOW)
    assert drawing is not None
    with Image.open(io.BytesIO(kitty_content(drawing.sequence)[1])) as shown:
        assert shown.size == (400, 400)


def test_a_loop_that_shows_hundreds_of_pictures_draws_some_of_them() -> None:
    pictures = pictures_of({"TERM": "xterm-kitty"})
    drawn = [pictures.draw(encoded(), WINDOW) for _ in range(100)]
    assert [each is not None for each in drawn] == [True] * MOST_OF_A_BLOCK + [False] * (100 - MOST_OF_A_BLOCK)
    pictures.begin_block()
    assert pictures.draw(encoded(), WINDOW) is not None


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(header: tuple[int, ...], rows: bytes) -> bytes:
    parts = [(b"IHDR", struct.pack(">IIBBBBB", *header)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize(
    "content",
    [
        encoded()[:-20],
        encoded()[:40],
        encoded()[:60] + b"?" + encoded()[61:],
        png_of((30_000, 30_000, 8, 6, 0, 0, 0), bytes(100)),
        png_of((40, 30, 8, 2, 0, 0, 0), bytes(100)),
        png_of((4, 3, 8, 2, 0, 0, 0), bytes(10_000_000)),
        png_of((4, 3, 9, 7, 0, 0, 0), bytes(39)),
        png_of((0, 3, 8, 2, 0, 0, 0), b""),
        encoded(kind="JPEG")[:200],
        b"RIFF\0\0\0\0WEBPVP8X" + bytes(18),
    ],
    ids=["cut", "cut early", "changed", "bomb", "too little", "too much", "odd header", "no width", "jpeg", "webp"],
)
@pytest.mark.parametrize("wanted", [Pictures.KITTY, Pictures.SIXEL])
def test_pictures_that_are_broken_or_lie_are_not_drawn_and_the_reason_is_told(content: bytes, wanted: Pictures) -> None:
    pictures = pictures_of(XTERM, wanted=wanted)
    with pytest.raises(CannotDraw) as raised:
        pictures.draw(content, WINDOW)
    assert pictures.remark(raised.value) in ("not drawn: its data is broken", "not drawn: too large, 30000x30000")


def test_what_is_no_picture_is_not_drawn() -> None:
    for content in (b"", b"<svg/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n"):
        assert pictures_of({"TERM": "xterm-kitty"}).draw(content, WINDOW) is None


@given(st.binary(max_size=200), st.sampled_from([Pictures.KITTY, Pictures.SIXEL]))
def test_any_bytes_are_drawn_or_not(noise: bytes, wanted: Pictures) -> None:
    for content in (noise, encoded()[:33] + noise, b"\xff\xd8\xff" + noise, b"GIF89a" + noise):
        told = ""
        try:
            told = "drawn" if pictures_of(XTERM, wanted=wanted).draw(content, WINDOW) else "no picture"
        except CannotDraw as error:
            told = str(error)
        assert told


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_whole_pngs_of_every_kind_are_told_from_cut_ones(mode: str) -> None:
    content = encoded(13, 9, mode=mode)
    assert is_whole_png(content)
    assert is_whole_png(content + b"what stands behind it")
    assert not any(is_whole_png(content[:length]) for length in range(len(content)))


@given(st.integers(1, 20), st.integers(1, 20))
def test_interlaced_pngs_are_whole_with_all_their_passes(width: int, height: int) -> None:
    def steps(length: int, first: int, step: int) -> int:
        return len(range(first, length, step))

    rows = b"".join(
        bytes(1 + 3 * steps(width, left, right)) * steps(height, top, down)
        for left, top, right, down in PASSES
        if steps(width, left, right)
    )
    content = png_of((width, height, 8, 2, 0, 0, 1), rows)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
    assert is_whole_png(content)
    assert not is_whole_png(png_of((width, height, 8, 2, 0, 0, 1), rows[:-1]))


def test_nothing_of_a_picture_reaches_the_terminal_but_base64_and_sixels() -> None:
    hostile = encoded() + b"\x1b]0;title\x07\x1b\\"
    for wanted in (Pictures.KITTY, Pictures.ITERM2, Pictures.SIXEL):
        drawing = pictures_of(XTERM, wanted=wanted).draw(hostile, WINDOW)
        assert drawing is not None
        assert "title" not in drawing.sequence
        assert drawing.sequence.isascii()


def test_without_pillow_pngs_are_drawn_and_what_is_missing_for_the_others_is_said_once() -> None:
    program = (
        "import sys, os; from tests.view.test_pictures import *\n"
        "content = encoded(); jpeg = encoded(kind='JPEG')\n"
        "sys.modules['PIL'] = sys.modules['PIL.Image'] = None\n"
        "print(pictures_of(XTERM, wanted=Pictures.KITTY).draw(content, WINDOW).rows)\n"
        "for wanted, picture in ((Pictures.KITTY, jpeg), (Pictures.SIXEL, content)):\n"
        "    pictures = pictures_of(XTERM, wanted=wanted)\n"
        "    for _ in range(2):\n"
        "        try: pictures.draw(picture, WINDOW)\n"
        "        except CannotDraw as error: print(repr(pictures.remark(error)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    told = [repr("not drawn: needs Pillow · pip install 'oi-core[images]'"), repr("")]
    assert done.stdout.splitlines() == ["2", *told, *told]
