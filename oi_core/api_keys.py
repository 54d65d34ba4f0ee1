"""API keys that a person has given for good: in the system's keyring where there is one, else in a private file."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from oi_core.errors import ConfigError

if TYPE_CHECKING:
    from oi_core.settings import Config

SERVICE: Final = "interpreter"
"""What the keyring knows the keys by."""
FILE_NAME: Final = "keys.json"
KEYRING: Final = "the system keyring"


def account_of(config: Config) -> str:
    """Return under what name the key for the configured server is kept: a key goes to no server but its own."""
    url = config.base_url or os.environ.get("OPENAI_BASE_URL") or ""
    return f"{config.api_key_env} {urlsplit(url).netloc.rpartition('@')[2]}".strip()


def keys_file() -> Path:
    """Return where keys are kept that no keyring takes."""
    from platformdirs import user_config_path

    return user_config_path("interpreter") / FILE_NAME


def stored_key(account: str) -> str | None:
    """Return the key that is kept for an account, from the keyring, else from the file; None when neither has it."""
    return _from_keyring(account) or _in_file(keys_file()).get(account)


def store_key(account: str, key: str) -> str:
    """Keep a key for good and return, in words, where.

    Raises:
        ConfigError: it cannot be kept.
    """
    if _to_keyring(account, key):
        return KEYRING
    file = keys_file()
    _write(file, {**_in_file(file), account: key})
    return f"{file}, which only you can read"


def has_keyring() -> bool:
    """Whether the package ``keyring`` is installed; the system behind it may still have none."""
    return find_spec("keyring") is not None


def _from_keyring(account: str) -> str | None:
    if not has_keyring():
        return None
    try:
        import keyring

        return keyring.get_password(SERVICE, account) or None
    except Exception:  # noqa: BLE001  (each desktop's own code: a keyring that fails is one that is not there)
        return None


def _to_keyring(account: str, key: str) -> bool:
    """Whether the keyring took the key, and gives it back: the null keyring takes everything and keeps nothing."""
    if not has_keyring():
        return False
    try:
        import keyring

        keyring.set_password(SERVICE, account, key)
        return keyring.get_password(SERVICE, account) == key
    except Exception:  # noqa: BLE001  (as above)
        return False


def _in_file(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(account): str(key) for account, key in found.items()} if isinstance(found, dict) else {}


def _write(file: Path, keys: dict[str, str]) -> None:
    """Write the file whole or not at all, never readable by others, not even for a moment."""
    import tempfile

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".keys-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(keys, stream, indent=2)
        Path(temporary).replace(file)
    except OSError as error:
        raise ConfigError(f"the key cannot be kept in {file}: {error.strerror}", "set it in the environment") from error
