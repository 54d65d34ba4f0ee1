"""The chat and the single message of ``import interpreter``, shown on whatever output the program has."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING

from oi_core.cli.keyboard import Keyboard
from oi_core.cli.options import is_dumb_terminal
from oi_core.cli.signals import interrupt_calls
from oi_core.errors import ConfigError

if TYPE_CHECKING:
    from oi_core.cli.dialogue import Dialogue
    from oi_core.session import Session


def show_message(session: Session, text: str) -> None:
    """Take one turn and show it; at a terminal the person is asked before code runs, elsewhere nobody is."""
    if at_terminal():
        from oi_core.cli.chat import Chat

        _ask_for_key(session)
        dialogue = _dialogue(session)
        with Keyboard(sys.stdin.fileno()).modes_kept(), interrupt_calls(session.interrupt):
            Chat(session, dialogue).run_once(text)
        return
    from oi_core.cli.turns import show_turn
    from oi_core.view.plain import PlainView

    view = PlainView(sys.stdout, sys.stderr)
    with interrupt_calls(session.interrupt):
        show_turn(session, view, text, None)
    view.close()


def chat(session: Session) -> None:
    """Chat until the person leaves.

    Raises:
        ConfigError: there is no terminal to chat at.
    """
    from oi_core.cli.chat import Chat

    if not at_terminal():
        raise ConfigError("a chat needs a terminal for input and output", 'give interpreter.chat("…") a message')
    _ask_for_key(session)
    dialogue = _dialogue(session)
    with Keyboard(sys.stdin.fileno()).modes_kept(), interrupt_calls(session.interrupt):
        Chat(session, dialogue).run()


def at_terminal() -> bool:
    """Whether a person can be asked; a notebook's streams, for one, are no terminal."""
    try:
        return os.isatty(sys.stdin.fileno()) and os.isatty(sys.stdout.fileno())
    except (AttributeError, OSError, ValueError):
        return False


def _dialogue(session: Session) -> Dialogue:
    from oi_core.cli.dialogues import plain_dialogue, terminal_dialogue

    plain = is_dumb_terminal()
    dialogue = plain_dialogue() if plain else terminal_dialogue(session, colour=not os.environ.get("NO_COLOR"))
    session.ask = dialogue.ask
    return dialogue


def _ask_for_key(session: Session) -> None:
    if session.has_key:
        return
    key = getpass.getpass(f"API key for {session.config.model} (enter for none): ").strip()
    session.api_key = key or None
