"""Commands that programs are given in options: an option's name tells that its value is run."""

from __future__ import annotations

import re
from typing import Final

from oi_forbidden.command import Command
from oi_forbidden.places import HOLE

_RUNS: Final = re.compile(
    r"--(?:on-[\w-]+|(?:[\w-]+-)?(?:exec|command|cmd|pager|hook|preview|prepare|cleanup|setup|rsh))"
)
_A_COMMAND: Final = re.compile(r"!?[\w./~-][^\n(){}]*")
_OPTIONS_WITHIN: Final = re.compile(r"--[\w-]+-options")


def read_option_commands(command: Command) -> None:
    """Follow what options like ``--pager``, ``--on-exit`` and ``--setup-hook`` have a program run."""
    arguments = command.arguments
    for index, argument in enumerate(arguments):
        name, mark, value = argument.partition("=")
        if not mark:
            value = arguments[index + 1] if index + 1 < len(arguments) else ""
        if _OPTIONS_WITHIN.fullmatch(name):  # options for another program: ``--rsync-options='--rsh=sh'``
            name, _, value = value.partition("=")
        if _RUNS.fullmatch(name) and HOLE not in value and _A_COMMAND.fullmatch(value):
            command.shell.read_apart(value.lstrip("!"), command.line)
