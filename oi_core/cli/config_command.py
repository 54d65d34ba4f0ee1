"""The subcommands of ``interpreter config``."""

from __future__ import annotations

from typing import Any

import click

from oi_core.cli.option_parsing import common_options, options_from


@click.group(invoke_without_command=True)
@click.pass_context
def config(context: click.Context) -> int | None:
    """Show the configuration."""
    return context.invoke(show) if context.invoked_subcommand is None else None


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
