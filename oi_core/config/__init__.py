"""The configuration of one session: its sources layered and scoped, each value with where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.config.layers import Reading, read_environment, read_file, read_overrides
from oi_core.config.scopes import Ignored, Origin, scope_project
from oi_core.config.sources import PROJECT_TABLE, Sources, find_sources, user_config_file
from oi_core.errors import ConfigError
from oi_core.events import Level, Notice
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.settings import ESSENTIAL_PLUGIN, Config, NoSettings, PluginsSettings, UnreadSettings
from oi_core.toml_files.document import Document, shown_path
from oi_core.validate import Key, Table, build, build_like, dotted, nearest, table_like, table_of

if TYPE_CHECKING:
    from oi_core.trust import ProjectTrust

__all__ = [
    "Ignored",
    "Origin",
    "Resolution",
    "Sources",
    "disabled_plugins",
    "find_sources",
    "resolve",
    "resolve_trusting",
    "settings_table",
    "user_config_file",
]

DISABLE: Key = ("plugins", "disable")


@dataclass(frozen=True, slots=True)
class Resolution:
    """A configuration, and how it came about.

    ``origins`` has every setting by its dotted key; ``ignored`` is what was found and does not count; ``notices`` are
    the lines that tell the person so. ``trust`` is what the project wants that needs trust; None for nothing.
    """

    config: Config
    origins: Mapping[str, Origin]
    ignored: tuple[Ignored, ...] = ()
    notices: tuple[Notice, ...] = ()
    trust: ProjectTrust | None = None


def disabled_plugins(sources: Sources) -> frozenset[str]:
    """Return the names of the plugins not to load; a project has no say in it.

    The essential reviewer is never among them unless the command line, or a program, names it.

    Raises:
        ConfigError: ``plugins.disable`` is not a list of strings.
    """
    plugins = replace(table_of(PluginsSettings, ("plugins",)), tolerant=True)
    table = Table((), {"plugins": plugins}, tolerant=True)
    layers = [
        read_file(sources.user, table),
        read_environment(sources.environment, table),
        read_overrides(sources.overrides, table, sources.folder),
    ]
    origins = [layer.values[DISABLE] for layer in layers if DISABLE in layer.values]
    names = _names(origins[-1]) if origins else ()
    by_command = DISABLE in layers[-1].values
    return frozenset(name for name in names if by_command or name != ESSENTIAL_PLUGIN)


def resolve(sources: Sources, plugin_settings: Mapping[str, type], *, agreed: ProjectTrust | None = None) -> Resolution:
    """Layer the sources, scope the project's, and check everything against the settings there are.

    ``plugin_settings`` has every installed plugin by name: its dataclass, ``NoSettings``, or ``UnreadSettings``.
    ``agreed`` is what the person has just agreed to, from an earlier reading of the same sources.

    Raises:
        ConfigError: a key is unknown or a value is wrong; the message points at every such place in the file.
    """
    table = settings_table(plugin_settings)
    user = _essential_kept(read_file(sources.user, table))
    environment = _essential_kept(read_environment(sources.environment, table))
    project = _project_layer(sources.project, table, plugin_settings)
    own = {**_defaults(table), **user.values}
    own_file = shown_path(sources.user_path) if sources.user_path is not None else "your configuration file"
    trust = _granted(_project_trust(sources, project), agreed)
    scoped = None
    if sources.project is not None:
        scoped = scope_project(project.assigned, sources.project, own, own_file, trust)
    overrides = read_overrides(sources.overrides, table, sources.folder)
    values = {**own, **(scoped.applied if scoped else {}), **environment.values, **overrides.values}
    return Resolution(
        config=_built(values, plugin_settings, sources.folder),
        origins={dotted(key): origin for key, origin in values.items()},
        ignored=(*user.ignored, *project.ignored, *(scoped.ignored if scoped else ()), *environment.ignored),
        notices=(
            *user.notices,
            *project.notices,
            *(Notice(problem, Level.WARNING) for problem in (trust.problems if trust is not None else ())),
            *(scoped.notices if scoped else ()),
            *environment.notices,
            *_unknown_disabled(values[DISABLE], plugin_settings),
        ),
        trust=trust,
    )


def resolve_trusting(
    sources: Sources, plugin_settings: Mapping[str, type], agrees: Callable[[ProjectTrust], bool] | None
) -> Resolution:
    """Do as :func:`resolve`, and let ``agrees`` decide when the project wants something that needs trust.

    What is agreed to counts now, and is kept for the next time; a notice says so when it could not be kept.

    Raises:
        ConfigError: as for :func:`resolve`.
    """
    resolution = resolve(sources, plugin_settings)
    trust = resolution.trust
    if agrees is None or trust is None or trust.granted or trust.refusal or not agrees(trust):
        return resolution
    resolution = resolve(sources, plugin_settings, agreed=trust)
    if sources.trust_file is None:
        return resolution
    from oi_core.trust.store import TrustStore

    try:
        TrustStore(sources.trust_file).remember(trust.file, trust.record())
    except ConfigError as error:
        unkept = Notice(f"this project is trusted this time only: {error}", Level.WARNING)
        return replace(resolution, notices=(*resolution.notices, unkept))
    return resolution


def settings_table(plugin_settings: Mapping[str, type]) -> Table:
    """Return everything a configuration may hold, with the tables of these plugins."""
    table = table_like(Config(folder=Path()))
    own = {name: table_of(declared, ("plugins", name)) for name, declared in sorted(plugin_settings.items())}
    plugins = table_like(PluginsSettings(), ("plugins",))
    return replace(table, entries={**table.entries, "plugins": replace(plugins, entries={**own, **plugins.entries})})


def _defaults(table: Table) -> dict[Key, Origin]:
    return {setting.key: Origin(setting.default, "default") for setting in table.settings()}


def _project_layer(project: Document | None, table: Table, plugin_settings: Mapping[str, type]) -> Reading:
    """Read a project's table without those of plugins that are not installed here; elsewhere they may be."""
    content = project.table(PROJECT_TABLE) if project is not None else None
    if project is None or content is None:
        return Reading()
    plugins = content.get("plugins")
    if not isinstance(plugins, Mapping):
        return read_file(project, table, PROJECT_TABLE)
    missing = [n for n, value in plugins.items() if isinstance(value, Mapping) and n not in plugin_settings]
    known = {name: value for name, value in plugins.items() if name not in missing}
    reading = read_file(project, table, PROJECT_TABLE, {**content, "plugins": known})
    ignored = [_not_installed(project, name) for name in missing]
    notices = [Notice(f"{item.source} sets {item.key}: ignored {item.reason}", Level.WARNING) for item in ignored]
    return replace(reading, ignored=tuple(ignored), notices=tuple(notices))


def _project_trust(sources: Sources, project: Reading) -> ProjectTrust | None:
    if sources.project is None:
        return None
    from oi_core.trust import project_trust
    from oi_core.trust.store import TrustStore

    store = TrustStore(sources.trust_file) if sources.trust_file is not None else None
    return project_trust(sources.project, PROJECT_TABLE, project.assigned, store)


def _granted(trust: ProjectTrust | None, agreed: ProjectTrust | None) -> ProjectTrust | None:
    same = trust is not None and agreed is not None and trust.record() == agreed.record() and trust.file == agreed.file
    return replace(trust, granted=True) if trust is not None and same and not trust.refusal else trust


def _not_installed(project: Document, name: str) -> Ignored:
    source = project.source((*PROJECT_TABLE, "plugins", name))
    return Ignored(dotted(("plugins", name)), source, "because no plugin of this name is installed")


def _essential_kept(reading: Reading) -> Reading:
    """Take the essential plugin out of the plugins that a file or the environment disables, and say so."""
    origin = reading.values.get(DISABLE)
    names = _names(origin)
    if origin is None or ESSENTIAL_PLUGIN not in names:
        return reading
    kept = Origin(tuple(name for name in names if name != ESSENTIAL_PLUGIN), origin.source)
    reason = f"for {ESSENTIAL_PLUGIN}, which no file or variable can disable"
    return replace(
        reading,
        values={**reading.values, DISABLE: kept},
        ignored=(*reading.ignored, Ignored(dotted(DISABLE), origin.source, reason)),
        notices=(*reading.notices, Notice(f"{origin.source} sets {dotted(DISABLE)}: ignored {reason}", Level.WARNING)),
    )


def _unknown_disabled(origin: Origin, plugin_settings: Mapping[str, type]) -> list[Notice]:
    """Say which plugins are disabled that are not there: one misspelt name would leave a plugin on unnoticed."""
    unknown = [name for name in _names(origin) if plugin_settings and name not in plugin_settings]
    said = [f'"{neutralise_line(name)}", which is not installed{nearest(name, [*plugin_settings])}' for name in unknown]
    return [Notice(f"{origin.source} disables {text}", Level.WARNING) for text in said]


def _names(origin: Origin | None) -> tuple[str, ...]:
    return origin.value if origin is not None and isinstance(origin.value, tuple) else ()


def _built(values: Mapping[Key, Origin], plugin_settings: Mapping[str, type], folder: Path) -> Config:
    plain = {key: origin.value for key, origin in values.items()}
    config = build_like(Config(folder=folder), plain)
    tables = {
        name: _plugin_instance(name, declared, values)
        for name, declared in sorted(plugin_settings.items())
        if declared not in (NoSettings, UnreadSettings)
    }
    return replace(config, plugins=replace(config.plugins, tables=tables))


def _plugin_instance(name: str, declared: type, values: Mapping[Key, Origin]) -> object:
    key: Key = ("plugins", name)
    own = {k: origin for k, origin in values.items() if k[:2] == key}
    try:
        return build(declared, {k: origin.value for k, origin in own.items()}, key)
    except Exception as error:  # a plugin's own check of its settings
        places = dict.fromkeys(origin.source for origin in own.values() if origin.source != "default")
        text = neutralise_line(f"{type(error).__name__}: {error}")
        raise ConfigError(f"{dotted(key)} ({', '.join(places)}): the plugin refuses its settings: {text}") from error
