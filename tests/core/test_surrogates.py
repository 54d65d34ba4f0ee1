from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oi_core.surrogates import SurrogateJoiner, mend

any_text = st.text(st.characters())  # surrogates included
half_pairs = st.text(st.sampled_from("a\ud83d\ude00\udbff\udc00é😀"))


@given(half_pairs | any_text)
def test_mended_text_can_be_encoded_and_is_mended_once_for_all(text: str) -> None:
    mended = mend(text)
    mended.encode()
    assert mend(mended) == mended


@given(half_pairs)
def test_mending_is_what_utf16_says(text: str) -> None:
    assert mend(text) == text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def test_the_halves_of_a_pair_become_their_character_and_a_lone_half_a_replacement() -> None:
    assert mend("\ud83d\ude00") == "😀"
    assert mend("a\ude00b\ud83d") == "a\ufffdb\ufffd"


@given(st.lists(half_pairs | any_text))
def test_pieces_mend_to_the_same_text_as_the_whole(pieces: list[str]) -> None:
    joiner = SurrogateJoiner()
    assert "".join([*map(joiner.feed, pieces), joiner.finish()]) == mend("".join(pieces))
