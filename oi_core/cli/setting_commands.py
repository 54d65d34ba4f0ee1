"""The commands that change how the session goes on: its model, when it asks, and its processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from oi_core.commands import Answer, Command, Confirm
from oi_core.errors import ConfigError, InterpreterError
from oi_core.review import Approval

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oi_core.session import Session

MEANINGS: Final = {
    Approval.ASK: "you are asked before any code runs",
    Approval.RISKY: "you are asked about code that a reviewer flags; all else runs",
    Approval.AUTO: "code runs without asking, except what a reviewer flags",
    Approval.DENY: "no code runs",
}


def _approve(session: Session, arguments: str) -> Answer:
    current = session.config.approval
    if not arguments:
        choices = [f"  {'*' if each is current else ' '} {each.value:5}  {MEANINGS[each]}" for each in Approval]
        return "\n".join([f"approval is {current.value}; /approve NAME changes it for this session:", *choices])
    try:
        wanted = Approval(arguments)
    except ValueError:
        raise ConfigError(f"there is no approval {arguments!r}", "/approve takes ask, risky, auto or deny") from None

    def change() -> str:
        session.configure(approval=wanted)
        return f"approval: {wanted.value} · {MEANINGS[wanted]}"

    if wanted is Approval.AUTO and current is not Approval.AUTO:
        return Confirm("Run code without asking for the rest of this session?", change, f"approval: {current.value}")
    return change()


def _approvals(_session: Session, _arguments: str) -> Iterable[str]:
    return (each.value for each in Approval)


def _model(session: Session, arguments: str) -> str:
    if not arguments:
        return _about_model(session)
    before = session.config.model
    session.configure(model=arguments)
    try:
        session.opened_model()
    except InterpreterError:
        session.configure(model=before)
        raise
    key = "" if session.has_key else f"\nno API key found for it (looked at: {session.config.api_key_env})"
    return f"model: {arguments}, from the next message on (before: {before}){key}"


def _about_model(session: Session) -> str:
    from oi_core.model_facts.known_models import known_model

    window = known_model(session.config.model).context_window
    facts = [
        f"model: {session.config.model}",
        f"at {session.config.base_url}" if session.config.base_url else "",
        f"a window of {window:,} tokens" if window else "",
        "" if session.has_key else "it has no API key",
    ]
    return " · ".join(filter(None, facts)) + "\n/model NAME switches; tab lists names; interpreter models asks servers"


def _models(session: Session, arguments: str) -> Iterable[str]:
    """Offer the hosted models whose names are known, once there are letters to tell them by, and those of servers."""
    from oi_core.local_servers import local_servers
    from oi_core.model_facts.known_models import hosted_models

    if arguments and not session.config.base_url:
        yield from hosted_models()
    for server in local_servers():
        yield from server.models


def _restart(session: Session, arguments: str) -> str:
    started = session.started_languages
    names = (session.known_language(arguments).name,) if arguments else started
    ended = [name for name in names if name in started]
    if not ended:
        return f"Nothing to restart: {arguments or 'no language'} has {'no' if arguments else 'a'} process yet."
    for name in ended:
        session.restart(name)
    return f"{' and '.join(ended)} restarted: variables, imports and the working folder are as at the start."


def _languages(session: Session, _arguments: str) -> Iterable[str]:
    return session.languages


def _vars(session: Session, arguments: str) -> str:
    from oi_core.cli.variables import variables_of

    return variables_of(session, arguments or "python")


COMMANDS: Final = (
    Command("model", "show the model, or switch to another", _model, _models),
    Command("approve", "ask before code runs: ask, risky, auto, deny", _approve, _approvals),
    Command("restart", "start the languages afresh, or one of them", _restart, _languages),
    Command("vars", "list the variables of the running Python", _vars, _languages),
)
