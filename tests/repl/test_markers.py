"""Markers are found in any split of a stream, and everything else is output."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oi_core.repl.markers import LONGEST_BODY, Marker, MarkerParser

NONCE = "0123456789abcdef"
OPENING = f"\x1b]6973;{NONCE};".encode()

pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [
            OPENING,
            OPENING + b"z;1;ok\x07",
            OPENING + b"s;1\x07",
            OPENING + b"z;1\nnot a marker",
            b"\x1b]6973;ffffffffffffffff;z;1;ok\x07",
            b"\x1b]6973;",
            b"\x1b",
            b"\x07",
            b"\x1b[0m text",
            OPENING[:9],
        ]
    ),
)
streams = st.lists(pieces, max_size=12).map(b"".join)


def merged(parser: MarkerParser, chunks: list[bytes]) -> list[bytes | Marker]:
    """Return what a parser makes of chunks, with adjacent output joined."""
    result: list[bytes | Marker] = []
    for piece in [piece for chunk in chunks for piece in parser.feed(chunk)] + [parser.flush()]:
        if isinstance(piece, bytes) and result and isinstance(result[-1], bytes):
            result[-1] += piece
        elif piece != b"":
            result.append(piece)
    return result


@given(streams, st.data())
def test_any_split_of_a_stream_gives_the_same_pieces(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert merged(MarkerParser(NONCE), chunks) == merged(MarkerParser(NONCE), [stream])


@given(streams)
def test_a_byte_at_a_time_gives_the_same_pieces(stream: bytes) -> None:
    single = [stream[at : at + 1] for at in range(len(stream))]
    assert merged(MarkerParser(NONCE), single) == merged(MarkerParser(NONCE), [stream])


@given(st.binary())
def test_without_the_nonce_everything_is_output(stream: bytes) -> None:
    assert b"".join(piece for piece in merged(MarkerParser(NONCE), [stream]) if isinstance(piece, bytes)) == stream


def test_a_marker_between_output_is_found_in_its_place() -> None:
    stream = b"before" + OPENING + b"z;12;error;;bm90ZQ==\x07after"
    assert merged(MarkerParser(NONCE), [stream]) == [b"before", Marker("z", ("12", "error", "", "bm90ZQ==")), b"after"]


def test_another_nonce_makes_it_output() -> None:
    stream = b"\x1b]6973;ffffffffffffffff;z;1;ok\x07"
    assert merged(MarkerParser(NONCE), [stream]) == [stream]


def test_a_marker_that_never_ends_is_output_once_it_is_too_long() -> None:
    parser = MarkerParser(NONCE)
    assert parser.feed(OPENING + b"a" * 100) == []
    text = b"".join(piece for piece in parser.feed(b"a" * LONGEST_BODY) if isinstance(piece, bytes))
    assert text == OPENING + b"a" * (LONGEST_BODY + 100)
    assert parser.feed(b"more") == [b"more"]


def test_a_byte_no_marker_contains_ends_the_wait_at_once() -> None:
    parser = MarkerParser(NONCE)
    assert parser.feed(OPENING + b"z;1") == []
    assert b"".join(piece for piece in parser.feed(b"\nx") if isinstance(piece, bytes)) == OPENING + b"z;1\nx"


def test_output_is_not_held_back_for_an_escape_that_begins_no_marker() -> None:
    assert MarkerParser(NONCE).feed(b"red \x1b[31m") == [b"red \x1b[31m"]
