"""OpenRouter's ``reasoning_details``: reasoning in pieces, signed or encrypted, to be sent back as it was."""

from __future__ import annotations

from typing import Any

_GROWING = ("text", "summary", "data")


class ReasoningDetails:
    """Puts the entries of a stream together: a piece with the type, index and id of the one before continues it."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []  # the values are whatever JSON holds

    def add(self, pieces: object) -> None:
        """Take the entries of one delta, if there are any."""
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, dict):
                self._add(piece)

    def _add(self, piece: dict[str, Any]) -> None:
        last = self.entries[-1] if self.entries else None
        if last is None or not _continues(piece, last):
            self.entries.append(dict(piece))
            return
        for key, value in piece.items():
            if key in _GROWING and isinstance(value, str) and isinstance(last.get(key), str):
                last[key] += value
            elif value is not None:
                last[key] = value


def _continues(piece: dict[str, Any], last: dict[str, Any]) -> bool:
    same_kind = piece.get("type") == last.get("type") and piece.get("index") == last.get("index")
    return same_kind and (piece.get("id") is None or last.get("id") is None or piece["id"] == last["id"])
