from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oi_core.printed.bounded_text import BoundedText

pieces = st.lists(st.text(max_size=30), max_size=40)


@given(pieces, st.integers(min_value=1, max_value=120))
def test_what_is_kept_is_the_beginning_and_the_end(parts: list[str], limit: int) -> None:
    bounded = BoundedText(limit)
    for part in parts:
        bounded.add(part)
    whole = "".join(parts)
    text = bounded.text()
    if len(whole) <= limit:
        assert text == whole
    else:
        assert text.startswith(whole[: limit // 2])
        assert text.endswith(whole[len(whole) - (limit - limit // 2) :])
        assert bounded.dropped_characters == len(whole) - limit


@given(st.text(max_size=300), st.integers(min_value=1, max_value=100), st.data())
def test_any_split_of_the_same_text_is_kept_alike(text: str, limit: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(min_value=0, max_value=len(text)))
    at_once, in_two = BoundedText(limit), BoundedText(limit)
    at_once.add(text)
    in_two.add(text[:cut])
    in_two.add(text[cut:])
    assert in_two.text() == at_once.text()


def test_what_is_left_out_is_counted_in_characters_and_lines() -> None:
    bounded = BoundedText(10)
    bounded.add("start" + "x\n" * 1000 + "e" * 5)
    assert bounded.text() == "start\n[… 2,000 characters (1,000 lines) left out …]\neeeee"


def test_without_a_limit_everything_is_kept() -> None:
    bounded = BoundedText(0)
    for _ in range(1000):
        bounded.add("line\n")
    assert bounded.text() == "line\n" * 1000
