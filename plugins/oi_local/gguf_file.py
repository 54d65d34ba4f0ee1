"""What a GGUF file says of the model in it, read from its beginning.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3).
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_MOST_KEYS: Final = 100_000
_LONGEST_STRING: Final = 16_000_000
_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_PART: Final = re.compile(r"(.*-)(\d{5})-of-(\d{5})\.gguf", re.DOTALL)

Value: TypeAlias = "int | float | bool | str | list[Value]"


class NotAModel(Exception):
    """The file is no model that can be run; the text says why, and follows the file's name."""


@dataclass(frozen=True, slots=True)
class GgufFile:
    """A model in one or several files. ``size`` is in bytes, of all of them; ``values`` hold what it says of itself."""

    path: Path
    size: int
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def architecture(self) -> str:
        """The family of the model, ``llama`` or ``qwen2``; empty when the file does not say."""
        value = self.values.get("general.architecture")
        return value if isinstance(value, str) else ""

    @property
    def trained_context(self) -> int | None:
        """The number of tokens that the model was trained to keep in mind, or None."""
        return self.number("context_length")

    def number(self, key: str) -> int | None:
        """Return a whole number of the architecture's own, or None; of a list with one for each layer, the largest."""
        value = self.values.get(f"{self.architecture}.{key}")
        if isinstance(value, list):
            value = max((one for one in value if isinstance(one, int)), default=0)
        return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def read_gguf(path: Path) -> GgufFile:
    """Return what is known of a model; of one that is split into parts, any part may be named.

    Raises:
        NotAModel: the file is none, is cut off, is no language model, or parts are missing.
        OSError: it cannot be read.
    """
    parts = _parts(path)
    with parts[0].open("rb") as file:
        values = _Reader(file).values()
    kind = values.get("general.type", "model")
    if values.get("general.architecture") == "clip" or kind in ("mmproj", "adapter", "imatrix", "vocab"):
        raise NotAModel("belongs to a model and is none itself: name the model's own file")
    return GgufFile(parts[0], sum(part.stat().st_size for part in parts), values)


def _parts(path: Path) -> list[Path]:
    match = _PART.fullmatch(path.name)
    if match is None:
        return [path]
    count = int(match[3])
    parts = [path.with_name(f"{match[1]}{number:05}-of-{match[3]}.gguf") for number in range(1, count + 1)]
    missing = [part.name for part in parts if not part.is_file()]
    if missing and path.is_file():
        raise NotAModel(f"is one of {count} parts, and {missing[0]} is missing")
    return parts or [path]


class _Reader:
    """Reads the keys at the beginning of a file, up to those of the tokenizer, which are long and not needed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def values(self) -> dict[str, Value]:
        if self._file.read(4) != MAGIC:
            raise NotAModel("is no GGUF file")
        (version,) = self._unpack("I")
        if version not in _VERSIONS:
            (swapped,) = struct.unpack(">I", struct.pack("<I", version))
            raise NotAModel("is for big-endian machines" if swapped in _VERSIONS else f"is GGUF version {version}")
        _, count = self._unpack("QQ")
        values: dict[str, Value] = {}
        for _ in range(self._at_most(count, _MOST_KEYS)):
            key = self._string()
            if key.startswith("tokenizer."):
                break
            values[key] = self._value(*self._unpack("I"))
        return values

    def _value(self, kind: int, depth: int = 0) -> Value:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY and depth < 4:
            element, count = self._unpack("IQ")
            return [self._value(element, depth + 1) for _ in range(self._at_most(count, _MOST_KEYS))]
        if kind not in _SCALARS:
            raise NotAModel("is damaged: it holds a value of an unknown type")
        value: Value = self._unpack(_SCALARS[kind])[0]
        return value

    def _string(self) -> str:
        (length,) = self._unpack("Q")
        return self._bytes(self._at_most(length, _LONGEST_STRING)).decode(errors="replace")

    def _unpack(self, kinds: str) -> tuple[int, ...]:
        layout = f"<{kinds}"
        return struct.unpack(layout, self._bytes(struct.calcsize(layout)))

    def _bytes(self, count: int) -> bytes:
        found = self._file.read(count)
        if len(found) < count:
            raise NotAModel("is cut off: it ends in the middle of its header")
        return found

    def _at_most(self, count: int, most: int) -> int:
        if count > most:
            raise NotAModel("is damaged: its header makes no sense")
        return count
