"""What a terminal sends, split into keys: characters, sequences such as arrows, and the terminal's own answers."""

from __future__ import annotations

import codecs
import re
from typing import Final

ESCAPE: Final = "\x1b"
LONGEST_SEQUENCE: Final = 4096
"""Characters; what is longer and has not ended is not a sequence, and is dropped."""

_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # arrows and the like, reports
    r"|O."  # function keys
    r"|[\]PX^_](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)"  # what the terminal answers to a question
    r"|[^\[OPX^_\]\x1b])",  # a key together with Alt
    re.DOTALL,
)


class KeyDecoder:
    """Turns bytes into keys, piece by piece; any split of the same bytes gives the same keys.

    A sequence is one key, beginning with ``ESCAPE``. The key ``ESC`` itself is ``ESCAPE`` alone, and only time tells it
    from the start of a sequence: call :meth:`flush` when nothing has followed for a while.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    @property
    def waits(self) -> bool:
        """Whether more may follow that belongs to what was fed last."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; return the keys that are complete."""
        text = self._held + self._decoder.decode(data)
        keys: list[str] = []
        position = 0
        while position < len(text):
            if text[position] != ESCAPE:
                keys.append(text[position])
                position += 1
            elif sequence := _SEQUENCE.match(text, position):
                keys.append(sequence.group())
                position = sequence.end()
            elif text.startswith(ESCAPE * 2, position):
                keys.append(ESCAPE)
                position += 1
            else:
                break
        self._held = text[position:] if len(text) - position <= LONGEST_SEQUENCE else ""
        return keys

    def flush(self) -> list[str]:
        """Give up waiting: return ``ESCAPE`` for the key alone, nothing for a sequence that never ended."""
        held, self._held = self._held, ""
        return [ESCAPE] if held == ESCAPE else []


class AsTyped(KeyDecoder):
    """Gives what was typed as it came, character by character, for a reader that splits it into keys itself."""

    def feed(self, data: bytes) -> list[str]:
        """Take the next bytes; return the characters that are complete."""
        return list(self._decoder.decode(data))
