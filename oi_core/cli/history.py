"""What was typed at the prompt before, per project, with lines that look like secrets kept out of the file."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import TYPE_CHECKING, Final

from prompt_toolkit.history import History

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ENTRIES_LOADED: Final = 2000

_SECRET: Final = re.compile(
    r"""
      \b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abeoprs]|hf|AIza|AKIA|ASIA|ya29)[-_.]?[A-Za-z0-9_\-]{12,}
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY
    | \beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}
    | (?:api[-_ ]?key|pass(?:word|wd|phrase)|secret|token|credential)s?["']?\s*(?:=|:|\bis\b)\s*\S{4,}
    | \b(?:authorization|bearer)\b[: ]+\S{8,}
    | [a-z][a-z0-9+.\-]*://[^\s/@:]+:[^\s/@]+@
    | \b(?=[A-Za-z0-9+/_\-]*\d)(?=[A-Za-z0-9+/_\-]*[A-Za-z])[A-Za-z0-9+/_\-]{32,}\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def looks_secret(text: str) -> bool:
    """Whether a text seems to hold a key or a password; rather one line too many than one too few."""
    return _SECRET.search(text) is not None


def history_file(folder: Path, project: Path) -> Path:
    """Return the history file of a project inside ``folder``; its name does not tell the project's."""
    return (
        folder / "history" / f"{hashlib.sha256(str(project).encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.jsonl"
    )


class ProjectHistory(History):
    """A history in a file that only its owner can read: one JSON string a line, the newest last.

    A file that cannot be read or written costs nothing but the memory of other days.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        """Yield the entries of the file, the newest first."""
        try:
            lines = self._path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        for line in reversed(lines[-ENTRIES_LOADED:]):
            try:
                entry = json.loads(line)
            except ValueError:  # a line that another process was writing when the machine went down
                continue
            if isinstance(entry, str):
                yield entry

    def store_string(self, string: str) -> None:
        """Append an entry, unless it looks like a secret."""
        if looks_secret(string):
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(string) + "\n")
        except OSError:
            return
