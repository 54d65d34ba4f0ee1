"""Where machines keep secrets: keys, tokens, sessions of browsers, histories, and this program's own files."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN_FILES = ("auth.json", "credentials", "credentials.json", ".credentials.json", "oauth_creds.json", "hosts.yml")
"""Where programs that no list has heard of keep what they log in with: in any ``~/.NAME`` or ``~/.config/NAME``."""

_LOCATIONS = (
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "CLOUDSDK_CONFIG",
    "DOCKER_CONFIG",
    "GH_CONFIG_DIR",
    "GNUPGHOME",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "KUBECONFIG",
    "NETRC",
    "NPM_CONFIG_USERCONFIG",
    "PASSWORD_STORE_DIR",
    "PGPASSFILE",
    "XAUTHORITY",
)
"""Variables that say where a secret is kept, when it is not in the usual place."""


def home_folders() -> tuple[Path, ...]:
    """Return the person's home folder, as the environment and as the system say, and every home when root runs this."""
    homes = [os.environ.get("HOME", ""), _home_of_record()]
    if os.geteuid() == 0:
        homes += ["/root", *_entries("/home")]
    real = (os.path.realpath(home) for home in homes if home.startswith("/"))
    return tuple(dict.fromkeys(Path(home) for home in real))


def secret_paths() -> list[Path]:
    """Return the real paths of the secrets there are now, and of what this program keeps."""
    homes = home_folders()
    listed = _listed()
    places = [home / name.removeprefix("~/") for home in homes for name in listed if name.startswith("~")]
    places += [Path(name) for name in listed if not name.startswith("~")]
    places += [Path(folder) / name for home in homes for folder in _of_programs(home) for name in TOKEN_FILES]
    places += [Path(part) for variable in _LOCATIONS for part in os.environ.get(variable, "").split(":") if part]
    places += _ours()
    real = dict.fromkeys(Path(os.path.realpath(place)) for place in places if os.path.lexists(place))
    return [path for path in real if os.path.lexists(path) and path not in (Path("/"), *homes)]


def _listed() -> list[str]:
    lines = Path(__file__).with_name("secret_paths.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _ours() -> Iterator[Path]:
    from platformdirs import PlatformDirs

    folders = PlatformDirs("interpreter", appauthor=False)
    for folder in (folders.user_config_dir, folders.user_data_dir, folders.user_state_dir, folders.user_cache_dir):
        yield Path(folder)


def _home_of_record() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a container may run under an id without an entry
        return ""


def _of_programs(home: Path) -> list[str]:
    hidden = [folder for folder in _entries(home) if os.path.basename(folder).startswith(".")]  # noqa: PTH119  (text, of many entries)
    return [*hidden, *_entries(home / ".config"), *_entries(home / ".local/share")]


def _entries(folder: str | Path) -> list[str]:
    try:
        return [entry.path for entry in os.scandir(folder) if entry.is_dir()]
    except OSError:
        return []
