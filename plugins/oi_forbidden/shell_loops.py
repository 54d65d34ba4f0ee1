"""Loops of a shell that never end: what they start, fill, or keep busy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from oi_forbidden.acts import Acts, Verb

if TYPE_CHECKING:
    from tree_sitter import Node

_ENDLESS: Final = re.compile(
    r"^(?:while|until)\s+(?:true|:|false|1|\[+\s*(?:1|true|\"?1\"?\s*-eq\s*1|1 == 1)\s*\]+|\(\(\s*1\s*\)\))"
    r"\s*(?:;|\n|do)"
)
_PAUSES: Final = re.compile(r"\b(?:sleep|read|wait|break|exit|return|inotifywait|select|accept)\b")
_GROWS: Final = re.compile(r"\b(?:mkdir|cp|dd|cat|touch|fallocate|yes|mkfifo|echo)\b|>>")
_MANY: Final = re.compile(r"\{\s*-?\d+\.\.(\d{3,})\s*\}|\bseq\s+(?:\d+\s+)*(\d{3,})|<\s*(\d{4,})")


def is_endless(heading: str) -> bool:
    """Whether the head of a loop, up to its body, is one that always goes on."""
    return _ENDLESS.match(heading + " do") is not None


def check_loop(acts: Acts, body: Node | None, text: str, line: int, *, endless: bool, heading: str) -> None:
    """Note loops that start processes or grow files without end, or burn a processor."""
    if body is None:
        return
    spawns = any(child.type == "&" for child in body.children)
    many = _MANY.search(heading)
    if (endless and spawns and not _PAUSES.search(text)) or (spawns and many):
        acts.add(Verb.LOOP, "processes", line)
    elif endless and not _PAUSES.search(text):
        if _GROWS.search(text):
            acts.add(Verb.LOOP, "disk", line)
        elif re.fullmatch(r"do\s*(?::|true)?\s*;?\s*done", text):
            acts.add(Verb.LOOP, "processor", line)
