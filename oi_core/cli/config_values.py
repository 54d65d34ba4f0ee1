"""Single settings for a person or a script: one value read, set or taken away, and the list of all there are."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oi_core.cli.config_editing import USER_TABLE, remove_value, write_value
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.listings import columns, plain_value, sources_of
from oi_core.cli.options import parse_override
from oi_core.config.sources import PROJECT_FILE, PROJECT_TABLE
from oi_core.current_folder import current_folder
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.settings import Scope
from oi_core.toml_files.document import home_folder, shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.cli.options import Options
    from oi_core.config import Resolution
    from oi_core.validate import Setting

SHOWS_ALL: Final = "interpreter config keys lists them"


def get_value(options: Options, key: str) -> int:
    """Write the value of a setting: text as it is, anything else as JSON, and nothing for one that is unset.

    Raises:
        ConfigError: there is no such setting.
    """
    resolution, _ = _resolved(options)
    if key not in resolution.origins:
        raise ConfigError(f'there is no setting "{key}"', SHOWS_ALL)
    value = plain_value(resolution.origins[key].value)
    if value is not None:
        sys.stdout.write((value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) + "\n")
    return ExitCode.DONE


def set_value(options: Options, key: str, text: str, *, project: bool) -> int:
    """Write a setting into the person's own file, or the project's, if it is one that a project may set.

    ``text`` is TOML, or plain text where text is expected. Other lines of the file, comments included, stay.

    Raises:
        ConfigError: there is no such setting, it expects another value, or the file cannot be written.
    """
    value = _checked(options, key, text, project=project)
    file, at = _file_for(options, project=project)
    write_value(file, [*at, *key.split(".")], value)
    _say(f"{key} = {json.dumps(plain_value(value), ensure_ascii=False)}   ({shown_path(file)})")
    _say_what_else_counts(options, key, file)
    return ExitCode.DONE


def unset_value(options: Options, key: str, *, project: bool) -> int:
    """Take a setting out of the person's own file, or the project's.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    file, at = _file_for(options, project=project)
    removed = remove_value(file, [*at, *key.split(".")])
    _say(f"{key} {'is out of' if removed else 'was not in'} {shown_path(file)}")
    _say_what_else_counts(options, key, file)
    return ExitCode.DONE


def list_keys(options: Options) -> int:
    """Write every setting with what it is for; as JSON with ``--json``."""
    _, settings = _resolved(options)
    if options.output_format != "text":
        rows = {key: {"help": each.info.help, "scope": each.info.scope.value} for key, each in settings.items()}
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return ExitCode.DONE
    for row in columns([(key, each.info.help) for key, each in settings.items()]):
        sys.stdout.write(f"{row}\n")
    return ExitCode.DONE


def _resolved(options: Options) -> tuple[Resolution, Mapping[str, Setting]]:
    from oi_core.config import disabled_plugins, resolve, settings_table
    from oi_core.plugin_manager import Plugins
    from oi_core.validate import dotted

    sources = sources_of(options)
    types = Plugins.load(disabled_plugins(sources), ours_only=options.no_plugins).settings_types()
    settings = {dotted(each.key): each for each in settings_table(types).settings()}
    return resolve(sources, types), settings


def _checked(options: Options, key: str, text: str, *, project: bool) -> object:
    """Return the value that is to be written, after a check against the setting it is for."""
    from oi_core.config import disabled_plugins, settings_table
    from oi_core.config.layers import read_overrides
    from oi_core.plugin_manager import Plugins
    from oi_core.validate import dotted

    disabled = disabled_plugins(sources_of(options)) if not project else frozenset()
    table = settings_table(Plugins.load(disabled, ours_only=options.no_plugins).settings_types())
    scopes = {dotted(each.key): each.info.scope for each in table.settings()}
    if project and scopes.get(key) is Scope.USER:
        raise ConfigError(f"a project cannot set {key}: only your own configuration does", "leave out --project")
    _, value = parse_override(f"{key}={text}")
    try:
        read_overrides({key: value}, table, current_folder())
    except ConfigError:
        if isinstance(value, str):
            raise
        read_overrides({key: text}, table, current_folder())  # a text that happens to be TOML: a model named 4
        return text
    return value


def _file_for(options: Options, *, project: bool) -> tuple[Path, tuple[str, ...]]:
    """Return the file to change, and where in it settings stand."""
    from oi_core.config import user_config_file

    if not project:
        return options.config_file or user_config_file(), USER_TABLE
    folder = current_folder()
    source = sources_of(options).project
    if source is not None:
        return source.path, tuple(map(str, PROJECT_TABLE))
    for candidate in (folder, *folder.parents):
        if os.path.isfile(candidate / PROJECT_FILE):  # noqa: PTH113  (Path.is_file raises where a parent may not be read)
            return candidate / PROJECT_FILE, tuple(map(str, PROJECT_TABLE))
        if candidate == home_folder():
            break
    raise ConfigError(f"there is no {PROJECT_FILE} here or above", "make one, or leave out --project")


def _say_what_else_counts(options: Options, key: str, file: Path) -> None:
    """Say so when the value in force is another one, and who sets it."""
    try:
        resolution, _ = _resolved(options)
    except ConfigError:  # something else is wrong in a file, which the next start says
        return
    origin = resolution.origins.get(key)
    for item in resolution.ignored:
        if item.key == key:
            _say(f"  ignored: {item.source}: {item.reason}")
    here = ("default", shown_path(file), shown_path(file, current_folder()))
    if origin is not None and not origin.source.startswith(here):
        _say(f"  in force here: {json.dumps(plain_value(origin.value), ensure_ascii=False)} ({origin.source})")


def _say(line: str) -> None:
    sys.stdout.write(neutralise_line(line) + "\n")
