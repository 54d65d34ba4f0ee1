"""The line below the prompt: what the next message goes to, and what its code may do, in any width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from oi_core.cli.first_screen import shown_folder
from oi_core.printed.untrusted_text import neutralise_line
from oi_core.usage import in_dollars
from oi_core.view.spans import cut

if TYPE_CHECKING:
    from pathlib import Path

    from oi_core.session import Session

SEPARATOR: Final = " · "
READY: Final = "ready"
LEAST_GAP: Final = 2
WIDEST_FOLDER: Final = 30
"""Cells; of a longer path the last name is shown."""


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of the line; the higher its ``rank``, the sooner it is left out where room is short."""

    text: str
    rank: int


def fields_of(session: Session) -> list[Field]:
    """Return what there is to know of a session, in the order in which it is shown."""
    config, prompts, spent = session.config, session.prompts, session.spending.ledger.session
    tokens = f"{in_short(prompts.tokens)}/{in_short(prompts.size.tokens)}" if prompts.tokens else ""
    about = "~" if spent.estimated or spent.unpriced else ""
    kept_in = session.launcher.name.removeprefix("sandbox-")
    fields = [
        Field(neutralise_line(config.model), 1),
        Field(tokens, 3),
        Field(f"{about}{in_dollars(spent.dollars)}" if spent.dollars else "", 4),
        Field(_folder_in_short(config.folder), 5),
        Field(f"sandbox {kept_in}" if session.launcher.name.startswith("sandbox-") else "", 2),
        Field(session.launcher.name if kept_in not in (session.launcher.name, "local") else "", 2),
        Field(config.approval.value, 0),
    ]
    return [field for field in fields if field.text]


def _folder_in_short(folder: Path) -> str:
    shown = neutralise_line(shown_folder(folder))
    return shown if cell_len(shown) <= WIDEST_FOLDER else f"…/{neutralise_line(folder.name)}"


def in_short(tokens: int) -> str:
    """Return a number of tokens in at most five characters: ``812``, ``3.1k``, ``128k``, ``1M``."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if tokens >= unit:
            return f"{tokens / unit:.1f}".removesuffix(".0") + name if tokens < 10 * unit else f"{tokens // unit}{name}"
    return str(tokens)


def status_line(left: str, fields: list[Field], width: int) -> str:
    """Return one line of at most ``width`` cells: ``left`` on the left, on the right the fields there is room for."""
    shown = list(fields)
    while shown:
        right = SEPARATOR.join(field.text for field in shown)
        gap = width - cell_len(left) - cell_len(right)
        if gap >= LEAST_GAP:
            return f"{left}{' ' * gap}{right}"
        if len(shown) == 1 and left == READY and cell_len(right) <= width:
            return right
        shown.remove(max(shown, key=lambda field: field.rank))
    return cut(left, width)
