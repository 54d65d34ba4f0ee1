"""Python: a language whose code runs in the person's own interpreter, in the real ``__main__``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from oi_core.plugin_api import Availability, Config, Executor, Language, Scope, Workspace, hookimpl, setting

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = (
    "the user's own Python in one live process: variables, imports and the working directory persist between calls; "
    "the value of a last expression is shown, and kept in _out by the number of the call; top-level await works; "
    "input() asks the user; !command and %pip install work; figures are shown"
)


class Display(StrEnum):
    """Whose value is shown at the end of a block."""

    LAST_EXPR = "last_expr"
    """A last expression's."""
    LAST_EXPR_OR_ASSIGN = "last_expr_or_assign"
    """Also that of the variables a last assignment sets."""


@dataclass(frozen=True, slots=True)
class PythonSettings:
    """``[plugins.python]``: how Python shows what it computed."""

    display: Display = setting(
        Display.LAST_EXPR, Scope.FREE, "what is shown at the end: last_expr, or last_expr_or_assign"
    )


@hookimpl
def provide_settings() -> type[PythonSettings]:
    """Declare what is shown at the end of a block."""
    return PythonSettings


@hookimpl
def provide_languages(config: Config) -> Sequence[Language]:
    """Provide ``python``."""
    return [
        Language(
            name="python",
            summary=SUMMARY,
            start=partial(start, display=config.plugins.tables.get("python", PythonSettings()).display),
            aliases=("py", "python3", "ipython", "ipython3", "python2", "pycon", "jupyter"),
            probe=probe,
        )
    ]


def start(workspace: Workspace, display: Display = Display.LAST_EXPR) -> Executor:
    """Start the Python of this workspace; ``display`` is what it shows at the end of a block.

    Raises:
        ExecutorError: it cannot be started.
    """
    from oi_core.plugin_api import Dialect, ReplExecutor
    from oi_python.boot_text import boot_arguments, boot_module
    from oi_python.interpreters import find_interpreter

    interpreter = find_interpreter(workspace)
    dialect = Dialect(
        name="python",
        command=lambda nonce: (
            *interpreter.argv,
            *boot_arguments(nonce, () if display is Display.LAST_EXPR else (display.value,)),
        ),
        kept="variables intact",
        lost="its variables and imports are lost",
        modules=boot_module,
        holds_output=True,
        starts_unreported=True,
    )
    environment = {**workspace.environment, "PYTHON_BASIC_REPL": "1", **dict(interpreter.environment)}
    if (
        "-P" not in interpreter.argv
    ):  # from 3.13 on, -c imports linecache before any code of ours could look at sys.path
        environment.setdefault("PYTHONSAFEPATH", "interpreter")
    executor = ReplExecutor(dialect, replace(workspace, environment=environment))
    boot_module("showing")  # the first cell asks for it; it is prepared while the process starts
    return executor


def probe(workspace: Workspace) -> Availability:
    """Say which Python would run, without running it."""
    from oi_python.interpreters import find_interpreter

    interpreter = find_interpreter(workspace)
    return Availability(True, interpreter.detail, from_project=interpreter.origin.startswith("./"))
