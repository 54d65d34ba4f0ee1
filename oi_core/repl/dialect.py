"""What the kit must know of a language to drive it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oi_core.repl.frames import as_base64

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language: how its process starts, how code is written for it, and what to say of its state.

    ``command(nonce)`` is the argument vector of a process that runs the language's boot text. The boot text keeps this
    contract, or has :mod:`oi_core.repl.boot_parts` keep it; it writes each marker (:mod:`oi_core.repl.markers`) to the
    terminal in one ``write``:

    - It turns the terminal's echo off, best with ECHOE, so that it is told from a program that asks for a password even
      while a busy system is still passing on what it wrote; it writes ``h;PID``, then waits for messages
      (:mod:`oi_core.repl.frames`) on its standard input; of a message with several lines it acknowledges the first with
      ``c``.
    - For a message of kind ``x`` it turns echo on, writes ``s;ID``, runs the code, turns echo off and writes
      ``z;ID;WORD;STATUS;NOTE;LEFT``, where WORD is ``ok``, ``error`` or ``interrupt``, STATUS a number or empty, NOTE
      base64, and LEFT ``0`` when nothing that could print on its own was ever started; empty fields at the end may be
      left out.
    - For a message of kind ``q`` it ends the process in the language's orderly way.
    - While code runs it may write ``o`` and ``e`` (standard output, or standard error, from here on), ``l;LINE``,
      ``n;NOTE``, and ``d;MORE;DATA``: base64 of a JSON object, MIME type to text, or to ``{"base64": ...}`` for bytes,
      in parts; MORE is 1 for all but the last.
    - When code asks for a line it turns echo off and writes ``i;PROMPT;SECRET``, SECRET being 0 or 1, and waits for a
      message of kind ``a`` (the line, encoded as code is) or ``e`` (the end of input).
    - It may write ``m;NAME`` while echo is off, to be sent more of its own text: a message of kind ``m``, in base64.
    - For a message of kind ``y``, which is ``x`` in all else, it may hold output back: it writes ``b;1`` when it begins
      to, and prints what it holds when it gets SIGURG. Only a dialect with ``holds_output`` is sent one.
    - For a message of kind ``w``, which is ``y`` in all else, it need not write ``s``: nobody but the code could print
      before its start. Until the code can be interrupted, ECHOE stays off. Only a dialect with ``starts_unreported`` is
      sent one.
    """

    name: str
    """As the person knows it: ``python``."""
    command: Callable[[str], Sequence[str]]
    encode: Callable[[str], str] = as_base64
    """Code to payload: printable ASCII without spaces, as the boot text decodes it."""
    kept: str = "variables intact"
    """What to say of the state after an interrupt."""
    lost: str = "its variables are lost"
    """What to say of the state after the process died."""
    modules: Callable[[str], str] = str
    """More of the boot text, by the name the boot text has for it: what only some code needs."""
    reenter: bytes = b""
    """What to type when an interrupt left the process at a prompt of its own instead of in the boot text."""
    heal: str = ""
    """Code, run unseen, that puts the terminal's settings back when a program left them changed."""
    unspeakable: str = ""
    """Characters that code in this language cannot hold; code with one is refused."""
    holds_output: bool = False
    """Whether the boot text can hold a flood of output back for a moment."""
    starts_unreported: bool = False
    """Whether the boot text can leave out that code starts where it goes without saying, which saves time."""
    restores: bool = False
    """Whether the boot text, when code ends the process in order, prints code that restores the state, between markers
    ``x;1`` and ``x;0``."""
    restored: str = ""
    """What to say of the state after that code ran in a new process."""
