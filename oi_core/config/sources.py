"""Where settings come from: the person's file, the project's, the environment, the command line. Finding them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from oi_core.errors import ConfigError
from oi_core.toml_files.document import Document, home_folder, read_document, shown_path

if TYPE_CHECKING:
    from oi_core.toml_files.positions import KeyPath

PROJECT_FILE = "pyproject.toml"
PROJECT_TABLE: KeyPath = ("tool", "interpreter")
ENVIRONMENT_PREFIX = "INTERPRETER_"


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that may hold settings for one folder, weakest first, read but not yet checked.

    ``user_path`` is where the person's file is, or would be; None when none is looked for. ``environment`` has the
    variables that begin with ``INTERPRETER_``. ``trust_file`` is where trusted projects are kept; None trusts none.
    """

    folder: Path
    user: Document | None = None
    project: Document | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    overrides: Mapping[str, object] = field(default_factory=dict)
    user_path: Path | None = None
    trust_file: Path | None = None


def find_sources(
    folder: Path,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
    config_file: Path | None = None,
    isolated: bool = False,
) -> Sources:
    """Find and read what there is for ``folder``.

    Args:
        folder: where the project's ``pyproject.toml`` is looked for, here and upward to the person's home folder.
        environ: the environment.
        overrides: settings of the command line or a program, by dotted keys (``limits.seconds``, ``base-url``) or
            Python's names (``base_url``); a value of None means that it was not given.
        config_file: read this in place of the person's own file.
        isolated: leave out the person's file, the project's and the environment; a ``config_file`` is still read.

    Raises:
        ConfigError: a file cannot be read, or is not TOML.
    """
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    if isolated:
        user = _explicit_file(config_file) if config_file is not None else None
        return Sources(folder, user=user, overrides=given, user_path=config_file)
    user_path = config_file if config_file is not None else user_config_file()
    return Sources(
        folder=folder,
        user=_explicit_file(user_path) if config_file is not None else _user_file(user_path),
        project=_project_file(folder),
        environment={name: value for name, value in environ.items() if name.startswith(ENVIRONMENT_PREFIX)},
        overrides=given,
        user_path=user_path,
        trust_file=user_trust_file(),
    )


def user_trust_file() -> Path:
    """Return where the person's trusted projects are kept."""
    from platformdirs import user_state_path

    return user_state_path("interpreter", appauthor=False) / "trusted-projects.json"


def user_config_file() -> Path:
    """Return where the person's own configuration file is, or would be."""
    from platformdirs import user_config_path

    return user_config_path("interpreter") / "config.toml"


def _explicit_file(path: Path) -> Document:
    if not os.path.exists(path):  # noqa: PTH110  (Path.exists raises where a parent may not be read)
        raise ConfigError(f"there is no configuration file {shown_path(path)}", "check the path after --config")
    return read_document(path, shown_path(path))


def _user_file(path: Path) -> Document | None:
    return read_document(path, shown_path(path)) if os.path.exists(path) else None  # noqa: PTH110  (as above)


def _project_file(folder: Path) -> Document | None:
    """Return the nearest file upward that has our table; the person's home folder is the last place to look."""
    home = home_folder()
    for candidate in (folder, *folder.parents):
        path = candidate / PROJECT_FILE
        if os.path.isfile(path):  # noqa: PTH113  (Path.is_file raises where a parent may not be read)
            document = read_document(path, shown_path(path, folder))
            if document.table(PROJECT_TABLE) is not None:
                return document
        if candidate == home:
            return None
    return None
