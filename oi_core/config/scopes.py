"""How far a project's own file may set things: a project may narrow, never widen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oi_core.events import Level, Notice
from oi_core.settings import Scope, SettingInfo, Stricter
from oi_core.toml_files.document import Document
from oi_core.validate import Assigned, Key, dotted

if TYPE_CHECKING:
    from oi_core.trust import ProjectTrust


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value that was found and does not count: the setting's dotted key, where it stands, and why.

    ``reason`` goes on after the word "ignored": "because …", "until …".
    """

    key: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A setting's value and its source: ``default``, ``pyproject.toml:31``, ``env NAME`` or ``command line``."""

    value: object
    source: str


@dataclass(frozen=True, slots=True)
class ProjectValues:
    """What becomes of a project's values: those that count, those that do not, and the lines that say so."""

    applied: Mapping[Key, Origin]
    ignored: tuple[Ignored, ...]
    notices: tuple[Notice, ...]


def scope_project(
    assigned: Sequence[Assigned],
    project: Document,
    own: Mapping[Key, Origin],
    own_file: str,
    trust: ProjectTrust | None,
) -> ProjectValues:
    """Sort out what a project may set.

    ``own`` has the person's values for narrow settings; ``own_file`` names the file in which the person could set the
    same, for the notice; ``trust`` says what of the project waits for trust, and whether it has it.
    """
    applied: dict[Key, Origin] = {}
    ignored: dict[Scope, list[Ignored]] = {scope: [] for scope in Scope}
    for item in assigned:
        key, source = item.setting.key, project.source(item.path)
        mine = own[key].value if key in own else item.setting.default
        value, reason = _standing(item, mine, own_file, trust)
        if reason is None or value != mine:
            applied[key] = Origin(value, source)
        if reason is not None:
            ignored[item.setting.info.scope].append(Ignored(dotted(key), source, reason))
    notices = [
        *_together(project.label, ignored[Scope.TRUST]),
        *_together(project.label, ignored[Scope.USER]),
        *(notice for one in ignored[Scope.NARROW] for notice in _together(one.source, [one])),
    ]
    return ProjectValues(applied, tuple(one for several in ignored.values() for one in several), tuple(notices))


def _standing(item: Assigned, mine: object, own_file: str, trust: ProjectTrust | None) -> tuple[object, str | None]:
    """Return the value that stands, and why the project's does not count, or not all of it."""
    match item.setting.info.scope:
        case Scope.FREE:
            return item.value, None
        case Scope.TRUST if trust is not None and trust.granted:
            return item.value, None
        case Scope.TRUST:
            return mine, trust.reason if trust is not None else "until you trust this project"
        case Scope.USER:
            return mine, f"because only your own configuration sets it ({own_file})"
        case Scope.NARROW:
            return narrowed(item.setting.info, mine, item.value)


def _together(source: str, ignored: Sequence[Ignored]) -> list[Notice]:
    """Return one line for several values that are ignored for the same reason; none for none."""
    keys = ", ".join(dict.fromkeys(one.key for one in ignored))
    return [Notice(f"{source} sets {keys}: ignored {ignored[0].reason}", Level.WARNING)] if ignored else []


def narrowed(info: SettingInfo, mine: object, theirs: object) -> tuple[object, str | None]:
    """Return the value that stands when a project says ``theirs`` and the person has ``mine``.

    The second value says what of ``theirs`` does not count, and why; None when there is nothing to say. The value that
    stands is never less strict than ``mine``.
    """
    match info.stricter:
        case Stricter.MORE:
            return _as(mine, dict.fromkeys([*_entries(mine), *_entries(theirs)])), None
        case Stricter.FEWER if mine is None:
            return theirs, None
        case Stricter.FEWER:
            extra = [entry for entry in _entries(theirs) if entry not in _entries(mine)]
            kept = _as(mine, [entry for entry in _entries(mine) if entry in _entries(theirs)])
            return kept, f"for {', '.join(map(str, extra))}, which yours leaves out" if extra else None
        case Stricter.EARLIER:
            looser = info.order.index(str(theirs)) > info.order.index(str(mine))
        case Stricter.LOWER:
            looser = _limit(theirs) > _limit(mine)
        case Stricter.FALSE:
            looser = bool(theirs) and not mine
        case None:
            looser = True
    if looser:
        return mine, f"because a project may only be stricter than your {_shown(mine)}"
    return theirs, None


def _limit(value: object) -> float:
    """Return a limit as a number that compares: none at all, written as 0 or left out, is beyond every number."""
    return float(value) if isinstance(value, int | float) and value != 0 else math.inf


def _entries(value: object) -> list[object]:
    return list(value) if isinstance(value, Sequence | frozenset) else []


def _as(like: object, entries: Mapping[object, None] | list[object]) -> object:
    return type(like)(entries) if isinstance(like, list | frozenset) else tuple(entries)


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
