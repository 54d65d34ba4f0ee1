"""Iterators that may hold something open, closed when their reader is done with them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from typing import TypeVar

T = TypeVar("T")


def closing_iterator(iterator: Iterator[T]) -> AbstractContextManager[Iterator[T]]:
    """Hand out ``iterator`` and close it at the end if it can be closed, as a generator can.

    A plugin may return any iterator where it could return a generator; only the latter has something to stop.
    """
    return closing(iterator) if isinstance(iterator, Generator) else nullcontext(iterator)
