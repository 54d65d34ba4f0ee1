"""Pictures for a model: files and bytes as data URLs of bounded size, and what a block of code showed."""

from __future__ import annotations

import base64
import binascii
import importlib
import io
import re
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oi_core.errors import InterpreterError
from oi_core.images.headers import kind_of, size_of
from oi_core.mentions import MENTION, paths_meant

LONGEST_SIDE = 1536
"""Pixels. OpenAI's servers scale a picture down to a shorter side of 768 themselves, others to about this size."""
MOST_BYTES = 3_500_000
"""Of a picture as it is sent: Anthropic's servers take 5 MB in base64, which is 3.75 MB of bytes, and others more."""
MOST_FILE_BYTES = 100_000_000
MOST_ATTACHED = 20
MOST_SHOWN = 4
"""Of the pictures that one block shows, the newest of which go to the model; each costs about a thousand tokens."""
_FIT_TO_SEND = ("image/png", "image/jpeg", "image/gif", "image/webp")
_INSTALL = "pip install 'oi-core[images]' scales pictures down"
_ENOUGH_TO_DESCRIBE = 400_000


class ImageError(InterpreterError):
    """A picture that cannot be sent to a model: it cannot be read, or is too large."""

    exit_code = 2


def data_url(source: Path | bytes, name: str = "the picture") -> str:
    """Return a picture as a ``data:`` URL, scaled down to :data:`LONGEST_SIDE` and :data:`MOST_BYTES`.

    PNG, JPEG, GIF and WebP are told by their first bytes. Pillow does the scaling; without it a picture goes as it is
    if its bytes are few enough, since servers scale down what is too wide for them.

    Raises:
        ImageError: it cannot be read, is no such picture, or is too large and Pillow is missing.
    """
    if isinstance(source, Path):
        source, name = _read(source), str(source)
    kind = kind_of(source)
    if kind not in _FIT_TO_SEND:
        raise ImageError(f"{name} is no PNG, JPEG, GIF or WebP picture", "convert it to one of these first")
    if len(source) > MOST_BYTES or max(size_of(source) or (0, 0)) > LONGEST_SIDE:
        source, kind = _scaled(source, kind, name)
    return f"data:{kind};base64,{base64.b64encode(source).decode()}"


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_FILE_BYTES:
            raise ImageError(f"{path} is too large for a picture: {_amount(size)}", "make it smaller first")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror or error}", "check the file") from error


def _scaled(content: bytes, kind: str, name: str) -> tuple[bytes, str]:
    """Return the picture made smaller, and its kind, which may be another one."""
    try:
        pillow: Any = importlib.import_module("PIL.Image")  # Any: a dependency that may be missing has no types here
        operations: Any = importlib.import_module("PIL.ImageOps")
    except ImportError:
        if len(content) <= MOST_BYTES:
            return content, kind
        raise ImageError(f"{name} is too large: {_amount(len(content))}", _INSTALL) from None
    try:
        with pillow.open(io.BytesIO(content)) as opened:
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image = operations.exif_transpose(opened)
            if image.mode == "P":  # a palette cannot be scaled smoothly
                image = image.convert("RGBA")
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return _encoded(image, kind)
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise ImageError(
            f"{name} cannot be scaled down: {error}", "check the file, or make it smaller first"
        ) from error


def _encoded(image: Any, kind: str) -> tuple[bytes, str]:
    """Return the picture's bytes and kind: PNG stays PNG while it is small enough, all else becomes JPEG."""
    if kind == "image/png":
        content = _saved(image, "PNG")
        if len(content) <= MOST_BYTES:
            return content, kind
    if image.mode not in ("RGB", "L"):
        opaque = image.convert("RGBA")
        image = opaque.convert("RGB")
        image.paste("white", mask=opaque.getchannel("A").point(lambda alpha: 255 - alpha))
    quality = 85
    content = _saved(image, "JPEG", quality=quality)
    while len(content) > MOST_BYTES and quality > 20:
        quality -= 20
        content = _saved(image, "JPEG", quality=quality)
    return content, "image/jpeg"


def _saved(image: Any, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def described(url: str) -> str:
    """Return what is known of a picture without seeing it: ``image/png, 640x480, 12 kB``, or the address."""
    head, comma, encoded = url.partition(",")
    if not head.startswith("data:") or not comma:
        return url[:200]
    parts = [head.removeprefix("data:").partition(";")[0] or "a picture"]
    try:
        size = size_of(base64.b64decode(encoded[:_ENOUGH_TO_DESCRIBE]))
    except (binascii.Error, ValueError):
        size = None
    if size is not None:
        parts.append(f"{size[0]}x{size[1]}")
    return ", ".join([*parts, _amount(len(encoded) * 3 // 4)])


def _amount(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1e3))} kB"


def attachments(text: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """Return a prompt with its pictures: every ``@picture.png`` that is one, as data URLs, its ``@`` taken out.

    A path is relative to ``folder`` or absolute, may begin with ``~`` and lie anywhere: it is the person's own prompt.
    One with spaces is quoted, ``@"a b.png"``, or has backslashes before them. What names no picture stays as it is.

    Raises:
        ImageError: a picture is there and cannot be sent, or there are more than :data:`MOST_ATTACHED`.
    """
    urls: list[str] = []

    def attach(mention: re.Match[str]) -> str:
        found = _mentioned(mention, folder)
        if found is None:
            return mention[0]
        if len(urls) == MOST_ATTACHED:
            raise ImageError(f"more than {MOST_ATTACHED} pictures in one prompt", "send some with the next one")
        urls.append(data_url(found))
        return mention[0].removeprefix("@")

    return MENTION.sub(attach, text), tuple(urls)


def _mentioned(mention: re.Match[str], folder: Path) -> Path | None:
    """Return the picture that a mention names, or None."""
    for path in paths_meant(mention, folder):
        try:
            with path.open("rb") as file:
                beginning = file.read(64)
        except (OSError, ValueError):  # no such file, or no such name
            continue
        if kind_of(beginning) in _FIT_TO_SEND:
            return path
    return None


class ShownPictures:
    """The pictures that one block showed, for the model: the newest :data:`MOST_SHOWN`, and a word on the others."""

    def __init__(self) -> None:
        self._newest: deque[bytes] = deque(maxlen=MOST_SHOWN)
        self._shown = 0
        self._unfit: list[str] = []

    def add(self, bundle: Mapping[str, str | bytes]) -> None:
        """Take a MIME bundle, if it holds a picture; text forms of a picture are base64, as in notebooks."""
        for kind in _FIT_TO_SEND:
            if kind in bundle:
                self._shown += 1
                self._newest.append(_bytes(bundle[kind]))
                return
        self._unfit += [kind for kind in bundle if kind.startswith("image/")][:1]

    def urls(self) -> tuple[str, ...]:
        """Return the pictures as data URLs, oldest first; those that cannot be sent are left out, and noted."""
        urls: list[str] = []
        for content in self._newest:
            try:
                urls.append(data_url(content))
            except ImageError as error:
                self._unfit.append(error.message)
        self._newest.clear()
        return tuple(urls)

    def note(self) -> str:
        """Return what the model should know of pictures that it is not shown; after :meth:`urls`."""
        notes = [f"{self._shown - MOST_SHOWN} earlier pictures are left out"] if self._shown > MOST_SHOWN else []
        notes += [f"a picture is left out: {reason}" for reason in dict.fromkeys(self._unfit)]
        return "; ".join(notes)


def _bytes(value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value)
    except (binascii.Error, ValueError):
        return b""
