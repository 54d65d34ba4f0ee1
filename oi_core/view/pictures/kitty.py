"""A PNG as kitty's graphics protocol sends it (https://sw.kovidgoyal.net/kitty/graphics-protocol/)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oi_core.view.pictures.fitting import Placing

CHUNK: Final = 4096
"""Characters of base64 that one escape sequence may carry."""


def kitty_sequence(png: bytes, placing: Placing, *, stretched: bool) -> str:
    """Return what draws a picture at the cursor, which stays where it is; the terminal answers nothing.

    ``stretched`` makes it fill its cells. Told columns alone, kitty 0.26 keeps the height that the picture has itself.
    """
    encoded = base64.b64encode(png).decode()
    chunks = [encoded[place : place + CHUNK] for place in range(0, len(encoded), CHUNK)]
    size = f",c={placing.columns},r={placing.rows}" if stretched else ""
    controls = [f"a=T,f=100,C=1,q=2{size},"] + [""] * (len(chunks) - 1)
    last = len(chunks) - 1
    return "".join(
        f"\x1b_G{control}m={int(index < last)};{chunk}\x1b\\"
        for index, (control, chunk) in enumerate(zip(controls, chunks, strict=True))
    )
