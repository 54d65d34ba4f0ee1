"""The reading of one block of code by all readers, and what they found."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import DEPTH_LIMIT, NOTHING, Acts, TooMuch
from oi_forbidden.other_code import read_other
from oi_forbidden.python_review import review_python
from oi_forbidden.shell_runner import ShellRunner
from oi_forbidden.shell_state import ShellState, Stream

_WORK: Final = 40_000
"""Commands, expressions and the like that are followed at most, which takes about a second."""


class Reading:
    """Reads source of any language, with scripts inside scripts, into one collection of acts."""

    def __init__(self, folder: str) -> None:
        self.acts = Acts(folder, _WORK)

    def shell(self, source: str, line: int, depth: int, known: object = None, tags: frozenset[str] = NOTHING) -> None:
        """Read shell source."""
        if depth > DEPTH_LIMIT:
            raise TooMuch
        runner = ShellRunner(self, ShellState(), depth)
        runner.context = tags
        runner.read(source, line, known if isinstance(known, Stream) else None)
        runner.finish()

    def python(self, source: str, line: int, depth: int) -> None:
        """Read Python source."""
        if depth > DEPTH_LIMIT:
            raise TooMuch
        review_python(source, line, depth, self)

    def other(self, language: str, source: str, line: int, depth: int) -> None:
        """Read source of another language."""
        if depth > DEPTH_LIMIT:
            raise TooMuch
        read_other(language, source, line, self, depth)
