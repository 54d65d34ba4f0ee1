"""Which plugins are installed: entry points of the group ``interpreter``, each imported by itself or not at all."""

from __future__ import annotations

import time
import traceback
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

ENTRY_POINT_GROUP = "interpreter"
OUR_DISTRIBUTION = "oi-core"
RESERVED_NAMES = ("disable",)
"""Names that mean something else in the table ``[plugins]``."""
_REASON_LIMIT = 300


class PluginStatus(StrEnum):
    """Whether a plugin takes part."""

    OK = "ok"
    DISABLED = "disabled"
    """Not imported, because the person said so."""
    BROKEN = "broken"
    """Out, or without what it wanted to provide; the record's ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """What is known of an installed plugin.

    ``seconds`` is the time its import took; ``hooks`` are those it implements; ``details`` is the traceback that goes
    with ``reason``, for the plugin's author.
    """

    name: str
    distribution: str = ""
    version: str = ""
    status: PluginStatus = PluginStatus.OK
    reason: str = ""
    seconds: float = 0.0
    hooks: tuple[str, ...] = ()
    details: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it came with the interpreter."""
        return normalised(self.distribution) == OUR_DISTRIBUTION

    @property
    def title(self) -> str:
        """The name and the distribution it came in: ``calc (oi-calc 1.0)``."""
        source = f"{self.distribution} {self.version}".strip()
        return f"{self.name} ({source})" if source else self.name

    @property
    def removal(self) -> str:
        """The command that removes it, or for a plugin of ours, that switches it off."""
        if self.distribution and not self.is_ours:
            return f"pip uninstall {self.distribution}"
        return f"interpreter plugins disable {self.name}"


@dataclass(frozen=True, slots=True)
class Imported:
    """An entry point after the attempt to import it; ``plugin`` is None unless the record is fine."""

    record: PluginRecord
    plugin: object | None = None


def import_plugins(disabled: Collection[str], *, ours_only: bool) -> Iterator[Imported]:
    """Import every installed plugin that is not disabled, by name; what one does wrong stays its own."""
    by_name: dict[str, list[tuple[PluginRecord, EntryPoint]]] = {}
    for record, entry_point in _records(_entry_points()):
        by_name.setdefault(record.name, []).append((record, entry_point))
    for name in sorted(by_name):
        claimants = by_name[name]
        ours = [claimant for claimant in claimants if claimant[0].is_ours]
        for record, entry_point in claimants:
            if name in disabled:
                yield Imported(_disabled(record, "disabled by your configuration"))
            elif ours_only and not record.is_ours:
                yield Imported(_disabled(record, "only the interpreter's own plugins are loaded"))
            elif len(claimants) > 1 and [(record, entry_point)] != ours:
                others = ", ".join(other.title for other, _ in claimants if other is not record)
                yield Imported(broken(record, None, f"its name is also that of {others}"))
            else:
                yield _import(record, entry_point)


def installed_names() -> set[str]:
    """Return the names of the installed plugins; none is imported."""
    return {entry_point.name for entry_point in _entry_points()}


def broken(record: PluginRecord, error: BaseException | None, reason: str = "") -> PluginRecord:
    """Return the record of a plugin after ``error``; without a ``reason``, the error is one."""
    details = "".join(traceback.format_exception(error)) if error is not None else ""
    return replace(record, status=PluginStatus.BROKEN, reason=reason or described(error), details=details)


def described(error: BaseException | None) -> str:
    """Return an error of a stranger's code in one harmless line, even when its own text cannot be had."""
    try:
        text = str(error).strip().split("\n")[0]
    except Exception:  # noqa: BLE001  (a stranger's __str__)
        text = ""
    line = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return neutralise_line(line[:_REASON_LIMIT])


def normalised(distribution: str) -> str:
    """Return a distribution's name the way package indexes compare them."""
    return distribution.lower().replace("_", "-").replace(".", "-")


def _disabled(record: PluginRecord, reason: str) -> PluginRecord:
    return replace(record, status=PluginStatus.DISABLED, reason=reason)


def _import(record: PluginRecord, entry_point: EntryPoint) -> Imported:
    if record.name in RESERVED_NAMES:
        return Imported(broken(record, None, f'"{record.name}" is not a name for a plugin'))
    started = time.perf_counter()
    try:
        plugin = entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  (a stranger's module: sys.exit() counts as failing)
        return Imported(broken(record, error))
    return Imported(replace(record, seconds=time.perf_counter() - started), plugin)


def _entry_points() -> list[EntryPoint]:
    from importlib.metadata import entry_points

    try:
        return list(entry_points(group=ENTRY_POINT_GROUP))
    except Exception:  # noqa: BLE001  (one distribution with broken metadata fails the call for all of them)
        return list(_readable_entry_points())


def _readable_entry_points() -> Iterator[EntryPoint]:
    from importlib.metadata import distributions

    seen: set[str] = set()
    for distribution in distributions():
        try:
            name = normalised(distribution.name)
            found = distribution.entry_points.select(group=ENTRY_POINT_GROUP)
        except Exception:  # noqa: BLE001, S112  (as above; what it would have offered cannot be known)
            continue
        if name not in seen:  # the first on sys.path is the one that imports
            seen.add(name)
            yield from found


def _records(entry_points: Iterable[EntryPoint]) -> Iterator[tuple[PluginRecord, EntryPoint]]:
    known: dict[Distribution | None, tuple[str, str]] = {}  # reading metadata costs a millisecond, at every start
    for entry_point in entry_points:
        if entry_point.dist not in known:
            known[entry_point.dist] = _name_and_version(entry_point.dist)
        name, version = known[entry_point.dist]
        yield (
            PluginRecord(neutralise_line(entry_point.name), neutralise_line(name), neutralise_line(version)),
            entry_point,
        )


def _name_and_version(distribution: Distribution | None) -> tuple[str, str]:
    try:
        metadata = distribution.metadata if distribution is not None else {"Name": "", "Version": ""}
        return metadata["Name"], metadata["Version"]
    except Exception:  # noqa: BLE001  (metadata without a name or version)
        return "", ""
