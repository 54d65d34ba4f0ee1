"""The sandbox's parts by themselves: paths, policy files, limits, control groups, the profile for macOS."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from oi_sandbox import bubblewrap
from oi_sandbox.confinement import Confinement, confinement
from oi_sandbox.control_group import ControlGroup, sweep, usable_hierarchies
from oi_sandbox.limits import Limits, limits, shell_commands
from oi_sandbox.policy_files import PolicyWatch, fixed_folders, protected_paths
from oi_sandbox.private_folder import make_private_folder, remove_private_folder
from oi_sandbox.seatbelt import SeatbeltEnforcement, profile
from oi_sandbox.secret_paths import secret_paths
from oi_sandbox.settings import SandboxSettings

from oi_core.plugin_api import ExecutorError, Sandbox

# Secrets


def test_secrets_are_found_where_they_really_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    for name in (".aws", ".config/newtool", ".newertool"):
        (home / name).mkdir(parents=True)
    (tmp_path / "dotfiles").mkdir()
    (home / ".ssh").symlink_to(tmp_path / "dotfiles")
    for name in (".netrc", ".config/newtool/auth.json", ".newertool/.credentials.json", ".bashrc"):
        (home / name).touch()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KUBECONFIG", f"{home}/.bashrc:/nowhere")
    below = {path for path in secret_paths() if path.is_relative_to(tmp_path)}
    assert below == {
        home / ".aws",
        tmp_path / "dotfiles",
        home / ".netrc",
        home / ".config/newtool/auth.json",
        home / ".newertool/.credentials.json",
        home / ".bashrc",
    }


def test_a_secret_that_is_the_home_itself_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("GNUPGHOME", "/")
    assert not {tmp_path, Path("/")} & set(secret_paths())


# Policy files


def test_policy_files_are_protected_where_they_are(tmp_path: Path) -> None:
    (tmp_path / ".git" / "hooks").mkdir(parents=True)
    (tmp_path / ".git" / "modules" / "dep" / "hooks").mkdir(parents=True)
    for name in (".git/config", ".git/modules/dep/config", "pyproject.toml", "main.py"):
        (tmp_path / name).touch()
    (tmp_path / ".envrc").symlink_to("/etc/hosts")
    names = {str(path.relative_to(tmp_path)) for path in protected_paths(tmp_path)}
    assert names == {".git/hooks", ".git/config", ".git/modules/dep/config", ".git/modules/dep/hooks", "pyproject.toml"}
    assert [path.name for path in fixed_folders(tmp_path)] == [".git", "modules", "dep"]


def test_the_file_of_a_worktree_is_protected(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /elsewhere")
    assert protected_paths(tmp_path) == [tmp_path / ".git"]


def test_what_appears_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".envrc").symlink_to("/etc/hosts")
    (tmp_path / "pyproject.toml").write_text("old")
    watch = PolicyWatch([tmp_path])
    assert watch.appeared() == []
    (tmp_path / "pyproject.toml").write_text("the person edits this, too")
    (tmp_path / "main.py").touch()
    assert watch.appeared() == []
    (tmp_path / ".envrc").unlink()
    (tmp_path / ".envrc").write_text("export A=1")
    (tmp_path / "sub" / "pyproject.toml").touch()
    (tmp_path / ".git" / "hooks").mkdir(parents=True)
    (tmp_path / ".git" / "hooks" / "pre-commit").touch()
    (tmp_path / ".git" / "hooks" / "pre-push.sample").touch()
    names = {str(one.path.relative_to(tmp_path)) for one in watch.appeared()}
    assert names == {".envrc", "sub/pyproject.toml", ".git/hooks/pre-commit"}
    assert watch.appeared() == []
    (tmp_path / ".git" / "hooks" / "pre-commit").chmod(0o755)
    assert [one.path.name for one in watch.appeared()] == ["pre-commit"]


def test_a_folder_that_goes_away_is_no_trouble(tmp_path: Path) -> None:
    watch = PolicyWatch([tmp_path / "gone"])
    assert watch.appeared() == []


# Confinement


def test_the_whole_disk_is_no_workspace() -> None:
    with pytest.raises(ExecutorError, match="start in a project folder"):
        confinement(Sandbox.WORKSPACE, Path("/"), SandboxSettings(), network=False)


def test_a_hidden_folder_hides_what_is_in_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home" / ".docker").mkdir(parents=True)
    (tmp_path / "home" / ".docker" / "credentials").touch()
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    hidden = confinement(Sandbox.READ_ONLY, tmp_path / "project", SandboxSettings(), network=False).hidden
    assert [path for path in hidden if path.is_relative_to(tmp_path)] == [tmp_path / "home" / ".docker"]


def test_a_secret_that_went_away_since_the_first_start_is_no_mount_point(tmp_path: Path) -> None:
    gone = Path("/usr/nothing-here")
    confined = Confinement(tmp_path, (), (), (gone,))
    assert str(gone) not in bubblewrap.options(confined, tmp_path, [])


def test_secrets_are_hidden_after_everything_else_was_mounted(tmp_path: Path) -> None:
    for name in ("secret", ".envrc"):
        (tmp_path / name).touch()
    confined = Confinement(tmp_path, (tmp_path,), (tmp_path / ".envrc",), (tmp_path / "secret",))
    options = bubblewrap.options(confined, tmp_path, [])
    assert options.index(str(tmp_path / "secret")) > options.index(str(tmp_path / ".envrc"))


# Limits


def test_limits_are_the_persons_or_shares_of_the_machine(tmp_path: Path) -> None:
    own = limits(SandboxSettings(memory_gb=1, file_gb=0, processes=7), tmp_path)
    assert own == Limits(memory=1_000_000_000, processes=7, file_size=0)
    shares = limits(SandboxSettings(), tmp_path)
    assert shares.memory > 10_000_000
    assert shares.file_size > 0


def test_the_shell_sets_what_it_is_told() -> None:
    script = "\n".join([*shell_commands(Limits(500 * 1024**2, 77, 1024**2)), "ulimit -d; ulimit -f; ulimit -c"])
    run = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(500 * 1024), "2048", "0"]
    assert shell_commands(Limits(0, 0, 0)) == ["ulimit -c 0"]


# Control groups


def test_a_control_group_bounds_its_processes_and_goes_away_with_them() -> None:
    hierarchies = [hierarchy for hierarchy in usable_hierarchies() if "pids" in hierarchy.controllers]
    if not hierarchies:
        pytest.skip("no control group with a limit on processes can be made here")
    group = ControlGroup(Limits(0, 5, 0), tuple(hierarchies))
    entrances = group.entrances
    assert group.limits_processes
    enter = "; ".join(f"echo 0 > {entrance}" for entrance in entrances)
    script = f"{enter}; for i in 1 2 3 4 5 6 7 8; do sleep 600 >/dev/null 2>&1 & done"
    run = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True)
    assert "fork" in run.stderr
    assert 0 < len(entrances[0].read_text().split()) <= 5
    group.remove()
    assert not any(entrance.exists() for entrance in entrances)
    group.remove()


def test_groups_of_sessions_that_were_killed_are_swept() -> None:
    hierarchies = usable_hierarchies()
    if not hierarchies:
        pytest.skip("no control group can be made here")
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, ours = (hierarchies[0].parent / f"interpreter-{pid}-1" for pid in (ended.pid, os.getpid()))
    left.mkdir()
    ours.mkdir()
    try:
        sweep(hierarchies)
        assert (left.exists(), ours.exists()) == (False, True)
    finally:
        ours.rmdir()


# The private folder


def test_the_private_folder_is_elsewhere_and_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_private_folder([tmp_path])
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "closed" / "in").mkdir(parents=True)
    (folder / "closed" / "in" / "file").touch()
    (folder / "closed" / "in").chmod(0)
    (folder / "closed").chmod(0o500)
    (folder / "link").symlink_to("/etc")
    remove_private_folder(folder)
    assert not folder.exists()
    assert Path("/etc/passwd").exists()
    with pytest.raises(ExecutorError, match="set TMPDIR"):
        make_private_folder([Path("/")])


# macOS


def test_the_profile_for_macos_denies_after_it_allows(tmp_path: Path) -> None:
    quoted = tmp_path / 'a "b" ü'
    confined = Confinement(quoted, (quoted,), (quoted / "pyproject.toml",), (Path("/Users/me/.ssh"),))
    lines = profile(confined, tmp_path / "private").splitlines()
    allowed = lines.index(f'(allow file-write* (subpath "{tmp_path}/a \\"b\\" ü"))')
    assert allowed < next(at for at, line in enumerate(lines) if "pyproject.toml" in line)
    assert lines[-1] == "(deny network*)"
    assert '(deny file-read* file-write* (subpath "/Users/me/.ssh"))' in lines


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="there is one on macOS")
def test_another_system_has_no_sandbox_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExecutorError, match="there is no sandbox for"):
        SeatbeltEnforcement().verify(Confinement(tmp_path, (), (), ()))


def test_looking_for_policy_files_takes_no_time_worth_mentioning(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"folder{number}").mkdir()
    watch = PolicyWatch([tmp_path])
    start = time.perf_counter()
    watch.appeared()
    assert time.perf_counter() - start < 1
