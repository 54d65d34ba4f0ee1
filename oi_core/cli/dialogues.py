"""Dialogues put together: keyboard, view, questions and history for one terminal."""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from typing import TYPE_CHECKING, TextIO

from oi_core.cli.keyboard import Keyboard
from oi_core.errors import InterpreterError
from oi_core.executors import LOCAL_LAUNCHER, USUAL_COLUMNS
from oi_core.settings import Sandbox
from oi_core.view.ascii_out import terminal_text

FRAME_COLUMNS = 3
LEAST_COLUMNS = 40
"""Narrower, and what programs print is harder to read than lines that go on below."""

if TYPE_CHECKING:
    from collections.abc import Callable

    from oi_core.cli.approval_question import ApprovalQuestion
    from oi_core.cli.approval_rows import Surroundings
    from oi_core.cli.dialogue import Dialogue
    from oi_core.cli.prompt import MessagePrompt
    from oi_core.session import Session
    from oi_core.settings import Config
    from oi_core.view.terminal import TerminalView


def plain_dialogue() -> Dialogue:
    """Return a dialogue of whole lines."""
    from oi_core.cli.plain_dialogue import PlainDialogue
    from oi_core.view.plain import PlainView

    out = terminal_text(sys.stdout)
    return PlainDialogue(out, PlainView(out, out), Keyboard(sys.stdin.fileno()))


def terminal_dialogue(session: Session, *, colour: bool, typed: Callable[[], str] = str) -> Dialogue:
    """Return a dialogue that moves the cursor; what only a turn needs is made, and imported, with the first one.

    ``typed`` gives the keys that were pressed before it was there, and leaves the keyboard to it.
    """
    from oi_core.cli.terminal_dialogue import TerminalDialogue
    from oi_core.cli.turn_keys import TurnKeys

    out = terminal_text(sys.stdout)
    session.columns = lambda: output_columns(shutil.get_terminal_size().columns)
    keyboard = Keyboard(sys.stdin.fileno())
    view = cache(lambda: terminal_view(session, out, colour=colour))
    question = cache(lambda: approval_question(session, keyboard, out, colour=colour))
    keys = TurnKeys(keyboard, view, session.interrupt, session.answer)
    prompt = message_prompt(session, out, colour=colour)
    return TerminalDialogue(out, view, keyboard, keys, question, prompt, typed)


def terminal_view(session: Session, out: TextIO, *, colour: bool) -> TerminalView:
    """Return what shows the turns of this session."""
    from oi_core.cli.terminal_pictures import terminal_pictures
    from oi_core.view.attention import Attention
    from oi_core.view.looks import Looks
    from oi_core.view.terminal import TerminalView

    config = session.config
    return TerminalView(
        out,
        lexers={name: language.lexer or name for name, language in session.languages.items()},
        output_lines=config.output.lines,
        looks=Looks.chosen(config.theme, os.environ, colour=colour),
        attention=Attention(out, os.environ, config.notify),
        pictures=terminal_pictures(config.pictures, out, os.environ, colour=colour),
        size=shutil.get_terminal_size,
    )


def approval_question(session: Session, keyboard: Keyboard, out: TextIO, *, colour: bool) -> ApprovalQuestion:
    """Return what asks whether code of this session may run."""
    from oi_core.cli.approval_question import ApprovalQuestion

    size = shutil.get_terminal_size
    return ApprovalQuestion(keyboard, out, size, lambda name: surroundings(session, name), colour=colour)


def output_columns(columns: int) -> int:
    """Return how wide programs may print in a window: what is left beside the frame, but wide enough for tables."""
    return min(max(columns - FRAME_COLUMNS, LEAST_COLUMNS), USUAL_COLUMNS)


def message_prompt(session: Session, out: TextIO, *, colour: bool) -> MessagePrompt:
    """Return the prompt at which the person types messages of this session."""
    from oi_core.cli.history import project_history
    from oi_core.cli.pastes import Pastes
    from oi_core.cli.prompt import MessagePrompt
    from oi_core.cli.prompt_bar import PromptHost
    from oi_core.cli.prompt_completion import candidates
    from oi_core.cli.status_line import fields_of
    from oi_core.settings import EditingMode

    pastes = Pastes()
    history = project_history(session.config.folder, pastes)
    host = PromptHost(
        candidates=lambda text: candidates(session, text),
        status=lambda: fields_of(session),
        approval=lambda: session.config.approval,
        set_approval=lambda approval: session.configure(approval=approval),
        show_output=lambda: show_last_output(session),
    )
    vi = session.config.editing_mode is EditingMode.VI
    return MessagePrompt(out, history, pastes, host, colour=colour, vi=vi)


def show_last_output(session: Session) -> str:
    """Show the last output in the pager; returns why not, where that is impossible."""
    from oi_core.cli.pager import page

    if not session.results:
        return "nothing has run yet"
    try:
        page(session.results[-1], os.environ, sys.stdout)
    except InterpreterError as error:
        return str(error)
    return ""


def surroundings(session: Session, name: str) -> Surroundings:
    """Return what code of a language would run in, for the question whether it may."""
    from oi_core.cli.approval_rows import Surroundings

    language = session.languages.get(name)
    if language is None:
        return Surroundings()
    detail = language.probe(session.workspace(language)).detail
    return Surroundings(f"{name} {detail}" if detail else "", sandbox_in_words(session.config))


def sandbox_in_words(config: Config) -> str:
    """Say what code is kept in: ``sandbox: none``, ``sandbox: workspace, no network``, ``started by ssh``."""
    if config.launcher != LOCAL_LAUNCHER.name:
        return f"started by {config.launcher}"
    network = "" if config.sandbox is Sandbox.NONE or config.network else ", no network"
    return f"sandbox: {config.sandbox.value}{network}"
