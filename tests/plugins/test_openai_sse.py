from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oi_openai.sse import EventReader, NotAnEvent

STREAM = (
    b': ping - 2026\r\n\r\ndata: {"a": 1}\r\n\r\nevent: message\nid: 7\nretry: 10\n'
    b'data:{"b": "\xc3\xa9\xf0\x9f\x98\x80"}\n\n'
    b'data: {"c":\ndata: [1]}\n\ndata: {"d": 1}\ndata: {"e": 2}\n\ndata:\n\ndata: {"f": "\xe2\x80\xa8\x0b"}\n\n'
    b'data: [DONE]\n\ndata: {"late": 1}\n\n'
).replace(b"\x0b", b"\\u000b")
OBJECTS: list[dict[str, Any]] = [{"a": 1}, {"b": "é😀"}, {"c": [1]}, {"d": 1}, {"e": 2}, {"f": "\u2028\x0b"}]


def read(pieces: list[bytes]) -> tuple[list[dict[str, Any]], bool]:
    reader = EventReader(pieces)
    return list(reader), reader.done


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_objects(places: list[int]) -> None:
    pieces = [STREAM[a:b] for a, b in itertools.pairwise([0, *sorted(places), len(STREAM)])]
    assert read(pieces) == (OBJECTS, True)


def test_single_bytes_give_the_same_objects() -> None:
    assert read([bytes([byte]) for byte in STREAM]) == (OBJECTS, True)


@pytest.mark.parametrize("raw", [b'data: {"a": 1}', b'data: {"a": 1}\n', b'{"a": 1}\n', b'data: {"a": 1}\r\rdata: '])
def test_a_last_event_counts_without_its_empty_line(raw: bytes) -> None:
    assert read([raw]) == ([{"a": 1}], False)


def test_an_event_called_error_is_an_error_whatever_its_shape() -> None:
    assert read([b'event: error\ndata: {"message": "no"}\n\n']) == ([{"error": {"message": "no"}}], False)


@pytest.mark.parametrize(
    "raw", [b"<!DOCTYPE html>\n<html>", b"data: {broken\n\n", b"data: 42\n\n", b"data: null\n\n", b"data: {\xff\n\n"]
)
def test_what_is_no_event_is_told(raw: bytes) -> None:
    with pytest.raises(NotAnEvent):
        read([raw])


@given(st.lists(st.binary()))
def test_any_bytes_at_all_are_objects_or_not_an_event(pieces: list[bytes]) -> None:
    try:
        objects, _ = read(pieces)
    except NotAnEvent:
        return
    json.dumps(objects)


def test_a_long_event_in_small_pieces_is_read_in_linear_time() -> None:
    raw = b"data: " + json.dumps({"a": "x" * 2_000_000}).encode() + b"\n\n"
    assert len(read([raw[at : at + 50] for at in range(0, len(raw), 50)])[0][0]["a"]) == 2_000_000
