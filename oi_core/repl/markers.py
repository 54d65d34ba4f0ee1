"""The events inside a language process's output: escape sequences that carry the session's nonce.

A marker is the operating-system command ``ESC ] 6973 ; NONCE ; KIND [; FIELD]... BEL``. Terminals skip such sequences,
the pty keeps them in order with everything else, and only a program that knows the nonce can write one: anything that
imitates a marker with another nonce is ordinary output.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

LONGEST_BODY = 16 * 1024
_BODY = re.compile(rb"[A-Za-z0-9+/=;:._-]*")
_BELL = 0x07


@dataclass(frozen=True, slots=True)
class Marker:
    """One event of the process: what happened, and its fields as they were written (text is base64)."""

    kind: str
    fields: tuple[str, ...] = ()


Piece: TypeAlias = bytes | Marker


class MarkerParser:
    """Split a stream of bytes into program output and markers, whatever chunks it arrives in.

    Of output, only what may still become a marker is held back: the beginning of one at the end of a chunk, at most
    :data:`LONGEST_BODY` bytes. A byte that no marker contains turns what was held into output.
    """

    def __init__(self, nonce: str) -> None:
        self._opening = b"\x1b]6973;" + nonce.encode("ascii") + b";"
        self._held = b""

    def feed(self, data: bytes) -> list[Piece]:
        """Return the pieces that are complete with ``data``, in order; adjacent output may come as several pieces."""
        data = self._held + data
        self._held = b""
        pieces: list[Piece] = []
        start = search = 0
        while (at := data.find(self._opening, search)) >= 0:
            body = at + len(self._opening)
            stop = _end_of_body(data, body)
            if stop - body > LONGEST_BODY:
                search = stop
            elif stop == len(data):
                return self._hold(pieces, data, start, at)
            elif data[stop] != _BELL:
                search = stop
            else:
                if at > start:
                    pieces.append(data[start:at])
                pieces.append(_marker(data[body:stop]))
                start = search = stop + 1
        return self._hold(pieces, data, start, self._possible_opening(data, max(start, search)))

    def flush(self) -> bytes:
        """Return what was held back, as output: the stream has ended."""
        held, self._held = self._held, b""
        return held

    def _hold(self, pieces: list[Piece], data: bytes, start: int, held_from: int) -> list[Piece]:
        if held_from > start:
            pieces.append(data[start:held_from] if start or held_from < len(data) else data)
        self._held = data[held_from:]
        return pieces

    def _possible_opening(self, data: bytes, start: int) -> int:
        """Return where a beginning of the opening stands at the end of ``data``, else its length."""
        at = data.rfind(b"\x1b", max(start, len(data) - len(self._opening) + 1))
        return at if at >= 0 and self._opening.startswith(data[at:]) else len(data)


def _end_of_body(data: bytes, start: int) -> int:
    match = _BODY.match(data, start)
    return match.end() if match else start


def _marker(body: bytes) -> Marker:
    kind, *fields = body.decode("ascii").split(";")
    return Marker(kind, tuple(fields))
