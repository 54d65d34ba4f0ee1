"""Plugins switched off and on in the person's own configuration file; what else is in it stays as it is written."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from oi_core.cli.config_editing import write_value
from oi_core.cli.exit_codes import ExitCode
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.settings import ESSENTIAL_PLUGIN
from oi_core.toml_files.document import read_document, shown_path

if TYPE_CHECKING:
    from pathlib import Path

    from oi_core.cli.options import Options

PLACE: Final = ("plugins", "disable")


def switch_plugin(options: Options, name: str, *, on: bool) -> int:
    """Take ``name`` out of ``plugins.disable`` or put it in, and say so.

    Raises:
        ConfigError: there is no such plugin, it is essential, or the file cannot be read or written.
    """
    from oi_core.config import user_config_file
    from oi_core.plugin_manager.installed import installed_names

    if not on and name == ESSENTIAL_PLUGIN:
        raise ConfigError(f'"{name}" is essential: no configuration file can disable it', "forbidden-commands sets it")
    if not on and name not in installed_names():
        raise ConfigError(f'there is no plugin "{name}"', "interpreter plugins list shows them")
    file = options.config_file or user_config_file()
    changed = _switch(file, name, on=on)
    state = "enabled" if on else "disabled"
    sys.stdout.write(f"{neutralise_line(name)} is {state if changed else f'{state} already'} ({file})\n")
    return ExitCode.DONE


def _switch(file: Path, name: str, *, on: bool) -> bool:
    """Change the file if there is something to change, and say whether there was."""
    table = read_document(file, shown_path(file)).content.get("plugins") if file.exists() else None
    listed = table.get("disable") if isinstance(table, Mapping) else None
    disabled = [str(each) for each in listed] if isinstance(listed, list) else []
    if (name in disabled) is not on:
        return False
    write_value(file, PLACE, [each for each in disabled if each != name] if on else [*disabled, name])
    return True
