"""The variables of a running language, listed without disturbing it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from oi_core.errors import InterpreterError
from oi_core.events import Executed, OutputDelta
from oi_core.view.spans import cut

if TYPE_CHECKING:
    from oi_core.session import Session

SECONDS: Final = 10.0
LISTINGS: Final = {"python": "%whos"}
"""Code that lists a language's variables and leaves no trace in it."""


def variables_of(session: Session, name: str) -> str:
    """Return a table of the variables of a language; a language that has not started is not started for it.

    Raises:
        InterpreterError: there is no such language, its variables cannot be listed, or it did not answer.
    """
    language = session.known_language(name).name
    code = LISTINGS.get(language)
    if code is None:
        known = ", ".join(f"/vars {each}" for each in LISTINGS)
        raise InterpreterError(f"the variables of {language} cannot be listed", f"{known}; or ask the model for them")
    if language not in session.started_languages:
        return f"{language} has no process yet, and no variables."
    output, width = "", shutil.get_terminal_size().columns - 1
    for event in session.run_code(language, code, timeout=SECONDS):
        match event:
            case OutputDelta(text=text):
                output += text
            case Executed(result=result) if result.note:
                raise InterpreterError(f"{language} did not answer: {result.note}")
            case _:
                pass
    return "\n".join(cut(line, width) for line in output.rstrip().splitlines())
