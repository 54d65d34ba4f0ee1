"""What was used: tokens and money, of a turn and of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oi_core.events import Usage
    from oi_core.model_facts.known_models import Price


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens and US dollars of some replies. ``cached_tokens`` are part of ``input_tokens``.

    ``estimated`` is the number of replies whose tokens are our own count, because the server gave none, and
    ``unpriced`` of those for which no price is known: their money is missing.
    """

    replies: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    dollars: float = 0.0
    estimated: int = 0
    unpriced: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.replies + other.replies,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.dollars + other.dollars,
            self.estimated + other.estimated,
            self.unpriced + other.unpriced,
        )


def spent_on(usage: Usage, price: Price | None, *, estimated: bool = False) -> Spent:
    """Return what one reply cost."""
    cached = min(usage.cached_tokens, usage.input_tokens)
    dollars = 0.0 if price is None else cost(usage.input_tokens, usage.output_tokens, price, cached)
    return Spent(1, usage.input_tokens, usage.output_tokens, cached, dollars, int(estimated), int(price is None))


def cost(input_tokens: int, output_tokens: int, price: Price, cached_tokens: int = 0) -> float:
    """Return US dollars."""
    fresh = input_tokens - cached_tokens
    return (fresh * price.input + cached_tokens * price.cached + output_tokens * price.output) / 1_000_000


class Ledger:
    """Adds up what the replies of a session cost; ``turn`` is the turn under way, or the last one."""

    def __init__(self) -> None:
        self.turn = Spent()
        self.session = Spent()

    def begin_turn(self) -> None:
        """Start a new sum for the turn."""
        self.turn = Spent()

    def add(self, spent: Spent) -> None:
        """Add a reply."""
        self.turn += spent
        self.session += spent


def in_dollars(amount: float) -> str:
    """Return an amount in words: cents and more with two digits behind the point, less with two that count."""
    if amount == 0 or amount >= 0.1:
        return f"${amount:.2f}"
    return f"${amount:.6f}".rstrip("0") if amount < 0.0001 else f"${amount:.4f}"
