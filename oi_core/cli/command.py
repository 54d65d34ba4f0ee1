"""The command line: options, prompt words and subcommands, parsed with click."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from oi_core import __version__
from oi_core.cli.exit_codes import ExitCode
from oi_core.cli.options import Options, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HELP_OPTIONS: Final = ["-h", "--help"]
CONTEXT: Final = {"help_option_names": HELP_OPTIONS, "max_content_width": 100}
EPILOG: Final = """\b
Commands:
  demo          a tour without key or network; everything but the model is real
  languages     the languages code can run in, and where each one comes from
  models        the models of the servers that run on this machine, and how to talk to each
  doctor        what works here: key, languages, sandbox; with -m, the format that suits a model
  plugins       list: what each provides, and what is wrong with any; disable; enable
  config        show: every setting and where it came from; explain KEY; path; schema
  trust         what this project's file wants, and whether you allow it; list; revoke

A prompt whose first word is one of these commands goes after --, or into -p.
Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 key or network, 4 approval needed or
denied, 5 the last code failed (with --exit-status), 6 a limit was reached, 7 a language could not
start, 128 plus the number of a signal.
"""


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
    context = click.Context(options, help_option_names=HELP_OPTIONS, allow_interspersed_args=False)
    try:
        _, rest, _ = options.make_parser(context).parse_args(list(words))
    except click.UsageError:  # the real parse says so again, and to the person
        return words, []
    is_subcommand = bool(rest) and rest[0] in subcommands.commands
    dashed = len(rest) < len(words) and words[len(words) - len(rest) - 1] == "--"
    return (words[: len(words) - len(rest)], rest) if is_subcommand and not dashed else (words, [])


def _common_options(function: Callable[..., int]) -> Callable[..., int]:
    for option in reversed(_COMMON):
        function = option(function)
    return function


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"interpreter {__version__}")
        context.exit()


_COMMON: Final = (
    click.option("-p", "--print", "print_text", metavar="TEXT", help="Answer TEXT and leave; stdout is the answer."),
    click.option("-y", "--yes", is_flag=True, help="Run code without asking, unless a reviewer asks (--approve auto)."),
    click.option(
        "--approve", type=click.Choice(["ask", "risky", "auto", "deny"]), help="When to ask before code runs."
    ),
    click.option("-m", "--model", metavar="NAME", help="The model: NAME, or PREFIX/NAME for a plugin's."),
    click.option("--gguf", metavar="FILE", type=click.Path(path_type=Path), help="The model in FILE, on this machine."),
    click.option("--base-url", metavar="URL", help="An OpenAI-compatible server, up to /v1."),
    click.option("--plain", is_flag=True, help="Append-only text in words, no escape sequences."),
    click.option("--json", "json_lines", is_flag=True, help="JSON lines on stdout (--output-format jsonl)."),
    click.option(
        "--output-format", type=click.Choice([each.value for each in OutputFormat]), help="text, json or jsonl."
    ),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    click.option(
        "--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="Read FILE, not your own file."
    ),
    click.option("-o", "overrides", metavar="KEY=TOML", multiple=True, help="Set any configuration key."),
    click.option("--isolated", is_flag=True, help="Read no configuration file and no INTERPRETER_ variable."),
    click.option("--no-plugins", is_flag=True, help="Load only the plugins that come with the interpreter."),
    click.option(
        "--sandbox", type=click.Choice(["none", "read-only", "workspace"]), help="How code is kept apart from the rest."
    ),
    click.option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Limit each block; 0 is no limit."),
    click.option(
        "--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS", help="Stop before the session costs more."
    ),
    click.option(
        "--max-turns", type=click.IntRange(min=0), metavar="N", help="Limit the model's replies to a message."
    ),
    click.option(
        "--trust-project", is_flag=True, help="Trust what this project's pyproject.toml wants, now and later."
    ),
    click.option("--exit-status", is_flag=True, help="Exit with 5 when the last code failed."),
    click.option(
        "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
    ),
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
    gguf = values.pop("gguf")
    if gguf is not None:
        if values["model"] is not None:
            raise click.UsageError("--gguf names the model, and so does -m")
        values["model"] = f"local/{gguf.expanduser().absolute()}"
    chosen = OutputFormat.JSON_LINES if json_lines else OutputFormat(written or OutputFormat.TEXT)
    return Options(approve="auto" if yes else approve, output_format=chosen, **values)


@click.command(context_settings=CONTEXT, epilog=EPILOG)
@_common_options
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
def interpreter(**values: Any) -> int:  # Any: as in options_from
    """Say what you want done; a model writes code, and it runs on this machine when you agree.

    Without a prompt, a chat begins. With one it is the chat's first message; with -p, or away from a
    terminal, it is answered and that is all. A prompt of - is read from standard input.
    """
    from oi_core.cli.start import start

    return start(options_from(values))


@click.group(context_settings=CONTEXT)
def subcommands() -> None:
    """Hold the subcommands; its own help is never shown."""


@subcommands.command()
@_common_options
def demo(**values: Any) -> int:
    """Take the tour: a scripted model, and everything after it real. No key, no network."""
    from oi_core.cli.start import start_demo

    return start_demo(options_from(values))


@subcommands.command()
@_common_options
def languages(**values: Any) -> int:
    """List the languages that code can run in."""
    from oi_core.cli.listings import list_languages

    return list_languages(options_from(values))


@subcommands.command()
@_common_options
def models(**values: Any) -> int:
    """List the models of the servers that run on this machine."""
    from oi_core.cli.model_listings import list_models

    return list_models(options_from(values))


@subcommands.command()
@_common_options
def doctor(**values: Any) -> int:
    """Say what works here; with -m, try the model and remember the format that suits it best."""
    from oi_core.cli.model_listings import run_doctor

    return run_doctor(options_from(values))


@subcommands.group(invoke_without_command=True)
@click.pass_context
def plugins(context: click.Context) -> int | None:
    """List the plugins."""
    return context.invoke(list_plugins) if context.invoked_subcommand is None else None


@plugins.command("list")
@_common_options
def list_plugins(**values: Any) -> int:
    """List the plugins: where each is from, what it provides, and what is wrong with it."""
    from oi_core.cli.listings import list_plugins as run

    return run(options_from(values))


@plugins.command()
@_common_options
@click.argument("name")
def disable(name: str, **values: Any) -> int:
    """Do not load the plugin NAME any more."""
    from oi_core.cli.plugin_switch import switch_plugin

    return switch_plugin(options_from(values), name, on=False)


@plugins.command()
@_common_options
@click.argument("name")
def enable(name: str, **values: Any) -> int:
    """Load the plugin NAME again."""
    from oi_core.cli.plugin_switch import switch_plugin

    return switch_plugin(options_from(values), name, on=True)


@subcommands.group(invoke_without_command=True)
@click.pass_context
def config(context: click.Context) -> int | None:
    """Show the configuration."""
    return context.invoke(show) if context.invoked_subcommand is None else None


@config.command()
@_common_options
def show(**values: Any) -> int:
    """Show every setting with where it came from, and what was ignored and why."""
    from oi_core.cli.listings import show_config

    return show_config(options_from(values))


@config.command()
@_common_options
@click.argument("key")
def explain(key: str, **values: Any) -> int:
    """Explain the setting KEY: its value, where it came from, and what follows from it."""
    from oi_core.cli.explanations import explain_setting

    return explain_setting(options_from(values), key)


@config.command()
@_common_options
def path(**values: Any) -> int:
    """Show where your configuration file is, or would be."""
    from oi_core.cli.listings import show_config_path

    return show_config_path(options_from(values))


@config.command()
@_common_options
def schema(**values: Any) -> int:
    """Write a JSON Schema of the configuration."""
    from oi_core.cli.listings import write_schema

    return write_schema(options_from(values))


@subcommands.group(invoke_without_command=True)
@_common_options
def trust(**values: Any) -> int:
    """Show what this project's file wants that needs your trust, and ask whether you give it; -y gives it."""
    from oi_core.cli.trust import trust_project

    if click.get_current_context().invoked_subcommand is not None:
        return ExitCode.DONE
    yes = values["yes"]
    return trust_project(options_from(values), yes=yes)


@trust.command("list")
@_common_options
def list_trusted(**values: Any) -> int:
    """List the projects you trust, with what you trust them with; as JSON with --json."""
    from oi_core.cli.trust import list_trusted as run

    return run(options_from(values))


@trust.command()
@_common_options
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def revoke(folder: Path | None, **values: Any) -> int:
    """Trust the project in FOLDER, or here, no longer."""
    from oi_core.cli.trust import revoke_trust

    options_from(values)
    return revoke_trust(folder)
