"""The files of a project that its settings name, and the hash of what is in them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ABSENT = "(no such file)"
_LOOKS_LIKE_A_FILE = re.compile(
    r"[\w.@%+-]*(?:/[\w.@%+-]+)+|[\w-]+\.(?:py|[bz]?a?sh|[mc]?[jt]s|rb|pl|lua|sql|[rR]|jl|php|so|env|toml|json|cfg|ini)",
    re.ASCII,
)


def named_files(values: Mapping[str, object], folder: Path) -> dict[str, tuple[str, str]]:
    """Return the files in ``folder`` that settings name: by their path in it, the setting, and a hash or ``ABSENT``.

    Every text in a value counts, by itself, behind ``=`` and between colons: ``./start.sh``, ``--init=start.sql``. A
    file that is not there counts as long as it looks like one: it could come with the next pull. What a file itself
    names is not followed, nor what is in a folder.
    """
    found: dict[str, tuple[str, str]] = {}
    for key, value in values.items():
        for text in _texts(value):
            for part in dict.fromkeys((text, *text.rpartition("=")[2].split(os.pathsep))):
                name = _inside(part, folder)
                if name and name not in found and ((folder / name).is_file() or _may_come(part, folder)):
                    found[name] = (key, _hash(folder / name))
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)


def _inside(text: str, folder: Path) -> str:
    """Return where a text leads in the folder, as a path is written; nothing when it leads elsewhere."""
    if not text or "\0" in text or "\n" in text or len(text) > 4096:
        return ""
    place = os.path.normpath(folder / text)
    return place[len(str(folder)) + 1 :] if place.startswith(f"{folder}{os.sep}") else ""


def _may_come(text: str, folder: Path) -> bool:
    return _LOOKS_LIKE_A_FILE.fullmatch(text) is not None and not (folder / text).exists()


def _hash(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return f"sha256 {hashlib.file_digest(content, 'sha256').hexdigest()}"
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        return f"(cannot be read: {error.strerror})"
