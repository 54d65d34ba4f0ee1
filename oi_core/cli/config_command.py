"""The subcommands of ``interpreter config``."""

from __future__ import annotations

from typing import Any

import click

from oi_core.cli.option_parsing import common_options, default_command, options_from


@click.group(invoke_without_command=True)
@common_options
def config(**values: Any) -> int:
    """Show the configuration."""
    return default_command(show, values)


@config.command()
@common_options
def show(**values: Any) -> int:
    """Show every setting with where it came from, and what was ignored and why."""
    from oi_core.cli.listings import show_config

    return show_config(options_from(values))


@config.command()
@common_options
@click.argument("key")
def explain(key: str, **values: Any) -> int:
    """Explain the setting KEY: its value, where it came from, and what follows from it."""
    from oi_core.cli.explanations import explain_setting

    return explain_setting(options_from(values), key)


@config.command()
@common_options
def path(**values: Any) -> int:
    """Show where your configuration file is, or would be."""
    from oi_core.cli.listings import show_config_path

    return show_config_path(options_from(values))


@config.command()
@common_options
def schema(**values: Any) -> int:
    """Write a JSON Schema of the configuration."""
    from oi_core.cli.listings import write_schema

    return write_schema(options_from(values))


@config.command()
@common_options
@click.argument("key")
def get(key: str, **values: Any) -> int:
    """Write the value of the setting KEY, for a script."""
    from oi_core.cli.config_values import get_value

    return get_value(options_from(values), key)


@config.command("set")
@common_options
@click.option("--project", is_flag=True, help="Write into this project's pyproject.toml.")
@click.argument("key")
@click.argument("value")
def set_(key: str, value: str, *, project: bool, **values: Any) -> int:
    """Write the setting KEY into your own configuration file; VALUE is TOML, or plain text."""
    from oi_core.cli.config_values import set_value

    return set_value(options_from(values), key, value, project=project)


@config.command()
@common_options
@click.option("--project", is_flag=True, help="Take it out of this project's pyproject.toml.")
@click.argument("key")
def unset(key: str, *, project: bool, **values: Any) -> int:
    """Take the setting KEY out of your own configuration file."""
    from oi_core.cli.config_values import unset_value

    return unset_value(options_from(values), key, project=project)


@config.command()
@common_options
def keys(**values: Any) -> int:
    """List every setting with what it is for."""
    from oi_core.cli.config_values import list_keys

    return list_keys(options_from(values))
