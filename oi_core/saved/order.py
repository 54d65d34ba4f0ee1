"""What happened in a saved session, in the order it did: what was said, each call with what came of it, other runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from oi_core.messages import AssistantMessage, SystemMessage, ToolMessage, UserCodeMessage, UserMessage
from oi_core.results import Outcome
from oi_core.saved.archive import BROKE_OFF, Run
from oi_core.wire.pairing import NO_RESULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.messages import CodeBlock, Message
    from oi_core.saved.archive import SavedSession

NOT_RUN = ("[not run", NO_RESULT, BROKE_OFF)
"""How the results begin of calls that did not run, as far as is known."""


@dataclass(frozen=True, slots=True)
class Call:
    """A block the model wrote: its run, where one is known, and the result as the model was told it."""

    block: CodeBlock
    run: Run | None
    told: ToolMessage | None

    def ran(self) -> CodeBlock | None:
        """Return the code that ran, which a person may have edited; None when it did not run."""
        if self.run is not None:
            return self.run.ran()
        return None if self.told is None or self.told.text.startswith(NOT_RUN) else self.block


Step: TypeAlias = SystemMessage | UserMessage | AssistantMessage | Call | Run


def in_order(saved: SavedSession) -> list[Step]:
    """Return the steps of a session: each message, behind it its calls, and runs that no message called.

    Where an id is used again, a run belongs to the newest call before it.
    """
    runs = _runs_of_calls(saved)
    called = {id(run) for run in runs.values()}
    others = [run for run in saved.runs if id(run) not in called]
    steps: list[Step] = []
    for index, message in enumerate(saved.messages):
        while others and others[0].position <= index:
            steps.append(others.pop(0))
        reported = isinstance(message, UserCodeMessage) and steps and isinstance(steps[-1], Run)
        if not isinstance(message, ToolMessage) and not reported:
            steps.append(message)
        if isinstance(message, AssistantMessage):
            told = _results(saved.messages[index + 1 :])
            calls = enumerate(message.blocks)
            steps += [Call(block, runs.get((index, place)), told.get(block.call_id)) for place, block in calls]
    return [*steps, *others]


def _results(following: Sequence[Message]) -> dict[str, ToolMessage]:
    """Return the results that stand before the next reply, by call."""
    until_reply = takewhile(lambda message: not isinstance(message, AssistantMessage), following)
    results: dict[str, ToolMessage] = {}
    for message in until_reply:
        if isinstance(message, ToolMessage):
            results.setdefault(message.call_id, message)
    return results


def _runs_of_calls(saved: SavedSession) -> dict[tuple[int, int], Run]:
    """Return the run of each call, by the index of its message and its place therein."""
    places: dict[str, list[tuple[int, int]]] = {}
    for index, message in enumerate(saved.messages):
        if isinstance(message, AssistantMessage):
            for place, block in enumerate(message.blocks):
                places.setdefault(block.call_id, []).append((index, place))
    runs: dict[tuple[int, int], Run] = {}
    for run in saved.runs:
        free = [at for at in places.get(run.result.block.call_id, ()) if at[0] < run.position and at not in runs]
        if free:
            newest = max(index for index, _ in free)
            runs[min(at for at in free if at[0] == newest)] = run
    return runs


def code_to_replay(saved: SavedSession) -> list[tuple[CodeBlock, bool]]:
    """Return the code that ran to its end, in order, each with whether it finished without an error.

    What was interrupted, timed out or took its process with it is left out: it would do so again.
    """
    code: list[tuple[CodeBlock, bool]] = []
    for step in in_order(saved):
        if not isinstance(step, Call | Run) or (block := step.ran()) is None:
            continue
        run = step.run if isinstance(step, Call) else step
        outcome = run.result.outcome if run is not None else Outcome.FAILED
        if outcome in (Outcome.FINISHED, Outcome.FAILED):
            code.append((block, outcome is Outcome.FINISHED))
    return code
