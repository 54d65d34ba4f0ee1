"""Settings written into a configuration file, one at a time: whatever else is in the file stays as it is written."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from oi_core.errors import ConfigError
from oi_core.toml_files.document import read_document, shown_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tomlkit import TOMLDocument
    from tomlkit.container import Container
    from tomlkit.items import Table

KeyParts = tuple[str, ...]
USER_TABLE: Final[KeyParts] = ()
"""The person's own file has the settings at its top."""
_NEW_FILE_MODE: Final = 0o600


def write_value(file: Path, path: Sequence[str], value: object) -> bool:
    """Set the entry at ``path``, making its tables and the file if need be; False when it has this value already.

    Raises:
        ConfigError: the file cannot be read or written, or something else than a table stands on the way.
    """
    document = _read(file)
    table: Any = document  # Any: tomlkit's tables have no type in common
    for part in path[:-1]:
        table = _inner(file, table, part)
    if path[-1] in table and _plain(table[path[-1]]) == value:
        return False
    table[path[-1]] = value
    _replace(file, document)
    return True


def remove_value(file: Path, path: Sequence[str]) -> bool:
    """Take the entry at ``path`` out, and tables that are empty then; False when there was none.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    document = _read(file)
    tables: list[Any] = [document]  # Any: as above
    for part in path[:-1]:
        inner = tables[-1].get(part)
        if not hasattr(inner, "setdefault"):
            return False
        tables.append(inner)
    if path[-1] not in tables[-1]:
        return False
    for table, part in zip(reversed(tables), reversed(path), strict=True):
        table.remove(part)
        if len(table) or table is document:
            break
    _replace(file, document)
    return True


def _read(file: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not os.path.lexists(file):
        return tomlkit.document()
    text = read_document(file, shown_path(file)).text  # says where the file is no TOML
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{shown_path(file)} cannot be changed: {error}", "change it by hand") from error


def _inner(file: Path, table: Any, name: str) -> Table | Container:  # Any: as above
    import tomlkit

    inner = table.setdefault(name, tomlkit.table())
    if not hasattr(inner, "setdefault"):
        raise ConfigError(f'{shown_path(file)} has "{name}", which is not a table', "change it by hand")
    return inner  # type: ignore[no-any-return]  # what has setdefault is one of tomlkit's tables


def _plain(value: Any) -> object:  # Any: tomlkit's items, or Python's own values
    unwrap = getattr(value, "unwrap", None)
    return unwrap() if unwrap is not None else value


def _replace(file: Path, document: TOMLDocument) -> None:
    """Write the whole file or nothing of it; a link to it stays one, and it keeps its mode."""
    import tomlkit

    target = file.resolve()
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".config-")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(tomlkit.dumps(document).rstrip("\n") + "\n")
        Path(temporary).chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else _NEW_FILE_MODE)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise ConfigError(f"{shown_path(file)} cannot be written: {error.strerror}", "it is as it was") from error
