"""The slash commands that every session has: what it used, what it cost, and a shorter conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.commands import Command, Show
from oi_core.errors import ConfigError
from oi_core.events import Level, Notice, TurnEnded, TurnOutcome
from oi_core.trash.command import UNDO_DELETE
from oi_core.usage import Spent, in_dollars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from oi_core.events import Event
    from oi_core.session import Session


def _output(session: Session, arguments: str) -> str:
    results = list(session.results)
    wanted = arguments.strip() or str(len(results))
    if not results:
        return "Nothing has run yet."
    if not wanted.isdecimal() or not 1 <= int(wanted) <= len(results):
        raise ConfigError(f"there is no output {wanted}", f"/output takes 1 to {len(results)}; the last is the newest")
    result = results[int(wanted) - 1]
    whole = [f"(the whole output is in {result.spool})"] if result.spool else []
    head = f"output {wanted} of {len(results)} · {result.block.language} · {result.outcome.value}"
    return "\n".join([head, result.output.rstrip("\n") or "(no output)", *whole])


def _compact(session: Session, arguments: str) -> Show:
    return Show(_compaction(session, arguments))


def _compaction(session: Session, focus: str) -> Iterator[Event]:
    """Yield what a person wants to see of a summary being made: what came of it."""
    has_failed = False
    for event in session.compact(focus):
        match event:
            case Notice(level=level):
                has_failed = has_failed or level is Level.ERROR
                yield event
            case TurnEnded(outcome=TurnOutcome.INTERRUPTED):
                yield event
                yield Notice("the conversation is as it was")
            case TurnEnded(outcome=TurnOutcome.FAILED):
                yield event if has_failed else Notice("the model did not summarise", Level.ERROR)
            case TurnEnded():
                yield event
            case _:
                pass


def _tokens(session: Session, _arguments: str) -> str:
    prompts = session.prompts
    session.rehearse()
    share = prompts.tokens / prompts.size.tokens
    rows = [
        f"The next prompt has about {prompts.tokens:,} tokens, {share:.0%} of the window of {prompts.size.tokens:,}",
        f"(window: from {prompts.size.source.value}{'' if prompts.is_whole else '; older parts are left out'})",
    ]
    return "\n".join([" ".join(rows), *_rows(session, _in_tokens)])


def _cost(session: Session, _arguments: str) -> str:
    rows = _rows(session, _in_money)
    limit = session.config.limits.cost
    price = session.spending.price
    if limit:
        rows.append(f"limit    {in_dollars(limit)} (limits.cost)")
    if price is not None:
        from oi_core.model_facts.known_models import facts_date

        figures = f"{price.input:g} in, {price.output:g} out, {price.cached:g} cached"
        rows.append(
            f"price    {session.config.model}: {figures}, dollars a million tokens (of {facts_date()}, or yours)"
        )
    else:
        rows.append(f"price    none is known for {session.config.model}: the setting prices takes it")
    return "\n".join(rows)


def _rows(session: Session, words: Callable[[Spent], str]) -> list[str]:
    ledger = session.spending.ledger
    return [f"turn     {words(ledger.turn)}", f"session  {words(ledger.session)}"]


def _in_tokens(spent: Spent) -> str:
    about = "about " if spent.estimated else ""
    own = f", of which {spent.estimated} counted here" if spent.estimated else ""
    cached = f" ({spent.cached_tokens:,} of them cached)" if spent.cached_tokens else ""
    replies = f"{spent.replies} {'reply' if spent.replies == 1 else 'replies'}{own}"
    return f"{about}{spent.input_tokens:,} in{cached}, {spent.output_tokens:,} out; {replies}"


def _in_money(spent: Spent) -> str:
    about = "about " if spent.estimated else ""
    missing = f", and {spent.unpriced} without a known price" if spent.unpriced else ""
    return f"{about}{in_dollars(spent.dollars)}{missing}"


COMMANDS = (
    Command("compact", "put a summary in the place of what was said", _compact),
    Command("output", "show what the last code printed, or the N-th", _output),
    Command("tokens", "show how full the window is, and tokens used", _tokens),
    Command("cost", "show what the last turn and the session cost", _cost),
    UNDO_DELETE,
)
