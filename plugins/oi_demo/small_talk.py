"""What the demo can do besides the tour: say what it is, and have a sum worked out."""

from __future__ import annotations

import ast
import re
from typing import Final

from oi_demo.output import shortened
from oi_demo.script import Say, Script

_QUESTION: Final = re.compile(r"^(?:what(?:'s| is)|how much is|calculate|compute)\s+", re.IGNORECASE)
_SIGNS: Final = str.maketrans({"\N{MULTIPLICATION SIGN}": "*", "\N{DIVISION SIGN}": "/", "^": "**"})
_SUM: Final = re.compile(r"[\d\s.+\-*/%()]{3,200}")


def arithmetic(text: str) -> str:
    """Return the sum that a message asks for as a Python expression, "" when it asks for none."""
    asked = _QUESTION.sub("", text.strip()).rstrip("?=. ").translate(_SIGNS)
    if not _SUM.fullmatch(asked):
        return ""
    try:
        expression = ast.parse(asked.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return asked.strip() if isinstance(expression, ast.BinOp) else ""


def calculation(expression: str) -> Script:
    """Have Python work out a sum, and say what it printed."""
    output = yield Say("I cannot count, but Python can.", "python", f"print({expression})\n")
    result = output.quote(r"^(-?[\d.e+]+)$")
    if result:
        yield Say(f"That is {result}.")
    else:
        yield Say(f"No number came out of that: {shortened(output.text)}")


def honest_answer(*, tour_is_open: bool) -> Script:
    """Say what this is, what it understands, and how to talk to a real model."""
    ways = "`tour` (to see it again)" if not tour_is_open else "`continue` (with the tour)"
    yield Say(
        f"I am only a script, so I cannot help with that. I understand {ways} and sums such as `6 * 7`.\n\n"
        "For real answers, leave with `exit`, then set `OPENAI_API_KEY` and start `interpreter`, or name a server: "
        "`interpreter --base-url http://127.0.0.1:11434/v1 -m NAME`."
    )
