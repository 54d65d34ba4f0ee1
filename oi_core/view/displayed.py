"""What is shown of a rich value: its text, or the file its picture was saved to."""

from __future__ import annotations

import base64
import binascii
import tempfile
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from oi_core.printed.line_emulator import plain_lines
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.view.spans import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIXES: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
}
PICTURE: Final = "picture: "
TEXTS: Final = ("text/plain", "text/markdown", "text/latex")


@dataclass(frozen=True, slots=True)
class SavedPicture:
    """A picture of code's: the line that names its file, or says why there is none, and its bytes as code gave them."""

    line: str
    content: bytes = b""


class DisplayedFiles:
    """Saves pictures to a folder of this session, made when the first one comes, and kept for the person to open."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    def lines(self, data: Mapping[str, str | bytes]) -> list[str]:
        """Return the lines to show for a MIME bundle: where its picture lies, its text, or what kinds it has."""
        picture = self.picture(data)
        if picture is not None:
            return [picture.line]
        for kind in TEXTS:
            value = data.get(kind)
            if isinstance(value, str):
                return plain_lines(value)
        if "text/html" in data:  # the same value as text is ordinary output of the code
            return []
        kinds = ", ".join(neutralise_line(kind) for kind in data) or "nothing"
        return [f"(a value that cannot be shown here: {kinds})"]

    def picture(self, data: Mapping[str, str | bytes]) -> SavedPicture | None:
        """Save the picture of a MIME bundle; None where it has none."""
        for kind, suffix in SUFFIXES.items():
            if kind in data:
                return self._save(data[kind], kind, suffix)
        return None

    def _save(self, value: str | bytes, kind: str, suffix: str) -> SavedPicture:
        try:
            content = _content(value, kind)
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="interpreter-"))
            self._count += 1
            path = self._folder / f"figure-{self._count}{suffix}"
            path.write_bytes(content)
        except (OSError, binascii.Error) as error:
            return SavedPicture(f"(a picture that could not be saved: {error})")
        return SavedPicture(f"{PICTURE}{path}", content)


def linked(line: str) -> str | Span:
    """Return the line that names a picture as a link to its file, on this machine; any other as it is."""
    path = line.removeprefix(PICTURE)
    if path == line:
        return line
    return Span(neutralise_line(line), link=f"file://{quote(gethostname())}{quote(path)}")


def _content(value: str | bytes, kind: str) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if kind == "image/svg+xml" else base64.b64decode(value)
