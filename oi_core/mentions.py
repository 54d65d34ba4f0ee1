"""Files that a prompt names with ``@``: where they stand in it, and which files they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MENTION: Final = re.compile(
    r"""(?<![\w@])@(?: "(?P<double>[^"\n]+)" | '(?P<single>[^'\n]+)' | (?P<bare>(?:\\.|[^\s\\"'])+) )""", re.VERBOSE
)
_PUNCTUATION: Final = ".,;:!?)]}>"


def paths_meant(mention: re.Match[str], folder: Path) -> Iterator[Path]:
    """Yield the paths that a match of :data:`MENTION` may mean, the likeliest first, whether they are there or not.

    A path is relative to ``folder`` or absolute, and may begin with ``~``. One with spaces is quoted, or has
    backslashes before them; punctuation behind one may be the sentence's.
    """
    quoted, bare = mention["double"] or mention["single"], mention["bare"] or ""
    names = [quoted] if quoted else [bare, bare.rstrip(_PUNCTUATION)]
    names += [re.sub(r"\\(.)", r"\1", name) for name in names if not quoted]
    for name in dict.fromkeys(filter(None, names)):
        try:
            path = folder / os.path.expanduser(name)  # noqa: PTH111  (pathlib takes "./~" for a home)
        except ValueError:  # a name that no file can have
            continue
        yield path
