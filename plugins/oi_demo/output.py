"""What the demo sees of a block that ran: the text of its result, and how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST_QUOTE: Final = 200
"""Characters of a program's output that a sentence quotes."""

_REFUSED: Final = "not run: "
_SILENT: Final = "no output"
_STATUS: Final = re.compile(r"^\[([^\n]*)\]\s*\Z", re.MULTILINE)
_ERROR: Final = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt|Exit))(?:: *(.*))?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Output:
    """The result of a call, as the model is told it."""

    text: str

    @property
    def refusal(self) -> str:
        """Why the code did not run, "" when it did."""
        return self.status.removeprefix(_REFUSED) if self.status.startswith(_REFUSED) else ""

    @property
    def status(self) -> str:
        """What the core adds to the output in brackets, an interruption or an exit status; "" when it adds nothing."""
        found = _STATUS.search(self.text)
        return found.group(1) if found and found.group(1) != _SILENT else ""

    @property
    def error(self) -> tuple[str, str] | None:
        """The name and the message of the last error in the output, or None."""
        found = _ERROR.findall(self.text)
        return found[-1] if found else None

    def quote(self, pattern: str) -> str:
        """Return what the first group of the pattern matches, shortened; "" when it does not."""
        found = re.search(pattern, self.text, re.MULTILINE)
        return shortened(found.group(1)) if found else ""


def shortened(text: str) -> str:
    """Return the text on one line and short enough for a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"
