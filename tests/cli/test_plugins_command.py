"""Plugins from the command line: what is said of each, and how each kind of environment installs more."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from oi_core.cli.installer import PINNED, installer_for

from .command import Command


def install_broken(site: Path) -> str:
    """Install a plugin that does not import, and return what PYTHONPATH needs for it."""
    about = site / "oi_bad-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: oi-bad\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[interpreter]\nbad = oi_bad\n")
    (site / "oi_bad.py").write_text("1 / 0\n")
    return os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])


def test_a_plugin_is_shown_with_what_it_provides_and_a_broken_one_with_its_traceback(
    command: Command, tmp_path: Path
) -> None:
    command.extra["PYTHONPATH"] = install_broken(tmp_path / "site")
    done = command.run("plugins", "doctor")
    assert done.returncode == 2
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert "Traceback" in done.stdout
    assert "remove     pip uninstall oi-bad" in done.stdout
    assert "9 of 10 plugins are fine" in done.stdout
    assert "provides   language python\n" in command.run("plugins", "show", "python").stdout
    records = {record["name"]: record for record in json.loads(command.run("plugins", "--json").stdout)}
    assert records["openai"]["provides"] == ["models openai/…"]
    assert records["bad"]["status"] == "broken"
    assert command.run("plugins", "show", "none").returncode == 2
    assert command.run("plugins", "uninstall", "-y", "python").returncode == 2


def test_each_kind_of_environment_has_its_command(tmp_path: Path) -> None:
    here = installer_for(["oi-x"])
    assert here.install == (sys.executable, "-m", "pip", "install", "oi-x", PINNED)
    pipx = tmp_path / "oi-core"
    pipx.mkdir()
    (pipx / "pipx_metadata.json").write_text("{}")
    assert installer_for(["oi-x"], pipx).install == ("pipx", "inject", "oi-core", "oi-x")
    assert installer_for(["oi-x"], pipx).uninstall == ("pipx", "uninject", "oi-core", "oi-x")


def test_uv_is_told_of_what_is_there_already_or_it_would_drop_it(tmp_path: Path) -> None:
    receipt = '[tool]\nrequirements = [{ name = "oi-core" }, { name = "oi-a", specifier = "<2" }, { name = "oi-x" }]\n'
    (tmp_path / "uv-receipt.toml").write_text(receipt)
    uv = installer_for(["oi-x"], tmp_path)
    assert uv.install == ("uv", "tool", "install", PINNED, "--with", "oi-a<2", "--with", "oi-x")
    assert uv.uninstall == ("uv", "tool", "install", PINNED, "--reinstall", "--with", "oi-a<2")
    (tmp_path / "uv-receipt.toml").write_text(receipt.replace('"oi-core"', '"oi-core", directory = "/src/oi"'))
    assert installer_for(["oi-y"], tmp_path).install[:4] == ("uv", "tool", "install", "/src/oi")


@pytest.mark.parametrize("name", ["../up", "a b", "", "ünï"])
def test_a_plugin_has_a_name_that_a_package_can_have(command: Command, name: str) -> None:
    done = command.run("plugins", "new", name)
    assert done.returncode == 2
    assert "my-language" in done.stderr
    assert [*command.folder.iterdir()] == []
