"""What happens to an error nobody foresaw: its traceback goes to a file, and one line says where."""

from __future__ import annotations

import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def log_folder() -> Path:
    """Return where logs are kept on this machine."""
    from platformdirs import user_log_path

    return user_log_path("interpreter", appauthor=False)


def report(error: BaseException, folder: Path) -> str:
    """Write the traceback of ``error`` below ``folder`` and return the line that says so.

    When the file cannot be written, the traceback is part of what is returned.
    """
    text = "".join(traceback.format_exception(error))
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    kind = type(error).__qualname__ if type(error).__module__ == "builtins" else f"{type(error).__module__} error"
    told = f"interpreter: unexpected {kind}, which is a bug of the interpreter"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"Python {sys.version}\n{' '.join(sys.argv[:1])}\n{text}")
    except OSError as unwritable:
        return f"{text}{told}; its log could not be written: {unwritable}"
    return f"{told}; its traceback is in {folder / name}"
