"""Exit codes: what a program that starts ``interpreter`` can tell from its end."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of the command; a signal's is 128 plus its number."""

    DONE = 0
    BUG = 1
    """An unexpected error; a line names the file with its traceback."""
    USAGE = 2
    """A wrong command line or configuration."""
    MODEL = 3
    """The key, the server or the network."""
    APPROVAL = 4
    """Code needed approval and nobody gave it."""
    CODE_FAILED = 5
    """The last code that ran failed; only with ``--exit-status``."""
    LIMIT = 6
    """A limit was reached."""
    LANGUAGE = 7
    """A language could not start."""
    INTERRUPTED = 130
    BROKEN_PIPE = 141
