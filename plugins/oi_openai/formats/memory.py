"""Which format works for which model at which server, kept in the person's state folder."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

from oi_core.plugin_api import ModelFormat

MOST_ENTRIES = 500
"""The oldest entries go when there are more."""


class FormatMemory:
    """Reads and writes one small JSON file: ``{"formats": {"SERVER MODEL": "schema"}}``.

    A file that is missing, damaged or cannot be written is no error: then nothing is remembered.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def recall(self, server: str, model: str) -> ModelFormat | None:
        """Return what is remembered for a model, or None."""
        kept = self._read().get(_entry(server, model), "")
        return ModelFormat(kept) if kept in set(ModelFormat) - {ModelFormat.AUTO} else None

    def keep(self, server: str, model: str, model_format: ModelFormat) -> None:
        """Remember a format; of two programs that write at once, one may be forgotten."""
        entries = self._read()
        if entries.pop(_entry(server, model), None) == model_format and len(entries) < MOST_ENTRIES:
            return
        entries[_entry(server, model)] = str(model_format)
        kept = dict(list(entries.items())[-MOST_ENTRIES:])
        with contextlib.suppress(OSError):
            _replace(self._file(), json.dumps({"formats": kept}, indent=1, ensure_ascii=False))

    def _file(self) -> Path:
        if self._path is None:
            from platformdirs import user_state_path

            self._path = user_state_path("interpreter", appauthor=False) / "model-formats.json"
        return self._path

    def _read(self) -> dict[str, str]:
        try:
            value = json.loads(self._file().read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        entries = value.get("formats") if isinstance(value, dict) else None
        if not isinstance(entries, dict):
            return {}
        return {key: kept for key, kept in entries.items() if isinstance(kept, str)}


def _entry(server: str, model: str) -> str:
    return f"{server} {model}"


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", dir=path.parent, prefix=path.name, delete=False
    ) as file:
        written = Path(file.name)
        try:
            file.write(text)
            file.flush()
            written.replace(path)
        except OSError:
            written.unlink(missing_ok=True)
            raise
