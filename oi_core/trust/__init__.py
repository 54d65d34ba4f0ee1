"""Which projects the person trusts: what one wants, what was trusted before, and the file that keeps it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from oi_core.named_files import named_files
from oi_core.settings import Scope
from oi_core.toml_files.document import Document, home_folder
from oi_core.toml_files.positions import KeyPath
from oi_core.trust.store import TrustedProject, TrustStore
from oi_core.validate import Assigned, Problem, dotted

UNSET = "(not set)"
MEANINGS: Mapping[str, str] = {
    "model": "your messages, and what programs print, go to this model",
    "instructions": "the model is told this as if you had said it",
    "launcher": "language processes are started through this",
    "command": "this program is started, with all your rights, as soon as the language is used",
    "env": "programs of this language get these variables; some decide what code they run",
}
"""What trusting a setting comes to, by the last part of its key; the others have their own help."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A setting that a project has only when it is trusted: its dotted key, its value as JSON, what it would mean."""

    key: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ProjectTrust:
    """What a project wants that only trust gives it, and whether the person has given it.

    ``file`` is its file inside the real folder; ``before`` has what was trusted there earlier, as JSON by dotted key,
    None for never; ``refusal`` says why it cannot be trusted at all.
    """

    file: Path
    digest: str
    wishes: tuple[Wish, ...]
    before: Mapping[str, str] | None = None
    granted: bool = False
    refusal: str = ""
    problems: tuple[str, ...] = field(default=(), compare=False)

    @property
    def reason(self) -> str:
        """Why the wishes do not count; goes on after the word "ignored"."""
        if self.refusal:
            return f"because {self.refusal}"
        if self.before is None:
            return "until you trust this project (interpreter trust)"
        return "until you trust this project again, for it has changed (interpreter trust shows how)"

    def record(self) -> TrustedProject:
        """Return what is kept of this project once it is trusted."""
        return TrustedProject(self.digest, {wish.key: wish.value for wish in self.wishes})

    def changes(self) -> list[tuple[str, str, str]]:
        """Return (key, old, new) of every wish that differs from what was trusted before."""
        old, new = self.before or {}, {wish.key: wish.value for wish in self.wishes}
        return [
            (key, old.get(key, UNSET), new.get(key, UNSET))
            for key in dict.fromkeys([*old, *new])
            if old.get(key) != new.get(key)
        ]


def project_trust(
    project: Document, table: KeyPath, assigned: Sequence[Assigned], store: TrustStore | None
) -> ProjectTrust | None:
    """Return what this project wants and whether it has it; None when it wants nothing that needs trust.

    Trust holds for the real folder in which the file stands (a link to the file of a trusted project is another
    project, with other programs in it), for the content of the table, for the settings that were shown, and for the
    content of the project's files that they name.

    Raises:
        ConfigError: the table is nested too deeply to be compared.
    """
    wishes = tuple(_wish(item) for item in assigned if item.setting.info.scope is Scope.TRUST)
    if not wishes:
        return None
    folder = Path(os.path.realpath(project.path.parent))
    wishes += _files(assigned, folder)
    trust = ProjectTrust(folder / project.path.name, _digest(project, table), wishes, refusal=refusal(folder))
    stored = store.read() if store is not None else None
    before = stored.projects.get(str(trust.file)) if stored is not None else None
    return ProjectTrust(
        file=trust.file,
        digest=trust.digest,
        wishes=wishes,
        before=before.wishes if before is not None else None,
        granted=not trust.refusal and before == trust.record(),
        refusal=trust.refusal,
        problems=(stored.problem,) if stored is not None and stored.problem else (),
    )


def refusal(folder: Path) -> str:
    """Say why a folder cannot be trusted: too much that is not one project's lies below it; empty when it can."""
    if folder == folder.parent:
        return "the root of the disk cannot be trusted"
    home = home_folder()
    real_home = Path(os.path.realpath(home)) if home is not None else None
    if real_home is not None and real_home.is_relative_to(folder):
        return f"your home folder {'' if folder == real_home else 'lies below it, and '}cannot be trusted"
    return ""


def _wish(item: Assigned) -> Wish:
    key, info = item.setting.key, item.setting.info
    own_words = MEANINGS.get(key[-1], "") if len(key) == 1 or key[0] == "languages" else ""
    return Wish(dotted(key), json.dumps(_plain(item.value), ensure_ascii=False, sort_keys=True), own_words or info.help)


def _files(assigned: Sequence[Assigned], folder: Path) -> tuple[Wish, ...]:
    """Return the files of the project that its commands, their variables and plugins' settings name, as wishes."""
    values = {
        dotted(item.setting.key): item.value
        for item in assigned
        if item.setting.info.scope is Scope.TRUST and item.setting.key[0] in ("languages", "plugins")
    }
    return tuple(
        Wish(f"the file {name}", json.dumps(content), f"{key} names it; when it changes, you are asked again")
        for name, (key, content) in sorted(named_files(values, folder).items())
    )


def _digest(project: Document, table: KeyPath) -> str:
    """Return a hash of the table's content: order, layout and comments, and other tables, do not count."""
    try:
        text = json.dumps(project.table(table), sort_keys=True, default=repr)
    except RecursionError:
        raise project.error([Problem(table, "nested too deeply")]) from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [_plain(item) for item in (sorted(value, key=repr) if isinstance(value, frozenset | set) else value)]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
