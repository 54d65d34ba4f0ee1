"""Saved sessions in files of other formats, which never take the place of a file that is there unless that is said."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from oi_core.errors import ConfigError
from oi_core.surrogates import mend
from oi_core.toml_files.document import shown_path

if TYPE_CHECKING:
    from oi_core.saved.archive import SavedSession

FIGURE_SUFFIXES = {"image/jpeg": ".jpg", "image/svg+xml": ".svg"}
"""Where a suffix is not what the MIME type ends in."""


class ExportFormat(StrEnum):
    """What a session can be exported to; the value is the suffix of such a file."""

    NOTEBOOK = "ipynb"
    MARKDOWN = "md"
    SCRIPT = "py"
    JSON = "json"


def format_for(path: Path) -> ExportFormat:
    """Return the format that a file's name asks for.

    Raises:
        ConfigError: it asks for none.
    """
    try:
        return ExportFormat(path.suffix.removeprefix(".").lower())
    except ValueError:
        known = ", ".join(f".{each}" for each in ExportFormat)
        raise ConfigError(f"{shown_path(path)} does not say which format", f"end its name in one of {known}") from None


def exported(saved: SavedSession, form: ExportFormat) -> str:
    """Return a session in a format, as text; Markdown names its pictures."""
    match form:
        case ExportFormat.NOTEBOOK:
            from oi_core.saved.notebook import as_notebook

            return as_notebook(saved)
        case ExportFormat.MARKDOWN:
            from oi_core.saved.markdown import as_markdown

            return mend(as_markdown(saved))
        case ExportFormat.SCRIPT:
            from oi_core.saved.script import as_script

            return mend(as_script(saved))
        case ExportFormat.JSON:
            from oi_core.saved.records import RecordWriter, all_records

            return json.dumps({"v": 1, "records": list(all_records(saved, RecordWriter()))}, indent=1) + "\n"
        case _:
            assert_never(form)


def export(saved: SavedSession, path: Path, form: ExportFormat, *, overwrite: bool = False) -> None:
    """Write a session to a file; the pictures of Markdown go to a folder beside it.

    Raises:
        ConfigError: the file, or that folder, is there already, or cannot be written.
    """
    if form is ExportFormat.MARKDOWN:
        _export_markdown(saved, path, overwrite=overwrite)
    else:
        write_file(path, exported(saved, form).encode(), overwrite=overwrite)


def save(saved: SavedSession, path: Path, *, overwrite: bool = False) -> None:
    """Write a session to a file of records, which can be loaded again.

    Raises:
        ConfigError: the file is there already, or cannot be written.
    """
    from oi_core.saved.records import RecordWriter, all_records
    from oi_core.saved.session_file import line_of

    content = b"".join(line_of(record) for record in all_records(saved, RecordWriter()))
    write_file(path, content, overwrite=overwrite)


def _export_markdown(saved: SavedSession, path: Path, *, overwrite: bool) -> None:
    from oi_core.saved.markdown import as_markdown

    folder = path.with_name(f"{path.stem}_figures")
    figures: dict[str, bytes] = {}

    def add(kind: str, content: bytes) -> str:
        suffix = FIGURE_SUFFIXES.get(kind, f".{kind.partition('/')[2]}")
        name = next((name for name, other in figures.items() if other == content), f"{len(figures) + 1}{suffix}")
        figures[name] = content
        return f"<{folder.name}/{name}>" if " " in folder.name else f"{folder.name}/{name}"

    text = mend(as_markdown(saved, add))
    if figures and folder.exists() and not overwrite:
        raise ConfigError(f"{shown_path(folder)} exists", "name another file, or add --force")
    write_file(path, text.encode(), overwrite=overwrite)
    _write_figures(folder, figures)


def _write_figures(folder: Path, figures: Mapping[str, bytes]) -> None:
    try:
        if figures:
            folder.mkdir(exist_ok=True)
        for name, content in figures.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_file(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    """Write a file; one that is there is replaced as a whole or not at all.

    Raises:
        ConfigError: it is there and may not be replaced, or it cannot be written.
    """
    try:
        if path.is_dir():
            raise ConfigError(f"{shown_path(path)} is a folder", "name a file in it")
        if path.exists() and not overwrite:
            raise ConfigError(f"{shown_path(path)} exists", "name another file, or add --force")
        if path.is_file():
            _replace(path.resolve(), content)
        elif path.exists():  # a device or a pipe is written to, never replaced
            path.write_bytes(content)
        else:
            _create(path, content)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error


def _create(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _replace(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".export-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        shutil.copymode(path, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _unwritable(path: Path, error: Exception) -> ConfigError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ConfigError(f"{shown_path(path)} cannot be written: {reason}", "name another file")
