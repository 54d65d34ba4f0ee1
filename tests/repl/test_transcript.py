"""The text of a process is the same in any split of its bytes; streams, echoes and screen modes are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.events import OutputDelta
from oi_core.repl.markers import Marker
from oi_core.repl.transcript import ScreenState, Transcript

NONCE = "0123456789abcdef"


def marker(body: str) -> bytes:
    return f"\x1b]6973;{NONCE};{body}\x07".encode()


def read(chunks: list[bytes], echo: bytes = b"") -> list[OutputDelta | Marker]:
    """Return what a transcript makes of chunks, with adjacent output of one stream joined."""
    transcript = Transcript(NONCE)
    if echo:
        transcript.expect_echo(echo)
    result: list[OutputDelta | Marker] = []
    for item in [item for chunk in chunks for item in transcript.feed(chunk)] + transcript.finish():
        last = result[-1] if result else None
        if isinstance(item, OutputDelta) and isinstance(last, OutputDelta) and item.stream == last.stream:
            result[-1] = OutputDelta(last.text + item.text, item.stream)
        else:
            result.append(item)
    return result


parts = st.one_of(
    st.text(max_size=10).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=6),
    st.sampled_from([marker("e"), marker("o"), marker("s;1"), marker("z;1;ok"), "世".encode()[:2], b"Ada\n"]),
)
streams = st.lists(parts, max_size=12).map(b"".join)


@given(streams, st.sampled_from([b"", b"Ada\n"]))
def test_any_split_gives_the_same_text(stream: bytes, echo: bytes) -> None:
    single = [stream[at : at + 1] for at in range(len(stream))]
    assert read(single, echo) == read([stream], echo)


def test_errors_are_told_from_output() -> None:
    stream = b"one" + marker("e") + b"two" + marker("o") + marker("e") + b"three" + marker("o") + b"four"
    assert read([stream]) == [OutputDelta("one"), OutputDelta("twothree", "stderr"), OutputDelta("four")]


def test_half_a_character_does_not_run_into_the_next_cell() -> None:
    half, rest = "世".encode()[:2], "世".encode()[2:]
    items = read([half + marker("z;1;ok") + rest])
    assert items == [OutputDelta("\ufffd"), Marker("z", ("1", "ok")), OutputDelta("\ufffd")]


def test_an_error_stream_left_open_ends_with_the_cell() -> None:
    assert read([marker("e") + b"x" + marker("z;1;ok") + b"y"])[-1] == OutputDelta("y")


def test_an_announced_echo_is_left_out_once() -> None:
    assert read([b"Ada\nhello Ada\n"], echo=b"Ada\n") == [OutputDelta("hello Ada\n")]


def test_what_only_looks_like_the_echo_is_output() -> None:
    assert read([b"Ad", b"verb"], echo=b"Ada\n") == [OutputDelta("Adverb")]


def test_the_unfinished_line_is_the_prompt() -> None:
    transcript = Transcript(NONCE)
    transcript.feed(b"first line\nPass")
    transcript.feed(b"word: ")
    assert transcript.last_line == "Password: "


def test_an_earlier_cell_is_nobodys_prompt() -> None:
    transcript = Transcript(NONCE)
    transcript.feed(b"left over" + marker("z;1;ok") + marker("s;2"))
    assert transcript.last_line == ""


@pytest.mark.parametrize(
    ("text", "restored"),
    [
        ("plain", ""),
        ("\x1b[31mred", "\x1b[0m"),
        ("\x1b[31mred\x1b[0m", ""),
        ("\x1b[1;31mred\x1b[m", ""),
        ("\x1b[0;31mred", "\x1b[0m"),
        ("\x1b[31mred\x1b[2K", "\x1b[0m"),
        ("\x1b[?1049h screen", "\x1b[?1049l"),
        ("\x1b[?1049h screen \x1b[?1049l", ""),
        ("\x1b[?25l", "\x1b[?25h"),
        ("\x1b[?25l \x1b[?25h", ""),
    ],
)
def test_what_was_left_on_the_screen_is_undone(text: str, restored: str) -> None:
    state = ScreenState()
    state.feed(text)
    assert state.restore() == restored
    assert state.restore() == ""
