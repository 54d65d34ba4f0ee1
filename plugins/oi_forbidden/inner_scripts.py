"""Source that a command brings along: ``bash -c '…'``, ``eval``, a here-document for a shell, ``find -exec``."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from oi_forbidden.shell_commands import Script, ShellCommand, ShellReading
from oi_forbidden.shell_reader import read_shell
from oi_forbidden.wrappers import command_starts, program_name, takes_next_word

SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "rbash"})
_SHELL_VALUED: Final = frozenset({"-o", "-O", "--rcfile", "--init-file"})
_RUN_AS: Final = frozenset({"su", "runuser", "sg", "script"})
_FIND_ACTIONS: Final = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_COMMAND_LINE: Final = re.compile(r"[\w./-]+[ \t]")
"""A command line in one word, as in ``env -S 'rm x'``; read again, its first word has no blank in it any more."""

_ALLOWANCE: Final = 65_536
_ALLOWED_TIMES: Final = 2


class NestedTooDeeply(Exception):
    """The scripts inside scripts add up to far more than the source: reading on could take forever."""


def read_nested(reading: ShellReading, length: int) -> Iterator[ShellReading]:
    """Yield the reading, then that of every script inside it, to any depth.

    ``length`` is that of the source the reading is of. Each level of quotes makes inner source shorter, so that honest
    nesting stays below the limit, twice that and some.

    Raises:
        NestedTooDeeply: the inner scripts exceed it.
    """
    allowance = length * _ALLOWED_TIMES + _ALLOWANCE
    pending = [reading]
    while pending:
        reading = pending.pop()
        scripts = list(reading.scripts)
        for command in reading.commands:
            start = max(command_starts(command.words), default=None)
            if start is not None:
                scripts += _scripts(command.words[start:], command)
        yield reading
        for script in scripts:
            allowance -= len(script.source) + 1
            if allowance < 0:
                raise NestedTooDeeply
            pending.append(read_shell(script))


def _scripts(words: Sequence[str], command: ShellCommand) -> list[Script]:
    name, arguments = program_name(words[0]), words[1:]
    if name in SHELLS:
        return _shell_scripts(arguments, command)
    if name == "eval":
        sources = [" ".join(arguments)]
    elif _COMMAND_LINE.match(words[0]):
        sources = [" ".join(words)]
    elif name == "trap":
        sources = list(arguments[:1])
    elif name == "watch":
        sources = [" ".join(arguments), *arguments[-1:]]
    elif name == "find":
        sources = [shlex.join(found) for found in _found_commands(arguments)]
    elif name in _RUN_AS:
        sources = [source for option, source in itertools.pairwise(arguments) if _is_command(option)]
    else:
        return []
    return [Script(source, command.line) for source in sources]


def _is_command(option: str) -> bool:
    return option == "--command" or (option.startswith("-") and not option.startswith("--") and option.endswith("c"))


def _shell_scripts(arguments: Sequence[str], command: ShellCommand) -> list[Script]:
    reads_commands = False
    index = 0
    while index < len(arguments) and arguments[index][:1] in ("-", "+") and len(arguments[index]) > 1:
        option = arguments[index].replace("+", "-", 1)
        reads_commands = reads_commands or (not option.startswith("--") and "c" in option)
        index += 1 + takes_next_word(option, _SHELL_VALUED)
    if reads_commands:
        return [Script(source, command.line) for source in arguments[index : index + 1]]
    if index < len(arguments) and arguments[index] != "-":
        return []  # a script's file: its input is not commands
    here_strings = [r.target for r in command.redirections if r.operator == "<<<"]
    return [Script(source, command.line) for source in (*here_strings, *(d.body for d in command.documents))]


def _found_commands(arguments: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the words of each command that ``find`` runs for what it finds."""
    index = 0
    while index < len(arguments):
        if arguments[index] in _FIND_ACTIONS:
            start = index + 1
            while index < len(arguments) and arguments[index] not in (";", "+"):
                index += 1
            yield arguments[start:index]
        index += 1
