"""What the text before the cursor could go on with: commands, their arguments, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from oi_core.cli.slash_commands import commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.session import Session

MOST_ARGUMENTS: Final = 200
_NAME: Final = re.compile(r"([/%])([\w-]*)")
_ARGUMENTS: Final = re.compile(r"[/%]([\w-]+)[ ]+([^\n]*)")


class Candidate(NamedTuple):
    """What could stand for the last ``length`` characters typed, how it is shown in a list, and a remark on it."""

    text: str
    length: int
    shown: str
    remark: str = ""


def wants_list(text: str) -> bool:
    """Whether completions are shown without being asked for: behind a ``/`` or an ``@``."""
    return _NAME.fullmatch(text) is not None or re.search(r"(?:^|\s)@[^\s@]*$", text) is not None


def candidates(session: Session, text: str) -> Iterator[Candidate]:
    """Yield the completions of what stands before the cursor."""
    if name := _NAME.fullmatch(text):
        for command in sorted(commands_of(session).values(), key=lambda each: each.name):
            if command.name.startswith(name[2]):
                yield Candidate(f"{name[1]}{command.name}", len(text), f"/{command.name}", command.help)
    elif (line := _ARGUMENTS.fullmatch(text)) and line[1] in commands_of(session):
        yield from _arguments(session, line[1], line[2])
    else:
        from oi_core.cli.path_completion import path_candidates  # here: a start need not wait for it

        yield from (Candidate(*each) for each in path_candidates(text, session.config.folder))


def _arguments(session: Session, name: str, typed: str) -> Iterator[Candidate]:
    """Yield what the arguments typed so far could become, by the command's own account."""
    offered: set[str] = set()
    try:
        for text in commands_of(session)[name].complete(session, typed):
            if text.startswith(typed) and text.isprintable() and text not in offered:
                offered.add(text)
                yield Candidate(text, len(typed), text)
            if len(offered) == MOST_ARGUMENTS:
                return
    except Exception:  # noqa: BLE001  (a plugin's code, which only fails to complete)
        return
