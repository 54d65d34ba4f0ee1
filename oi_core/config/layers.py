"""One source of settings read against the settings there are: a file, the environment, or the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.config.scopes import Ignored, Origin
from oi_core.config.sources import ENVIRONMENT_PREFIX
from oi_core.current_folder import current_folder
from oi_core.errors import ConfigError
from oi_core.events import Level, Notice
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.setting_types import from_text
from oi_core.toml_files.document import Document
from oi_core.validate import Assigned, Checked, Key, Setting, Table, check, nearest, table_of

if TYPE_CHECKING:
    from oi_core.toml_files.positions import KeyPath

COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says: each value with its origin, and what of it does not count."""

    values: Mapping[Key, Origin] = field(default_factory=dict)
    assigned: tuple[Assigned, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    notices: tuple[Notice, ...] = ()


def read_file(
    document: Document | None, table: Table, at: KeyPath = (), content: Mapping[str, object] | None = None
) -> Reading:
    """Read the table at ``at`` of a file, or the part of it given as ``content``.

    Raises:
        ConfigError: something is wrong with it; the message points at every wrong entry.
    """
    if document is None:
        return Reading()
    values = content if content is not None else document.table(at) or {}
    checked = check(table, values, at=at, base=document.path.parent)
    if checked.problems:
        raise document.error(checked.problems)
    origins = {a.setting.key: Origin(a.value, document.source(a.path)) for a in checked.assigned}
    return Reading(origins, tuple(checked.assigned))


def read_environment(environment: Mapping[str, str], table: Table) -> Reading:
    """Read ``INTERPRETER_MODEL``, ``INTERPRETER_LIMITS_SECONDS`` and so on; an empty variable counts as not set.

    Raises:
        ConfigError: a variable's value is not what its setting expects.
    """
    names = {variable_name(setting.key): setting for setting in table.settings()}
    origins: dict[Key, Origin] = {}
    ignored: list[Ignored] = []
    wrong: list[str] = []
    for name in sorted(name for name in environment if environment[name]):
        setting = names.get(name) or _setting_by_name(table, name)
        if setting is not None:
            checked = _check_text(setting, environment[name])
            wrong += [f"env {name}: {problem.text}" for problem in checked.problems]
            origins |= _origins(checked, f"env {name}")
        elif not _is_tolerated(table, name):
            ignored.append(Ignored(name, "env", f"because there is no such setting{nearest(name, list(names))}"))
    if wrong:
        raise ConfigError("\n".join(map(neutralise_line, wrong)))
    notices = tuple(Notice(neutralise_line(f"env {i.key}: ignored {i.reason}"), Level.WARNING) for i in ignored)
    return Reading(origins, ignored=tuple(ignored), notices=notices)


def read_overrides(overrides: Mapping[str, object], table: Table, base: Path) -> Reading:
    """Read what the command line or a program sets: dotted keys, with dashes or underscores; tables may nest.

    Raises:
        ConfigError: there is no such setting, or it expects another value.
    """
    origins: dict[Key, Origin] = {}
    wrong: list[str] = []
    for key, value in overrides.items():
        nested: object = value
        for part in reversed(key.split(".")):
            nested = {part: nested}
        assert isinstance(nested, Mapping)  # noqa: S101  (a split string has at least one part)
        checked = check(table, nested, base=base, python_names=True)
        wrong += [f"{COMMAND_LINE}  {problem.text}" for problem in checked.problems]
        origins |= _origins(checked, COMMAND_LINE)
    if wrong:
        raise ConfigError("\n".join(wrong))
    return Reading(origins)


def variable_name(key: Key) -> str:
    """Return the environment variable of a setting: ``INTERPRETER_LIMITS_OUTPUT_TOKENS``."""
    return ENVIRONMENT_PREFIX + "_".join(key).upper().replace("-", "_").replace(".", "_")


def _setting_by_name(table: Table, variable: str) -> Setting | None:
    """Return the setting of an entry with a name of its own: ``INTERPRETER_LANGUAGES_PYTHON_TIMEOUT``."""
    for inner in _tables(table):
        if inner.by_name is None:
            continue
        prefix = variable_name(inner.key) + "_"
        for setting in table_of(inner.by_name, inner.key).settings():
            suffix = variable_name(setting.key).removeprefix(prefix[:-1])
            name = variable.removeprefix(prefix).removesuffix(suffix)
            if name and variable == f"{prefix}{name}{suffix}":
                named = table_of(inner.by_name, (*inner.key, name.lower()))
                return next(s for s in named.settings() if s.key[-1] == setting.key[-1])
    return None


def _origins(checked: Checked, source: str) -> dict[Key, Origin]:
    return {assigned.setting.key: Origin(assigned.value, source) for assigned in checked.assigned}


def _is_tolerated(table: Table, variable: str) -> bool:
    return any(t.tolerant and variable.startswith(f"{variable_name(t.key)}_") for t in _tables(table) if t.key)


def _tables(table: Table) -> Iterator[Table]:
    yield table
    for entry in table.entries.values():
        if isinstance(entry, Table):
            yield from _tables(entry)


def _check_text(setting: Setting, text: str) -> Checked:
    only = Table((), {setting.key[-1]: setting})
    return check(only, {setting.key[-1]: from_text(text, setting.annotation)}, base=current_folder())
