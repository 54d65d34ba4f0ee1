"""Commands that do the same to each thing they are given: how their options and operands compare.

``rm -rf /`` is ``rm --force -r --no-preserve-root -- /`` and a part of ``rm -rfv /tmp/x /``: for these commands an
entry matches when all its options and operands are among the command's, in any order. All others match word by word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_RECURSIVE: Final = {"--recursive": "-R"}
LONG_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "rm": {"--recursive": "-r", "--force": "-f", "-R": "-r"},
    "dd": {},
    "chmod": _RECURSIVE,
    "chown": _RECURSIVE,
    "chgrp": _RECURSIVE,
    "shred": {"--force": "-f", "--remove": "-u", "--zero": "-z"},
    "wipefs": {"--all": "-a", "--force": "-f"},
}
"""By command: what another spelling of an option stands for. ``mkfs`` and its kin belong here too, with none."""

_SLASHES: Final = re.compile(r"/(?:\.?/)+")


def gathers(name: str) -> bool:
    """Whether a command's words compare as a set."""
    return name in LONG_OPTIONS or name == "mkfs" or name.startswith("mkfs.")


def gathered(name: str, arguments: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the options, one letter each, and the operands of a command that :func:`gathers`."""
    spellings = LONG_OPTIONS.get(name, {})
    options: set[str] = set()
    operands: set[str] = set()
    ended = False
    for argument in arguments:
        if ended or argument == "-" or not argument.startswith("-"):
            operands.add(_place(argument))
        elif argument == "--":
            ended = True
        else:
            option = spellings.get(argument, argument)
            letters = {option} if option.startswith("--") else {"-" + letter for letter in option[1:]}
            options |= {spellings.get(letter, letter) for letter in letters}
    return frozenset(options), frozenset(operands)


def _place(operand: str) -> str:
    """Return one spelling for the spellings of a path: ``//``, ``/./``, a slash at the end, ``$HOME`` for ``~``."""
    place = _SLASHES.sub("/", operand)
    if place == "$HOME" or place.startswith("$HOME/"):
        place = "~" + place.removeprefix("$HOME")
    place = place.removesuffix("/.")
    return place.rstrip("/") or ("/" if operand.startswith("/") else place)
