"""The words that a shell's Tab asks for while it is pressed: settings, saved sessions, plugins."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.errors import InterpreterError
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oi_core.cli.options import Options

HARMLESS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
"""What no shell takes for anything but a word: bash looks for commands in the words it is given."""
LISTED: Final = 30
DESCRIBED: Final = 60
"""Characters."""


class Words(StrEnum):
    """What there are words of."""

    KEYS = "keys"
    SESSIONS = "sessions"
    PLUGINS = "plugins"


ASKED_BY: Final[Mapping[str, Words]] = {
    **dict.fromkeys(("/config/get", "/config/set", "/config/unset", "/config/explain"), Words.KEYS),
    **dict.fromkeys(("/sessions/show", "/sessions/export", "/sessions/rm"), Words.SESSIONS),
    **dict.fromkeys(("/plugins/show", "/plugins/enable", "/plugins/disable", "/plugins/uninstall"), Words.PLUGINS),
}
"""The subcommands whose first argument is one of them, by their paths; the option ``--resume`` takes a session."""


def write_words(options: Options, kind: Words) -> int:
    """Write a line for each word, with a tab and what it is; nothing where they cannot be found out."""
    try:
        found = {Words.KEYS: _keys, Words.SESSIONS: _sessions, Words.PLUGINS: _plugins}[kind](options)
        for word, meaning in found:
            if HARMLESS.fullmatch(word):
                sys.stdout.write(f"{word}\t{neutralise_line(' '.join(meaning.split()))[:DESCRIBED]}\n")
    except InterpreterError:  # whoever presses Tab is told when the command runs
        return ExitCode.DONE
    return ExitCode.DONE


def _keys(options: Options) -> Iterable[tuple[str, str]]:
    from oi_core.cli.listings import sources_of
    from oi_core.config import disabled_plugins, settings_table
    from oi_core.plugin_manager import Plugins
    from oi_core.validate import dotted

    types = Plugins.load(disabled_plugins(sources_of(options)), ours_only=options.no_plugins).settings_types()
    return [(dotted(each.key), each.info.help) for each in settings_table(types).settings()]


def _sessions(options: Options) -> Iterable[tuple[str, str]]:
    from datetime import datetime
    from itertools import islice

    from oi_core.cli.sessions import store_for
    from oi_core.current_folder import current_folder

    store = store_for(options)
    found = list(islice(store.sessions(current_folder()), LISTED)) or list(islice(store.sessions(), LISTED))
    return [(each.id, f"{datetime.fromtimestamp(each.changed):%Y-%m-%d} {each.about.title}") for each in found]


def _plugins(_options: Options) -> Iterable[tuple[str, str]]:
    from oi_core.plugin_manager.installed import installed_names

    return [(name, "") for name in sorted(installed_names())]
