"""The folder this program was started in, which may be gone since, or lie where this user may not look."""

from __future__ import annotations

from pathlib import Path

from oi_core.errors import ConfigError


def current_folder() -> Path:
    """Return the current folder.

    Raises:
        ConfigError: it does not exist any more, or this user may not use it.
    """
    try:
        folder = Path.cwd()
        folder.stat()
    except FileNotFoundError as error:
        raise ConfigError("the current folder does not exist any more", "cd to another one") from error
    except OSError as error:
        raise ConfigError(f"the current folder cannot be used: {error.strerror}", "cd to another one") from error
    return folder
