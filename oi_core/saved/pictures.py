"""Pictures of a saved session, whatever form they were kept in, as bytes with their kind."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oi_core.saved.archive import Bundle

SVG = "image/svg+xml"


def picture_of(url: str) -> tuple[str, bytes] | None:
    """Return the kind and the bytes of a ``data:`` URL; None for other addresses."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        return None
    try:
        return head.removeprefix("data:").removesuffix(";base64"), base64.b64decode(data)
    except (binascii.Error, ValueError):
        return None


def picture_in(bundle: Bundle) -> tuple[str, bytes] | None:
    """Return the kind and the bytes of the picture that a displayed value has, if it has one."""
    for kind, value in bundle.items():
        if kind.startswith("image/"):
            return kind, value if isinstance(value, bytes) else value.encode("utf-8", "replace")
    return None
