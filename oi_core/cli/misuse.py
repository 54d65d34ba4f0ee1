"""What a person is told of a wrong command line: what is wrong with it, and where the right words stand."""

from __future__ import annotations

import click


def misuse_text(error: click.ClickException) -> str:
    """Return click's complaint on one line, with the subcommands to choose from or the help to read."""
    complaint = " ".join(error.format_message().split()).removesuffix(".")
    return f"{complaint} · {_next_step(error)}"


def _next_step(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None or isinstance(error, click.NoSuchOption):
        return "interpreter --help lists the options"
    if isinstance(context.command, click.Group):
        return f"{context.command_path} has {', '.join(context.command.list_commands(context))}"
    if isinstance(error, click.BadParameter) and isinstance(error.param, click.Argument):
        return f"{context.command_path} --help says what it takes"
    return "interpreter --help lists the options"
