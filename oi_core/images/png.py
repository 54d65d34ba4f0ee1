"""Whether bytes are a whole PNG: its chunks, their checksums, and as much data as the header promises."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type (PNG specification, 11.2.1)."""
PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, and the steps between columns and rows, of Adam7's passes (8.1)."""


def is_whole_png(content: bytes) -> bool:
    """Whether a terminal can be expected to draw these bytes; no more is unpacked than the header promises."""
    try:
        chunks = list(_chunks(content))
        if [chunks[0][0], chunks[-1][0]] != [b"IHDR", b"IEND"]:
            return False
        promised = _promised(chunks[0][1])
        unpacking = zlib.decompressobj()
        found = 0
        for kind, data in chunks:
            if kind == b"IDAT" and found <= promised:
                found += len(unpacking.decompress(data, promised + 1 - found))
        return found == promised
    except (struct.error, zlib.error, ValueError, KeyError, IndexError):
        return False


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give each chunk's type and data, up to the end of the picture; what stands behind it is not looked at."""
    if not content.startswith(SIGNATURE):
        raise ValueError
    place, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, place + 8 + length)
        if checksum != zlib.crc32(data, zlib.crc32(kind)):
            raise ValueError
        yield kind, data
        place += 12 + length


def _promised(header: bytes) -> int:
    """Return how many bytes the picture has when it is unpacked: a filter byte and the pixels, for each row."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if not width or not height or depth not in (1, 2, 4, 8, 16):
        raise ValueError
    bits = depth * CHANNELS[colour]
    if not interlaced:
        return int(height * _row(width, bits))
    return sum(
        _steps(height, top, down) * _row(_steps(width, left, right), bits)
        for left, top, right, down in PASSES
        if _steps(width, left, right)
    )


def _row(pixels: int, bits: int) -> int:
    return 1 + (pixels * bits + 7) // 8


def _steps(length: int, first: int, step: int) -> int:
    return max(0, -(-(length - first) // step))
