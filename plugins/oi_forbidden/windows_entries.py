r"""The forbidden commands as ``cmd`` and PowerShell read them, and where code runs one.

Case does not matter, ``^`` quotes nothing of interest, a backslash is a path's. ``C:/`` and ``C:\`` are one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from oi_forbidden.match import Match

_COMMAND: Final = re.compile(r'(?:"[^"]*"?|\'[^\']*\'?|[^&|;"\'])+')
_WORD: Final = re.compile(r'(?:"[^"]*"?|\'[^\']*\'?|[^\s"\'])+')
_PROGRAM_SUFFIX: Final = re.compile(r"\.(?:exe|com|cmd|bat)$")
_COMMENTS: Final = ("rem", "::", "#")
_PREFIXES: Final = frozenset({"call", "start", "cmd", "powershell", "pwsh"})
_OTHER_NAMES: Final = {"erase": "del", "rmdir": "rd", "ri": "remove-item"}
_GATHERING: Final = frozenset({"del", "rd", "format", "remove-item", "shutdown"})
"""Commands that compare as a set: an entry matches when all its words are among the command's."""


@dataclass(frozen=True, slots=True)
class WindowsEntries:
    """Entries by their words."""

    words: Mapping[tuple[str, ...], str]
    gathering: Mapping[str, tuple[tuple[frozenset[str], str], ...]]

    @classmethod
    def of(cls, entries: Iterable[str]) -> WindowsEntries:
        """Read the entries."""
        words: dict[tuple[str, ...], str] = {}
        gathering: dict[str, tuple[tuple[frozenset[str], str], ...]] = {}
        for entry in entries:
            commands = list(_commands(entry))
            if len(commands) == 1:
                name, *arguments = commands[0]
                words.setdefault(commands[0], entry)
                if name in _GATHERING and arguments:
                    gathering[name] = (*gathering.get(name, ()), (frozenset(arguments), entry))
        return cls(words, gathering)

    def matches(self, source: str, first_line: int = 1) -> Iterator[Match]:
        """Yield what the source runs of these entries."""
        for number, line in enumerate(source.split("\n"), start=first_line):
            for command in _commands(line):
                entry = self.words.get(command)
                if entry is not None:
                    yield Match(number, entry)
                given = frozenset(command[1:])
                for needed, other in self.gathering.get(command[0], ()):
                    if needed <= given:
                        yield Match(number, other)


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command of a line, the command's name without path and ``.exe``."""
    for text in _COMMAND.findall(line.replace("^", "")):
        words = [_word(word) for word in _WORD.findall(text)]
        words[:1] = [_name(word) for word in words[:1]]
        while len(words) > 1 and words[0] in _PREFIXES:
            del words[0]
            while len(words) > 1 and (words[0] in ("/c", "/k", "/b", "/wait") or words[0].startswith("-")):
                del words[0]
            words[:1] = [_name(word) for word in words[:1]]
        if words and words[0] and words[0] not in _COMMENTS:
            yield tuple(words)


def _word(text: str) -> str:
    word = re.sub("[\"']", "", text).casefold()
    if word[1:2] == ":" and word[:1].isalpha():
        return word.replace("/", "\\").rstrip("\\")
    return word


def _name(word: str) -> str:
    name = _PROGRAM_SUFFIX.sub("", word.lstrip("@").rpartition("\\")[2])
    return _OTHER_NAMES.get(name, name)
