"""What of a conversation fits into a model's window: chosen and shortened by fixed rules, never edited in place.

The conversation is taken in steps that stay or go together: a request, or a reply with the results of its calls. The
steps are gone through in the order in which they came; each time they pass the budget, room is made down to ``STRIDE``
of it, so that what is sent begins the same way for many turns, and servers that cache prefixes can.

1. The outputs of older steps are shortened to head and tail, the oldest first.
2. Then the oldest steps are dropped. System messages at the start stay, and so does the first request; a turn of which
   later steps are left keeps its request.
3. Both leave the newest ``RECENT`` of the budget alone as long as that is enough.
4. A giant step is cut to ``GIANT_SHARE`` of the budget, or to what others leave of ``STRIDE``; older requests that stay
   are cut to their shares.

A summary begins anew: what stood before it, but for the system messages at the start, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oi_core.messages import AssistantMessage, Message, SummaryMessage, SystemMessage, ToolMessage, UserMessage
from oi_core.tokens import message_tokens
from oi_core.window.cutting import SHORT_OUTPUT_COST, shortened, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from oi_core.tokens import Counting

STRIDE = 0.7
RECENT = 0.35
GIANT_SHARE = 0.5
SYSTEM_SHARE = 1 / 8
"""How much of the budget the first system message at the start may take once room must be made; each further one half
of the one before."""
FIRST_SHARE = 3 / 8
REQUEST_SHARE = 1 / 4
"""How much the first request, and the request of a turn that lost its first steps, may take."""
LEAST_SHARE = 16
LEAST_BUDGET = 256
"""A smaller budget counts as this: the newest request is always sent, be it cut to its first words."""


def fit(messages: Sequence[Message], budget: int, counting: Counting) -> list[Message]:
    """Return the messages to send, which have at most ``budget`` tokens together; see this module's docstring.

    Within the budget nothing changes. No call is kept without its result, and the order stays.
    """
    return Window(counting).fit(messages, budget)


@dataclass(slots=True)
class _Step:
    """Messages that stay or go together.

    ``size`` is their cost, ``cost`` what counts of it where a giant was cut, ``short_size`` what they cost at most with
    their outputs shortened. ``share`` is what it may keep of the budget when the steps around it are dropped.
    """

    messages: list[Message]
    costs: list[int]
    size: int
    short_size: int
    share: float
    is_request: bool
    cost: int = 0
    short: list[Message] | None = None

    def add(self, message: Message, cost: int, short_cost: int) -> None:
        self.messages.append(message)
        self.costs.append(cost)
        self.size += cost
        self.short_size += short_cost

    @property
    def short_cost(self) -> int:
        return min(self.cost, self.short_size)


@dataclass(slots=True)
class _Room:
    """How far room has been made.

    Of the steps before ``first`` only the pinned ones are left, which cost ``pinned``; the outputs of steps before
    ``short`` are shortened. The steps from ``first`` on cost ``kept``, those from ``short`` on ``whole``.
    """

    first: int = 0
    short: int = 0
    kept: int = 0
    whole: int = 0
    pinned: int = 0
    request: int = -1
    """The pinned request of the turn that lost its first steps, or -1."""
    was_made: bool = False


class Window:
    """Fits a conversation that grows: gives what :func:`fit` gives, at a cost that does not grow with its length.

    A conversation that does not continue the one before, or another budget, is gone through from its beginning.
    """

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._budget = 0
        self._forget()

    def _forget(self) -> None:
        self._seen: tuple[Message, ...] = ()
        self._steps: list[_Step] = []
        self._pins: list[int] = []
        self._leading = 0
        self._has_request = False
        self._settled = _Room()
        self._room = self._settled
        self._sent: list[Message] = []
        self._sent_key = (0, 0, -1)
        self._sent_steps = 0

    @property
    def total(self) -> int:
        """What the messages returned last cost together, or a little more."""
        return self._room.kept + self._room.pinned

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out or shortened in what was returned last."""
        return not self._room.was_made

    def fit(self, messages: Sequence[Message], budget: int) -> list[Message]:
        """Return the messages to send."""
        messages = tuple(messages)
        budget = max(budget, LEAST_BUDGET)
        if budget != self._budget or messages[: len(self._seen)] != self._seen:
            self._forget()
        self._budget = budget
        for message in messages[len(self._seen) :]:
            self._take(message)
        self._seen = messages
        self._room = replace(self._settled)
        if self._steps:
            self._make_room(self._room)
        return self._rendered()

    def _take(self, message: Message) -> None:
        """Add a message to the step it belongs to; the newest step is settled once another begins."""
        cost = short = message_tokens(message, self._counting)
        if isinstance(message, ToolMessage):
            short = cost if cost < SHORT_OUTPUT_COST else SHORT_OUTPUT_COST
            if self._steps:
                self._steps[-1].add(message, cost, short)
                return
        elif isinstance(message, SummaryMessage):
            self._begin_anew()
        if self._steps:
            self._make_room(self._settled)
        share = 0.0 if isinstance(message, AssistantMessage) else self._share(message)
        if share:
            self._pins.append(len(self._steps))
        self._steps.append(_Step([message], [cost], cost, short, share, isinstance(message, UserMessage)))

    def _begin_anew(self) -> None:
        leading = [step.messages[0] for step in self._steps[: self._leading]]
        self._forget()
        for message in leading:
            self._take(message)

    def _share(self, message: Message) -> float:
        """Return the share of the budget that a message keeps whatever is dropped."""
        place = len(self._steps)
        if isinstance(message, SystemMessage) and place == self._leading:
            self._leading += 1
            share = SYSTEM_SHARE / 2**place
            return share if share * self._budget >= LEAST_SHARE else 0.0
        if isinstance(message, UserMessage) and not self._has_request:
            self._has_request = True
            return FIRST_SHARE
        return 0.0

    def _make_room(self, room: _Room) -> None:
        """Add the newest step, and make room if that passes the budget."""
        step = self._steps[-1]
        step.cost = step.size
        total = room.kept + room.pinned + step.size
        if total <= self._budget:
            room.kept += step.size
            room.whole += step.size
            return
        older = total - step.size
        step.cost = min(step.size, int(max(GIANT_SHARE * self._budget, STRIDE * self._budget - older)))
        room.was_made = True
        room.kept += step.cost
        room.whole += step.cost
        if older + step.cost <= self._budget:
            return
        last = len(self._steps) - 1
        for recent in (RECENT * self._budget, 0):
            while self._is_over(room) and room.short < last and room.whole > recent:
                self._shorten(room)
            while self._is_over(room) and room.first < last and room.kept > recent:
                self._drop(room)
        excess = max(0, room.kept + room.pinned - self._budget)
        step.cost -= excess
        room.kept -= excess
        room.whole -= excess

    def _is_over(self, room: _Room) -> bool:
        return room.kept > STRIDE * (self._budget - room.pinned)

    def _shorten(self, room: _Room) -> None:
        step = self._steps[room.short]
        room.kept += step.short_cost - step.cost
        room.whole -= step.cost
        room.short += 1

    def _drop(self, room: _Room) -> None:
        """Drop the oldest step, or pin it; the request of a turn stays until the last of its steps goes."""
        step = self._steps[room.first]
        if room.first == room.short:
            room.short += 1
            room.whole -= step.cost
            room.kept -= step.cost
        else:
            room.kept -= step.short_cost
        if step.share:
            room.pinned += self._pinned_cost(step, step.share)
        elif step.is_request:
            self._unpin_request(room)
            room.request = room.first
            room.pinned += self._pinned_cost(step, REQUEST_SHARE)
        room.first += 1
        if room.request >= 0 and self._steps[room.first].is_request:
            self._unpin_request(room)

    def _unpin_request(self, room: _Room) -> None:
        if room.request >= 0:
            room.pinned -= self._pinned_cost(self._steps[room.request], REQUEST_SHARE)
            room.request = -1

    def _pinned_cost(self, step: _Step, share: float) -> int:
        return min(step.cost, int(share * self._budget))

    def _rendered(self) -> list[Message]:
        """Return the messages to send; those of settled steps are kept for the next time, until room is made."""
        room, last = self._room, len(self._steps) - 1
        key = (room.first, room.short, room.request)
        if key != self._sent_key or self._sent_steps > last:
            self._sent, self._sent_key, self._sent_steps = list(self._pinned(room)), key, room.first
        while self._sent_steps < last:
            self._sent += self._messages_of(self._sent_steps, room)
            self._sent_steps += 1
        return [*self._sent, *(self._messages_of(last, room) if self._steps else ())]

    def _pinned(self, room: _Room) -> Iterator[Message]:
        for index in (*self._pins, room.request):
            if 0 <= index < room.first:
                step = self._steps[index]
                limit = self._pinned_cost(step, step.share or REQUEST_SHARE)
                yield from step.messages if limit == step.size else squeezed(step.messages, limit, self._counting)

    def _messages_of(self, index: int, room: _Room) -> list[Message]:
        step = self._steps[index]
        messages = step.messages
        if index < room.short:
            if step.short is None:
                pairs = zip(messages, step.costs, strict=True)
                step.short = [shortened(message, cost, self._counting) for message, cost in pairs]
            messages = step.short
        return messages if step.cost == step.size else squeezed(messages, step.cost, self._counting)
