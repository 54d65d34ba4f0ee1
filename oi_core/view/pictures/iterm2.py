"""A picture file as iTerm2's inline images send it (https://iterm2.com/documentation-images.html)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oi_core.view.pictures.fitting import Placing


def iterm2_sequence(content: bytes, placing: Placing) -> str:
    """Return what draws a picture at the cursor, as large as fits into its cells, aspect kept."""
    size = f"size={len(content)};width={placing.columns};height={placing.rows};preserveAspectRatio=1"
    return f"\x1b]1337;File=inline=1;{size}:{base64.b64encode(content).decode()}\x07"
