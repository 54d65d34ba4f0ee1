"""From options to what they ask for: a chat at a terminal, or one message answered."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from oi_core.cli.options import is_dumb_terminal
from oi_core.errors import ConfigError, InterpreterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.cli.dialogue import Dialogue
    from oi_core.cli.first_prompt import FirstPrompt
    from oi_core.cli.options import Options
    from oi_core.session import Session
    from oi_core.trust import ProjectTrust

DEMO_MODEL: Final = "demo/tour"
DEMO_MESSAGE: Final = "Show me around."


def start(options: Options) -> int:
    """Do what the options ask for and return the exit code.

    Raises:
        InterpreterError: it cannot be done.
    """
    if options.wants_print or (options.words and not _at_terminal()):
        from oi_core.cli.one_shot import answer_once

        return answer_once(options, lambda: _prompt_text(options))
    if not _at_terminal():
        raise ConfigError(
            "a chat needs a terminal for input and output", 'interpreter -p "…" answers one message without one'
        )
    return _chat(options, " ".join(options.words), once=False)


def start_demo(options: Options) -> int:
    """Run the tour: at a terminal with its questions, elsewhere as one message that is answered.

    Where nobody can be asked its code runs unasked, unless the command line says otherwise: it came with the program,
    and a tour that stops at its first step would show nothing.
    """
    from dataclasses import replace

    options = replace(options, model=DEMO_MODEL)
    if options.wants_print or not _at_terminal():
        from oi_core.cli.one_shot import answer_once
        from oi_core.review import Approval

        options = replace(options, approve=options.approve or Approval.AUTO.value)
        return answer_once(options, lambda: options.print_text or DEMO_MESSAGE, takes_data=False)
    return _chat(options, DEMO_MESSAGE, once=True)


def _at_terminal() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _prompt_text(options: Options) -> str:
    words = [*([options.print_text] if options.print_text is not None else []), *options.words]
    text = " ".join(words)
    if words == ["-"]:
        text = sys.stdin.read() if sys.stdin is not None else ""
    if not text.strip():
        raise ConfigError("the prompt is empty", 'interpreter -p "what to do", or - to read it from standard input')
    return text


def _chat(options: Options, first: str, *, once: bool) -> int:
    with ExitStack() as opened:
        with _without_collecting():
            prompt = opened.enter_context(_first_prompt(options, begins=not first and not once))
            session, dialogue = _session_and_dialogue(options, opened, prompt, once=once)
            from oi_core.cli.chat import Chat
            from oi_core.cli.keyboard import Keyboard
            from oi_core.cli.signals import interrupt_calls
            from oi_core.cli.warm_up import warming_up
        opened.enter_context(interrupt_calls(session.interrupt))
        opened.enter_context(warming_up(session))
        with prompt.aside():  # a keyring may ask for its own password
            chat = Chat(session, dialogue, of_code=options.exit_status)
            opened.enter_context(Keyboard(sys.stdin.fileno()).modes_kept())
        if once:
            return chat.run_once(first)
        chat.prepare()
        prompt.hide()
        return chat.run(first)


@contextmanager
def _first_prompt(options: Options, *, begins: bool) -> Iterator[FirstPrompt]:
    """Have a prompt on the terminal while everything else is loaded; where that fails, the history has what was typed.

    None is drawn where the start asks something first, or where nothing can be drawn over.
    """
    from oi_core.cli.first_prompt import FirstPrompt
    from oi_core.cli.keyboard import Keyboard
    from oi_core.view.ascii_out import terminal_text

    prompt = FirstPrompt(Keyboard(sys.stdin.fileno()), terminal_text(sys.stdout))
    try:
        if begins and options.resume != "" and not _is_plain(options):
            prompt.begin()
        yield prompt
    finally:
        prompt.end()
        if text := prompt.text.strip():
            _remember(text)


def _remember(text: str) -> None:
    from oi_core.cli.history import project_history
    from oi_core.cli.pastes import Pastes
    from oi_core.current_folder import current_folder

    with suppress(InterpreterError):  # the folder is gone
        project_history(current_folder().resolve(), Pastes()).store_string(text)


def _is_plain(options: Options) -> bool:
    return options.plain or is_dumb_terminal()


def _session_and_dialogue(
    options: Options, opened: ExitStack, prompt: FirstPrompt, *, once: bool
) -> tuple[Session, Dialogue]:
    """Open the session, to be closed with ``opened``, and the dialogue that suits the terminal."""

    def ask_trust(trust: ProjectTrust) -> bool:
        from oi_core.cli.trust import ask_trust

        with prompt.aside():
            return ask_trust(trust)

    session = opened.enter_context(options.open_session(None if once else ask_trust))
    if _is_plain(options):
        from oi_core.cli.dialogues import plain_dialogue

        dialogue = plain_dialogue()
    else:
        from oi_core.cli.dialogues import terminal_dialogue

        dialogue = terminal_dialogue(session, colour=options.colour(os.environ), typed=prompt.take)
    session.ask = dialogue.ask
    return session, dialogue


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no garbage among what a start makes: all of it stays, and looking takes a tenth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
