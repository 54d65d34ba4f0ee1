"""Views: what is shown of a session's events; each reads events and nothing else, and asks nothing back.

``terminal`` draws for a person at a terminal, ``plain`` writes append-only text in words, ``json_lines`` writes records
for programs. ``words`` holds the wording they share; ``painter``, ``markdown``, ``code_frame``, ``output_pane``,
``live_tail``, ``spans``, ``displayed`` and ``pictures`` are the parts of the drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from oi_core.events import Event


class View(Protocol):
    """Something that shows events, one after the other, as they happen."""

    def show(self, event: Event) -> None:
        """Show the next event of a turn.

        Raises:
            OSError: what it writes to is gone or full.
        """
        ...

    def close(self) -> None:
        """Finish what is half shown and leave the terminal as it was; safe to call twice."""
        ...
