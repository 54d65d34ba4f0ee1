"""When a turn goes round in circles: the three signs by which it is stopped, with words for the person."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from oi_core.results import Outcome

if TYPE_CHECKING:
    from oi_core.results import ExecutionResult

SAME_RESULTS = 3
SAME_FAILURES = 2

_CHANGING = re.compile(r"0x[0-9a-f]+|(?<=<cell[ -])\d+|\b\d+(\.\d+)?(?= ?(s|ms|seconds)\b)")
"""What differs between two runs of the same code with the same result: addresses, cell numbers, durations."""
_NUMBER = re.compile(r"\d+")
"""What may differ between two failures of the same code besides: numbers of lines and processes, times of day."""


class Brakes:
    """Watches one turn. ``reason`` says why it must not go on, and what can be done; it is empty while it may.

    - More replies than ``limits.turns``.
    - The same code with the same output three times, with nothing new in between. Code that did not run counts too.
    - The same failure of the same code twice in a row, whatever the numbers in it.
    """

    def __init__(self, max_replies: int = 0) -> None:
        self._max_replies = max_replies
        self._replies = 0
        self._known: set[tuple[str, str, str]] = set()
        self._times: Counter[tuple[str, str, str]] = Counter()
        self._last_failure: tuple[str, str, str] | None = None
        self._circle = ""

    @property
    def reason(self) -> str:
        """Why the turn must not go on; the limit of replies comes first, being the plainest."""
        if self._max_replies and self._replies >= self._max_replies:
            return f"stopped after {self._replies} replies to one message (limits.turns) · send another to go on"
        return self._circle

    @property
    def is_circling(self) -> bool:
        """Whether blocks that are still to come in this reply must not run."""
        return bool(self._circle)

    def replied(self) -> None:
        """Count a reply of the model."""
        self._replies += 1

    def ended(self, result: ExecutionResult) -> None:
        """Take note of a block's end."""
        step = (result.block.language, _unchanged(result.block.code), _output(result))
        if step not in self._known:
            self._known.add(step)
            self._times.clear()
        self._times[step] += 1
        if self._times[step] >= SAME_RESULTS:
            self._circle = _circle(f"the same code gave the same result {SAME_RESULTS} times")
        failed = result.outcome in (Outcome.FAILED, Outcome.CRASHED)
        failure = (*step[:2], _NUMBER.sub("", step[2])) if failed else None
        if failed and failure == self._last_failure and not self._circle:
            self._circle = _circle(f"the same code failed in the same way {SAME_FAILURES} times in a row")
        self._last_failure = failure


def _output(result: ExecutionResult) -> str:
    """Return what came of a block, without what differs each time: where a long output lies, and the like."""
    text = result.as_text()
    if result.spool:
        text = text.replace(result.spool, "")
    return "\n".join([_CHANGING.sub("", text), *result.images])


def _circle(what: str) -> str:
    return f"stopped: {what} · say what to do differently, or send another message to go on as it is"


def _unchanged(code: str) -> str:
    """Return the code without what changes nothing: blank lines, and spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in code.splitlines() if line.strip())
