"""Plugins switched off and on in the person's own configuration file; what else is in it stays as it is written."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.cli.exit_codes import ExitCode
from oi_core.errors import ConfigError
from oi_core.settings import ESSENTIAL_PLUGIN
from oi_core.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from oi_core.cli.options import Options


def switch_plugin(options: Options, name: str, *, on: bool) -> int:
    """Take ``name`` out of ``plugins.disable`` or put it in, and say so.

    Raises:
        ConfigError: there is no such plugin, it is essential, or the file cannot be read or written.
    """
    from oi_core.config import user_config_file
    from oi_core.installed_plugins import installed_names

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
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
        table = document.setdefault("plugins", tomlkit.table())
        disabled = table.setdefault("disable", tomlkit.array())
        if (name in disabled) is not on:
            return False
        if on:
            disabled.remove(name)
        else:
            disabled.append(name)
        _replace(file, tomlkit.dumps(document))
    except (OSError, ValueError, TOMLKitError, AttributeError, TypeError) as error:
        raise ConfigError(f"{file} could not be changed: {error}", f'set plugins.disable by hand: "{name}"') from error
    return True


def _replace(file: Path, text: str) -> None:
    """Write the whole file or nothing of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".config-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).replace(file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
