"""What is found out of the pictures a terminal draws: from its environment, and from its answers to one question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from oi_core.view.pictures.fitting import Cell

if TYPE_CHECKING:
    from collections.abc import Mapping


class PictureProtocol(StrEnum):
    """How a terminal takes pictures."""

    KITTY = "kitty"
    ITERM2 = "iterm2"
    SIXEL = "sixel"


KITTY_QUESTION: Final = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
"""Whether one black pixel could be drawn, which kitty's protocol asks to be asked this way."""
QUESTION: Final = "\x1b[>q\x1b[16t\x1b[c"
"""XTVERSION, the size of a cell, and DA1, which all terminals answer, and which is answered last."""
SIXELS: Final = 4
"""The attribute in the answer to DA1."""

_KITTY: Final = re.compile(r"\x1b_G[^;]*;OK")
_NAME: Final = re.compile(r"\x1bP>\|([ -~]{1,80})")
_CELL: Final = re.compile(r"\x1b\[6;([1-9]\d{0,3});([1-9]\d{0,3})t")
_ATTRIBUTES: Final = re.compile(r"\x1b\[\?([\d;]*)c")

_BY_TERM: Final = {"xterm-kitty": PictureProtocol.KITTY, "xterm-ghostty": PictureProtocol.KITTY}
_BY_PROGRAM: Final = {
    "ghostty": PictureProtocol.KITTY,
    "iTerm.app": PictureProtocol.ITERM2,
    "WezTerm": PictureProtocol.ITERM2,
}
_IN_BETWEEN: Final = ("SSH_CONNECTION", "SSH_TTY", "INSIDE_EMACS", "NVIM", "VIM_TERMINAL")
_OTHERS: Final = ("XTERM_VERSION", "KONSOLE_VERSION", "VTE_VERSION", "WT_SESSION", "TERMINAL_EMULATOR")
"""What terminals set that may have been started from one of those above, and the other way round."""
_BY_NAME: Final = ("iTerm2", "WezTerm", "mintty")
"""The beginnings of names that take iTerm2's pictures."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a terminal has told of itself; ``complete`` once the last question is answered."""

    kitty: bool = False
    name: str = ""
    cell: Cell | None = None
    attributes: frozenset[int] = frozenset()
    complete: bool = False

    def with_answer(self, sequence: str) -> Answers:
        """Return these answers and one more; any other sequence changes nothing."""
        if _KITTY.match(sequence):
            return replace(self, kitty=True)
        if found := _NAME.match(sequence):
            return replace(self, name=found[1])
        if found := _CELL.match(sequence):
            return replace(self, cell=Cell(int(found[2]), int(found[1])))
        if found := _ATTRIBUTES.match(sequence):
            numbers = (int(number[:4]) for number in found[1].split(";") if number)
            return replace(self, attributes=frozenset(numbers), complete=True)
        return self


def in_multiplexer(environment: Mapping[str, str]) -> bool:
    """Whether tmux, screen or Zellij stands in between, here or before an ssh: they hide the terminal behind them."""
    inside = any(environment.get(name) for name in ("TMUX", "STY", "ZELLIJ"))
    return inside or environment.get("TERM", "").startswith(("tmux", "screen"))


def named_protocol(environment: Mapping[str, str]) -> PictureProtocol | None:
    """Return the protocol of the terminal that the environment names for sure; None where it has to be asked.

    What a terminal sets is inherited by all that is started from it, another terminal too. Over ssh it may be mosh that
    takes what is written, and passes no picture on.
    """
    if in_multiplexer(environment) or any(environment.get(name) for name in (*_IN_BETWEEN, *_OTHERS)):
        return None
    protocol = _BY_TERM.get(environment.get("TERM", ""))
    return protocol or _BY_PROGRAM.get(environment.get("TERM_PROGRAM", ""))


def question(environment: Mapping[str, str]) -> str:
    """Return what to ask the terminal, nothing for one that would show the question as text.

    The cursor is where it was afterwards, and what a terminal wrote that took a part for text is gone.
    """
    silent = environment.get("TERM") in ("linux", "dumb") or environment.get("INSIDE_EMACS")
    if silent or environment.get("TERM_PROGRAM") == "Apple_Terminal":
        return ""
    # tmux would make kitty's question the title of its pane, and screen a message
    return f"\x1b7{'' if in_multiplexer(environment) else KITTY_QUESTION}{QUESTION}\x1b8\x1b[J"


def answered_protocol(answers: Answers, environment: Mapping[str, str]) -> PictureProtocol | None:
    """Return the protocol that a terminal takes by its own answers.

    VS Code takes iTerm2's pictures where its setting lets it take sixels, and files cost less than pixels.
    """
    if answers.kitty:
        return PictureProtocol.KITTY
    takes_sixels = SIXELS in answers.attributes
    is_vs_code = answers.name.startswith("xterm.js") or environment.get("TERM_PROGRAM") == "vscode"
    if answers.name.startswith(_BY_NAME) or (is_vs_code and takes_sixels):
        return PictureProtocol.ITERM2
    return PictureProtocol.SIXEL if takes_sixels else None
