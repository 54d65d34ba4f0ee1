"""Opening a session: sources found, plugins loaded, trust asked for, settings resolved."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.config import disabled_plugins, find_sources, resolve_trusting
from oi_core.current_folder import current_folder
from oi_core.errors import ConfigError
from oi_core.plugin_manager import Plugins
from oi_core.review import Approval
from oi_core.session import Session

if TYPE_CHECKING:
    from oi_core.approval import Ask, AskInput
    from oi_core.trust import ProjectTrust


def open_session(
    project: str | Path | None = None,
    model: str | None = None,
    auto_run: bool = False,
    *,
    ask: Ask | None = None,
    on_input: AskInput | None = None,
    config_file: Path | None = None,
    isolated: bool = False,
    plugins_disabled: bool = False,
    extra_plugins: Mapping[str, object] | None = None,
    trust_project: bool = False,
    ask_trust: Callable[[ProjectTrust], bool] | None = None,
    **settings: object,
) -> Session:
    """Open a session, to be closed with :meth:`Session.close` or a ``with`` statement.

    Args:
        project: the folder whose ``pyproject.toml`` is read and in which code runs; default: the current folder.
        model: the model to talk to, as for ``interpreter -m``.
        auto_run: run code without asking, unless a reviewer asks.
        ask: called when a block needs approval; without it such a block is declined and the turn ends.
        on_input: called when a running program waits for a line; without it, see :meth:`Session.answer`.
        config_file: read this file in place of the person's own configuration file.
        isolated: read no configuration file and no ``INTERPRETER_`` variable.
        plugins_disabled: load only the plugins that come with the interpreter.
        extra_plugins: modules or objects with hook implementations, by name, besides the installed plugins.
        trust_project: trust what the project's file wants, now and from now on.
        ask_trust: called when the project's file wants what needs trust, before anything of the project is used;
            without it, such settings do not count.
        settings: any configuration key, with underscores (``base_url=…``), nested (``limits={"seconds": 5}``) or dotted
            (``**{"limits.seconds": 5}``).

    Raises:
        ConfigError: a setting, a file or a plugin cannot be used as it stands.
    """
    folder = Path(project).expanduser() if project is not None else current_folder()
    if not os.path.isdir(folder):  # noqa: PTH112  (Path.is_dir raises where a parent may not be read)
        raise ConfigError(f"the project folder does not exist: {folder}", "name an existing folder")
    overrides = dict(settings)
    if model is not None:
        overrides["model"] = model
    if auto_run:
        overrides["approval"] = Approval.AUTO.value
    sources = find_sources(
        folder.resolve(), environ=os.environ, overrides=overrides, config_file=config_file, isolated=isolated
    )
    plugins = Plugins.load(disabled_plugins(sources), ours_only=plugins_disabled)
    for name, plugin in (extra_plugins or {}).items():
        plugins.register(plugin, name)
    resolution = resolve_trusting(sources, plugins.settings_types(), (lambda _: True) if trust_project else ask_trust)
    return Session(resolution, plugins, ask=ask, on_input=on_input)
