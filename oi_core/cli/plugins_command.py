"""The subcommands of ``interpreter plugins``."""

from __future__ import annotations

from typing import Any

import click

from oi_core.cli.option_parsing import common_options, options_from


@click.group(invoke_without_command=True)
@click.pass_context
def plugins(context: click.Context) -> int | None:
    """List the plugins."""
    return context.invoke(list_plugins) if context.invoked_subcommand is None else None


@plugins.command("list")
@common_options
def list_plugins(**values: Any) -> int:
    """List the plugins: where each is from, what it provides, and what is wrong with it."""
    from oi_core.cli.listings import list_plugins as run

    return run(options_from(values))


@plugins.command()
@common_options
@click.argument("name")
def disable(name: str, **values: Any) -> int:
    """Do not load the plugin NAME any more."""
    from oi_core.cli.plugin_switch import switch_plugin

    return switch_plugin(options_from(values), name, on=False)


@plugins.command()
@common_options
@click.argument("name")
def enable(name: str, **values: Any) -> int:
    """Load the plugin NAME again."""
    from oi_core.cli.plugin_switch import switch_plugin

    return switch_plugin(options_from(values), name, on=True)
