"""Text that was typed before a prompt was there, handed to prompt_toolkit as the first keys of its next prompt."""

from __future__ import annotations

from prompt_toolkit.input import create_input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyPress


def type_ahead(text: str) -> None:
    """Let the next prompt on standard input begin with these keys; a carriage return is Enter."""
    if not text:
        return
    presses: list[KeyPress] = []
    parser = Vt100Parser(presses.append)
    parser.feed(text)
    store_typeahead(create_input(), presses)


def taken_back() -> str:
    """Return what prompts have read and not used, so that no question asked in between takes it for an answer."""
    return "".join(press.data for press in get_typeahead(create_input()))
