"""Slash commands: what a plugin or the command line offers at the prompt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oi_core.session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the prompt: ``/name arguments`` calls ``run(session, arguments)`` and shows the text it returns.

    ``help`` is one line. An :class:`oi_core.errors.InterpreterError` from ``run`` is shown as one line; anything else
    names the plugin.
    """

    name: str
    help: str
    run: Callable[[Session, str], str]
