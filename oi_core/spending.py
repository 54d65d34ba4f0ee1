"""What a session's replies cost as they come, and the limit that stops it before a request would pass it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.events import Level, Notice, Usage
from oi_core.model import CallPart, Delta, NoticePart, ReasoningPart, TextPart
from oi_core.tokens import BYTES_PER_TOKEN
from oi_core.usage import Ledger, Spent, cost, in_dollars, spent_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from oi_core.model_facts.known_models import Price

EXPECTED_REPLY_TOKENS = 500
"""What a reply is expected to have before there was one in the session."""


class CostLimit(Exception):
    """The reply under way is about to pass the limit; what arrived of it is kept."""


class Spending:
    """The ledger of a session, the price of its model, and ``limits.cost``.

    A request is not made when it, with a reply as long as the longest so far, would pass the limit. A reply that would
    is stopped while it streams.
    """

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.price: Price | None = None
        self._limit = 0.0
        self._model = ""
        self._longest_reply = 0
        self._unpriced_told: set[str] = set()
        self._begin_request(0)

    def set_price(self, model: str, price: Price | None, limit: float) -> None:
        """Say what the model costs and how many dollars the session may; a limit of 0 is none."""
        self._model, self.price, self._limit = model, price, limit

    def _begin_request(self, prompt_tokens: int) -> None:
        self._prompt_tokens = prompt_tokens
        self._began = False
        self._output_bytes = 0
        self._usage: Usage | None = None

    @property
    def usage(self) -> Usage | None:
        """What the server counted for the reply read last, if it did."""
        return self._usage

    def refusal(self, prompt_tokens: int) -> str:
        """Return why a request with such a prompt must not be made, in words for the person; nothing when it may."""
        if not self._limit or self.price is None:
            return ""
        reply = self._longest_reply or EXPECTED_REPLY_TOKENS
        next_one, spent = cost(prompt_tokens, reply, self.price), self.ledger.session.dollars
        if spent + next_one <= self._limit:
            return ""
        used = f"{in_dollars(spent)} of {in_dollars(self._limit)} is spent (limits.cost)"
        text = f"stopped: {used}, and the next request would cost about {in_dollars(next_one)}"
        return f"{text} · raise the limit, or begin anew with /reset: short prompts cost less"

    def take_notices(self) -> list[Notice]:
        """Return, once a model, that the limit cannot be held because no price is known."""
        if not self._limit or self.price is not None or self._model in self._unpriced_told:
            return []
        self._unpriced_told.add(self._model)
        text = f"no price is known for {self._model}, so limits.cost cannot stop anything"
        return [Notice(f"{text} · prices.{self._model} = [input, output] in dollars a million tokens", Level.WARNING)]

    def watched(self, deltas: Iterable[Delta], prompt_tokens: int) -> Iterator[Delta]:
        """Yield the deltas of a reply and note what they cost.

        Raises:
            CostLimit: the reply is about to pass the limit.
        """
        self._begin_request(prompt_tokens)
        for delta in deltas:
            self._note(delta)
            yield delta
            if self._limit and self.price is not None and self._passes(self.price):
                raise CostLimit

    def _note(self, delta: Delta) -> None:
        match delta:
            case Usage():
                self._usage = delta
            case TextPart(text=text) | ReasoningPart(text=text) | CallPart(arguments=text):
                self._output_bytes += len(text.encode("utf-8", "surrogatepass"))
            case NoticePart():
                return
        self._began = True

    def _passes(self, price: Price) -> bool:
        if self._usage is not None:
            return False  # it is over
        return self.ledger.session.dollars + cost(self._prompt_tokens, self._output_tokens, price) > self._limit

    @property
    def _output_tokens(self) -> int:
        return -(-self._output_bytes // BYTES_PER_TOKEN)

    def replied(self) -> Spent:
        """Enter the reply watched last, once: the server's count, else ours if anything arrived."""
        if not self._began:
            return Spent()
        if self._usage is not None:
            spent = spent_on(self._usage, self.price)
        else:
            spent = spent_on(Usage(self._prompt_tokens, self._output_tokens), self.price, estimated=True)
        self._longest_reply = max(self._longest_reply, spent.output_tokens)
        self.ledger.add(spent)
        self._began = False
        return spent
