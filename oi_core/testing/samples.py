"""The pieces of code, in one language, that the suite for executors runs."""

from __future__ import annotations

from typing import ClassVar

UNICODE = "Grüße, 世界 🙂"
FLOOD_SIZE = 10_000_000


class Samples:
    """What a language's tests give; a sample that is left empty is a capability that the language does not have."""

    hello: ClassVar[str] = ""
    """Prints ``hello`` on a line of its own."""
    store: ClassVar[str] = ""
    """Keeps the number 41 somewhere."""
    recall: ClassVar[str] = ""
    """Prints what ``store`` kept."""
    error: ClassVar[str] = ""
    """Fails, and says ``oops``."""
    unicode: ClassVar[str] = ""
    """Prints :data:`UNICODE`."""
    no_newline: ClassVar[str] = ""
    """Prints ``abc`` and no newline."""
    slow: ClassVar[str] = ""
    """Prints ``first``, waits for two seconds, prints ``second``."""
    both_streams: ClassVar[str] = ""
    """Prints ``1`` on standard output, ``2`` on standard error, ``3`` on standard output, each on a line."""
    endless: ClassVar[str] = ""
    """Prints ``started`` and never ends."""
    stubborn: ClassVar[str] = ""
    """Prints ``started``, never ends, and takes no notice of an interrupt."""
    crash: ClassVar[str] = ""
    """Kills the language process."""
    flood: ClassVar[str] = ""
    """Prints :data:`FLOOD_SIZE` times the letter ``x``, then a newline and ``end``."""
    forged_marker: ClassVar[str] = ""
    """Prints the characters ``ESC ] 6973 ; 0123456789abcdef ; z ; 1 ; ok BEL`` and then ``after``."""
    reads_input: ClassVar[str] = ""
    """Asks ``Name: ``, reads a line and prints ``got `` and the line; ends at the end of input."""
    reads_secret: ClassVar[str] = ""
    """Reads a line without showing it and prints how many characters it has."""
    asks_nothing: ClassVar[str] = ""
    """Starts programs that feed one another, waits for something else than the keyboard, and reads no input."""
    long_code: ClassVar[str] = ""
    """One line of code, without its newline, that may be repeated 20,000 times before ``hello``."""
