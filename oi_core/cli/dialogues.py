"""Dialogues put together: keyboard, view, questions and history for one terminal."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from oi_core.cli.keyboard import Keyboard

if TYPE_CHECKING:
    from oi_core.cli.dialogue import Dialogue
    from oi_core.session import Session


def plain_dialogue() -> Dialogue:
    """Return a dialogue of whole lines."""
    from oi_core.cli.plain_dialogue import PlainDialogue
    from oi_core.view.plain import PlainView

    return PlainDialogue(sys.stdout, PlainView(sys.stdout, sys.stdout), Keyboard(sys.stdin.fileno()))


def terminal_dialogue(session: Session, *, colour: bool) -> Dialogue:
    """Return a dialogue that moves the cursor."""
    from platformdirs import user_state_path

    from oi_core.cli.approval_question import ApprovalQuestion
    from oi_core.cli.history import ProjectHistory, history_file
    from oi_core.cli.slash_commands import commands_of
    from oi_core.cli.terminal_dialogue import TerminalDialogue
    from oi_core.view.terminal import TerminalView

    size = shutil.get_terminal_size
    config = session.config
    view = TerminalView(
        sys.stdout,
        lexers={name: language.lexer or name for name, language in session.languages.items()},
        output_lines=config.output.lines,
        colour=colour,
        light=config.theme == "light",
        size=size,
    )
    keyboard = Keyboard(sys.stdin.fileno())
    history = ProjectHistory(history_file(user_state_path("interpreter", appauthor=False), config.folder))
    question = ApprovalQuestion(keyboard, sys.stdout, size, lambda name: described(session, name), colour=colour)
    names = {name: command.help for name, command in commands_of(session).items()}
    return TerminalDialogue(sys.stdout, view, keyboard, question, history, lambda: names, colour=colour)


def described(session: Session, name: str) -> str:
    """Say where a language comes from and how it starts, for the question whether its code may run."""
    language = session.languages.get(name)
    if language is None:
        return ""
    detail = language.probe(session.workspace(language)).detail
    launcher = session.config.launcher
    facts = [f"{name} {detail}" if detail else "", f"started by {launcher}" if launcher != "local" else ""]
    return " · ".join(fact for fact in facts if fact)
