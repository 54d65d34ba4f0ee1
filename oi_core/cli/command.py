"""The command line: options, prompt words and subcommands, parsed with click."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oi_core.cli.config_command import config
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.help_text import HELP, HELP_OPTIONS
from oi_core.cli.option_parsing import CONTEXT, common_options, interpreter_options, options_from
from oi_core.cli.plugins_command import plugins
from oi_core.cli.schema_command import schema
from oi_core.cli.sessions_command import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence


def run_command(words: Sequence[str]) -> int:
    """Run the command with these words and return its exit code.

    Not through click's ``main``, which has its own opinion of closed pipes and interrupts.

    Raises:
        click.ClickException: the command line is wrong.
        InterpreterError: what it asks for cannot be done.
    """
    before, after = _split_at_subcommand(list(words))
    command, arguments = (subcommands, [*after, *before]) if after else (interpreter, list(words))
    try:
        with command.make_context("interpreter", arguments) as context:
            code = command.invoke(context)
    except click.exceptions.Exit as end:  # --help and --version
        return end.exit_code
    return code if isinstance(code, int) else 0


def _split_at_subcommand(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the options before a subcommand, and the subcommand with the rest; without one, the rest is empty."""
    options = click.Command("options", params=[each for each in interpreter.params if isinstance(each, click.Option)])
    context = click.Context(options, help_option_names=list(HELP_OPTIONS), allow_interspersed_args=False)
    try:
        _, rest, _ = options.make_parser(context).parse_args(list(words))
    except click.UsageError:  # the real parse says so again, and to the person
        return words, []
    is_subcommand = bool(rest) and rest[0] in subcommands.commands
    dashed = len(rest) < len(words) and words[len(words) - len(rest) - 1] == "--"
    return (words[: len(words) - len(rest)], rest) if is_subcommand and not dashed else (words, [])


class _Interpreter(click.Command):
    """The command without a subcommand, whose help is a text of its own."""

    def get_help(self, ctx: click.Context) -> str:  # noqa: ARG002  (click's name and signature)
        """Return the help."""
        return HELP.rstrip("\n")


@click.command(cls=_Interpreter, context_settings=CONTEXT)
@interpreter_options
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
def interpreter(**values: Any) -> int:  # Any: as in options_from
    """Chat, or answer one message."""
    from oi_core.cli.start import start

    return start(options_from(values))


@click.group(context_settings=CONTEXT)
def subcommands() -> None:
    """Hold the subcommands; its own help is never shown."""


subcommands.add_command(config)
subcommands.add_command(plugins)
subcommands.add_command(schema)
subcommands.add_command(sessions)


@subcommands.command()
@common_options
def demo(**values: Any) -> int:
    """Take the tour: a scripted model, and everything after it real. No key, no network."""
    from oi_core.cli.start import start_demo

    return start_demo(options_from(values))


@subcommands.command()
@common_options
def languages(**values: Any) -> int:
    """List the languages that code can run in."""
    from oi_core.cli.listings import list_languages

    return list_languages(options_from(values))


@subcommands.command()
@common_options
def models(**values: Any) -> int:
    """List the models of the servers that run on this machine."""
    from oi_core.cli.model_listings import list_models

    return list_models(options_from(values))


@subcommands.command()
@common_options
def doctor(**values: Any) -> int:
    """Say what works here; with -m, try the model and remember the format that suits it best."""
    from oi_core.cli.model_listings import run_doctor

    return run_doctor(options_from(values))


@subcommands.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.option("--words", type=click.Choice(["keys", "sessions", "plugins"]), hidden=True)
def completion(shell: str, words: str | None) -> int:
    """Write the completion script of SHELL, to be sourced by it."""
    if words is not None:  # the script's own question
        from oi_core.cli.completion_words import Words, write_words
        from oi_core.cli.options import Options

        return write_words(Options(), Words(words))
    from oi_core.cli.shell_completion import write_completion

    return write_completion(shell, interpreter, subcommands)


@subcommands.group(invoke_without_command=True)
@common_options
def trust(**values: Any) -> int:
    """Show what this project's file wants that needs your trust, and ask whether you give it; -y gives it."""
    from oi_core.cli.trust import trust_project

    if click.get_current_context().invoked_subcommand is not None:
        return ExitCode.DONE
    yes = values["yes"]
    return trust_project(options_from(values), yes=yes)


@trust.command("list")
@common_options
def list_trusted(**values: Any) -> int:
    """List the projects you trust, with what you trust them with; as JSON with --json."""
    from oi_core.cli.trust import list_trusted as run

    return run(options_from(values))


@trust.command()
@common_options
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def revoke(folder: Path | None, **values: Any) -> int:
    """Trust the project in FOLDER, or here, no longer."""
    from oi_core.cli.trust import revoke_trust

    options_from(values)
    return revoke_trust(folder)
