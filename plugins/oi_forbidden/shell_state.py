"""What is known while shell code is followed from line to line: variables, functions, files written, the folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from oi_forbidden.acts import NOTHING
from oi_forbidden.places import HOLE

if TYPE_CHECKING:
    from tree_sitter import Node


class Stream(NamedTuple):
    """Text that flows between commands, with :data:`HOLE` for what is not known, and where it comes from.

    Tags: ``network``, ``secret``, ``file``, ``system`` (what a program tells about the machine), ``decoded``.
    """

    text: str = HOLE
    tags: frozenset[str] = NOTHING

    @property
    def is_known(self) -> bool:
        """Whether all of the text is known."""
        return HOLE not in self.text


LONGEST_VALUE: Final = 20_000
"""Characters of a variable, or elements of an array, that are kept: doubling one again and again must stay cheap."""

UNKNOWN: Final = Stream()
EMPTY: Final = Stream("")


class Function(NamedTuple):
    """A function: its body, and the source it stands in."""

    body: Node
    source: bytes
    line: int


@dataclass(slots=True)
class ShellState:
    """Variables by name, arrays among them as tuples; ``files`` by path with what the code writes into them."""

    variables: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    origins: dict[str, frozenset[str]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    files: dict[str, Stream] = field(default_factory=dict)
    positional: tuple[str, ...] | None = None
    folder: str = "."
    folders: list[str] = field(default_factory=list)

    def inner(self, positional: Sequence[str] | None = None) -> ShellState:
        """Return a state for a shell of its own: what changes there does not change here."""
        return replace(
            self,
            variables=dict(self.variables),
            origins=dict(self.origins),
            functions=dict(self.functions),
            aliases=dict(self.aliases),
            positional=self.positional if positional is None else tuple(positional),
            folders=list(self.folders),
        )

    def value(self, name: str) -> str | tuple[str, ...] | None:
        """Return a variable's value, following references; None when the code does not set it."""
        name = self.references.get(name, name)
        value = self.variables.get(name)
        return _FAMILIAR.get(name) if value is None else value

    def assign(self, name: str, value: str | tuple[str, ...], origin: frozenset[str] = NOTHING) -> None:
        """Set a variable."""
        name = self.references.get(name, name)
        self.variables[name] = value if len(value) <= LONGEST_VALUE else HOLE
        self.origins[name] = origin


_FAMILIAR: Final = {
    "HOME": "~",
    "PWD": ".",
    "TMPDIR": "/tmp",  # noqa: S108  (a name to compare with, nothing is written there)
    "SHELL": "/bin/bash",
    "BASH": "/bin/bash",
    "IFS": " \t\n",
    "LD_PRELOAD": "",
    "COMSPEC": "cmd.exe",
}
"""What well-known variables stand for when the code does not set them."""
