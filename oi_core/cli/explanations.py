"""One setting explained: its value and where it came from, what it means, who may set it, and what follows from it."""

from __future__ import annotations

import os
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.listings import as_toml, sources_of
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oi_core.cli.options import Options
    from oi_core.config import Resolution


def explain_setting(options: Options, key: str) -> int:
    """Write all there is to say of the setting ``key``.

    Raises:
        ConfigError: there is no such setting.
    """
    from oi_core.config import disabled_plugins, resolve
    from oi_core.config.schema import config_schema
    from oi_core.plugin_manager import Plugins

    sources = sources_of(options)
    types = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins).settings_types()
    resolution = resolve(sources, types)
    sys.stdout.writelines(f"{row}\n" for row in explained(resolution, key, config_schema(types)))
    return ExitCode.DONE


def explained(resolution: Resolution, key: str, schema: Mapping[str, Any]) -> list[str]:
    """Return all there is to say of the setting ``key``, as lines; the schema holds whatever JSON does.

    Raises:
        ConfigError: there is no such setting.
    """
    if key not in resolution.origins:
        near = get_close_matches(key, resolution.origins, n=1)
        hint = f'did you mean "{near[0]}"?' if near else "interpreter config show lists them"
        raise ConfigError(f'there is no setting "{neutralise_line(key)}"', hint)
    rows = [*setting_rows(resolution, key, schema), *_consequences(resolution, key)]
    return [neutralise_line(row) for row in rows]


def setting_rows(resolution: Resolution, key: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rows that hold for every setting; the schema holds whatever JSON does."""
    origin = resolution.origins[key]
    yield f"{key} = {as_toml(origin.value)}   ({origin.source})"
    described: Any = schema
    for part in key.split("."):
        described = described.get("properties", {}).get(part, {})
    if described.get("description"):
        yield f"  {described['description']}"
    for item in resolution.ignored:
        if item.key == key:
            yield f"  ignored: {item.source}: {item.reason}"


def _consequences(resolution: Resolution, key: str) -> Iterator[str]:
    """Yield what follows from the settings whose value alone does not tell it."""
    config = resolution.config
    if key == "forbidden-commands":
        from oi_core.forbidden_defaults import DEFAULT_FORBIDDEN_COMMANDS

        yield "  These never run, however they are spaced, quoted or prefixed by sudo, env or a path:"
        yield from (f"    {command}" for command in (*DEFAULT_FORBIDDEN_COMMANDS, *config.forbidden_commands))
        yield "  A configuration adds to the list; interpreter.forbidden_commands in Python is the list itself."
    if key == "env-pass":
        from oi_core.environment import explain_environment

        passages = explain_environment(os.environ, config.env_pass, (config.api_key_env,))
        width = max((len(passage.name) for passage in passages), default=0)
        for passage in sorted(passages, key=lambda each: (each.passes, each.name)):
            yield f"    {'passes' if passage.passes else 'held back':<9}  {passage.name:<{width}}  {passage.reason}"
