"""Which Python runs the code is found without running any, and the boot text fits every one of them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import oi_python
import pytest
from oi_python.boot_text import boot_arguments, boot_module, boot_text
from oi_python.interpreters import find_interpreter

from oi_core.plugin_api import Availability, Workspace
from oi_core.testing.running import run_sample


def environment(folder: Path, version: str = "3.12.4") -> Path:
    """Make something that looks like a virtual environment, whose Python says so when it is run."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "python"
    program.write_text(f"#!/bin/sh\ntouch {folder}/executed\n")
    program.chmod(0o755)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return folder


def workspace(folder: Path, **variables: str) -> Workspace:
    return Workspace(folder=folder, environment={"PATH": "/usr/bin:/bin", **variables})


def test_the_setting_comes_first(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    found = find_interpreter(Workspace(folder=tmp_path, command=("python3.11", "-X", "dev")))
    assert found.argv == ("python3.11", "-X", "dev")
    assert found.detail == "3.11 from the setting (python3.11 -X dev)"


def test_the_active_environment_comes_before_the_folders(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    active = environment(tmp_path / "active", "3.10.1")
    found = find_interpreter(workspace(tmp_path, VIRTUAL_ENV=str(active)))
    assert found.argv == (str(active / "bin" / "python"),)
    assert found.detail == f"3.10 from VIRTUAL_ENV ({active})"


def test_the_folders_environment_is_named_and_brings_its_path(tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv")
    found = find_interpreter(workspace(tmp_path))
    assert found.detail == "3.12 from ./.venv"
    assert dict(found.environment) == {"VIRTUAL_ENV": str(folder), "PATH": f"{folder}/bin:/usr/bin:/bin"}


def test_a_conda_environment_is_known_by_its_records(tmp_path: Path) -> None:
    folder = environment(tmp_path / "conda")
    (folder / "pyvenv.cfg").unlink()
    (folder / "conda-meta").mkdir()
    (folder / "conda-meta" / "python-3.9.18-h955ad1f_0.json").touch()
    found = find_interpreter(workspace(tmp_path, CONDA_PREFIX=str(folder)))
    assert found.version == "3.9"
    assert dict(found.environment)["CONDA_PREFIX"] == str(folder)


def test_an_environment_without_a_python_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    environment(tmp_path / "venv")
    assert find_interpreter(workspace(tmp_path)).origin == "./venv"


def test_without_any_python_on_the_path_ours_is_taken(tmp_path: Path) -> None:
    found = find_interpreter(Workspace(folder=tmp_path, environment={"PATH": str(tmp_path)}))
    assert found.argv == (sys.executable,)
    assert found.version == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_looking_runs_nothing_of_the_folder(tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv")
    assert oi_python.probe(workspace(tmp_path)) == Availability(True, "3.12 from ./.venv", from_project=True)
    assert not (folder / "executed").exists()


def test_a_real_environment_is_the_one_that_runs(tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / ".venv", symlinks=True, with_pip=False)
    executor = oi_python.start(workspace(tmp_path))
    try:
        prefix = run_sample(executor, "import sys\nprint(sys.prefix)").output
        assert prefix == f"{tmp_path / '.venv'}\n"
        assert run_sample(executor, "import shutil\nprint(shutil.which('python'))").output.startswith(prefix.strip())
    finally:
        executor.close()


def test_the_boot_text_fits_an_argument_and_is_one_expression() -> None:
    assert len(boot_text()) < 6 * 1024
    compile(boot_text(), "boot text", "eval")
    assert boot_arguments("0123")[-1] == "0123"


@pytest.mark.parametrize("name", ["nothing", "../boot_text", ""])
def test_a_part_that_is_not_there_is_empty(name: str) -> None:
    assert boot_module(name) == ""


def test_every_part_is_python_and_no_part_redefines_what_another_defines() -> None:
    defined: dict[str, str] = {}
    names = sorted(file.stem for file in Path(oi_python.__file__).parent.joinpath("boot").glob("[a-z]*.py"))
    assert {"channel", "cells", "magics", "figures", "children"} <= set(names)
    for name in names:
        for node in ast.parse(boot_module(name), feature_version=(3, 8)).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                assert node.name not in defined, f"{name} and {defined[node.name]} define {node.name}"
                defined[node.name] = name
