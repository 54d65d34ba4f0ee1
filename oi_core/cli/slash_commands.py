"""Slash commands: those of the command line itself, and those of plugins, found by name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from oi_core.commands import Command
from oi_core.errors import InterpreterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.session import Session


class LeaveChat(Exception):
    """The person wants to leave."""


def commands_of(session: Session) -> dict[str, Command]:
    """Return every command there is by name; one of ours wins over a plugin's of the same name."""
    return {**session.commands, **{command.name: command for command in OWN}}


def run_slash_command(session: Session, line: str) -> str:
    """Run ``/name arguments`` and return what to show.

    Raises:
        LeaveChat: it was ``/quit``.
    """
    name, _, arguments = line[1:].partition(" ")
    commands = commands_of(session)
    command = commands.get(name)
    if command is None:
        return _unknown(name, commands)
    try:
        return command.run(session, arguments.strip())
    except InterpreterError as error:
        return str(error)
    except LeaveChat:
        raise
    except Exception as error:  # noqa: BLE001  (a plugin's code: its failure is this command's)
        return f"/{name} failed: {type(error).__name__}: {error}"


def _unknown(name: str, commands: Mapping[str, Command]) -> str:
    near = difflib.get_close_matches(name, commands, n=1, cutoff=0.5)
    guess = f"did you mean /{near[0]}?" if near else "/help lists the commands"
    return f"there is no command /{name} · {guess}"


def _help(session: Session, _arguments: str) -> str:
    commands = sorted(commands_of(session).values(), key=lambda command: command.name)
    width = max(len(command.name) for command in commands)
    lines = [f"  /{command.name:{width}}  {command.help}" for command in commands]
    keys = [
        "  alt-enter, ctrl-j, \\ enter  begin another line",
        "  ctrl-x ctrl-e               edit the draft in your editor",
        "  ctrl-c                      stop what runs, or clear the draft; twice: leave",
        "  ctrl-d, exit, quit          leave",
    ]
    return "\n".join([*lines, "", *keys])


def _languages(session: Session, _arguments: str) -> str:
    from oi_core.cli.listings import language_rows

    return "\n".join(language_rows(session))


def _plugins(session: Session, _arguments: str) -> str:
    from oi_core.cli.listings import plugin_rows

    return "\n".join(plugin_rows(session.plugins.records))


def _config(session: Session, _arguments: str) -> str:
    from oi_core.cli.listings import config_rows

    return "\n".join(config_rows(session.resolution))


def _reset(session: Session, _arguments: str) -> str:
    session.reset()
    return "A new conversation begins; variables and settings stay."


def _quit(_session: Session, _arguments: str) -> str:
    raise LeaveChat


OWN = (
    Command("help", "list the commands and keys", _help),
    Command("languages", "list the languages code can run in", _languages),
    Command("plugins", "list the plugins", _plugins),
    Command("config", "show every setting and where it came from", _config),
    Command("reset", "forget the conversation, keep variables and settings", _reset),
    Command("quit", "leave", _quit),
)
