"""The options that every command takes, as click parses them, and the values made of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from oi_core import __version__
from oi_core.cli.help_text import HELP_OPTIONS
from oi_core.cli.options import Options, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT: Final = {"help_option_names": list(HELP_OPTIONS), "max_content_width": 80}


def interpreter_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give ``interpreter`` itself its options."""
    for option in reversed(_COMMON):
        function = option()(function)
    return function


def common_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a subcommand the options of ``interpreter`` itself, which its own help does not list again."""
    for option in reversed(_COMMON):
        function = option(hidden=True)(function)
    return function


def default_command(command: click.Command, values: dict[str, Any]) -> int:
    """Run the command that a group stands for by itself, unless another of the group's follows.

    Raises:
        click.UsageError: options stand before one that follows, where it would not see them.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        return int(context.invoke(command, **values))
    if any(values.values()):
        raise click.UsageError(f"options of {context.invoked_subcommand} go after it")
    return 0


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"interpreter {__version__}")
        context.exit()


_AT_LEAST_0: Final = click.FloatRange(min=0)
_COMMON: Final = (  # what each is for stands in help_text
    partial(click.option, "-p", "--print", "print_text", metavar="TEXT"),
    partial(click.option, "-y", "--yes", is_flag=True),
    partial(click.option, "--approve", type=click.Choice(["ask", "risky", "auto", "deny"])),
    partial(click.option, "-c", "--continue", "continue_last", is_flag=True),
    partial(click.option, "--resume", metavar="[ID]", is_flag=False, flag_value=""),
    partial(click.option, "-m", "--model", metavar="NAME"),
    partial(click.option, "--gguf", metavar="FILE", type=click.Path(path_type=Path)),
    partial(click.option, "--base-url", metavar="URL"),
    partial(click.option, "--plain", is_flag=True),
    partial(click.option, "--json", "json_lines", is_flag=True),
    partial(click.option, "--output-format", type=click.Choice([each.value for each in OutputFormat])),
    partial(click.option, "--no-color", is_flag=True),
    partial(click.option, "--config", "config_file", metavar="FILE", type=click.Path(path_type=Path)),
    partial(click.option, "-o", "overrides", metavar="KEY=TOML", multiple=True),
    partial(click.option, "--isolated", is_flag=True),
    partial(click.option, "--no-plugins", is_flag=True),
    partial(click.option, "--sandbox", type=click.Choice(["none", "read-only", "workspace"])),
    partial(click.option, "--timeout", type=_AT_LEAST_0, metavar="SECONDS"),
    partial(click.option, "--max-cost", type=_AT_LEAST_0, metavar="DOLLARS"),
    partial(click.option, "--max-turns", type=click.IntRange(min=0), metavar="N"),
    partial(click.option, "--trust-project", is_flag=True),
    partial(click.option, "--exit-status", is_flag=True),
    partial(click.option, "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version),
)


def options_from(values: dict[str, Any]) -> Options:  # click's values, each of its option's own type
    """Return the options for what click has parsed.

    Raises:
        click.UsageError: two options contradict each other.
    """
    approve, yes = values.pop("approve"), values.pop("yes")
    if yes and approve not in (None, "auto"):
        raise click.UsageError(f"-y means --approve auto, which contradicts --approve {approve}")
    written, json_lines = values.pop("output_format"), values.pop("json_lines")
    if json_lines and written not in (None, OutputFormat.JSON_LINES.value):
        raise click.UsageError(f"--json means --output-format jsonl, which contradicts --output-format {written}")
    if values["continue_last"] and values["resume"] is not None:
        raise click.UsageError("-c goes on with the latest session, and --resume names one: give one of them")
    gguf = values.pop("gguf")
    if gguf is not None:
        if values["model"] is not None:
            raise click.UsageError("--gguf names the model, and so does -m")
        values["model"] = f"local/{gguf.expanduser().absolute()}"
    chosen = OutputFormat.JSON_LINES if json_lines else OutputFormat(written or OutputFormat.TEXT)
    return Options(approve="auto" if yes else approve, output_format=chosen, **values)
