"""What of a conversation fits into a model's window: chosen, shortened and cut by fixed rules, never edited in place.

The conversation is taken in steps that stay or go together: a request, or a reply with the results of its calls. The
steps are gone through in their order, as they came; each time they pass the budget, room is made down to ``STRIDE`` of
it, so that what is sent begins the same way for many turns, and servers that cache prefixes can.

1. The outputs of older steps are shortened to head and tail, the oldest first.
2. Then the oldest steps are dropped. System messages before the first request stay, and so does the first request; a
   turn of which later steps are left keeps its request.
3. Both leave the newest ``RECENT`` of the budget alone as long as that is enough.
4. Requests that stay, but are giant, are cut to their share; the newest step is cut to what is left then.

A summary begins anew: what stood before it, but for the system messages at the start, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oi_core.cutting import capped, shortened, squeezed
from oi_core.messages import Message, SummaryMessage, SystemMessage, ToolMessage, UserMessage
from oi_core.tokens import message_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.tokens import Counting

STRIDE = 0.7
RECENT = 0.35
SYSTEM_SHARE = 1 / 8
"""How much of the budget the conversation's own system messages may take together, once room must be made."""
FIRST_SHARE = 1 / 2
REQUEST_SHARE = 1 / 4
"""How much the first request, and the request of a turn whose first steps are dropped, may take."""
LEAST_BUDGET = 128
"""A smaller budget counts as this: the newest request is always sent, be it cut to its first words."""


def fit(messages: Sequence[Message], budget: int, counting: Counting) -> list[Message]:
    """Return the messages to send, which have at most ``budget`` tokens together; see this module's docstring.

    Within the budget nothing changes. No call is kept without its result, and the order stays.
    """
    return Window(counting).fit(messages, budget)


@dataclass(slots=True)
class _Step:
    messages: list[Message]
    cost: int
    short_cost: int | None = None

    @property
    def is_request(self) -> bool:
        return isinstance(self.messages[0], UserMessage)

    def short(self, counting: Counting) -> list[Message]:
        return [shortened(message, counting) for message in self.messages]


@dataclass(slots=True)
class _Cut:
    """How far room has been made.

    Steps before ``first`` are dropped but for the ``pinned`` ones; outputs of steps before ``short`` are shortened. ``kept``
    is the cost of the steps from ``first`` on, ``whole`` of those from ``short`` on, ``fixed`` of the pinned ones.
    """

    first: int = 0
    short: int = 0
    kept: int = 0
    whole: int = 0
    fixed: int = 0
    request: int = -1
    """The pinned request of the turn in which ``first`` lies, or -1."""


class Window:
    """Fits a conversation that grows: gives what :func:`fit` gives, at a cost that does not grow with its length.

    A conversation that does not continue the one before, or another budget, is gone through from its beginning.
    """

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._budget = -1
        self._restart()

    def _restart(self) -> None:
        self._seen: tuple[Message, ...] = ()
        self._leading: list[Message] = []
        self._begin([])

    def _begin(self, steps: list[_Step]) -> None:
        self._steps = steps
        self._opening = len(steps)
        self._first_request = -1
        self._cut = _Cut(kept=sum(step.cost for step in steps), whole=sum(step.cost for step in steps))
        self._before_last = replace(self._cut)

    @property
    def total(self) -> int:
        """What the messages cost together that were returned last, if the newest step did not have to be cut."""
        return self._cut.kept + self._cut.fixed

    @property
    def left_out(self) -> bool:
        """Whether anything is missing or shortened in what was returned last."""
        return self._cut.short > 0 or self.total > self._budget

    def fit(self, messages: Sequence[Message], budget: int) -> list[Message]:
        """Return the messages to send."""
        messages = tuple(messages)
        budget = max(budget, LEAST_BUDGET)
        if budget != self._budget or messages[: len(self._seen)] != self._seen:
            self._budget = budget
            self._restart()
        for message in messages[len(self._seen) :]:
            self._take(message)
        self._seen = messages
        self._close_last_step()
        return self._rendered()
