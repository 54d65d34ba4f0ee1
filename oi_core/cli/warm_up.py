"""What is made ready while the person types the first message: the first language, and what the first turn imports."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from oi_core.errors import InterpreterError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_core.session import Session

PROMPT_SECONDS: Final = 0.5
"""How long the first prompt has the processor to itself."""
WARM_UP_SECONDS: Final = 5.0
"""How long leaving waits for a language that is just being started."""
SWITCH_SECONDS: Final = 0.0005
"""How long a key waits for the imports to let it through; Python's own 5 ms, several times a key, is felt."""


@contextmanager
def warming_up(session: Session) -> Iterator[None]:
    """Make things ready in a thread of their own; the session is not closed before a language is started whole."""
    leaving = threading.Event()
    thread = threading.Thread(target=_warm_up, args=(session, leaving), daemon=True, name="warm-up")
    thread.start()
    try:
        yield
    finally:
        leaving.set()
        thread.join(WARM_UP_SECONDS)


def _warm_up(session: Session, leaving: threading.Event) -> None:
    if leaving.wait(PROMPT_SECONDS):
        return
    with suppress(InterpreterError):  # what is wrong is said when code is to run
        session.warm_up()
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        if not leaving.is_set():
            session.load_ahead()
        if not leaving.is_set():
            import oi_core.cli.approval_question
            import oi_core.view.markdown
            import oi_core.view.terminal  # noqa: F401  (what the first answer is drawn and asked about with)
    finally:
        sys.setswitchinterval(usual)
