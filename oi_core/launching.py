"""Which launcher starts the language processes of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oi_core.errors import ConfigError, ExecutorError
from oi_core.executors import LOCAL_LAUNCHER
from oi_core.settings import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.executors import Launcher
    from oi_core.settings import Config

SANDBOX_PREFIX = "sandbox-"
"""The launcher for ``sandbox = "read-only"`` is ``sandbox-read-only``, whichever plugin provides it."""


def chosen_launcher(launchers: Mapping[str, Launcher], config: Config) -> Launcher:
    """Return the launcher that the settings ``launcher`` and ``sandbox`` name, tried out for the session's folder.

    Raises:
        ConfigError: there is no such launcher, or both settings name one.
        ExecutorError: it does not work here; nothing is to run without it.
    """
    name = config.launcher
    if config.sandbox is not Sandbox.NONE:
        if name != LOCAL_LAUNCHER.name:
            raise ConfigError(
                f'the settings sandbox = "{config.sandbox}" and launcher = "{name}" exclude each other',
                'set launcher = "local", or sandbox = "none"',
            )
        name = f"{SANDBOX_PREFIX}{config.sandbox}"
        if name not in launchers:
            raise ConfigError(
                f'no plugin provides the sandbox "{config.sandbox}"',
                'enable the plugin "sandbox", or set sandbox = "none"',
            )
    if name not in launchers:
        raise ConfigError(f"there is no launcher {name!r}", f"the launchers are: {', '.join(sorted(launchers))}")
    availability = launchers[name].probe(config.folder)
    if not availability.available:
        raise ExecutorError(f"code cannot be started by {name}: {availability.detail}")
    return launchers[name]
