"""What the model is told before all else: the default instructions, the machine, the person's own, the plugins'."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oi_core.settings import Config


def default_system_message() -> str:
    """Return the text of ``system_message.md``."""
    return Path(__file__).with_name("system_message.md").read_text(encoding="utf-8")


def system_text(message: str, config: Config, from_plugins: str) -> str:
    """Return the system message of a session: ``message``, then what is so here and now."""
    import platform

    machine = f"The machine runs {platform.system()}; the working folder is {config.folder}."
    parts = [message, machine, config.instructions, from_plugins]
    return "\n\n".join(part.strip() for part in parts if part.strip())
