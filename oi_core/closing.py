"""Iterators that may hold something open, closed when their reader is done with them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def closing_iterator(iterator: Iterator[T]) -> Iterator[Iterator[T]]:
    """Hand out ``iterator`` and close it at the end if it can be closed, as a generator can.

    A plugin may return any iterator where it could return a generator; only the latter has something to stop.
    """
    try:
        yield iterator
    finally:
        if isinstance(iterator, Generator):
            iterator.close()
