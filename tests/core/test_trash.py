"""The trash: what code deletes in the project can be had back, and nothing else changes."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from oi_core import Session, open_session
from oi_core.errors import ConfigError
from oi_core.events import Executed
from oi_core.results import ExecutionResult, Outcome
from oi_core.trash.folder import Trash
from tests.plugins.sandbox_host import temporary_place, why_no_sandbox

NO_SANDBOX = why_no_sandbox()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def session(project: Path) -> Iterator[Session]:
    with open_session(project, isolated=True, trash=True) as session:
        yield session


def run(session: Session, language: str, code: str) -> ExecutionResult:
    return next(event.result for event in session.run_code(language, code) if isinstance(event, Executed))


def undo(session: Session, arguments: str = "") -> str:
    answer = session.commands["undo-delete"].run(session, arguments)
    assert isinstance(answer, str)
    return answer


def remove(trash: Trash, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the ``rm`` that code gets."""
    environment = trash.environment({"PATH": os.environ["PATH"]})
    return subprocess.run(
        ["rm", *arguments], env=environment, cwd=trash.project, capture_output=True, text=True, check=False
    )


def test_what_shell_and_python_delete_in_the_project_comes_back_and_what_is_outside_is_gone(
    session: Session, project: Path, tmp_path: Path
) -> None:
    for name in ("a", "b", "c", "d"):
        (project / name).write_text(name)
    (project / "tree" / "deep").mkdir(parents=True)
    (project / "tree" / "deep" / "leaf").write_text("leaf")
    outside = tmp_path / "outside"
    outside.write_text("x")
    told = run(session, "shell", f"rm -v a '{outside}' && rm -r tree").output
    assert told == f"removed 'a'\nremoved '{outside}'\n"
    python = "import os, pathlib, shutil, subprocess\nos.remove('b'); pathlib.Path('c').unlink()\n"
    assert run(session, "python", python + "_ = subprocess.run(['rm', 'd'], check=True)").output == ""
    assert list(project.iterdir()) == []
    assert not outside.exists()
    assert [line.split()[-1] for line in undo(session).splitlines()[:-1]] == ["d", "c", "b", "tree/", "a"]
    assert undo(session, "4") == "tree is back."
    assert (project / "tree" / "deep" / "leaf").read_text() == "leaf"
    assert undo(session, "1 other/name") == "other/name is back."
    assert (project / "other" / "name").read_text() == "d"


def test_python_deletes_temporary_folders_and_complains_as_ever(session: Session) -> None:
    code = (
        "import os, shutil, tempfile\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    open(folder + '/x', 'w').close()\n"
        "print(os.path.exists(folder))\n"
        "os.mkdir('tree'); shutil.rmtree('tree'); shutil.rmtree('none', ignore_errors=True)\n"
        "for wrong in ('none', '', 3.5):\n"
        "    try: os.remove(wrong)\n"
        "    except (OSError, TypeError) as error: print(type(error).__name__)\n"
    )
    assert run(session, "python", code).output == "False\nFileNotFoundError\nFileNotFoundError\nTypeError\n"
    assert undo(session).splitlines()[0].endswith("tree/")
    assert len(undo(session).splitlines()) == 2


def test_nothing_is_overwritten_and_nothing_leaves_the_project(session: Session, project: Path, tmp_path: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "notes").write_text("mine")
    run(session, "shell", "rm -r sub/notes; echo other > sub/notes")
    with pytest.raises(ConfigError, match="sub/notes exists, and is not overwritten"):
        undo(session, "1")
    assert (project / "sub" / "notes").read_text() == "other\n"
    shutil.rmtree(project / "sub")
    (project / "sub").symlink_to(tmp_path)
    for place in ("1", "1 ../elsewhere", "1 /etc/notes"):
        with pytest.raises(ConfigError, match="is not in the project"):
            undo(session, place)
    (project / "sub").unlink()
    assert undo(session, "1") == "sub/notes is back."
    with pytest.raises(ConfigError, match="there is no 7 in the trash"):
        undo(session, "7")


def test_it_is_off_by_default(project: Path) -> None:
    (project / "a").write_text("a")
    with open_session(project, isolated=True) as session:
        run(session, "shell", "rm a")
        assert undo(session) == "Nothing is in the trash; trash = true has code use it."


@pytest.mark.skipif(bool(NO_SANDBOX), reason=NO_SANDBOX)
def test_the_workspace_sandbox_lets_code_reach_the_trash_of_its_project_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with temporary_place() as home:
        monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
        project = home / "project"
        (project / "tree").mkdir(parents=True)
        (project / "a").write_text("a")
        (project / "tree" / "b").write_text("b")
        other = Trash(home)
        other.prepare()
        (other.folder / "kept").write_text("x")
        with open_session(project, isolated=True, trash=True, sandbox="workspace") as session:
            assert run(session, "shell", "rm -r a tree && ls").output == ""
            assert run(session, "shell", f"cat {other.folder}/kept").outcome is Outcome.FAILED
            assert undo(session, "1") == "tree is back."
            assert run(session, "python", "import shutil; shutil.rmtree('tree')").outcome is Outcome.FINISHED
            assert [each.original.name for each in Trash(project).deleted()] == ["tree", "a"]


def test_rm_keeps_its_manners(project: Path) -> None:
    trash = Trash(project)
    (project / "folder").mkdir()
    (project / "-odd\nname").write_text("x")
    (project / "target").mkdir()
    (project / "link").symlink_to("target")
    assert "Is a directory" in remove(trash, "folder").stderr
    assert remove(trash, "nothing").returncode == 1
    assert remove(trash, "-f", "nothing").returncode == 0
    assert remove(trash).returncode == 1
    assert "Usage" in remove(trash, "--help").stdout
    assert remove(trash, "--", "-odd\nname").returncode == 0
    assert remove(trash, "link", "folder", "-rf").stderr == ""
    assert (project / "target").is_dir()
    assert [each.original.name for each in trash.deleted()] == ["folder", "link", "-odd\nname"]
    assert trash.restore(trash.deleted()[1]).is_symlink()
    assert (project / trash.restore(trash.deleted()[1])).read_text() == "x"


def test_many_files_of_one_name_are_all_kept(project: Path) -> None:
    trash = Trash(project)
    for text in ("1", "2", "3"):
        (project / "a").write_text(text)
        assert remove(trash, "a").returncode == 0
    assert [each.item.read_text() for each in trash.deleted()] == ["3", "2", "1"]


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK) or sys.platform != "linux", reason="no second file system")
def test_another_file_system_takes_a_copy_and_without_room_nothing_is_deleted(project: Path) -> None:
    if Path("/dev/shm").stat().st_dev == project.stat().st_dev:
        pytest.skip("/dev/shm is on the same file system")
    root = Path(f"/dev/shm/interpreter-trash-{os.getpid()}")
    trash = Trash(project, root)
    try:
        tree = project / "tree"
        tree.mkdir()
        (tree / "a").write_text("a")
        (tree / "link").symlink_to("a")
        os.mkfifo(tree / "pipe")
        assert remove(trash, "-r", "tree").returncode == 0
        assert not tree.exists()
        trash.restore(trash.deleted()[0])
        assert (tree / "a").read_text() == "a"
        assert (tree / "link").is_symlink()
        (tree / "large").write_bytes(b"0" * 100_000)
        code = (
            "import resource, sys, runpy, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"  # writing fails, as on a full disk
            "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
            "sys.argv = ['rm', 'tree/large', '-r', 'tree']\n"
            "import os; runpy.run_path(os.environ['OI_TRASH_CODE'], run_name='__main__')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=trash.environment({}), cwd=project, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert f"cannot be moved to the trash ({os.strerror(errno.EFBIG)}), and is kept" in done.stderr
        assert (tree / "large").stat().st_size == 100_000
        assert trash.deleted() == []
    finally:
        shutil.rmtree(root, ignore_errors=True)
