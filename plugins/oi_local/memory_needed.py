"""How much memory a model takes, and how much there is."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oi_local.gguf_file import GgufFile

BESIDES: Final = 300_000_000
"""Bytes for computing, besides the weights and the context; measured 0.2 to 0.4 GB with llama.cpp b11549 on a CPU."""
_BYTES_PER_NUMBER: Final = 2
"""llama.cpp keeps the context as 16-bit floats."""


def memory_needed(model: GgufFile, context: int) -> int:
    """Return about how many bytes a model takes with a window of so many tokens."""
    return model.size + context * context_bytes_per_token(model) + BESIDES


def context_bytes_per_token(model: GgufFile) -> int:
    """Return how many bytes llama.cpp keeps for each token: a key and a value of every head in every layer."""
    layers, heads = model.number("block_count") or 0, model.number("attention.head_count") or 1
    kept_heads = model.number("attention.head_count_kv") or heads
    width = (model.number("embedding_length") or 0) // heads
    key, value = model.number("attention.key_length") or width, model.number("attention.value_length") or width
    return layers * kept_heads * (key + value) * _BYTES_PER_NUMBER


def memory_available() -> int | None:
    """Return how many bytes are free or can be freed; where that is not known, how many there are; else None.

    In a container its limit counts too.
    """
    known = [size for size in (_from_meminfo(Path("/proc/meminfo")), _limit(Path("/sys/fs/cgroup/memory.max"))) if size]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def _from_meminfo(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        found = re.search(r"^MemAvailable:\s*(\d+) kB", path.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None


def _limit(path: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def in_words(size: int) -> str:
    """Return a number of bytes for a person: ``4.1 GB``."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
