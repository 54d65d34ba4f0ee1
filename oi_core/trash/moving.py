"""Moving files to the trash instead of deleting them: runs in language processes, with any Python from 3.8 on.

It stands before ``rm`` on PATH, and before ``os.remove``, ``os.unlink`` and ``shutil.rmtree`` in the driven Python.
``OI_TRASH_OF`` is the project's real folder; what is in it goes to ``OI_TRASH``, where each deletion has a folder with
the thing itself, ``item``, and the path it had, ``path``. All else is deleted as ever. What cannot be moved, for want
of room or of permission, is not deleted either.
"""

from __future__ import annotations

import errno
import functools
import os
import shutil
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for arguments of the functions that are replaced, which are handed on

_unlink = os.unlink
_rmtree = shutil.rmtree
_LONG = ("--recursive", "--force", "--verbose", "--dir", "--one-file-system", "--preserve-root", "--no-preserve-root")


def place_in_project(path: str | bytes | os.PathLike[Any]) -> bytes | None:
    """Return the real path of what would be deleted, itself not followed; None when it is not the trash's business."""
    trash, project = os.environb[b"OI_TRASH"], os.environb[b"OI_TRASH_OF"]
    written = os.fsencode(path)
    bare = written.rstrip(b"/")
    if not bare or (bare != written and os.path.islink(bare)):
        return None
    folder, name = os.path.split(bare)
    place = os.path.join(os.path.realpath(folder or b"."), name)
    is_inside = name not in (b".", b"..") and _is_in(place, project)
    if not is_inside or _is_in(place, trash) or _is_in(trash, place) or not os.path.lexists(place):
        return None
    return place if _can_be_kept(os.lstat(place).st_mode) else None


def move_to_trash(place: bytes) -> None:
    """Move what is at a path to the trash.

    Raises:
        OSError: it cannot be moved; it is where it was.
    """
    entry = _new_entry(place)
    item = entry + b"/item"
    try:
        try:
            os.rename(place, item)
            return
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        _copy(place, item)
    except BaseException as error:
        _rmtree(entry, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        why = f"it cannot be moved to the trash ({error.strerror or error}), and is kept"
        raise OSError(error.errno or errno.EIO, why, os.fsdecode(place)) from None
    if os.path.isdir(place) and not os.path.islink(place):
        _rmtree(place)
    else:
        _unlink(place)


def _new_entry(place: bytes) -> bytes:
    trash = os.environb[b"OI_TRASH"]
    os.makedirs(trash, 0o700, exist_ok=True)
    while True:
        entry = trash + b"/%d-%d" % (time.time_ns(), os.getpid())
        try:
            os.mkdir(entry, 0o700)
            break
        except FileExistsError:
            continue
    with open(entry + b"/path", "xb") as file:
        file.write(place)
    return entry


def _copy(place: bytes, item: bytes) -> None:
    """Copy to another file system; what is no file, folder or link has nothing to keep and is left out."""
    if not os.path.isdir(place) or os.path.islink(place):
        shutil.copy2(place, item, follow_symlinks=False)
        return

    def left_out(folder: Any, names: Any) -> Any:
        modes = ((name, os.lstat(os.path.join(folder, name)).st_mode) for name in names)
        return [name for name, mode in modes if not _can_be_kept(mode)]

    try:
        shutil.copytree(os.fsdecode(place), os.fsdecode(item), symlinks=True, ignore=left_out)
    except shutil.Error as error:  # a list of what went wrong, one for each file
        first = error.args[0][0] if error.args and error.args[0] else ("", "", str(error))
        raise OSError(errno.EIO, str(first[2])) from None


def _can_be_kept(mode: int) -> bool:
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)


def _is_in(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")


def install() -> None:
    """Put the trash in front of what deletes files in this process."""

    @functools.wraps(_rmtree)
    def rmtree(path: Any, ignore_errors: bool = False, *more: Any, **named: Any) -> None:
        place = None if named.get("dir_fd") is not None or os.path.islink(path) else _place_or_none(path)
        if place is None or not os.path.isdir(place):
            return _rmtree(path, ignore_errors, *more, **named)
        try:
            return move_to_trash(place)
        except OSError as error:
            told = more[0] if more else named.get("onerror")
            if told is not None:
                told(os.rename, path, sys.exc_info())
            elif named.get("onexc") is not None:
                named["onexc"](os.rename, path, error)
            elif not ignore_errors:
                raise

    os.unlink = _instead_of(os.unlink)
    os.remove = _instead_of(os.remove)
    shutil.rmtree = rmtree  # type: ignore[assignment]  # typed as the object with its attributes, which wraps copies
    pathlib = sys.modules.get("pathlib") or __import__("pathlib")
    accessor = getattr(pathlib, "_NormalAccessor", None)  # up to Python 3.10, Path keeps functions of its own
    if accessor is not None:
        accessor.unlink = staticmethod(os.unlink)


def _instead_of(delete: Any) -> Any:
    @functools.wraps(delete)
    def remove(path: Any, *, dir_fd: Any = None) -> None:
        place = _place_or_none(path) if dir_fd is None else None
        if place is None or (os.path.isdir(place) and not os.path.islink(place)):
            delete(path, dir_fd=dir_fd)
        else:
            move_to_trash(place)

    return remove


def _place_or_none(path: Any) -> bytes | None:
    """Leave what is no path at all to the real function, which says so in its own words."""
    try:
        return place_in_project(path)
    except (TypeError, ValueError, OSError):
        return None


def rm(arguments: list[str]) -> int:
    """Do as ``rm`` does, but move what is in the project; return the exit status."""
    options, operands = _parsed(arguments)
    if options is None:
        return _real_rm(arguments)
    letters = "".join(option[1:] for option in options if not option.startswith("--"))
    recursive = "--recursive" in options or "r" in letters.lower()
    told = "--verbose" in options or "v" in letters
    status = 0
    left: list[str] = []
    for operand in operands:
        place = _place_or_none(operand)
        if place is None or (not recursive and os.path.isdir(place) and not os.path.islink(place)):
            left.append(operand)
            continue
        try:
            move_to_trash(place)
            if told:
                print(f"removed '{operand}'")  # noqa: T201  (as rm says it)
        except OSError as error:
            print(f"rm: cannot remove '{operand}': {error.strerror}", file=sys.stderr)  # noqa: T201  (as rm says it)
            status = 1
    return max(status, _real_rm([*options, "--", *left]) if left or not operands else 0)


def _parsed(arguments: list[str]) -> tuple[list[str] | None, list[str]]:
    """Return the options and operands, which may be mixed; None for options that the real ``rm`` has to see to."""
    options: list[str] = []
    operands: list[str] = []
    for index, argument in enumerate(arguments):
        if argument == "--":
            return options, operands + arguments[index + 1 :]
        if argument in ("-", "") or not argument.startswith("-"):
            operands.append(argument)
        elif argument in _LONG or argument == "--preserve-root=all":
            options.append(argument)
        elif argument.startswith("--") or argument.strip("-dfrRv"):
            return None, []
        else:
            options.append(argument)
    return options, operands


def _real_rm(arguments: list[str]) -> int:
    import subprocess

    own = os.path.dirname(os.environ.get("OI_TRASH_RM", ""))
    path = os.pathsep.join(folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder != own)
    program = shutil.which("rm", path=path)
    if program is None:
        print("rm: not found behind the trash", file=sys.stderr)  # noqa: T201  (as rm says it)
        return 127
    return subprocess.run(["rm", *arguments], executable=program, check=False).returncode


if __name__ == "__main__":
    sys.exit(rm(sys.argv[1:]))
