"""Which opinion stands, and when the person is asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oi_core.review import NO_OPINION, Approval, Review, Verdict, needs_asking, strictest

verdicts = st.sampled_from(Verdict)
names = st.sampled_from(["", "a", "b", "sandbox", "forbidden"])
reviews = st.builds(Review, verdicts, st.sampled_from(["", "deletes a file", "opens a port", "; "]), names)


def test_without_opinions_everything_is_allowed_by_nobody() -> None:
    assert strictest([]) == NO_OPINION == Review(Verdict.ALLOW, "", "")


@settings(deadline=None)
@given(st.lists(reviews), st.integers(0, 5))
def test_a_block_beats_any_number_of_allows(others: list[Review], count: int) -> None:
    block = Review(Verdict.BLOCK, "no", "forbidden")
    assert strictest([*others, block, *[Review(Verdict.ALLOW, "fine", "a")] * count]).verdict is Verdict.BLOCK


@settings(deadline=None)
@given(st.lists(reviews, min_size=1))
def test_the_verdict_is_the_greatest_of_all(opinions: list[Review]) -> None:
    assert strictest(opinions).verdict == max(opinion.verdict for opinion in opinions)


@settings(deadline=None)
@given(st.lists(reviews).flatmap(lambda opinions: st.tuples(st.just(opinions), st.permutations(opinions))))
def test_the_order_of_reviewers_does_not_matter(orders: tuple[list[Review], list[Review]]) -> None:
    assert strictest(orders[0]) == strictest(orders[1])


@settings(deadline=None)
@given(st.lists(reviews))
def test_saying_it_twice_changes_nothing(opinions: list[Review]) -> None:
    assert strictest(opinions * 2) == strictest(opinions)


@settings(deadline=None)
@given(st.lists(reviews, min_size=1))
def test_ties_keep_every_reason_and_every_reviewer_once(opinions: list[Review]) -> None:
    standing = strictest(opinions)
    tied = [opinion for opinion in opinions if opinion.verdict is standing.verdict]
    assert all(opinion.reason in standing.reason for opinion in tied)
    assert all(opinion.reviewer in standing.reviewer.split(", ") for opinion in tied if opinion.reviewer)
    assert len(standing.reviewer.split(", ")) == len({opinion.reviewer for opinion in tied if opinion.reviewer} or {""})


@settings(deadline=None)
@given(st.lists(reviews))
def test_a_milder_reason_is_never_given_for_a_stricter_verdict(opinions: list[Review]) -> None:
    standing = strictest([*opinions, Review(Verdict.BLOCK, "no", "forbidden")])
    blocked = {opinion.reviewer for opinion in opinions if opinion.verdict is Verdict.BLOCK and opinion.reviewer}
    assert set(standing.reviewer.split(", ")) == blocked | {"forbidden"}


def test_ties_are_joined_in_the_order_of_the_reviewers_names() -> None:
    opinions = [Review(Verdict.ASK, "opens a port", "network"), Review(Verdict.ASK, "deletes a file", "files")]
    assert strictest(opinions) == Review(Verdict.ASK, "deletes a file; opens a port", "files, network")


@settings(deadline=None)
@given(reviews)
def test_under_ask_everything_is_asked_about(review: Review) -> None:
    assert needs_asking(review, Approval.ASK)


@settings(deadline=None)
@given(reviews, st.sampled_from(Approval))
def test_an_ask_asks_under_every_approval(review: Review, approval: Approval) -> None:
    assert needs_asking(Review(Verdict.ASK, review.reason, review.reviewer), approval)


@settings(deadline=None)
@given(reviews.filter(lambda review: review.verdict is not Verdict.ASK))
def test_auto_asks_only_when_a_reviewer_does(review: Review) -> None:
    assert not needs_asking(review, Approval.AUTO)


@pytest.mark.parametrize(("reviewer", "asked"), [("", True), ("oi_forbidden", False)])
def test_risky_trusts_an_allow_only_when_somebody_read_the_code(reviewer: str, asked: bool) -> None:
    assert needs_asking(Review(Verdict.ALLOW, "", reviewer), Approval.RISKY) is asked
