"""The folder that sandboxed processes of one session see as /tmp, all of them the same."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.plugin_api import ExecutorError
from oi_sandbox.programs import is_below

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def make_private_folder(elsewhere: Sequence[Path]) -> Path:
    """Make a folder that only this user can enter, and that is not in one of the folders ``elsewhere``.

    Code that could rename the folder and put a link in its place would choose what the next start lets it write.

    Raises:
        ExecutorError: there is no place for one.
    """
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108  (mkdtemp makes its own)
        if not os.path.isdir(place) or is_below(place, elsewhere):  # noqa: PTH112  (False where it may not be read)
            continue
        try:
            return Path(tempfile.mkdtemp(prefix="interpreter-", dir=os.path.realpath(place)))
        except OSError:
            continue
    raise ExecutorError(
        "there is no place for the sandbox's temporary files", "set TMPDIR to a folder outside the project"
    )


def remove_private_folder(folder: Path) -> None:
    """Remove the folder and all that code left in it; what cannot be removed stays, for the system to clear."""
    shutil.rmtree(folder, onerror=_open_up_and_retry)


def _open_up_and_retry(_remove: Callable[[str], object], path: str, _error: object) -> None:
    """Remove what is in a folder without permissions: code may have made one."""
    try:
        Path(path).parent.chmod(stat.S_IRWXU)
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114  (False where it may not be read)
            Path(path).chmod(stat.S_IRWXU)
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)  # noqa: PTH108  (beside its siblings above)
    except OSError:
        return
