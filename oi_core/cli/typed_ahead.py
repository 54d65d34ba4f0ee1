"""Text that was typed before a prompt was there, handed to prompt_toolkit as the first keys of its next prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPress


def type_ahead(text: str, keyboard: Input | None = None) -> None:
    """Let the next prompt begin with these keys; a carriage return is Enter.

    Where ``keyboard`` is the prompt's own, a key or a paste whose rest is still to come is completed by what it reads.
    """
    if not text:
        return
    keyboard = keyboard or create_input()
    presses: list[KeyPress] = []
    parser = keyboard.vt100_parser if isinstance(keyboard, Vt100Input) else Vt100Parser(presses.append)
    take, parser.feed_key_callback = parser.feed_key_callback, presses.append
    parser.feed(text)
    parser.feed_key_callback = take
    store_typeahead(keyboard, presses)


def taken_back() -> str:
    """Return what prompts have read and not used, so that no question asked in between takes it for an answer."""
    return "".join(press.data for press in get_typeahead(create_input()))
