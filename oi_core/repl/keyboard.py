"""Who waits for input on the terminal of a language process, and how an answer is typed to them."""

from __future__ import annotations

import re
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oi_core.repl import process_table
from oi_core.repl.waiting import Mode, Waiting, waiting_of

if TYPE_CHECKING:
    from oi_core.repl.process import TerminalProcess

FIRST_LOOK = 0.03
LONGEST_PAUSE = 1.0
NEXT_LOOK = 0.1
PASSING_LOOKS = 4
GUESSED_LOOKS = 10


_QUESTION = re.compile(r"([?:>\u276f\u00bb#$]|[^\W\d]%|\[[^]%]*/[^]]*\]|\([^)%]*/[^)]*\)) *$")
_ASKS_FOR_SECRET = re.compile(r"pass|secret|token|\bpin\b|\botp\b|one-time|2fa|credential|api.?key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """A program that waits for a line from the terminal."""

    secret: bool
    """Whether what is typed must not be shown."""
    looks: int = 1
    """How often it has to be seen in a row to be believed: it may look at the keyboard in passing, or be a guess."""
    is_elsewhere: bool = False
    """Whether it has another terminal, to which this one's keys are passed on."""


class ReaderWatch:
    """When to look for a reader: soon after the output fell silent, then ever less often."""

    def __init__(self, now: float) -> None:
        self.postpone(now)

    def postpone(self, now: float) -> None:
        """Start over: there was output or input."""
        self._looks = 0
        self._pause = FIRST_LOOK
        self.next_at = now + FIRST_LOOK

    def looked(self, now: float) -> None:
        """Wait longer before the next look."""
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self.next_at = now + self._pause

    def believes(self, reader: Reader, now: float) -> bool:
        """Say whether a reader was seen often enough, and look again soon if not."""
        self._looks += 1
        if self._looks < reader.looks:
            self.next_at = now + NEXT_LOOK
        return self._looks >= reader.looks


def find_reader(
    process: TerminalProcess, last_line: str, launcher: int = 0, *, fills_screen: bool = False
) -> Reader | None:
    """Say who waits for a line now, None when nobody is known to; ``last_line`` is what stands before the cursor.

    The process ``launcher`` is none: it reads the terminal for the one that it started elsewhere. Who passes keys on
    may do so for a program that asks for none: it waits when a question stands there, or a program ``fills_screen``.

    A foreground process blocked in waiting for the terminal is one. Where the system does not tell (another user's
    process, such as sudo; systems without /proc), a terminal that edits lines without echo is a question for a secret,
    and output that stays silent after a question is one.
    """
    attributes = process.terminal_attributes()
    if attributes is None:
        return None
    mode = _mode(attributes)
    edits_lines = mode is Mode.LINES
    group = process.foreground_group()
    members = process_table.group_members(group) if group else []
    answers = {waiting_of(pid, mode) for pid in members if pid != launcher}
    secret = _is_secret(attributes, last_line)
    if Waiting.FOR_TERMINAL in answers:
        return Reader(secret)
    if Waiting.IN_PASSING in answers:
        return Reader(secret, looks=PASSING_LOOKS)
    is_hidden = Waiting.HIDDEN in answers or not process_table.HAS_PROC
    if is_hidden and edits_lines and secret:
        return Reader(secret)
    passes_on = Waiting.PASSES_ON in answers
    if ((is_hidden or passes_on) and _QUESTION.search(last_line)) or (passes_on and fills_screen):
        return Reader(secret, looks=GUESSED_LOOKS, is_elsewhere=not edits_lines)
    return None


def _mode(attributes: list[Any]) -> Mode:
    if attributes[3] & termios.ICANON:
        return Mode.LINES
    return Mode.KEYS if attributes[3] & termios.ISIG else Mode.EVERY_KEY


def _is_secret(attributes: list[Any], last_line: str) -> bool:
    """Say whether to hide what is typed: a line without echo; keys, which the program may show, go by its question."""
    if attributes[3] & termios.ECHO:
        return False
    return bool(attributes[3] & termios.ICANON) or _ASKS_FOR_SECRET.search(last_line) is not None


def takes_keys(process: TerminalProcess) -> bool:
    """Say whether the terminal hands out single keys, and does not edit lines."""
    attributes = process.terminal_attributes()
    return attributes is not None and not attributes[3] & termios.ICANON


def keystrokes(process: TerminalProcess, text: str | None) -> bytes:
    """Return what to type for an answer: the line and Enter, or the end-of-file key for None.

    A program that reads single keys expects Enter as a carriage return; one that reads lines gets a newline.
    """
    if text is None:
        return _end_of_file_key(process.terminal_attributes())
    return text.rstrip("\n").encode("utf-8", "surrogateescape") + (b"\r" if takes_keys(process) else b"\n")


def _end_of_file_key(attributes: list[object] | None) -> bytes:
    characters = attributes[6] if attributes else None
    key = characters[termios.VEOF] if isinstance(characters, list) else b"\x04"
    return key if isinstance(key, bytes) and key != b"\0" else b"\x04"


def echo_of(process: TerminalProcess, typed: bytes, reader: Reader | None = None) -> bytes:
    """Return what the terminal will echo of ``typed``, or that of a ``reader`` elsewhere: nothing when echo is off."""
    if reader is not None and reader.is_elsewhere:
        return b"" if reader.secret else typed.replace(b"\r", b"\n")  # it has our settings
    attributes = process.terminal_attributes()
    if attributes is None or not attributes[3] & termios.ECHO:
        return b""
    newline = b"\r\n" if attributes[1] & termios.OPOST and attributes[1] & termios.ONLCR else b"\n"
    if attributes[0] & termios.ICRNL:
        typed = typed.replace(b"\r", b"\n")
    return b"".join(_echoed(byte, newline) for byte in typed if byte != 0x04)


def _echoed(byte: int, newline: bytes) -> bytes:
    if byte == 0x0A:
        return newline
    if byte < 0x20 and byte != 0x09:
        return bytes((0x5E, byte + 0x40))
    return b"^?" if byte == 0x7F else bytes((byte,))
