"""A calculator as a language of interpreter."""

from pathlib import Path

from oi_core.plugin_api import Executor, Language, Workspace, hookimpl


@hookimpl
def provide_languages() -> list[Language]:
    return [Language("calc", "a calculator: one formula a line; NAME = FORMULA keeps a value", start)]


def start(workspace: Workspace) -> Executor:
    from oi_core.plugin_api import Dialect, ReplExecutor, python_command  # what only a process needs

    command = python_command(workspace, Path(__file__).with_name("calculator.py"))
    return ReplExecutor(Dialect("calc", command, lost="its values are lost"), workspace)
