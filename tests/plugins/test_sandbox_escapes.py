"""What sandboxed code cannot do to the machine, seen from the machine."""

from __future__ import annotations

import importlib.metadata
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import oi_core
from oi_core import open_session
from oi_core.events import Notice, OutputDelta
from oi_core.results import Outcome
from oi_core.settings import Sandbox
from tests.plugins.sandbox_host import (
    PLACE_VARIABLE,
    SECRET,
    Host,
    heard_nothing,
    host,
    listener,
    processes_with,
    temporary_place,
    victim,
    why_no_sandbox,
)

REASON = why_no_sandbox()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture(scope="module", params=["workspace", "read-only"])
def inside(request: pytest.FixtureRequest) -> Iterator[Host]:
    with temporary_place() as place, host(request.param, place) as made:
        yield made


@pytest.fixture(scope="module")
def workspace() -> Iterator[Host]:
    with temporary_place() as place, host("workspace", place) as made:
        yield made


# Files


@pytest.mark.parametrize(
    "code",
    [
        "open(outside, 'w').write('changed')",
        "open(outside, 'a').write('changed')",
        "os.unlink(outside)",
        "os.truncate(outside, 0)",
        "os.rename(outside, outside + '2')",
        "os.chmod(outside, 0o777)",
        "os.utime(outside)",
        "os.link(outside, 'linked'); open('linked', 'w').write('changed')",
        "os.symlink(outside, 'way') if not os.path.lexists('way') else 0; open('way', 'w').write('changed')",
        "open(f'/proc/self/root{outside}', 'w').write('changed')",
        "open(os.path.dirname(outside) + '/.bashrc', 'w').write('changed')",
        "os.mkdir(os.path.dirname(outside) + '/new')",
        "open('/etc/sandbox-test', 'w')",
        "open('/usr/bin/sandbox-test', 'w')",
    ],
)
def test_nothing_outside_can_be_written(inside: Host, code: str) -> None:
    outside = inside.home / "notes.txt"
    before = outside.stat()
    result = inside.run(f"import os\noutside = {str(outside)!r}\n{code}")
    assert result.outcome is Outcome.FAILED
    assert outside.read_text() == SECRET
    assert (before.st_mode, before.st_mtime_ns) == (outside.stat().st_mode, outside.stat().st_mtime_ns)
    assert sorted(path.name for path in inside.home.iterdir()) == [".aws", ".netrc", ".ssh", "notes.txt"]
    assert not Path("/etc/sandbox-test").exists()


def test_a_link_in_the_project_leads_nowhere_that_can_be_written(workspace: Host) -> None:
    (workspace.project / "link").symlink_to(workspace.home)
    assert workspace.run("open('link/notes.txt', 'w').write('changed')").outcome is Outcome.FAILED
    assert (workspace.home / "notes.txt").read_text() == SECRET


def test_the_read_only_profile_leaves_the_project_alone_too() -> None:
    with temporary_place() as place, host("read-only", place) as inside:
        assert inside.run("open('data.txt', 'w').write('changed')").outcome is Outcome.FAILED
        assert inside.run("open('new.txt', 'w').write('new')").outcome is Outcome.FAILED
        assert inside.run("echo new > new.txt", "shell").exit_status == 1
        assert (inside.project / "data.txt").read_text() == "data"
        assert not (inside.project / "new.txt").exists()


def test_the_temporary_folder_is_private(inside: Host) -> None:
    with tempfile.NamedTemporaryFile("w", dir="/tmp") as file:
        file.write(SECRET)
        file.flush()
        assert inside.run(f"print(open({file.name!r}).read())").outcome is Outcome.FAILED
    assert inside.run("open('/tmp/sandbox-made-this', 'w').write('x')").outcome is Outcome.FINISHED
    assert not Path("/tmp/sandbox-made-this").exists()


def test_no_file_can_be_given_the_rights_of_its_owner(workspace: Host) -> None:
    for code in ("os.chmod('suid', 0o4755)", "os.fchmod(os.open('suid', os.O_RDWR), 0o4755)"):
        workspace.run(f"import os\nopen('suid', 'w').close()\n{code}")
        assert not (workspace.project / "suid").stat().st_mode & stat.S_ISUID
    workspace.run("import os\nos.open('suid2', os.O_CREAT | os.O_RDWR, 0o4755)")
    made = workspace.project / "suid2"
    assert not made.exists() or not made.stat().st_mode & stat.S_ISUID


# Policy


@pytest.mark.parametrize(
    "code",
    [
        "open('pyproject.toml', 'a').write('[tool.interpreter]')",
        "os.unlink('pyproject.toml')",
        "open('evil', 'w').write('x'); os.replace('evil', 'pyproject.toml')",
        "open('.git/config', 'a').write('[core]')",
        "open('.git/hooks/pre-commit', 'w').write('evil')",
        "os.rename('.git', 'git'); os.mkdir('.git')",
        "os.mkdir('fake'); os.rename('fake', '.git')",
        "os.rename('.git/hooks', '.git/hooks2')",
        "shutil.rmtree('.git')",
        "os.rename(os.getcwd(), os.getcwd() + '2')",
        "os.symlink('/tmp', '.git/hooks')",
    ],
)
def test_files_that_decide_what_runs_stay_as_they_are(workspace: Host, code: str) -> None:
    assert workspace.run(f"import os, shutil\n{code}").outcome is Outcome.FAILED
    assert (workspace.project / "pyproject.toml").read_text() == "[project]\nname = 'x'\n"
    assert (workspace.project / ".git" / "config").read_text() == "[core]\n"
    assert list((workspace.project / ".git" / "hooks").iterdir()) == []


def test_a_new_policy_file_is_told_once_and_protected_from_the_next_session_on() -> None:
    with temporary_place() as place:
        with host("workspace", place) as inside:
            inside.run("open('.envrc', 'w').write('export A=1')")
            told = [event.text for event in inside.events if isinstance(event, Notice)]
            assert len(told) == 1
            assert ".envrc appeared while code ran: direnv runs it" in told[0]
            inside.run("1")
            assert not any(isinstance(event, Notice) for event in inside.events)
            project = inside.project
        with open_session(project, sandbox="workspace", isolated=True) as session:
            list(session.run_code("python", "open('.envrc', 'w').write('evil')"))
        assert (project / ".envrc").read_text() == "export A=1"


def test_code_cannot_widen_its_sandbox_for_the_next_start(tmp_path: Path) -> None:
    project, own = tmp_path / "project", tmp_path / "config.toml"
    project.mkdir()
    own.write_text('sandbox = "workspace"\n')
    widening = '[tool.interpreter]\nsandbox = "none"\nnetwork = true\n'
    with open_session(project, config_file=own) as session:
        list(session.run_code("python", f"open('pyproject.toml', 'w').write({widening!r})"))
    assert (project / "pyproject.toml").read_text() == widening
    with open_session(project, config_file=own) as session:
        assert session.config.sandbox is Sandbox.WORKSPACE
        assert session.config.network is False
        assert any("sandbox" in notice.text for notice in session.start_notices)


def test_the_program_itself_is_protected_in_a_workspace_that_holds_it() -> None:
    package = Path(oi_core.__file__).parent
    with open_session(package.parent, sandbox="workspace", isolated=True) as session:
        places = [str(package), str(package / "session.py")]
        code = f"import os\nprint(*(os.access(place, os.W_OK) for place in {places!r}))"
        output = "".join(e.text for e in session.run_code("python", code) if isinstance(e, OutputDelta))
    assert output.strip() == "False False"


# Secrets


@pytest.mark.parametrize("name", [".ssh/id_ed25519", ".aws/credentials", ".netrc"])
def test_secrets_cannot_be_read(inside: Host, name: str) -> None:
    result = inside.run(f"print(open({str(inside.home / name)!r}).read())")
    assert result.outcome is Outcome.FAILED
    assert SECRET not in result.output
    assert SECRET not in inside.run(f"cat '{inside.home}/{name}'", "shell").output


def test_a_mask_cannot_be_taken_off(inside: Host) -> None:
    code = (
        f"import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nssh = {str(inside.home / '.ssh')!r}.encode()\n"
        "print(libc.umount2(ssh, 2), libc.mount(b'none', ssh, b'tmpfs', 0, None), os.listdir(ssh))"
    )
    assert inside.run(code).output.strip() == "-1 -1 []"


def test_the_environment_of_other_processes_cannot_be_read(inside: Host) -> None:
    code = (
        "import glob\nfor path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(path, open(path, 'rb').read())\n    except OSError as error: print(path, error)"
    )
    result = inside.run(code)
    assert SECRET not in result.output
    assert f"/proc/{os.getpid()}/" not in result.output


# Network


def test_the_network_of_the_machine_is_not_there(inside: Host) -> None:
    with (
        listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)) as tcp,
        listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)) as udp,
    ):
        code = (
            "import socket\n"
            f"try: socket.create_connection({tcp.getsockname()!r}, 2)\nexcept OSError as error: print(error)\n"
            f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', {udp.getsockname()!r})"
        )
        inside.run(code)
        inside.run(f"echo x > /dev/tcp/127.0.0.1/{tcp.getsockname()[1]}", "shell")
        inside.run(f"echo x > /dev/udp/127.0.0.1/{udp.getsockname()[1]}", "shell")
        assert heard_nothing(tcp)
        assert heard_nothing(udp)


def test_unix_sockets_of_the_machine_cannot_be_reached(inside: Host) -> None:
    path = str(inside.project / "s")
    Path(path).unlink(missing_ok=True)
    with (
        listener(socket.AF_UNIX, socket.SOCK_STREAM, "\0sandbox-test-abstract") as abstract,
        listener(socket.AF_UNIX, socket.SOCK_STREAM, path) as named,
    ):
        for address in ("\0sandbox-test-abstract", path):
            result = inside.run(f"import socket\nsocket.socket(socket.AF_UNIX).connect({address!r})")
            assert result.outcome is Outcome.FAILED
        assert heard_nothing(abstract)
        assert heard_nothing(named)


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_PACKET", "AF_VSOCK", "AF_ALG"])
def test_sockets_that_no_namespace_holds_cannot_be_made(inside: Host, family: str) -> None:
    result = inside.run(f"import socket\nsocket.socket(getattr(socket, {family!r}), socket.SOCK_RAW)")
    assert "not permitted" in result.output


# Other processes, and the kernel


def test_no_process_outside_can_be_signalled(inside: Host) -> None:
    with victim() as process:
        code = (
            f"import os, signal\nfor pid in ({process.pid}, {os.getpid()}, -1):\n"
            "    try: os.kill(pid, signal.SIGKILL)\n    except OSError as error: print(error)"
        )
        inside.run(code)
        inside.run(f"kill -9 {process.pid}; kill -9 -1", "shell")
        time.sleep(0.1)
        assert process.poll() is None
    assert inside.run("print('still here')").outcome in (Outcome.FINISHED, Outcome.CRASHED)


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(0, 0, 0, 0)",
        "ptrace(16, 1, 0, 0)",
        "process_vm_readv(1, 0, 0, 0, 0, 0)",
        "unshare(0x10000000)",
        "unshare(0x00020000)",
        "setns(0, 0)",
        "mount(b'none', b'/', None, 0x1020, None)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount2(b'/proc/sys', 2)",
        "syscall(425, 8, 0)",
        "syscall(250, 0, 0, 0)" if os.uname().machine == "x86_64" else "syscall(219, 0, 0, 0)",
        "setuid(1)",
        "setresuid(1, 1, 1)",
        "setgid(1)",
        "chroot(b'/tmp')",
        "sethostname(b'evil', 4)",
    ],
)
def test_calls_that_lead_out_are_refused(inside: Host, call: str) -> None:
    assert inside.value(f"__import__('ctypes').CDLL(None).{call}") == "-1"


def test_new_namespaces_cannot_be_made_by_programs_either(inside: Host) -> None:
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed (package util-linux)")
    result = inside.run("unshare --user --map-root-user id -u", "shell")
    assert result.outcome is Outcome.FAILED
    assert "not permitted" in result.output


def test_it_has_no_rights_and_can_get_none(inside: Host) -> None:
    status = inside.run("print(open('/proc/self/status').read())").output
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {fields[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_the_settings_of_the_kernel_stay_as_they_are(inside: Host) -> None:
    before = Path("/proc/sys/vm/swappiness").read_text()
    for path in ("/proc/sys/vm/swappiness", "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger"):
        assert inside.run(f"open({path!r}, 'w').write('1')").outcome is Outcome.FAILED
    assert (
        inside.run("open('/sys/kernel/mm/transparent_hugepage/enabled', 'w').write('never')").outcome is Outcome.FAILED
    )
    assert Path("/proc/sys/vm/swappiness").read_text() == before


def test_no_device_of_the_machine_is_there(inside: Host) -> None:
    devices = set(inside.value("' '.join(__import__('os').listdir('/dev'))").split())
    expected = {"console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout"}
    assert devices <= expected | {"tty", "urandom", "zero"}
    assert inside.value("__import__('os').listdir('/dev/pts')") in ("['ptmx']", "[]")


# Limits


def test_a_fork_bomb_is_bounded() -> None:
    with (
        tempfile.TemporaryDirectory() as place,
        host("workspace", Path(place), **{"plugins.sandbox.processes": 40}) as inside,
    ):
        code = (
            "import os, time\nchildren = []\n"
            "try:\n"
            "    for _ in range(400):\n"
            "        pid = os.fork()\n"
            "        if not pid: time.sleep(600)\n"
            "        children.append(pid)\n"
            "except OSError as error: print('refused')\n"
            "print(len(children))\n"
            "for pid in children: os.kill(pid, 9); os.waitpid(pid, 0)"
        )
        refused, number = inside.run(code).output.split()
        assert (refused, int(number) < 40) == ("refused", True)
        assert inside.value("1 + 1") == "2"


def test_a_memory_bomb_fails_and_the_state_stays() -> None:
    with (
        tempfile.TemporaryDirectory() as place,
        host("workspace", Path(place), **{"plugins.sandbox.memory_gb": 0.3}) as inside,
    ):
        inside.run("kept = 41")
        result = inside.run("bombs = [bytearray(50_000_000) for _ in range(100)]")
        assert "MemoryError" in result.output
        assert inside.value("kept + 1") == "42"


def test_a_file_cannot_grow_without_end() -> None:
    with (
        tempfile.TemporaryDirectory() as place,
        host("workspace", Path(place), **{"plugins.sandbox.file_gb": 0.001}) as inside,
    ):
        result = inside.run("open('big', 'wb').write(bytes(10_000_000))")
        assert "File too large" in result.output
        assert (inside.project / "big").stat().st_size <= 1_000_000


# The end


def test_nothing_is_left_after_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        before = _made_on_the_machine()
        with tempfile.TemporaryDirectory(prefix="place-") as place, host("workspace", Path(place)) as inside:
            inside.run("import subprocess; p = subprocess.Popen(['setsid', 'nohup', 'sleep', '600000001'])")
            inside.run("setsid nohup sleep 600000001 >/dev/null 2>&1 & disown", "shell")
            inside.run("import os; os.makedirs('/tmp/a/b'); os.chmod('/tmp/a', 0)")
            assert len(processes_with("600000001")) >= 2
            assert _made_on_the_machine() > before
        deadline = time.monotonic() + 5
        while processes_with("600000001") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert processes_with("600000001") == []
        assert _made_on_the_machine() == before


def _made_on_the_machine() -> set[Path]:
    """Return the folders and control groups that sandboxes of this process have made and not removed yet."""
    folders = set(Path(tempfile.gettempdir()).glob("interpreter-*"))
    return folders | set(Path("/sys/fs/cgroup").glob(f"**/interpreter-{os.getpid()}-*"))


def test_only_the_terminal_is_open_inside() -> None:
    with tempfile.TemporaryDirectory() as place, host("workspace", Path(place)) as inside:
        program = [sys.executable, "-c", "import os; print(sorted(os.listdir('/proc/self/fd'), key=int)[:-1])"]
        command = inside.session.launcher.wrap(program, inside.project)
        leak = os.open("/dev/null", os.O_RDONLY)
        os.set_inheritable(leak, True)
        try:
            run = subprocess.run(command, capture_output=True, cwd=inside.project, check=True, text=True)
        finally:
            os.close(leak)
    assert run.stdout.strip() == "['0', '1', '2']"


# The same again, as somebody who is not root


def _python_of_nobody() -> str | None:
    """Return a Python that nobody can run and that is new enough for the interpreter."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        code = "import sys; sys.exit(sys.version_info < (3, 11))"
        try:
            if subprocess.run([candidate, "-c", code], user="nobody", capture_output=True).returncode == 0:
                return candidate
        except OSError:
            continue
    return None


def _needed_distributions(*names: str) -> set[str]:
    """Return the distributions that these need, and themselves, where they are installed."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        with suppress(importlib.metadata.PackageNotFoundError):
            if name not in found:
                requirements = importlib.metadata.requires(name) or []
                found.add(name)
                left += [re.split(r"[^\w.-]", each)[0] for each in requirements if "extra ==" not in each]
    return found


def _copy(source: Path, destination: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, destination, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, destination)


def _readable_by_nobody(place: Path) -> list[Path]:
    """Return where nobody can import what these tests need; copies, where the originals are private."""
    root = Path(__file__).parents[2]
    paths = [
        root,
        root / "plugins",
        root / "oi_core" / "facade",
        *(Path(path) for path in sys.path if path.endswith("-packages")),
    ]
    looks = f"import os, sys; sys.exit(not all(os.access(path, os.R_OK) for path in {list(map(str, paths))}))"
    if subprocess.run(["/usr/bin/env", "python3", "-c", looks], user="nobody", cwd="/").returncode == 0:
        return paths
    checkout, packages = place / "checkout", place / "packages"
    packages.mkdir(parents=True)
    checkout.mkdir()
    for name in ("oi_core", "plugins", "tests", "pyproject.toml"):
        _copy(root / name, checkout / name)
    for name in _needed_distributions("oi-core", "pytest", "pytest-xdist", "hypothesis"):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            _copy(Path(str(distribution.locate_file(top))), packages / top)
    return [checkout, checkout / "plugins", checkout / "oi_core" / "facade", packages]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_all_of_this_holds_for_another_user() -> None:
    python = _python_of_nobody()
    if python is None:
        pytest.skip("no Python 3.11 or newer that the user nobody can run")
    nobody = pwd.getpwnam("nobody")
    with temporary_place("/home", "/var/lib") as place, temporary_place("/opt", "/var/lib") as copies:
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        copies.chmod(0o755)
        paths = _readable_by_nobody(copies)
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(place),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            PLACE_VARIABLE: str(place),
        }
        run = subprocess.run(
            [
                python,
                "-m",
                "pytest",
                "-q",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
                "tests/plugins/test_sandbox_escapes.py",
            ],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            env=environment,
            cwd=paths[0],
            capture_output=True,
            text=True,
            check=False,
        )
    if "No module named" in run.stderr + run.stdout:
        pytest.skip(f"the user nobody cannot import what the tests need: {run.stderr[-300:]}{run.stdout[-900:]}")
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
