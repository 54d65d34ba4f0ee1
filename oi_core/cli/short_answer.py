"""A short answer typed at a terminal, where Esc leaves as Ctrl-C does; no byte of an escape sequence is written."""

from __future__ import annotations

import sys

from oi_core.cli.key_decoder import ESCAPE
from oi_core.cli.keyboard import END_OF_FILE, ENTER, Keyboard
from oi_core.cli.signals import interrupt_raises
from oi_core.cli.turn_keys import edited


def short_answer(question: str) -> str:
    """Ask, and return the line that is typed, or comes from elsewhere, without blanks around it.

    Raises:
        KeyboardInterrupt: Ctrl-C or Esc.
        EOFError: Ctrl-D where nothing is typed.
    """
    if not sys.stdin.isatty():
        with interrupt_raises():
            return input(question).strip()
    keyboard = Keyboard(sys.stdin.fileno(), at_once=1)  # what follows the answer is for whoever reads next
    typed = ""
    with interrupt_raises(), keyboard.without_echo():
        try:
            _show(question)
            while (key := keyboard.read_key()) != ENTER:
                if key == ESCAPE:
                    raise KeyboardInterrupt
                if key == END_OF_FILE and not typed:
                    raise EOFError
                before, typed = typed, edited(typed, key)
                _show(typed.removeprefix(before) if typed.startswith(before) else _erased(len(before) - len(typed)))
        finally:
            _show("\n")
    return typed.strip()


def _erased(characters: int) -> str:
    return "\b \b" * characters


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
