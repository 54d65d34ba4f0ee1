"""Text files that a message names with ``@``: what of them goes with it, and how that is told from the message."""

from __future__ import annotations

import mimetypes
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from oi_core.mentions import MENTION, paths_meant

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 24_000
"""Of one file; a longer one is named with its size, and read by code where it matters."""
MOST_TOGETHER: Final = 96_000
HEADING: Final = "[Attached by the user with @, as the files are now]"
_FENCES: Final = re.compile(r"^`{3,}", re.MULTILINE)
_WORDS: Final = re.compile(r'(?<!\S)(?:"[^"\n]+"|(?:\\.|[^\s"@])+)')


@dataclass(frozen=True, slots=True)
class Attached:
    """A message with its text files behind it; ``remark`` names them to the person, empty when there are none."""

    text: str
    remark: str = ""


def with_attachments(text: str, folder: Path) -> Attached:
    """Return a message with every text file that it names, once, behind it; what names none stays as it is."""
    parts: list[str] = []
    remarks: list[str] = []
    room = MOST_TOGETHER
    for path in _named_files(text, folder):
        content = _text_of(path, min(room, MOST_BYTES))
        if content is None:
            parts.append(f"{path} ({_size(path)}; its content is not included, read it with code)")
            remarks.append(f"{path.name} (its path only)")
        else:
            room -= len(content.encode())
            count = len(content.splitlines())
            parts.append(f"{path} ({count} {'line' if count == 1 else 'lines'}):\n{_fenced(content)}")
            remarks.append(f"{path.name} ({count} {'line' if count == 1 else 'lines'})")
    missing = _missing_files(text, folder)
    told = [f"sent with it: {', '.join(remarks)}"] if remarks else []
    told += [f"there is no file {', '.join(missing)}"] if missing else []
    return Attached("\n\n".join([text, HEADING, *parts]) if parts else text, "; ".join(told))


def without_attachments(text: str) -> str:
    """Return a message as the person wrote it."""
    return text.partition(f"\n\n{HEADING}\n\n")[0]


def mentioned_again(text: str, folder: Path) -> tuple[str, int]:
    """Put the ``@`` back before the pictures that a message names, which are sent without; return their number too."""
    from oi_core.images import attachments

    found = 0

    def mention(word: re.Match[str]) -> str:
        nonlocal found
        _, urls = attachments(f"@{word[0]}", folder)
        found += len(urls)
        return f"@{word[0]}" if urls else word[0]

    return _WORDS.sub(mention, text), found


def _named_files(text: str, folder: Path) -> list[Path]:
    found = (_first_file(mention, folder) for mention in MENTION.finditer(text))
    return list(dict.fromkeys(path for path in found if path is not None))


def _missing_files(text: str, folder: Path) -> list[str]:
    """Return the mentions that look like a file's name, and are none's: ``@nots.txt``, not ``@app.route``."""
    meant = [list(paths_meant(mention, folder)) for mention in MENTION.finditer(text)]
    missing = [paths[-1].name for paths in meant if paths and not any(map(_is_there, paths))]
    return [name for name in dict.fromkeys(missing) if mimetypes.guess_type(name)[0]]


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def _first_file(mention: re.Match[str], folder: Path) -> Path | None:
    for path in paths_meant(mention, folder):
        try:
            if stat.S_ISREG(path.stat().st_mode):  # reading a pipe or a device could wait forever
                return path
        except (OSError, ValueError):
            continue
    return None


def _text_of(path: Path, most: int) -> str | None:
    """Return what a file holds; None when that is too much, is no text, or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        return None if len(data) > most or b"\0" in data else data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _fenced(content: str) -> str:
    longest = max(map(len, _FENCES.findall(content)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{content.rstrip(chr(10))}\n{fence}"


def _size(path: Path) -> str:
    try:
        size = path.stat().st_size
    except OSError:
        return "it cannot be read"
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{size:,} bytes"
