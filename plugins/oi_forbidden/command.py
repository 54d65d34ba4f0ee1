"""One shell command with its words worked out, as the readers of single programs see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oi_forbidden.acts import NOTHING, Verb
from oi_forbidden.hosts import labels_of_address
from oi_forbidden.places import HOLE, labels_of
from oi_forbidden.wrappers import program_name, takes_next_word

if TYPE_CHECKING:
    from oi_forbidden.shell_runner import ShellRunner
    from oi_forbidden.shell_state import Stream


@dataclass(frozen=True, slots=True)
class Command:
    """A program's name without its path, its arguments, what flows into it, and what reads the code around it.

    ``stdin`` is None when nothing is piped or redirected into it. ``tags`` say where text in its words comes from, and
    how it runs: ``administrator``, ``loop``, ``background``.
    """

    name: str
    arguments: tuple[str, ...]
    line: int
    stdin: Stream | None
    tags: frozenset[str]
    shell: ShellRunner
    path: str = ""

    @classmethod
    def of(
        cls, words: Sequence[str], line: int, stdin: Stream | None, tags: frozenset[str], shell: ShellRunner
    ) -> Command:
        """Return the command that words make."""
        return cls(program_name(words[0]), tuple(words[1:]), line, stdin, tags, shell, words[0])

    def has(self, *options: str) -> bool:
        """Whether one of the options is given; a letter also in a cluster, a long one also with a value."""
        for argument in self.arguments:
            if argument == "--":
                return False
            for option in options:
                if argument == option or (option.startswith("--") and argument.startswith(option + "=")):
                    return True
                if len(option) == 2 and argument[:1] == "-" and argument[1:2] != "-" and option[1] in argument[1:]:
                    return True
        return False

    def operands(self, valued: str = "") -> list[str]:
        """Return the arguments that are not options; ``valued`` names the options that take the next word."""
        takes = frozenset(valued.split())
        result: list[str] = []
        index = 0
        while index < len(self.arguments):
            argument = self.arguments[index]
            index += 1
            if argument == "--":
                return [*result, *self.arguments[index:]]
            if argument[:1] == "-" and len(argument) > 1:
                index += argument in takes or (bool(takes) and takes_next_word(argument, takes))
            else:
                result.append(argument)
        return result

    def values(self, *options: str) -> Iterator[str]:
        """Yield the values of options: the next word, or what follows in the same one."""
        for index, argument in enumerate(self.arguments):
            for option in options:
                if argument == option:
                    yield from self.arguments[index + 1 : index + 2]
                elif option.startswith("--") and argument.startswith(option + "="):
                    yield argument[len(option) + 1 :]
                elif len(option) == 2 and argument.startswith(option) and argument[1:2] != "-" and len(argument) > 2:
                    yield argument[2:]

    def add(self, verb: Verb, target: str, *tags: str) -> None:
        """Note an act of this command."""
        self.shell.acts.add(verb, target, self.line, self.tags | frozenset(tags))

    def add_path(self, verb: Verb, path: str, *tags: str) -> None:
        """Note an act of this command on a file or folder."""
        self.shell.acts.add_path(verb, path, self.line, self.tags | frozenset(tags), inside=self.shell.state.folder)

    def add_address(self, verb: Verb, address: str, *tags: str) -> None:
        """Note an act of this command on an address."""
        self.shell.acts.add(verb, address, self.line, self.tags | frozenset(tags) | labels_of_address(address))

    def labels(self, path: str) -> frozenset[str]:
        """Return the labels of a path, seen from the folder this command runs in."""
        return labels_of(path, self.shell.acts.folder, self.shell.state.folder)

    def flow(self) -> frozenset[str]:
        """Return where the text comes from that flows into the command, through its words or its input."""
        stdin = self.stdin.tags | ({"unseen"} if not self.stdin.is_known else NOTHING) if self.stdin else NOTHING
        return (self.tags & FLOWS) | stdin


FLOWS = frozenset({"network", "secret", "file", "system", "decoded"})
"""Tags that say where text comes from."""

UNKNOWN_WORD = HOLE
