"""Shell: a language whose code runs in one live bash, or zsh, or sh where no bash is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.plugin_api import Availability, Config, Executor, Language, Workspace, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = (
    "the user's bash in one live process: working directory, variables and functions persist between calls; "
    "the exit status of the last command is the outcome"
)


@hookimpl
def provide_languages(config: Config) -> Sequence[Language]:  # noqa: ARG001  (its settings reach it in the workspace)
    """Provide ``shell``."""
    return [
        Language(
            name="shell",
            summary=SUMMARY,
            start=start,
            aliases=("bash", "sh", "zsh", "shellscript", "shell-script", "console", "shell-session", "terminal"),
            lexer="bash",
            probe=probe,
        )
    ]


def start(workspace: Workspace) -> Executor:
    """Start the shell of this workspace.

    Raises:
        ExecutorError: it cannot be started.
    """
    from oi_core.plugin_api import ReplExecutor
    from oi_shell.shells import dialect_of, find_shell

    return ReplExecutor(dialect_of(find_shell(workspace)), workspace)


def probe(workspace: Workspace) -> Availability:
    """Say which shell would run, without running it."""
    from oi_shell.shells import find_shell

    shell = find_shell(workspace)
    return Availability(bool(shell.argv), shell.detail)
