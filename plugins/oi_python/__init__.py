"""Python: a language whose code runs in the person's own interpreter, in the real ``__main__``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from oi_core.plugin_api import Availability, Config, Executor, Language, Workspace, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = (
    "the user's own Python in one live process: variables, imports and the working directory persist between calls; "
    "the value of a last expression is shown; top-level await works; input() asks the user"
)


@hookimpl
def provide_languages(config: Config) -> Sequence[Language]:  # noqa: ARG001  (its settings reach it in the workspace)
    """Provide ``python``."""
    return [
        Language(
            name="python",
            summary=SUMMARY,
            start=start,
            aliases=("py", "python3", "ipython", "ipython3", "python2", "pycon", "jupyter"),
            probe=probe,
        )
    ]


def start(workspace: Workspace) -> Executor:
    """Start the Python of this workspace.

    Raises:
        ExecutorError: it cannot be started.
    """
    from oi_core.plugin_api import Dialect, ReplExecutor
    from oi_python.boot_text import boot_arguments, boot_module
    from oi_python.interpreters import find_interpreter

    interpreter = find_interpreter(workspace)
    dialect = Dialect(
        name="python",
        command=lambda nonce: (*interpreter.argv, *boot_arguments(nonce)),
        kept="variables intact",
        lost="its variables and imports are lost",
        modules=boot_module,
        holds_output=True,
    )
    environment = {**workspace.environment, "PYTHON_BASIC_REPL": "1", **dict(interpreter.environment)}
    return ReplExecutor(dialect, replace(workspace, environment=environment))


def probe(workspace: Workspace) -> Availability:
    """Say which Python would run, without running it."""
    from oi_python.interpreters import find_interpreter

    return Availability(True, find_interpreter(workspace).detail)
