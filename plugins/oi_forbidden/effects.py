"""What code would do that nobody needs to be asked about, but may want to know: hosts, packages, files elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from oi_core.plugin_api import Effect
from oi_forbidden.acts import Act, Verb, shown
from oi_forbidden.hosts import host_of
from oi_forbidden.names import words
from oi_forbidden.places import HOLE

MOST: Final = 12
_FETCHING: Final = words("git hg svn aria2c yt-dlp youtube-dl http https xh go cargo npx")
_ADDRESS: Final = re.compile(r"(?:https?|ssh|git|ftp|svn)://[^\s'\"]+|\b[\w.-]+@[\w-]+(?:\.[\w-]+)+(?=:)")
_ELSEWHERE: Final = {
    Verb.WRITE: "writes {}, outside the project",
    Verb.EMPTY: "empties {}, outside the project",
    Verb.DELETE: "deletes {}, outside the project",
    Verb.MOVE: "moves {}, outside the project",
}
_TOLD: Final = frozenset({Verb.FETCH, Verb.SEND, Verb.INSTALL})
_UNREMARKABLE: Final = words("temporary device own")


def may_matter(act: Act) -> bool:
    """Whether an act is of a kind that is told."""
    match act.verb:
        case Verb.WRITE | Verb.EMPTY | Verb.DELETE | Verb.MOVE:
            return "outside" in act.tags and not act.tags & _UNREMARKABLE and HOLE not in act.target[:1]
        case Verb.RUN:
            return act.target in _FETCHING
        case _:
            return act.verb in _TOLD


def effects_of(acts: Iterable[Act]) -> tuple[Effect, ...]:
    """Return what acts that may matter come to: each once, in the order of the code, and not endlessly many."""
    seen: dict[str, Effect] = {}
    for act in acts:
        for sentence in _sentences(act):
            seen.setdefault(sentence, Effect(sentence, act.line))
        if len(seen) >= MOST:
            break
    return tuple(list(seen.values())[:MOST])


def not_told_yet(effects: Iterable[Effect], told: Sequence[Effect]) -> Iterator[Effect]:
    """Yield the effects whose host, package or file no other sentence names."""
    for effect in effects:
        subject = effect.sentence.partition(" ")[2].partition(", outside")[0]
        if not any(subject in other.sentence for other in told):
            yield effect


def _sentences(act: Act) -> Iterator[str]:
    match act.verb:
        case Verb.WRITE | Verb.EMPTY | Verb.DELETE | Verb.MOVE:
            yield _ELSEWHERE[act.verb].format(shown(act.target))
        case Verb.FETCH | Verb.SEND:
            yield from _contact(act.target, act.tags)
        case Verb.RUN:
            for address in _ADDRESS.findall(act.arguments):
                yield from _contact(address, act.tags)
        case Verb.INSTALL:
            if HOLE not in act.target:
                yield f"installs {shown(act.target)}"


def _contact(address: str, tags: frozenset[str]) -> Iterator[str]:
    host = host_of(address)
    if host and HOLE not in host and "local" not in tags:
        yield f"contacts {shown(host)}"
