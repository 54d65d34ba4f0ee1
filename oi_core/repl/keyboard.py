"""Who waits for input on the terminal of a language process, and how an answer is typed to them."""

from __future__ import annotations

import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oi_core.repl import process_table

if TYPE_CHECKING:
    from oi_core.repl.process import TerminalProcess

FIRST_LOOK = 0.03
LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Reader:
    """A program that waits for a line from the terminal; ``secret`` when it turned echo off."""

    secret: bool


class ReaderWatch:
    """When to look for a reader: soon after the output fell silent, then ever less often."""

    def __init__(self, now: float) -> None:
        self.postpone(now)

    def postpone(self, now: float) -> None:
        """Start over: there was output or input."""
        self._pause = FIRST_LOOK
        self.next_at = now + FIRST_LOOK

    def looked(self, now: float) -> None:
        """Wait longer before the next look."""
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.next_at = now + self._pause


def find_reader(process: TerminalProcess) -> Reader | None:
    """Say who waits for a line now, None when nobody is known to.

    A foreground process blocked in reading the terminal is one. Where the system does not tell (another user's process,
    such as sudo; systems without /proc), a terminal that edits lines without echo is a question for a password.
    """
    attributes = process.terminal_attributes()
    if attributes is None:
        return None
    secret = not attributes[3] & termios.ECHO
    group = process.foreground_group()
    answers = {process_table.waits_for_terminal(pid) for pid in process_table.group_members(group)} if group else set()
    if True in answers:
        return Reader(secret)
    asks_unseen = secret and bool(attributes[3] & termios.ICANON)
    return Reader(secret=True) if asks_unseen and (None in answers or not answers) else None


def keystrokes(process: TerminalProcess, text: str | None) -> bytes:
    """Return what to type for an answer: the line and Enter, or the end-of-file key for None.

    A program that reads single keys expects Enter as a carriage return; one that reads lines gets a newline.
    """
    attributes = process.terminal_attributes()
    edits_lines = attributes is None or bool(attributes[3] & termios.ICANON)
    if text is None:
        return _end_of_file_key(attributes)
    return text.rstrip("\n").encode("utf-8", "surrogateescape") + (b"\n" if edits_lines else b"\r")


def _end_of_file_key(attributes: list[object] | None) -> bytes:
    characters = attributes[6] if attributes else None
    key = characters[termios.VEOF] if isinstance(characters, list) else b"\x04"
    return key if isinstance(key, bytes) and key != b"\0" else b"\x04"


def echo_of(process: TerminalProcess, typed: bytes) -> bytes:
    """Return what the terminal will echo of ``typed``: nothing when echo is off."""
    attributes = process.terminal_attributes()
    if attributes is None or not attributes[3] & termios.ECHO:
        return b""
    newline = b"\r\n" if attributes[1] & termios.OPOST and attributes[1] & termios.ONLCR else b"\n"
    return b"".join(_echoed(byte, newline) for byte in typed if byte != 0x04)


def _echoed(byte: int, newline: bytes) -> bytes:
    if byte == 0x0A:
        return newline
    if byte < 0x20 and byte != 0x09:
        return bytes((0x5E, byte + 0x40))
    return b"^?" if byte == 0x7F else bytes((byte,))
