"""Opinions on code before it runs: what a reviewer may say, what it is told, and which opinion stands."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Review:
    """One opinion: the verdict, the reason in words a person can decide by, and who says so.

    ``reviewer`` is filled in by the core with the plugin's name when the plugin leaves it empty.
    """

    verdict: Verdict
    reason: str = ""
    reviewer: str = ""


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
    return Review(verdict, "; ".join(reasons), ", ".join(reviewers))


def needs_asking(review: Review, approval: Approval) -> bool:
    """Whether the person must be asked before code with this review runs (a BLOCK is not a question)."""
    match approval:
        case Approval.ASK:
            return True
        case Approval.RISKY:
            return review.verdict is Verdict.ASK or not review.reviewer
        case Approval.AUTO | Approval.DENY:
            return review.verdict is Verdict.ASK
