"""The subcommands of ``interpreter sessions``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from oi_core.cli.option_parsing import common_options, default_command, options_from

if TYPE_CHECKING:
    from collections.abc import Callable

LISTED: Final = 20


def _list_options(function: Callable[..., int]) -> Callable[..., int]:
    everywhere = click.option("--all", "everywhere", is_flag=True, help="Of every folder, not of this one.")
    most = f"At most N, {LISTED} unless told; 0 is no limit."
    return everywhere(click.option("-n", "count", type=click.IntRange(min=0), metavar="N", help=most)(function))


@click.group(invoke_without_command=True)
@common_options
@_list_options
def sessions(**values: Any) -> int:
    """List, show, search, export and remove the sessions that are saved as they go.

    They lie in the folder of the setting sessions.dir; sessions.save = false saves none, and sessions.keep is how many
    days they stay.
    """
    return default_command(list_, values)


@sessions.command("list")
@common_options
@_list_options
def list_(everywhere: bool, count: int | None, **values: Any) -> int:
    """List the sessions of this folder, the latest first; as JSON with --json."""
    from oi_core.cli.sessions import list_sessions

    return list_sessions(options_from(values), everywhere=everywhere, count=LISTED if count is None else count)


@sessions.command()
@common_options
@click.argument("name", metavar="ID")
def show(name: str, **values: Any) -> int:
    """Show what was said and run; as records with --json."""
    from oi_core.cli.sessions import show_session

    return show_session(options_from(values), name)


@sessions.command()
@common_options
@click.argument("text")
@click.option("--here", is_flag=True, help="Only in sessions of this folder.")
def search(text: str, here: bool, **values: Any) -> int:
    """Find TEXT, in any case, in what was said, run and printed."""
    from oi_core.cli.sessions import search_sessions

    return search_sessions(options_from(values), text, here=here)


@sessions.command()
@common_options
@click.argument("name", metavar="ID")
@click.option("--format", "form", type=click.Choice(["ipynb", "md", "py", "json"]), help="Else what FILE ends in.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Else standard output.")
@click.option("--force", is_flag=True, help="Replace a FILE that is there.")
def export(name: str, form: str | None, output: Path | None, force: bool, **values: Any) -> int:
    """Write a session as notebook, Markdown, script or JSON.

    Here -o names FILE; settings come from your file and from INTERPRETER_ variables. Without FILE and --format it is
    Markdown on standard output.
    """
    from oi_core.cli.sessions import export_session

    return export_session(options_from({**values, "overrides": ()}), name, form, output, force=force)


export.params = [each for each in export.params if each.name != "overrides"]  # -o means FILE here


@sessions.command()
@common_options
@click.argument("names", metavar="ID...", nargs=-1, required=True)
def rm(names: tuple[str, ...], **values: Any) -> int:
    """Delete sessions; asks, unless -y is given."""
    from oi_core.cli.sessions import remove_sessions

    yes = values["yes"]
    return remove_sessions(options_from(values), names, yes=yes)
