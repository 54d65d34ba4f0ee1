"""What code would do, as values: the acts that readers find and rules judge."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final, NamedTuple, Protocol

from oi_forbidden.places import HOLE, labels_of

NOTHING: Final[frozenset[str]] = frozenset()


class Verb(StrEnum):
    """The kinds of act; what each one's target is stands behind it."""

    DELETE = "delete"  # a path
    EMPTY = "empty"  # a path: its contents are lost
    WRITE = "write"  # a path
    READ = "read"  # a path
    MOVE = "move"  # the path that is moved away
    MODE = "mode"  # a path: permissions change; `mode` is among the tags
    OWNER = "owner"  # a path
    RUN = "run"  # a program, with its arguments
    SHELL = "shell"  # the program that opens a shell for whoever types
    CODE = "code"  # code that cannot be seen here; the tags say where it comes from
    FETCH = "fetch"  # an address something is read from
    SEND = "send"  # an address something is sent to; the tags say what
    LISTEN = "listen"  # an address or port
    KILL = "kill"  # processes
    INSTALL = "install"  # a package
    UNINSTALL = "uninstall"  # a package
    VARIABLE = "variable"  # an environment variable that is set
    REVEAL = "reveal"  # a secret or a device that is read: a variable's name, "camera"
    LOOP = "loop"  # what never ends or grows without bound
    CALL = "call"  # a function of a library, by its dotted name
    QUERY = "query"  # a statement for a database


class Act(NamedTuple):
    """One thing the code would do.

    ``tags`` qualify it: labels of its place (see :mod:`oi_forbidden.places`), ``recursive``, ``network``. ``arguments``
    are a program's, joined with blanks.
    """

    verb: Verb
    target: str
    line: int
    tags: frozenset[str] = NOTHING
    arguments: str = ""


class TooMuch(Exception):
    """The code would take too long to read to its end, or nests too deeply; what was found so far stands."""


DEPTH_LIMIT: Final = 24
"""Scripts inside scripts, functions calling functions: more than any honest code nests."""


LEVEL_LIMIT: Final = 80
"""Statements inside statements, over all scripts: each costs several frames of Python's stack."""


TIME_LIMIT: Final = 1.2
"""Seconds of the processor's time that reading one block may take: whoever asked is waiting."""


@dataclass(slots=True)
class Acts:
    """The acts found so far, and the work that may still be done to find more.

    ``folder`` is the project's, as a POSIX path. ``made`` are the files the code itself creates: deleting one of these
    destroys nothing of the person's. ``unread`` is source that could only be read in part. ``level`` counts the readers
    at work inside each other.
    """

    folder: str
    allowance: int
    found: list[Act] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    level: int = 0
    started: float = field(default_factory=time.thread_time)
    _seen: set[Act] = field(default_factory=set)

    def spend(self, units: int = 1) -> None:
        """Account for work done.

        Raises:
            TooMuch: the allowance is used up.
        """
        before = self.allowance
        self.allowance -= units
        if self.allowance < 0:
            raise TooMuch
        if before >> 6 != self.allowance >> 6 and time.thread_time() - self.started > TIME_LIMIT:
            raise TooMuch

    def deeper(self) -> None:
        """Go one level down into the code's nesting; whoever calls this counts ``level`` back.

        Raises:
            TooMuch: there are too many levels for Python's own stack.
        """
        self.spend()
        if self.level >= LEVEL_LIMIT:
            raise TooMuch
        self.level += 1

    def add(self, verb: Verb, target: str, line: int, tags: frozenset[str] = NOTHING, arguments: str = "") -> None:
        """Note an act, once."""
        act = Act(verb, target, line, tags, arguments)
        if act not in self._seen:
            self._seen.add(act)
            self.found.append(act)

    def add_path(self, verb: Verb, path: str, line: int, tags: frozenset[str] = NOTHING, *, inside: str = ".") -> None:
        """Note an act on a file or folder; ``inside`` is the folder that a relative path is in."""
        labels = labels_of(path, self.folder, inside)
        if verb is Verb.WRITE and not labels & {"unknown"}:
            self.made.add(_joined(inside, path))
        elif verb is Verb.DELETE and _joined(inside, path) in self.made:
            tags = tags | {"own"}
        self.add(verb, path, line, tags | labels)


def _joined(inside: str, path: str) -> str:
    return str(PurePosixPath(inside, path))


class Readers(Protocol):
    """The readers of all languages, for source that stands inside other source."""

    acts: Acts

    def shell(self, source: str, line: int, depth: int, known: object = None, tags: frozenset[str] = NOTHING) -> None:
        """Read shell source that begins on a line; ``known`` is what flows into it, ``tags`` how it runs."""

    def python(self, source: str, line: int, depth: int) -> None:
        """Read Python source."""

    def other(self, language: str, source: str, line: int, depth: int) -> None:
        """Read source of another language for what can be recognised in it."""


def shown(text: str) -> str:
    """Return text for a sentence: what is not known is an ellipsis, control characters are visible, long is cut."""
    visible = "".join(c if c.isprintable() else "␣" if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text)
    visible = visible.replace("\N{REPLACEMENT CHARACTER}", "…") if HOLE in text else visible
    return visible if len(visible) <= 80 else visible[:60] + "…" + visible[-18:]
