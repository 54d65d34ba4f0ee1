"""Plugins for a person or a program: what each provides, where it is from, how it fares, and why one is broken."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.listings import columns, sources_of
from oi_core.cli.options import OutputFormat
from oi_core.current_folder import current_folder
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise, neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from oi_core.cli.options import Options
    from oi_core.config import Sources
    from oi_core.plugin_manager import PluginRecord, Plugins
    from oi_core.settings import Config

DEEDS: Final = {
    "review_code": "reviews code",
    "extend_system_message": "instructions",
    "observe_event": "observes events",
}
"""What hooks do that provide nothing with a name."""


def list_plugins(options: Options) -> int:
    """Write what is known of each plugin; works whatever is wrong with one of them, or with the configuration."""
    plugins, provided = _plugins(options)
    if options.output_format is not OutputFormat.TEXT:
        _write([json.dumps([_as_json(record, provided) for record in plugins.records], indent=2)])
    else:
        _write(plugin_rows(plugins.records, provided))
    return ExitCode.DONE


def show_plugin(options: Options, name: str) -> int:
    """Write all that is known of one plugin, the traceback of what broke it included.

    Raises:
        ConfigError: there is no such plugin.
    """
    plugins, provided = _plugins(options)
    found = [record for record in plugins.records if record.name == name]
    if not found:
        raise ConfigError(f'there is no plugin "{name}"', "interpreter plugins list shows them")
    for number, record in enumerate(found):
        _write([*([""] if number else []), *_facts(record, provided)])
    return ExitCode.DONE


def diagnose_plugins(options: Options) -> int:
    """Write what is wrong with any plugin; the exit code is 2 when something is."""
    plugins, provided = _plugins(options)
    broken = [record for record in plugins.records if record.status == "broken"]
    for record in broken:
        _write([*_facts(record, provided), ""])
    _write([f"{len(plugins.records) - len(broken)} of {len(plugins.records)} plugins are fine"])
    return ExitCode.USAGE if broken else ExitCode.DONE


def plugin_rows(records: Iterable[PluginRecord], provided: Mapping[str, list[str]]) -> list[str]:
    """Return a row for each plugin, and below one that is broken the reason and what removes it."""
    records = list(records)
    table = columns(
        [
            (
                record.name,
                f"{record.distribution} {record.version}".strip(),
                record.status.value,
                f"{record.seconds * 1000:.0f} ms" if record.seconds else "",
                ", ".join(provided.get(record.name, [])),
            )
            for record in records
        ]
    )
    rows = []
    for record, row in zip(records, table, strict=True):
        rows.append(row)
        if record.reason:
            rows.append(f"    {neutralise_line(record.reason)}")
        if record.reason and record.status.value == "broken":
            rows.append(f"    to remove it: {neutralise_line(record.removal)}")
    return rows


def _plugins(options: Options) -> tuple[Plugins, dict[str, list[str]]]:
    """Load the plugins and find out what each provides, whatever is wrong with the configuration."""
    from oi_core.config import Sources, disabled_plugins
    from oi_core.plugin_manager import Plugins

    here = current_folder()
    try:
        sources = sources_of(options)
        plugins = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins)
        return plugins, provided_in_words(plugins, _config(plugins, sources))
    except ConfigError as error:
        sys.stderr.write(f"{neutralise(str(error))}\n")
    sources = Sources(here)
    plugins = Plugins.load(ours_only=options.no_plugins)
    return plugins, provided_in_words(plugins, _config(plugins, sources))


def _config(plugins: Plugins, sources: Sources) -> Config:
    from oi_core.config import resolve

    return resolve(sources, plugins.settings_types()).config


def provided_in_words(plugins: Plugins, config: Config) -> dict[str, list[str]]:
    """Return what each plugin provides, in words, by its name."""
    from oi_core.commands import Command
    from oi_core.executors import Language, Launcher
    from oi_core.model import ModelProvider

    words: dict[str, list[str]] = {}

    def add(word: str, names: Mapping[str, list[str]]) -> None:
        for plugin, own in names.items():
            if own:
                words.setdefault(plugin, []).append(f"{word} {', '.join(own)}".strip())

    languages = plugins.provided("provide_languages", Language, config)
    add("language", {plugin: [each.name for each in own] for plugin, own in languages.items()})
    models = plugins.provided("provide_models", ModelProvider, config)
    add("models", {plugin: [f"{each.prefix}/…" for each in own] for plugin, own in models.items()})
    launchers = plugins.provided("provide_launchers", Launcher, config)
    add("launchers", {plugin: [each.name for each in own] for plugin, own in launchers.items()})
    commands = plugins.provided("provide_commands", Command, config)
    add("", {plugin: [f"/{each.name}" for each in own] for plugin, own in commands.items()})
    for record in plugins.records:
        words.setdefault(record.name, []).extend(DEEDS[hook] for hook in record.hooks if hook in DEEDS)
    return words


def _facts(record: PluginRecord, provided: Mapping[str, list[str]]) -> list[str]:
    facts = [
        ("plugin", record.title),
        ("status", record.status.value),
        ("provides", ", ".join(provided.get(record.name, []))),
        ("hooks", ", ".join(record.hooks)),
        ("loaded in", f"{record.seconds * 1000:.0f} ms" if record.seconds else ""),
        ("reason", record.reason),
        ("remove", record.removal if record.status.value == "broken" else ""),
    ]
    rows = [f"{name:<10} {neutralise_line(fact)}" for name, fact in facts if fact]
    return [*rows, *(f"  {line}" for line in neutralise(record.details).splitlines())]


def _as_json(record: PluginRecord, provided: Mapping[str, list[str]]) -> dict[str, object]:
    return {
        "name": record.name,
        "distribution": record.distribution,
        "version": record.version,
        "status": record.status.value,
        "reason": record.reason,
        "provides": provided.get(record.name, []),
        "hooks": list(record.hooks),
        "ours": record.is_ours,
    }


def _write(lines: Iterable[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
