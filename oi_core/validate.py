"""What a configuration table may hold: the settings a dataclass declares, and the check of a table against them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_type_hints

from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.setting_types import Unfit, convert, expectation, found
from oi_core.settings import Scope, SettingInfo, UnreadSettings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from typing_extensions import TypeIs

    from oi_core.toml_files.positions import KeyPath

T = TypeVar("T", bound="DataclassInstance")
Key: TypeAlias = tuple[str, ...]
"""A setting's place, as it is written in a file: ``("limits", "output-tokens")``."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: where it stands, the type of its value, its default and its scope."""

    key: Key
    annotation: Any  # a type, or what typing makes of one
    default: object
    info: SettingInfo


@dataclass(frozen=True, slots=True)
class Table:
    """The entries a table may hold, by their names in a file.

    ``by_name`` is the dataclass of every entry that has a name of its own, as the tables of languages do; a
    ``tolerant`` table holds other entries too, which are not looked at.
    """

    key: Key
    entries: Mapping[str, Setting | Table]
    by_name: type | None = None
    tolerant: bool = False

    def entry(self, name: str, *, python_names: bool = False) -> Setting | Table | None:
        """Return what ``name`` stands for; with ``python_names``, ``base_url`` means ``base-url``."""
        known = self.entries.get(name)
        if known is None and python_names:
            known = self.entries.get(name.replace("_", "-"))
        if known is None and self.by_name is not None:
            return table_of(self.by_name, (*self.key, name))
        return known

    def settings(self) -> Iterator[Setting]:
        """Yield every setting in this table and the tables in it; those of ``by_name`` have no name yet: not those."""
        for entry in self.entries.values():
            if isinstance(entry, Setting):
                yield entry
            else:
                yield from entry.settings()


@dataclass(frozen=True, slots=True)
class Assigned:
    """A value that a source gives a setting; ``path`` is where it stands in that source."""

    setting: Setting
    value: object
    path: KeyPath


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words, with the entry at ``path``."""

    path: KeyPath
    text: str


@dataclass(slots=True)
class Checked:
    """What a check of a table gives: the values that are right, and what is wrong with the others."""

    assigned: list[Assigned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def table_of(declaration: type, key: Key = ()) -> Table:
    """Return the table that a dataclass declares.

    Raises:
        ConfigError: it is not a dataclass that settings can be read into; says which field, and why.
    """
    if declaration is UnreadSettings:
        return Table(key, {}, tolerant=True)
    if not (isinstance(declaration, type) and dataclasses.is_dataclass(declaration)):
        raise ConfigError(f"{declaration!r} is not a dataclass")
    try:
        return table_like(declaration(), key)
    except ConfigError:
        raise
    except Exception as error:  # a stranger's class: a field without default, an annotation nobody knows
        raise ConfigError(f"{declaration.__name__} cannot hold settings: {type(error).__name__}: {error}") from error


def table_like(defaults: DataclassInstance, key: Key = ()) -> Table:
    """Return the table that an instance of a dataclass declares; what it holds are the defaults.

    Raises:
        ConfigError: a field has a type that no file can give.
    """
    hints = get_type_hints(type(defaults), include_extras=True)
    entries: dict[str, Setting | Table] = {}
    by_name: type | None = None
    for item in _settable(defaults):
        own_key = (*key, item.name.replace("_", "-"))
        default = getattr(defaults, item.name)
        if "by_name" in item.metadata:
            by_name = item.metadata["by_name"]
        elif _is_instance(default):
            entries[own_key[-1]] = table_like(default, own_key)
        else:
            expectation(hints[item.name])  # raises for a type that no file can give
            info = item.metadata.get("setting", SettingInfo(Scope.TRUST))
            entries[own_key[-1]] = Setting(own_key, hints[item.name], default, info)
    return Table(key, entries, by_name)


def check(
    table: Table, values: Mapping[str, object], *, at: KeyPath = (), base: Path, python_names: bool = False
) -> Checked:
    """Check ``values`` against ``table``: keys, types, choices, least numbers.

    ``at`` is the path of ``values`` in its source; relative paths are meant from folder ``base``.
    """
    checked = Checked()
    _check_into(checked, _Check(table, base, python_names), table, values, at)
    return checked


def build(declaration: type[T], values: Mapping[Key, object], key: Key = ()) -> T:
    """Return an instance of ``declaration`` with ``values`` where there are some, and its defaults elsewhere."""
    return build_like(declaration(), values, key)


def build_like(defaults: T, values: Mapping[Key, object], key: Key = ()) -> T:
    """Return ``defaults`` with ``values`` in place of its own; what the class checks itself is checked."""
    changes: dict[str, object] = {}
    for item in _settable(defaults):
        own_key = (*key, item.name.replace("_", "-"))
        default = getattr(defaults, item.name)
        if "by_name" in item.metadata:
            names = dict.fromkeys(k[len(key)] for k in values if k[: len(key)] == key and len(k) > len(own_key))
            tables = [name for name in names if not _is_field(defaults, name)]
            changes[item.name] = {n: build(item.metadata["by_name"], values, (*key, n)) for n in tables}
        elif _is_instance(default):
            changes[item.name] = build_like(default, values, own_key)
        elif own_key in values:
            changes[item.name] = values[own_key]
    return dataclasses.replace(defaults, **changes)


def dotted(path: KeyPath) -> str:
    """Return a path as a person writes it: ``limits.output-tokens``."""
    return ".".join(map(_key_part, path))


def nearest(name: str, candidates: Iterator[str] | list[str]) -> str:
    """Return ``, did you mean "…"?`` with the candidate that looks most like ``name``, or nothing."""
    from difflib import get_close_matches  # only after a mistake, so that a start does not pay for it

    found_names = get_close_matches(name, list(candidates), n=1)
    return f', did you mean "{found_names[0]}"?' if found_names else ""


@dataclass(frozen=True, slots=True)
class _Check:
    """What stays the same all through one check."""

    root: Table
    base: Path
    python_names: bool


def _check_into(checked: Checked, check: _Check, table: Table, values: Mapping[str, object], at: KeyPath) -> None:
    for name, value in values.items():
        path = (*at, name)
        # a name of one's own is a table; anything else in its place is more likely a misspelt setting
        entry = table.entry(name, python_names=check.python_names) if _may_be(table, name, value) else None
        if entry is None:
            if not table.tolerant:
                checked.problems.append(Problem(path, _unknown_key(check.root, table, name)))
        elif isinstance(entry, Setting):
            _check_value(checked, check, entry, value, path)
        elif isinstance(value, Mapping):
            _check_into(checked, check, entry, value, path)
        else:
            text = f"{dotted(entry.key)} expects a table, found {found(value)}"
            checked.problems.append(Problem(path, text))


def _may_be(table: Table, name: str, value: object) -> bool:
    return table.by_name is None or isinstance(value, Mapping) or name in table.entries


def _check_value(checked: Checked, check: _Check, setting: Setting, value: object, path: KeyPath) -> None:
    try:
        converted = convert(value, setting.annotation, check.base)
        least = setting.info.minimum
        if least is not None and isinstance(converted, int | float) and converted < least:
            raise Unfit(f"{expectation(setting.annotation)} of at least {least:g}", value)
    except Unfit as unfit:
        checked.problems.append(Problem((*path, *unfit.where), f"{dotted(setting.key)} {unfit}{_near_choice(unfit)}"))
    else:
        checked.assigned.append(Assigned(setting, converted, path))


def _near_choice(unfit: Unfit) -> str:
    return nearest(unfit.value, list(unfit.choices)) if isinstance(unfit.value, str) and unfit.choices else ""


def _unknown_key(root: Table, table: Table, name: str) -> str:
    """Say that ``table`` has no entry ``name``, and which one was probably meant, here or in another table."""
    near = nearest(name.replace("_", "-"), list(table.entries))
    if not near:
        elsewhere = [dotted(s.key) for s in root.settings() if name.replace("_", "-") == s.key[-1]]
        near = f', did you mean "{elsewhere[0]}"?' if elsewhere else ""
    if not near and table.key:
        near = f": {dotted(table.key)} has {', '.join(table.entries) or 'no settings'}"
    return f'unknown key "{neutralise_line(name)}"{near}'


def _settable(instance: DataclassInstance) -> list[dataclasses.Field[Any]]:
    return [
        item
        for item in dataclasses.fields(instance)
        if item.init and item.metadata.get("setting", "absent") is not None
    ]


def _is_field(instance: DataclassInstance, name: str) -> bool:
    return any(item.name.replace("_", "-") == name for item in _settable(instance) if "by_name" not in item.metadata)


def _is_instance(value: object) -> TypeIs[DataclassInstance]:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _key_part(part: str | int) -> str:
    text = neutralise_line(str(part))
    return text if text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'
