"""The error of a picture that the terminal cannot draw."""

from __future__ import annotations

from oi_core.errors import InterpreterError


class CannotDraw(InterpreterError):
    """A picture that is not drawn, and why: the link to its file has to do."""
