"""Keys kept for good: in a keyring where one works, else in a file that nobody else reads, each for one server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oi_core.api_keys import KEYRING, account_of, keys_file, store_key, stored_key
from oi_core.errors import ConfigError
from oi_core.settings import Config

BACKEND = """
import json, pathlib, os
from keyring.backend import KeyringBackend
FILE = pathlib.Path(os.environ["TEST_KEYRING"])
class Keyring(KeyringBackend):
    priority = 1
    def get_password(self, service, name):
        return json.loads(FILE.read_text()).get(f"{service}/{name}") if FILE.exists() else None
    def set_password(self, service, name, password):
        FILE.write_text(json.dumps({f"{service}/{name}": password}))
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def test_without_a_keyring_that_works_keys_are_in_a_file_of_ones_own() -> None:
    assert stored_key("OPENAI_API_KEY") is None
    assert str(keys_file()) in store_key("OPENAI_API_KEY", "sk-one")
    store_key("OPENAI_API_KEY example.org", "sk-two")
    assert stored_key("OPENAI_API_KEY") == "sk-one"
    assert keys_file().stat().st_mode & 0o777 == 0o600
    assert json.loads(keys_file().read_text())["OPENAI_API_KEY example.org"] == "sk-two"


def test_a_keyring_that_works_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring

    (tmp_path / "kept_in_a_file.py").write_text(BACKEND)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "ring.json"))
    before = keyring.get_keyring()
    try:
        keyring.set_keyring(keyring.core.load_keyring("kept_in_a_file.Keyring"))
        assert store_key("OPENAI_API_KEY", "sk-ring") == KEYRING
        assert stored_key("OPENAI_API_KEY") == "sk-ring"
    finally:
        keyring.set_keyring(before)
    assert not keys_file().exists()


def test_a_key_belongs_to_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert account_of(Config()) == "OPENAI_API_KEY"
    assert account_of(Config(base_url="https://me:pw@example.org/v1")) == "OPENAI_API_KEY example.org"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert account_of(Config(api_key_env="OTHER")) == "OTHER 127.0.0.1:1"


@pytest.mark.parametrize("text", ["", "not json", "[1]", '{"OPENAI_API_KEY": '])
def test_a_file_that_is_broken_holds_no_keys(text: str) -> None:
    keys_file().parent.mkdir(parents=True)
    keys_file().write_text(text)
    assert stored_key("OPENAI_API_KEY") is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "interpreter").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be kept"):
        store_key("OPENAI_API_KEY", "sk-one")
