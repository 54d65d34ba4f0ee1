"""Slash commands: what a plugin or the command line offers at the prompt, and what one can want done next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from oi_core.events import Event
    from oi_core.session import Session


@dataclass(frozen=True, slots=True)
class Draft:
    """Put ``text`` into the next prompt, to be changed and sent; ``said`` is shown before."""

    text: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``text`` as the person's next message, with these pictures (URLs); ``said`` is shown before."""

    text: str
    said: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirm:
    """Ask the person, and go on with ``then`` if they say yes; ``otherwise`` is shown if not."""

    question: str
    then: Callable[[], Answer]
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """Put ``text`` on the clipboard; ``what`` names it: "the answer"."""

    text: str
    what: str


@dataclass(frozen=True, slots=True)
class Show:
    """Show events as those of a turn are shown, as they come; Ctrl-C calls the session's ``interrupt`` meanwhile."""

    events: Iterable[Event]


@dataclass(frozen=True, slots=True)
class Leave:
    """End the chat."""


Answer: TypeAlias = str | Draft | Send | Confirm | Copy | Show | Leave
"""What a command returns: text to show, or something for the chat to do."""
ANSWERS = (str, Draft, Send, Confirm, Copy, Show, Leave)


def nothing_to_complete(session: Session, arguments: str) -> Iterable[str]:  # noqa: ARG001  (Command.complete)
    """Offer no completions."""
    return ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the prompt: ``/name arguments`` calls ``run(session, arguments)``, and what it returns is done.

    ``help`` is one line. ``complete(session, arguments)`` gives what the arguments typed so far could become, whole; it
    is called on a thread of its own while the person types, and what does not begin as they did is left out. An
    :class:`oi_core.errors.InterpreterError` from ``run`` is shown as one line; anything else names the plugin.
    """

    name: str
    help: str
    run: Callable[[Session, str], Answer]
    complete: Callable[[Session, str], Iterable[str]] = nothing_to_complete
    alone: bool = False
    """Whether words after it are a mistake, and nothing is done then."""
