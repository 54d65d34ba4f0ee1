"""Sets of names, as rules and readers write them."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the set of names in a text, which stand between blanks and newlines."""
    return frozenset(text.split())
