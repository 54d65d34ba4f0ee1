"""From options to what they ask for: a chat at a terminal, or one message answered."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from oi_core.cli.options import is_dumb_terminal
from oi_core.errors import ConfigError, InterpreterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.cli.options import Options
    from oi_core.session import Session

DEMO_MODEL: Final = "demo/tour"
DEMO_MESSAGE: Final = "Show me around."
WARM_UP_SECONDS: Final = 5.0
"""How long leaving waits for a language that is just being started."""


def start(options: Options) -> int:
    """Do what the options ask for and return the exit code.

    Raises:
        InterpreterError: it cannot be done.
    """
    if options.wants_print or (options.words and not _at_terminal()):
        from oi_core.cli.one_shot import answer_once

        return answer_once(options, _prompt_text(options))
    if not _at_terminal():
        raise ConfigError(
            "a chat needs a terminal for input and output", 'interpreter -p "…" answers one message without one'
        )
    return _chat(options, " ".join(options.words), once=False)


def start_demo(options: Options) -> int:
    """Run the tour: at a terminal with its questions, elsewhere as one message that is answered."""
    options = replace(options, model=DEMO_MODEL)
    if options.wants_print or not _at_terminal():
        from oi_core.cli.one_shot import answer_once

        return answer_once(options, options.print_text or DEMO_MESSAGE)
    return _chat(options, DEMO_MESSAGE, once=True)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _prompt_text(options: Options) -> str:
    words = [*([options.print_text] if options.print_text is not None else []), *options.words]
    text = sys.stdin.read() if words == ["-"] else " ".join(words)
    if not text.strip():
        raise ConfigError("the prompt is empty", 'interpreter -p "what to do", or - to read it from standard input')
    return text


def _chat(options: Options, first: str, *, once: bool) -> int:
    from oi_core.cli.chat import Chat
    from oi_core.cli.signals import interrupt_calls

    with options.open_session() as session:
        if options.plain or is_dumb_terminal():
            from oi_core.cli.dialogues import plain_dialogue

            dialogue = plain_dialogue()
        else:
            from oi_core.cli.dialogues import terminal_dialogue

            dialogue = terminal_dialogue(session, colour=options.colour(os.environ))
        session.ask = dialogue.ask
        with interrupt_calls(session.interrupt), _warming_up(session):
            chat = Chat(session, dialogue, of_code=options.exit_status)
            return chat.run_once(first) if once else chat.run(first)


@contextmanager
def _warming_up(session: Session) -> Iterator[None]:
    """Start the first language while the person types; the session is not closed before that is done."""
    thread = threading.Thread(target=_warm_up, args=(session,), daemon=True, name="warm-up")
    thread.start()
    try:
        yield
    finally:
        thread.join(WARM_UP_SECONDS)


def _warm_up(session: Session) -> None:
    with suppress(InterpreterError):  # what is wrong is said when code is to run
        session.warm_up()
