"""What a shell's source says: the commands in it, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Redirection(NamedTuple):
    """``>`` ``/dev/sda``: an operator without its file descriptor, and the word after it."""

    operator: str
    target: str


class Token(NamedTuple):
    """A word without its quotes, or an operator; a newline that separates commands is the operator ``;``."""

    text: str
    line: int
    is_operator: bool = False


@dataclass(slots=True)
class HereDocument:
    """``<<END``: the lines up to ``END``; ``literal`` when the delimiter was quoted, so that nothing in it is expanded.

    The body is filled in when the reader comes to it, which is after the command that asks for it.
    """

    delimiter: str
    tabs_stripped: bool
    literal: bool
    body: str = ""


@dataclass(frozen=True, slots=True)
class ShellCommand:
    """One simple command: its words without quotes, expansions left as they are written, and where it stands."""

    words: tuple[str, ...]
    line: int
    redirections: tuple[Redirection, ...] = ()
    documents: tuple[HereDocument, ...] = ()


class Script(NamedTuple):
    """Source inside other source, still to be read, and the line it begins on.

    ``is_text`` says that it is read as between double quotes: only the substitutions in it are commands.
    """

    source: str
    line: int
    is_text: bool = False


@dataclass(slots=True)
class ShellReading:
    """All commands of a source, those of a substitution before the command it stands in, and its tokens.

    ``streams`` holds one sequence of tokens for the source itself and one for each substitution in it; ``scripts`` are
    inner sources still to be read: backticks and here-documents.
    """

    commands: list[ShellCommand] = field(default_factory=list)
    streams: list[list[Token]] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
