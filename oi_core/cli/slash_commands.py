"""Slash commands: those of the command line itself, and those of plugins, found by name."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Final

from oi_core.cli import conversation_commands, session_slash, setting_commands
from oi_core.commands import ANSWERS, Answer, Command, Leave
from oi_core.errors import InterpreterError
from oi_core.view.spans import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from oi_core.session import Session

_NAME: Final = re.compile(r"[/%]([A-Za-z?][\w-]*)(?:\s|$)")


def commands_of(session: Session) -> dict[str, Command]:
    """Return every command there is by name; one of ours wins over a plugin's of the same name."""
    return {**session.commands, **{command.name: command for command in OWN}}


def is_command(text: str, names: Collection[str]) -> bool:
    """Whether a text asks for a slash command: by a name that there is, or one that is no file's."""
    match = _NAME.match(text)
    return match is not None and (match[1] in names or not os.path.exists(f"/{match[1]}"))  # noqa: PTH110  (no import)


def run_slash_command(session: Session, line: str) -> Answer:
    """Run ``/name arguments`` and return what to show or do."""
    name, *rest = line[1:].split(maxsplit=1)
    commands = commands_of(session)
    command = commands.get(name)
    if command is None:
        return _unknown(name, commands)
    if rest and command.alone:
        return f"/{name} takes nothing after it, and nothing was done"
    try:
        answer = command.run(session, rest[0].strip() if rest else "")
    except InterpreterError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  (a plugin's code: its failure is this command's)
        return f"/{name} failed: {type(error).__name__}: {error}"
    return answer if isinstance(answer, ANSWERS) else f"/{name} failed: it returned a {type(answer).__name__}"


def _unknown(name: str, commands: Mapping[str, Command]) -> str:
    import difflib

    near = difflib.get_close_matches(name, commands, n=1, cutoff=0.5)
    guess = f"did you mean /{near[0]}?" if near else "/help lists the commands"
    return f"there is no command /{name} · {guess}"


def _help(session: Session, _arguments: str) -> str:
    commands = sorted(commands_of(session).values(), key=lambda command: command.name)
    width = shutil.get_terminal_size().columns - 1
    return "\n".join(
        [*in_columns([(f"/{command.name}", command.help) for command in commands], width), "", *in_columns(KEYS, width)]
    )


def in_columns(rows: Collection[tuple[str, str]], width: int) -> list[str]:
    """Return lines of at most ``width`` cells: names to the left, texts beside them, or below."""
    left = max(len(name) for name, _ in rows) + 4
    lines: list[str] = []
    for name, text in rows:
        if width - left < LEAST_TEXT:
            lines += [f"  {name}", *(f"      {line}" for line in folded(text, max(width - 6, 8)))]
            continue
        first, *more = folded(text, width - left)
        lines += [f"  {name:{left - 2}}{first}", *(" " * left + line for line in more)]
    return lines


def _languages(session: Session, _arguments: str) -> str:
    from oi_core.cli.listings import language_rows

    return "\n".join(language_rows(session))


def _plugins(session: Session, _arguments: str) -> str:
    from oi_core.cli.plugin_listings import plugin_rows, provided_in_words

    return "\n".join(plugin_rows(session.plugins.records, provided_in_words(session.plugins, session.config)))


def _config(session: Session, arguments: str) -> str:
    from oi_core.cli.session_settings import settings_in_words

    return "\n".join(settings_in_words(session, arguments))


def _settings(session: Session, _arguments: str) -> Iterable[str]:
    return session.resolution.origins


def _trust(session: Session, _arguments: str) -> str:
    from oi_core.cli.trust import trust_rows

    trust = session.resolution.trust
    if trust is None:
        return "The project's file wants nothing that needs your trust."
    if trust.granted:
        status = "You trust this project; interpreter trust revoke takes that back."
    else:
        status = trust.refusal or "Not trusted, so this has no effect; interpreter trust asks you, then start again."
    return "\n".join([*trust_rows(trust), status])


def _reset(session: Session, _arguments: str) -> str:
    session.reset()
    return "A new conversation begins; variables and settings stay."


def _quit(_session: Session, _arguments: str) -> Leave:
    return Leave()


LEAST_TEXT: Final = 20
"""Cells; a narrower column of text is no good to anybody."""
KEYS: Final = (
    ("!COMMAND", "run a command in the session's shell"),
    ("@FILE", "send a text file or a picture along"),
    ("alt-enter, ctrl-j", "begin another line, as \\ enter does"),
    ("ctrl-x ctrl-e", "edit the draft in your editor, as ctrl-g"),
    ("ctrl-r, up, down", "find what you typed before"),
    ("tab", "complete commands, their arguments, files"),
    ("ctrl-o", "read the last output in your pager"),
    ("shift-tab", "ask before code runs: ask, risky, auto"),
    ("esc", "stop what the model writes or code does"),
    ("ctrl-t", "while code runs: type to the program, and back"),
    ("ctrl-c", "stop, or clear the draft; twice: leave"),
    ("ctrl-d, exit, quit", "leave"),
)
OWN: Final = (
    *conversation_commands.COMMANDS,
    *setting_commands.COMMANDS,
    *session_slash.COMMANDS,
    Command("help", "list the commands and keys", _help),
    Command("languages", "list the languages code can run in", _languages),
    Command("plugins", "list the plugins", _plugins),
    Command("config", "show every setting and where it came from, or one: /config KEY", _config, _settings),
    Command("trust", "show what the project's file wants", _trust),
    Command("reset", "forget the conversation, not the variables", _reset, alone=True),
    Command("quit", "leave", _quit),
)
