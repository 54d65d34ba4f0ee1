"""JavaScript: a language whose code runs in one live node."""

from pathlib import Path

from oi_core.plugin_api import Availability, Executor, Language, Workspace, hookimpl

SUMMARY = (
    "node in one live process: declarations persist between calls and can be made again; top-level await, import and "
    "require work; the value of a last expression is shown, awaited when it is a promise"
)


@hookimpl
def provide_languages() -> list[Language]:
    """Provide ``javascript``."""
    return [Language("javascript", SUMMARY, start, aliases=("js", "node", "nodejs", "mjs", "cjs"), probe=probe)]


def start(workspace: Workspace) -> Executor:
    """Start the node of this workspace.

    Raises:
        ExecutorError: it is not there, or cannot be started.
    """
    from oi_core.plugin_api import Dialect, ReplExecutor, node_command

    boot = Path(__file__).with_name("boot.js")
    command = node_command(workspace, boot, options=("--expose-internals",))  # node's own parser is within reach
    return ReplExecutor(Dialect("javascript", command, lost="its variables and modules are lost"), workspace)


def probe(workspace: Workspace) -> Availability:
    """Say which node would run, without running it."""
    from oi_core.plugin_api import node_availability

    return node_availability(workspace)
