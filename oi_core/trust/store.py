"""The file of trusted projects in the person's state folder: read with suspicion, replaced as a whole."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from oi_core.errors import ConfigError
from oi_core.toml_files.document import shown_path

VERSION = 1
SIZE_LIMIT = 1 << 24
"""Bytes the file may have: each project's table is bounded, and nobody trusts thousands of long ones."""
OTHERS_MAY_WRITE = 0o022


@dataclass(frozen=True, slots=True)
class TrustedProject:
    """What was trusted: the hash of the project's table, and the settings that needed trust, as JSON by dotted key."""

    digest: str
    wishes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the file says: projects by the path of their file; ``problem`` says why it cannot be believed."""

    projects: Mapping[str, TrustedProject] = field(default_factory=dict)
    problem: str = ""


class TrustStore:
    """The trusted projects in ``file``, which only its owner may write; one that is damaged trusts nothing."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> Stored:
        """Return what is trusted; nothing, and why, when the file cannot be read or believed."""
        try:
            with self.file.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_uid not in (0, os.geteuid()) or status.st_mode & OTHERS_MAY_WRITE:
                    return self._unbelievable("others may write it", f"chown or chmod 600 {shown_path(self.file)}")
                return Stored(_projects_in(file.read(SIZE_LIMIT)))
        except FileNotFoundError:
            return Stored()
        except OSError as error:
            return self._unbelievable(error.strerror or str(error), "mend its permissions")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return self._unbelievable("it is damaged", f"remove {shown_path(self.file)} and trust again")

    def remember(self, path: Path, project: TrustedProject) -> None:
        """Keep that a project is trusted. A damaged file is put aside under another name.

        Raises:
            ConfigError: the file cannot be written.
        """
        self._change(lambda projects: {**projects, str(path): project}, put_aside=True)

    def forget(self, path: str) -> None:
        """Trust a project no longer.

        Raises:
            ConfigError: the file cannot be written, or is damaged.
        """
        self._change(lambda projects: {key: value for key, value in projects.items() if key != path}, put_aside=False)

    def _change(
        self,
        change: Callable[[Mapping[str, TrustedProject]], Mapping[str, TrustedProject]],
        *,
        put_aside: bool,
    ) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked():
                stored = self.read()
                if stored.problem and not put_aside:
                    raise ConfigError(stored.problem)
                if stored.problem:
                    self.file.replace(self.file.with_suffix(".damaged"))
                self._replace(change(stored.projects))
        except OSError as error:
            where = shown_path(self.file)
            raise ConfigError(f"{where} cannot be written: {error.strerror}", "make its folder writable") from None

    def _replace(self, projects: Mapping[str, TrustedProject]) -> None:
        record = {key: {"digest": value.digest, "wishes": dict(value.wishes)} for key, value in projects.items()}
        descriptor, name = tempfile.mkstemp(dir=self.file.parent, prefix=f".{self.file.name}-")  # of mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump({"version": VERSION, "projects": record}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.file)  # noqa: PTH105  (its counterpart of mkstemp, which gives a string)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)  # noqa: PTH108  (as above)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let no other process change the file meanwhile: of two answers given at once, both count."""
        descriptor = os.open(self.file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _unbelievable(self, why: str, next_step: str) -> Stored:
        return Stored(problem=f"{shown_path(self.file)}: no project is trusted, for {why} · {next_step}")


def _projects_in(data: bytes) -> dict[str, TrustedProject]:
    """Return what the file's bytes say; any other shape raises what the wrong access raises."""
    content = json.loads(data)
    if content["version"] != VERSION:
        raise ValueError("of another version")
    return {
        path: TrustedProject(_text(item["digest"]), {key: _text(value) for key, value in item["wishes"].items()})
        for path, item in content["projects"].items()
    }


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
