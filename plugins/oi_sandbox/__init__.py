"""The sandbox: launchers that start language processes where they can change little, and reach less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.plugin_api import Config, Launcher, Sandbox, hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_sandbox.settings import SandboxSettings


@hookimpl
def provide_settings() -> type[SandboxSettings]:
    """Declare what a person may add to a profile, and its limits."""
    from oi_sandbox.settings import SandboxSettings

    return SandboxSettings


@hookimpl
def provide_launchers(config: Config) -> Sequence[Launcher]:
    """Provide ``sandbox-read-only`` and ``sandbox-workspace``; the setting ``sandbox`` chooses one."""
    from oi_sandbox.launcher import Enclosure

    settings = config.plugin_settings("sandbox")
    trash = None
    if config.trash:
        from oi_core.plugin_api import Trash

        trash = Trash(config.folder)
    return [
        Enclosure(profile, settings, network=config.network, trash=trash).launcher()
        for profile in (Sandbox.READ_ONLY, Sandbox.WORKSPACE)
    ]


@hookimpl
def extend_system_message(config: Config) -> str | None:
    """Tell the model what code cannot do here, so that it need not find out."""
    if config.sandbox is Sandbox.NONE:
        return None
    folder = "the working folder and " if config.sandbox is Sandbox.WORKSPACE else ""
    network = "" if config.network else " There is no network, not even to this machine's own servers."
    sockets = (
        ""
        if getattr(config.plugins.tables.get("sandbox"), "unix_sockets", False)
        else " Unix sockets cannot be made: Python's multiprocessing works with fork and spawn, not with forkserver or"
        " a Manager."
    )
    return (
        f"Code runs in a sandbox. Only {folder}the temporary folder can be written; secrets of the user cannot be read."
        f"{network}{sockets} Do not try to get around the sandbox; say what you would need instead."
    )
