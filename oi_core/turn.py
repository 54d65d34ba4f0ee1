"""The loop: a message to the model, its code through review to a live process, the result back, until it is done."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from oi_core.approval import Ask, Decline, Run, RunEdited, Unanswered
from oi_core.brakes import Brakes
from oi_core.closing import closing_iterator
from oi_core.code_stream import Reply, ReplyReader
from oi_core.errors import ContextOverflow, ModelCancelled, ModelError, UnknownLanguage
from oi_core.events import Event, Executed, Level, Notice, Reviewed, TurnEnded, TurnOutcome
from oi_core.messages import CodeBlock, Message, ToolMessage, UserMessage
from oi_core.printed.bounded_output import OutputBound
from oi_core.results import ExecutionResult, Outcome
from oi_core.review import Approval, Policy, Review, Verdict, needs_asking
from oi_core.spending import CostLimit
from oi_core.stopping import StopRequest

if TYPE_CHECKING:
    from oi_core.conversation import Conversation
    from oi_core.model import Model
    from oi_core.prompts import Prompts
    from oi_core.spending import Spending
    from oi_core.tool_schema import Tool
    from oi_core.workbench import Workbench


@dataclass(slots=True)
class BlockParts:
    """What takes part when a block runs; ``stop`` is set by an interrupt."""

    review: Callable[[CodeBlock, Policy], Review]
    policy: Policy
    ask: Ask
    workbench: Workbench
    seconds_for: Callable[[str], float] = lambda _language: 0.0
    output_bound: OutputBound = field(default_factory=OutputBound)
    stop: StopRequest = field(default_factory=StopRequest)


@dataclass(slots=True)
class TurnParts:
    """What takes part in a turn."""

    conversation: Conversation
    model: Model
    tools: Sequence[Tool]
    languages: Mapping[str, str]
    prompts: Prompts
    spending: Spending
    blocks: BlockParts
    max_replies: int = 0
    notices: Callable[[], Sequence[Notice]] = tuple


def take_turn(parts: TurnParts, message: UserMessage) -> Iterator[Event]:
    """Take the conversation from the person's message to the model's last word; the last event is ``TurnEnded``.

    However it ends, also by closing the iterator or by an exception of the caller's, every call in the conversation has
    a result and all text that arrived is kept.
    """
    conversation = parts.conversation
    conversation.close_calls("[not run: the conversation was loaded without a result for this call]")
    conversation.add(message)
    try:
        outcome = yield from _exchange(parts)
    finally:
        conversation.close_calls("[interrupted by the user]")
    yield from parts.notices()
    yield TurnEnded(outcome)


def take_reply(parts: TurnParts, message: UserMessage) -> Generator[Event, None, str | None]:
    """Ask for one reply to a message and run nothing; returns its text, or None when it did not come whole."""
    parts.conversation.add(message)
    reply = yield from _read_reply(parts)
    return None if isinstance(reply, TurnOutcome) else reply.message.text


def _exchange(parts: TurnParts) -> Generator[Event, None, TurnOutcome]:
    """Alternate replies and results until the model runs nothing more, or something ends the turn before."""
    brakes = Brakes(parts.max_replies)
    while not brakes.reason:
        brakes.replied()
        reply = yield from _read_reply(parts)
        if isinstance(reply, TurnOutcome):
            return reply
        outcome = yield from _run_blocks(parts, reply, brakes)
        if outcome is not None:
            return outcome
        if not reply.message.blocks:
            return TurnOutcome.DONE
    yield Notice(brakes.reason, Level.WARNING)
    return TurnOutcome.LIMIT


def _read_reply(parts: TurnParts) -> Generator[Event, None, Reply | TurnOutcome]:
    """Ask for one reply, unless that costs too much; a prompt that is too long for the model is sent shorter, once."""
    tightened = False
    while True:
        prompt = parts.prompts.build(parts.conversation.messages)
        yield from (*parts.prompts.take_notices(), *parts.spending.take_notices())
        refusal = parts.spending.refusal(parts.prompts.tokens)
        if refusal:
            yield Notice(refusal, Level.WARNING)
            return TurnOutcome.LIMIT
        try:
            return (yield from _stream_reply(parts, prompt))
        except ContextOverflow as error:
            told = "" if tightened else parts.prompts.tighten(error)
            yield Notice(told, Level.WARNING) if told else Notice(str(error), Level.ERROR)
            if not told:
                return TurnOutcome.FAILED
            tightened = True


def _stream_reply(parts: TurnParts, prompt: Sequence[Message]) -> Generator[Event, None, Reply | TurnOutcome]:
    """Stream one reply into the conversation; a reply that breaks off is kept, its calls are not run.

    Raises:
        ContextOverflow: the prompt is too long, and nothing has arrived.
    """
    reader = ReplyReader(parts.languages)
    finished = False
    try:
        with closing_iterator(parts.model.stream(prompt, parts.tools)) as deltas:
            yield from reader.read(parts.spending.watched(deltas, parts.prompts.tokens))
        finished = True
    except ModelCancelled:
        return TurnOutcome.INTERRUPTED
    except CostLimit:
        yield Notice("the reply was stopped before it passed limits.cost · raise the limit to go on", Level.WARNING)
        return TurnOutcome.LIMIT
    except ModelError as error:
        if isinstance(error, ContextOverflow) and not _has_content(reader.reply()):
            raise
        yield Notice(str(error), Level.ERROR)
        return TurnOutcome.FAILED
    finally:
        reply = reader.reply()
        if _has_content(reply):
            parts.conversation.add(reply.message)
        if not finished:
            parts.conversation.close_calls("[not run: the reply broke off]")
        parts.spending.replied()
    if parts.spending.usage is not None:
        parts.prompts.reported(parts.spending.usage)
    return TurnOutcome.INTERRUPTED if parts.blocks.stop.requested else reply


def _has_content(reply: Reply) -> bool:
    return bool(reply.message.text or reply.message.blocks)


def _run_blocks(parts: TurnParts, reply: Reply, brakes: Brakes) -> Generator[Event, None, TurnOutcome | None]:
    """Run a reply's blocks in order; after one that was declined or interrupted, the others are not run."""
    outcome: TurnOutcome | None = None
    skip = ""
    for block in reply.message.blocks:
        if skip:
            result = _not_run(block, Outcome.DECLINED, skip)
        else:
            result, ending = yield from take_block(parts.blocks, block, reply.problems.get(block.call_id, ""))
            outcome = ending or outcome
            brakes.ended(result)
            skip = _reason_to_skip_the_rest(result, outcome, brakes)
        parts.conversation.add(ToolMessage(block.call_id, _result_text(block, result), result.images))
        yield Executed(result)
        yield from parts.notices()
    return outcome


def _reason_to_skip_the_rest(result: ExecutionResult, outcome: TurnOutcome | None, brakes: Brakes) -> str:
    if outcome is TurnOutcome.INTERRUPTED:
        return "the turn was interrupted before this block"
    if outcome is not None or result.outcome is Outcome.DECLINED:
        return "a block before this one was declined"
    return "the turn goes round in circles and was stopped" if brakes.is_circling else ""


def take_block(
    parts: BlockParts, block: CodeBlock, problem: str = ""
) -> Generator[Event, None, tuple[ExecutionResult, TurnOutcome | None]]:
    """Take one block through review and approval to its result, and say whether the turn ends with it."""
    problem = problem or _problem(parts, block)
    if problem:
        return _not_run(block, Outcome.BLOCKED, problem), None
    approved = yield from _approve(parts, block)
    if isinstance(approved, ExecutionResult):
        stays = approved.outcome is Outcome.BLOCKED or approved.note.startswith(DECLINED_BECAUSE)
        return approved, None if stays else TurnOutcome.DECLINED
    if parts.stop.requested:
        return _not_run(approved, Outcome.DECLINED, "the turn was interrupted"), TurnOutcome.INTERRUPTED
    seconds = parts.seconds_for(approved.language)
    result = yield from parts.workbench.run(approved, seconds, parts.output_bound)
    interrupted = parts.stop.requested or result.outcome is Outcome.INTERRUPTED
    return result, TurnOutcome.INTERRUPTED if interrupted else None


def _problem(parts: BlockParts, block: CodeBlock) -> str:
    """Return why a block cannot be run whatever anyone's opinion of it, or nothing."""
    if not block.code.strip():
        return "the call had no code"
    try:
        parts.workbench.language(block.language)
    except UnknownLanguage as error:
        return str(error)
    return ""


DECLINED_BECAUSE = "the user declined: "


def _approve(parts: BlockParts, block: CodeBlock) -> Generator[Event, None, CodeBlock | ExecutionResult]:
    """Return the block to run, as the person may have edited it, or the result of one that is not to run."""
    while True:
        review = parts.review(block, parts.policy)
        yield Reviewed(block, review)
        if review.verdict is Verdict.BLOCK:
            return _not_run(block, Outcome.BLOCKED, f"{review.reviewer}: {review.reason}")
        if parts.policy.approval is Approval.DENY:
            return _not_run(block, Outcome.DECLINED, 'nothing runs while the setting approval is "deny"')
        if not needs_asking(review, parts.policy.approval):
            return block
        decision = parts.ask(block, review)
        match decision:
            case Run():
                return block
            case RunEdited(code=code):
                block = replace(block, code=code)
            case Decline(reason=reason):
                note = f"{DECLINED_BECAUSE}{reason}" if reason else "the user declined"
                return _not_run(block, Outcome.DECLINED, note)
            case Unanswered():
                return _not_run(block, Outcome.DECLINED, "the code needs approval and there is nobody to ask")
            case _:
                assert_never(decision)


def _not_run(block: CodeBlock, outcome: Outcome, note: str) -> ExecutionResult:
    return ExecutionResult(block, "", outcome, note=note)


def _result_text(proposed: CodeBlock, result: ExecutionResult) -> str:
    """Return the result as the model is told it, with the code that ran when it is not the code it wrote."""
    text = result.as_text()
    if result.block.code == proposed.code:
        return text
    return f"[the user edited the code; this is what ran:]\n{result.block.code}\n[its result:]\n{text}"
