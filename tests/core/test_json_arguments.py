from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.json_arguments import ArgumentsScanner
from oi_core.surrogates import mend

text = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from('"\\/\n\t\rub{}[]:,é😀\x00\u2028 '))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def cut(whole: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(whole) + 1) for place in places), len(whole)]
    return [whole[start:end] for start, end in itertools.pairwise(edges)]


def scan(fragments: list[str]) -> tuple[str, ArgumentsScanner]:
    scanner = ArgumentsScanner()
    return "".join([scanner.feed(fragment) for fragment in fragments]), scanner


@st.composite
def argument_texts(draw: st.DrawFn) -> tuple[str, str, str]:
    """The JSON text of {language, code} among other keys, in any order and spelling, with the two values."""
    language, code = draw(text), draw(text)
    others: dict[str, Any] = draw(
        st.dictionaries(text.filter(lambda key: key not in ("language", "code")), json_values)
    )
    members = draw(st.permutations([("language", language), ("code", code), *others.items()]))
    ascii_only, indent = draw(st.booleans()), draw(st.sampled_from([None, 0, 2]))
    return json.dumps(dict(members), ensure_ascii=ascii_only, indent=indent), language, code


@given(argument_texts(), st.lists(st.integers(min_value=0), max_size=12))
def test_any_split_gives_what_json_loads_gives(arguments: tuple[str, str, str], places: list[int]) -> None:
    whole, language, code = arguments
    decoded, scanner = scan(cut(whole, places))
    assert (scanner.language, decoded) == (language, code)
    assert scanner.complete


@given(argument_texts())
def test_single_characters_give_what_json_loads_gives(arguments: tuple[str, str, str]) -> None:
    whole, language, code = arguments
    decoded, scanner = scan(list(whole))
    assert (scanner.language, decoded, scanner.complete) == (language, code, True)


@given(st.lists(st.sampled_from(["\\ud83d", "\\ude00", "\\uDBFF", "\\n", "\\\\", "a", "\\u0041"])), st.data())
def test_escaped_surrogates_come_out_as_json_reads_them_with_lone_halves_replaced(
    signs: list[str], data: st.DataObject
) -> None:
    whole = '{"code": "' + "".join(signs) + '"}'
    places = data.draw(st.lists(st.integers(min_value=0), max_size=8))
    assert scan(cut(whole, places))[0] == mend(json.loads(whole)["code"])


@given(argument_texts(), st.data())
def test_code_is_given_out_as_soon_as_its_characters_are_there(
    arguments: tuple[str, str, str], data: st.DataObject
) -> None:
    whole, _, code = arguments
    decoded, scanner = scan([whole[: data.draw(st.integers(0, len(whole)))]])
    assert code.startswith(decoded)
    assert scanner.failed is False


@given(st.text(), st.lists(st.integers(min_value=0), max_size=6))
def test_any_text_at_all_is_taken_without_an_exception(whole: str, places: list[int]) -> None:
    decoded, scanner = scan(cut(whole, places))
    one_piece, at_once = scan([whole])
    assert (decoded, scanner.complete, scanner.failed) == (one_piece, at_once.complete, at_once.failed)


@given(st.text(st.sampled_from('{}[]",: \\u0code1tn')))
def test_what_json_takes_as_an_object_is_never_called_a_failure(whole: str) -> None:
    try:
        is_object = isinstance(json.loads(whole, strict=False), dict)
    except ValueError:
        is_object = False
    if is_object:
        assert scan([whole])[1].complete


@pytest.mark.parametrize(
    "whole", ["print(1)", '"text"', "[1]", '{"code": "x"; }', '{"a" 1}', '{"code": "\\x"}', "{1: 2}"]
)
def test_text_that_is_no_object_fails(whole: str) -> None:
    assert scan([whole])[1].failed


def test_raw_line_ends_inside_the_code_are_taken_as_they_are() -> None:
    assert scan(['{"code": "a\nb\tc"}'])[0] == "a\nb\tc"


def test_a_second_code_is_not_given_out() -> None:
    assert scan(['{"code": "a", "code": "b"}'])[0] == "a"


def test_text_behind_the_object_is_ignored() -> None:
    scanner = ArgumentsScanner()
    assert scanner.feed('{"code": "a"} {"code": "b"}') == "a"
    assert scanner.feed('"c"') == ""
    assert scanner.complete
