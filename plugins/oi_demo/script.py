"""The form of a scripted conversation: it says something, perhaps runs code, and goes on by what the code printed."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from oi_demo.output import Output


@dataclass(frozen=True, slots=True)
class Say:
    """One reply: the text, then code to run; a reply without code is the last."""

    text: str
    language: str = ""
    code: str = ""


Script = Generator[Say, Output, None]
"""Yields replies, is sent the output of each one's code."""

Part = Generator[Say, Output, str]
"""A stretch of a script; returns what the next stretch says first about the output of this one."""


def replay(script: Script, outputs: Iterable[Output]) -> Say:
    """Return the reply that follows these outputs; a script that is over repeats its last reply."""
    reply = next(script)
    for output in outputs:
        if not reply.code:
            break
        reply = script.send(output)
    script.close()
    return reply
