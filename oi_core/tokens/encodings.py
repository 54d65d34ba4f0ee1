"""The encodings that come with the program: which one a model uses, and how it is loaded without any network."""

from __future__ import annotations

import json
import re
import zlib
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

O200K: str = "o200k_base"
CL100K: str = "cl100k_base"

_OF_CL100K = re.compile(r"gpt-4(?![.o\d])|gpt-3\.?5|text-embedding-(ada|3)")


def encoding_for(model: str) -> str:
    """Return the name of the encoding to count a model's tokens with.

    OpenAI's models before gpt-4o have cl100k_base. All others get o200k_base, which is OpenAI's newest: the tokenizers
    of other makers differ from it by some ten per cent, which the usage that servers report corrects.
    """
    return CL100K if _OF_CL100K.match(model.rpartition("/")[2].removeprefix("ft:")) else O200K


@lru_cache(maxsize=2)
def load_encoding(name: str) -> tiktoken.Encoding | None:
    """Return an encoding, or None where tiktoken or the data is missing or broken: then tokens are estimated.

    It takes 0.1 to 0.2 s, and 30 MB for o200k_base, once a process. tiktoken's own loader is not used, because it may
    download, with no time limit.
    """
    try:
        import tiktoken

        folder = Path(__file__).with_name("encoding_data")
        ranks = unpacked(folder.joinpath(f"{name}.zlib").read_bytes())
        patterns = json.loads(folder.joinpath("patterns.json").read_text(encoding="utf-8"))
        return tiktoken.Encoding(name, pat_str=patterns[name], mergeable_ranks=ranks, special_tokens={})
    except (ImportError, OSError, ValueError, KeyError, zlib.error):
        return None


def unpacked(data: bytes) -> dict[bytes, int]:
    """Return the ranks of an encoding's tokens, from the form that ``encoding_data/README.md`` describes."""
    raw = zlib.decompress(data)
    start = 4 + int.from_bytes(raw[:4], "big")
    ends = accumulate(raw[4:start], initial=start)
    return {raw[begin:end]: rank for rank, (begin, end) in enumerate(pairwise(ends))}
