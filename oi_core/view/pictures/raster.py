"""Pictures that are decoded to be drawn: with Pillow, which may be missing, and never more than a bounded size."""

from __future__ import annotations

import importlib
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from oi_core.view.pictures.errors import CannotDraw
from oi_core.view.pictures.sixel import PalettePixels

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
COLOURS: Final = 256


def scaled_png(content: bytes, width: int, height: int) -> bytes:
    """Return a picture as a PNG no larger than ``width`` by ``height``.

    Raises:
        CannotDraw: Pillow is missing, or the picture is broken.
    """
    with _decoded(content, width, height) as image:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()


def palette_pixels(content: bytes, width: int, height: int) -> PalettePixels:
    """Return a picture in that size, on white where it is transparent, with the colours that suit it best.

    Raises:
        CannotDraw: as in :func:`scaled_png`.
    """
    with _decoded(content, width, height) as image:
        paper = image.convert("RGB")
        paper.paste("white", mask=image.getchannel("A").point(lambda alpha: 255 - alpha))
        reduced = paper.quantize(COLOURS, dither=0)
        flat = reduced.getpalette()
        palette = [tuple(flat[place : place + 3]) for place in range(0, len(flat), 3)]
        return PalettePixels(reduced.width, reduced.height, reduced.tobytes(), palette)


@contextmanager
def _decoded(content: bytes, width: int, height: int) -> Iterator[Any]:
    """Give a picture as an image with transparency, in a size that is no larger than its own."""
    try:
        pillow: Any = importlib.import_module("PIL.Image")  # Any: a dependency that may be missing has no types here
    except ImportError:
        raise CannotDraw("needs Pillow", "pip install 'oi-core[images]'") from None
    try:
        with pillow.open(io.BytesIO(content), formats=FORMATS) as opened:
            opened.draft("RGB", (width, height))
            image = opened.convert("RGBA")
            if image.size != (width, height):
                image = image.resize((width, height), pillow.Resampling.LANCZOS)
            yield image
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise CannotDraw("its data is broken") from error
