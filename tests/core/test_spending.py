from __future__ import annotations

from collections.abc import Iterator

import pytest

from oi_core.events import Usage
from oi_core.model import CallPart, Delta, NoticePart, ReasoningPart, TextPart
from oi_core.model_facts.known_models import Price
from oi_core.spending import CostLimit, Spending
from oi_core.usage import Ledger, Spent, cost, in_dollars, spent_on

PRICE = Price(input=10.0, output=50.0, cached=1.0)


def spending(limit: float = 0.0, price: Price | None = PRICE) -> Spending:
    made = Spending()
    made.set_price("some-model", price, limit)
    return made


def reply(made: Spending, *deltas: Delta, prompt_tokens: int = 1000) -> Spent:
    assert list(made.watched(deltas, prompt_tokens)) == list(deltas)
    return made.replied()


def test_cached_tokens_are_part_of_the_input_and_cheaper() -> None:
    assert cost(1000, 100, PRICE) == pytest.approx(0.015)
    assert cost(1000, 100, PRICE, cached_tokens=900) == pytest.approx(0.0069)
    assert spent_on(Usage(10, 0, cached_tokens=999), PRICE).cached_tokens == 10


def test_the_servers_count_is_entered() -> None:
    assert reply(spending(), TextPart("hi"), Usage(1200, 30, 200)) == Spent(
        1,
        1200,
        30,
        200,
        pytest.approx(0.0117),  # type: ignore[arg-type]  # compares like a float
    )


def test_without_one_our_own_count_is_entered_as_an_estimate() -> None:
    spent = reply(spending(), TextPart("x" * 300), ReasoningPart("y" * 30), CallPart(0, arguments="z" * 30))
    assert (spent.input_tokens, spent.output_tokens, spent.estimated) == (1000, 120, 1)
    assert spent.dollars == pytest.approx(0.016)


def test_a_request_that_brought_nothing_cost_nothing() -> None:
    made = spending()
    assert reply(made, NoticePart("429, retrying")) == Spent()
    assert made.ledger.session == Spent()


def test_a_reply_that_breaks_off_is_paid_for() -> None:
    def broken() -> Iterator[Delta]:
        yield TextPart("x" * 300)
        raise OSError("gone")

    made = spending()
    with pytest.raises(OSError, match="gone"):
        list(made.watched(broken(), 1000))
    assert made.replied().output_tokens == 100
    assert made.replied() == Spent()
    assert made.ledger.session.replies == 1


def test_turns_add_up_to_the_session() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.begin_turn()
        ledger.add(spent_on(Usage(100, 10), PRICE))
        ledger.add(spent_on(Usage(100, 10), None, estimated=True))
    assert ledger.turn == Spent(2, 200, 20, 0, cost(100, 10, PRICE), estimated=1, unpriced=1)
    assert ledger.session.replies == 6
    assert ledger.session.dollars == pytest.approx(3 * cost(100, 10, PRICE))


def test_a_request_that_would_pass_the_limit_is_refused_before_it_is_made() -> None:
    made = spending(limit=0.10)
    assert made.refusal(1000) == ""
    assert "limits.cost" in made.refusal(10_000)
    reply(made, TextPart("hi"), Usage(6000, 300))
    assert made.refusal(1000) == ""
    words = made.refusal(3000)
    assert "$0.0750 of $0.10 is spent" in words
    assert "would cost about $0.0450" in words


def test_a_reply_is_expected_to_be_as_long_as_the_longest_so_far() -> None:
    made = spending(limit=1.0)
    reply(made, TextPart("hi"), Usage(1000, 15_000))
    assert made.refusal(1000)
    assert spending(limit=1.0).refusal(1000) == ""


def test_a_reply_is_stopped_before_it_passes_the_limit() -> None:
    made = spending(limit=0.02)
    read: list[Delta] = []
    with pytest.raises(CostLimit):
        read.extend(made.watched((TextPart("x" * 30) for _ in range(1000)), 1000))
    spent = made.replied()
    assert 0.019 < spent.dollars < 0.022
    assert len(read) < 25


def test_without_a_limit_or_a_price_nothing_is_refused() -> None:
    assert spending(limit=0.0).refusal(10**9) == ""
    assert spending(limit=0.01, price=None).refusal(10**9) == ""


def test_a_limit_without_a_known_price_is_said_once_a_model() -> None:
    made = spending(limit=1.0, price=None)
    (notice,) = made.take_notices()
    assert "no price is known for some-model" in notice.text
    assert "prices.some-model" in notice.text
    assert made.take_notices() == []
    assert spending(limit=0.0, price=None).take_notices() == []
    assert spending(limit=1.0).take_notices() == []


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0.0, "$0.00"), (12.345, "$12.35"), (0.1, "$0.10"), (0.0123, "$0.0123"), (0.00001, "$0.00001")],
)
def test_small_amounts_are_not_rounded_to_nothing(amount: float, words: str) -> None:
    assert in_dollars(amount) == words
