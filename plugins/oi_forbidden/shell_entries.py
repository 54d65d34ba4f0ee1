"""The forbidden commands as a shell reads them, and where code runs one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oi_forbidden.gathering import gathered, gathers
from oi_forbidden.match import Match
from oi_forbidden.shell_commands import Redirection, Script, ShellCommand, ShellReading, Token
from oi_forbidden.shell_reader import read_shell
from oi_forbidden.wrappers import command_starts, program_name

Words = tuple[str, ...]


class _Gathering(NamedTuple):
    name: str
    options: frozenset[str]
    operands: frozenset[str]
    entry: str


class _Redirecting(NamedTuple):
    words: Words
    redirections: frozenset[Redirection]
    entry: str


class _Sequence(NamedTuple):
    tokens: tuple[tuple[str, bool], ...]
    entry: str
    opening: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class ShellEntries:
    """Entries by what they are compared with.

    ``words``: a command whose words are equal. ``gathering``: one of :mod:`oi_forbidden.gathering`, by each operand.
    ``redirecting``: a command with redirections; without words, any command that redirects so. ``sequences``: several
    commands and the operators between them, as ``:(){ :|:& };:``, by their first token.
    """

    words: Mapping[Words, str]
    lengths: frozenset[int]
    gathering: Mapping[str, Sequence[_Gathering]]
    redirecting: Sequence[_Redirecting]
    sequences: Mapping[tuple[str, bool], Sequence[_Sequence]]
    names: re.Pattern[str]

    @classmethod
    def of(cls, entries: Iterable[str]) -> ShellEntries:
        """Read the entries; one that means nothing to a shell is left out."""
        words: dict[Words, str] = {}
        gathering: defaultdict[str, list[_Gathering]] = defaultdict(list)
        redirecting: list[_Redirecting] = []
        sequences: dict[tuple[str, bool], list[_Sequence]] = defaultdict(list)
        for entry in entries:
            reading = read_shell(Script(entry, 1))
            tokens = _comparable(reading)
            if not reading.commands or not tokens:
                continue
            command = reading.commands[-1]
            if len(tokens) > len(command.words) + 2 * len(command.redirections):
                sequences[tokens[0]].append(_Sequence(tokens, entry, _opening(tokens)))
            elif command.redirections:
                redirecting.append(_Redirecting(command.words, frozenset(command.redirections), entry))
            else:
                words.setdefault(command.words, entry)
                _add_gathering(gathering, command.words, entry)
        names = {program_name(found[start]) for found in words for start in command_starts(found)}
        names |= {_spelt(found) for found in redirecting}
        spelt = re.compile("|".join(map(_broken_up, sorted(names))) if names else r"(?!)")
        return cls(words, frozenset(map(len, words)), dict(gathering), redirecting, dict(sequences), spelt)

    def may_match(self, code: str) -> bool:
        """Whether code could run one of these entries at all: a cheap look before it is read word by word.

        A name may be quoted and broken up in any way; where code spells characters by their numbers, all is possible.
        """
        if "$'" in code or self.names.search(code) is not None:
            return True
        return any(
            sequence.opening.search(code)
            and all(text in code for text, is_operator in sequence.tokens if is_operator and text != ";")
            for found in self.sequences.values()
            for sequence in found
        )

    def matches(self, reading: ShellReading) -> Iterator[Match]:
        """Yield what the reading runs of these entries."""
        for command in reading.commands:
            yield from self._matches_command(command)
        for stream in reading.streams:
            yield from self._matches_stream(stream)

    def _matches_command(self, command: ShellCommand) -> Iterator[Match]:
        words = command.words
        for redirecting in self.redirecting if command.redirections else ():
            if redirecting.redirections.issubset(command.redirections) and _same(redirecting.words, words):
                yield Match(command.line, redirecting.entry)
        for start in command_starts(words):
            name = program_name(words[start])
            if len(words) - start in self.lengths:
                entry = self.words.get(words[start:]) or self.words.get((name, *words[start + 1 :]))
                if entry is not None:
                    yield Match(command.line, entry)
            if gathers(name):
                yield from self._matches_gathering(name, words[start + 1 :], command.line)

    def _matches_gathering(self, name: str, arguments: Words, line: int) -> Iterator[Match]:
        options, operands = gathered(name, arguments)
        for operand in operands & self.gathering.keys():
            for entry in self.gathering[operand]:
                if entry.name == name and entry.options <= options and entry.operands <= operands:
                    yield Match(line, entry.entry)

    def _matches_stream(self, stream: Sequence[Token]) -> Iterator[Match]:
        for index, token in enumerate(stream):
            for sequence in self.sequences.get((token.text, token.is_operator), ()):
                following = stream[index : index + len(sequence.tokens)]
                if tuple((t.text, t.is_operator) for t in following) == sequence.tokens:
                    yield Match(token.line, sequence.entry)


def _spelt(found: _Redirecting) -> str:
    """Return what code has to spell to run the entry: a target, which is rarer than a program's name.

    A target with an expansion in it has several spellings.
    """
    target = min(redirection.target for redirection in found.redirections)
    return program_name(found.words[0]) if found.words and not {"$", "`"}.isdisjoint(target) else target


def _opening(tokens: Sequence[tuple[str, bool]]) -> re.Pattern[str]:
    """Return a pattern for how a sequence begins that defines a function; for any other, one that is always found."""
    (name, _), *rest = tokens
    is_definition = rest[:1] == [("(", True)] and "$" not in name and "`" not in name
    return re.compile(_broken_up(name) + r"(?:[\s\"'\\]|\\[nrt])*\(" if is_definition else "")


def _broken_up(name: str) -> str:
    """Return a pattern for a name with quotes and backslashes anywhere in it."""
    return r"(?:[\"'\\]|\\\r?\n)*".join(map(re.escape, name))


def _comparable(reading: ShellReading) -> tuple[tuple[str, bool], ...]:
    """Return the outermost tokens without the separators at their end, which change nothing."""
    tokens = [(token.text, token.is_operator) for token in (reading.streams[-1] if reading.streams else ())]
    while tokens and tokens[-1] == (";", True):
        tokens.pop()
    return tuple(tokens)


def _add_gathering(gathering: defaultdict[str, list[_Gathering]], words: Words, entry: str) -> None:
    name = program_name(words[0])
    options, operands = gathered(name, words[1:])
    if gathers(name) and operands:
        gathering[min(operands)].append(_Gathering(name, options, operands, entry))


def _same(words: Words, command: Words) -> bool:
    """Whether an entry's words, if it has any, are those of the command inside its wrappers."""
    return not words or any(
        len(command) - start == len(words) and words == (program_name(command[start]), *command[start + 1 :])
        for start in command_starts(command)
    )
