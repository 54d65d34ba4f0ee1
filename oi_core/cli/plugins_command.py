"""The subcommands of ``interpreter plugins``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oi_core.cli.option_parsing import common_options, default_command, options_from


@click.group(invoke_without_command=True)
@common_options
def plugins(**values: Any) -> int:
    """List the plugins."""
    return default_command(list_plugins, values)


@plugins.command("list")
@common_options
def list_plugins(**values: Any) -> int:
    """List the plugins: where each is from, what it provides, and what is wrong with it."""
    from oi_core.cli.plugin_listings import list_plugins as run

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


@plugins.command("show")
@common_options
@click.argument("name")
def show_plugin(name: str, **values: Any) -> int:
    """Show all that is known of the plugin NAME, and what broke it."""
    from oi_core.cli.plugin_listings import show_plugin as run

    return run(options_from(values), name)


@plugins.command("doctor")
@common_options
def diagnose(**values: Any) -> int:
    """Say what is wrong with any plugin; the exit code is 2 when something is."""
    from oi_core.cli.plugin_listings import diagnose_plugins

    return diagnose_plugins(options_from(values))


@plugins.command()
@common_options
@click.argument("packages", nargs=-1, required=True)
def install(packages: tuple[str, ...], **values: Any) -> int:
    """Install PACKAGES beside the interpreter, and say what plugins came; -y does not ask."""
    from oi_core.cli.plugin_installing import install as run

    return run(packages, yes=values["yes"])


@plugins.command()
@common_options
@click.argument("name")
def uninstall(name: str, **values: Any) -> int:
    """Uninstall what brought the plugin NAME; -y does not ask."""
    from oi_core.cli.plugin_installing import uninstall as run

    return run(name, yes=values["yes"])


@plugins.command()
@common_options
@click.argument("name")
def new(name: str, **_values: Any) -> int:
    """Write a plugin to begin with into the folder NAME: a language, and its tests."""
    from oi_core.cli.new_plugin import new_plugin

    return new_plugin(name, Path())


@plugins.command()
@common_options
@click.argument("folder", default=".", type=click.Path(path_type=Path))
def test(folder: Path, **_values: Any) -> int:
    """Run the tests of the plugin in FOLDER, the conformance suite among them."""
    from oi_core.cli.new_plugin import run_plugin_tests

    return run_plugin_tests(folder)
