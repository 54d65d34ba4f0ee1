"""Boot text, loaded when it is needed: the richer forms of a value, as notebooks show them."""

# ruff: noqa: BLE001  (strangers' methods are called here)
from __future__ import annotations

import json

from oi_python.boot.channel import emit, pack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

FORMS = (
    ("text/html", "_repr_html_"),
    ("text/markdown", "_repr_markdown_"),
    ("text/latex", "_repr_latex_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
)


def form(value: object, method: str, **options: object) -> Any:
    """Return what a method of a value gives, without its metadata; None when it has none, or fails."""
    try:
        given = getattr(value, method)(**options)
    except Exception:
        return None
    return given[0] if isinstance(given, tuple) else given


def emit_display(bundle: Any) -> None:
    """Report a MIME bundle; a write to a terminal is only whole when it is small."""
    values = {kind: jsonable(given) for kind, given in bundle.items() if given is not None}
    data = pack(json.dumps(values))
    for start in range(0, len(data), 3000):
        emit(b"d", b"1" if start + 3000 < len(data) else b"0", data[start : start + 3000])


def jsonable(given: Any) -> Any:
    """Return text as it is, bytes in base64, and anything else as JSON."""
    if isinstance(given, bytes):
        import base64

        return {"base64": base64.b64encode(given).decode()}
    return given if isinstance(given, str) else json.dumps(given, default=str)


def show_rich(value: object) -> None:
    """Show the forms that a value offers besides its repr; one picture is enough."""
    bundle = form(value, "_repr_mimebundle_", include=None, exclude=None) or form(value, "_repr_mimebundle_")
    bundle = dict(bundle) if isinstance(bundle, dict) else {}
    for kind, method in FORMS:
        is_one_more = kind == "image/jpeg" and bundle.get("image/png") is not None
        if kind not in bundle and not is_one_more and hasattr(type(value), method):
            bundle[kind] = form(value, method)
    bundle.pop("text/plain", None)
    if any(given is not None for given in bundle.values()):
        emit_display(bundle)


def display_values(*values: object, **_: object) -> None:
    """Show values in the middle of a cell, as the last expression's value is shown; what IPython calls ``display``."""
    for value in values:
        print(repr(value))  # noqa: T201  (displaying is printing here)
        show_rich(value)
