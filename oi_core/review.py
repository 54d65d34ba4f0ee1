"""Opinions on code before it runs: what a reviewer may say, what it is told, and which opinion stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Verdict(IntEnum):
    """A reviewer's opinion; the order is the meaning, a greater one is stricter."""

    ALLOW = 0
    ASK = 1
    BLOCK = 2


class Approval(StrEnum):
    """When the person is asked before code runs."""

    ASK = "ask"
    """Always."""
    RISKY = "risky"
    """Unless a reviewer read the code and found nothing to ask about."""
    AUTO = "auto"
    """Only when a reviewer asks for it."""
    DENY = "deny"
    """Never: nothing runs."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that code would do, as the question whether it may run shows it.

    ``sentence`` goes on after "line 3": ``deletes build/``. ``line`` counts from 1, 0 is no line in particular.
    ``rule`` and ``category`` name what it was recognised by; ``reviewer`` is as for :class:`Review`.
    """

    sentence: str
    line: int = 0
    rule: str = ""
    category: str = ""
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One opinion: the verdict, the reason in words a person can decide by, and who says so.

    ``reviewer`` is filled in by the core with the plugin's name when the plugin leaves it empty. ``effects`` are the
    reason in its parts, for reviewers that know them.
    """

    verdict: Verdict
    reason: str = ""
    reviewer: str = ""
    effects: tuple[Effect, ...] = ()

    def said_by(self, name: str) -> Review:
        """Return the opinion with ``name`` as its reviewer, and that of its effects, where it names none itself."""
        name = self.reviewer or name
        effects = tuple(replace(effect, reviewer=effect.reviewer or name) for effect in self.effects)
        return replace(self, reviewer=name, effects=effects)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a reviewer is told about the session: when people are asked, where code runs, what the person forbade."""

    approval: Approval = Approval.ASK
    folder: Path = field(default_factory=Path.cwd)
    forbidden_commands: Sequence[str] = ()


REVIEW_SECONDS: Final = 2.0
"""How long reviewers may take over one block, in seconds: a person waits for them."""

NO_OPINION = Review(Verdict.ALLOW)
"""What stands when no reviewer has an opinion: allowed, by nobody."""


def strictest(reviews: Iterable[Review]) -> Review:
    """Return the strictest opinion; opinions that tie on it are joined, in the order of the reviewers' names.

    The result does not depend on the order of ``reviews``; without any it is :data:`NO_OPINION`.
    """
    opinions = set(reviews)
    if not opinions:
        return NO_OPINION
    verdict = max(review.verdict for review in opinions)
    standing = sorted((r for r in opinions if r.verdict is verdict), key=lambda r: (r.reviewer, r.reason))
    reasons = dict.fromkeys(r.reason for r in standing if r.reason)
    reviewers = dict.fromkeys(r.reviewer for r in standing if r.reviewer)
    named = any(r.effects for r in standing)
    effects = dict.fromkeys(effect for r in standing for effect in r.effects or _as_effect(r) if named)
    return Review(verdict, "; ".join(reasons), ", ".join(reviewers), tuple(effects))


def _as_effect(review: Review) -> tuple[Effect, ...]:
    """Return the reason of a review that names no effects as one, so that it is not lost among those of others."""
    return (Effect(review.reason, reviewer=review.reviewer),) if review.reason else ()


def needs_asking(review: Review, approval: Approval) -> bool:
    """Whether the person must be asked before code with this review runs (a BLOCK is not a question)."""
    match approval:
        case Approval.ASK:
            return True
        case Approval.RISKY:
            return review.verdict is Verdict.ASK or not review.reviewer
        case Approval.AUTO | Approval.DENY:
            return review.verdict is Verdict.ASK
