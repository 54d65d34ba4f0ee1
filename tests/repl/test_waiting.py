"""Which programs are seen to wait for input: those that do, however they wait, and none that only seem to."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import oi_shell
import pytest

from oi_core.events import InputRequested
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.repl.transcript import Transcript
from oi_core.testing.running import Ran, run_sample

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell what a process waits for")

ASYNCIO = """
import asyncio, sys
async def main():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print("got", (await reader.readline()).decode())
asyncio.run(main())
"""
SHORT_SELECT = """
import select, sys
while not select.select([0], [], [], 0.1)[0]: pass
print("got", sys.stdin.readline())
"""
READLINE = "import readline; print('got', input('name? '))"
EPOLL_KEYS = """
import select, sys, tty
tty.setcbreak(0)
poll = select.epoll(); poll.register(0, select.EPOLLIN); poll.poll()
print("got", sys.stdin.read(3))
"""
BESIDE_A_CONNECTION = """
import select, socket
listening = socket.create_server(("127.0.0.1", 0))
poll = select.poll(); poll.register(0, select.POLLIN); poll.register(listening, select.POLLIN); poll.poll(400)
"""
A_CONNECTION_ALONE = """
import select, socket
one, other = socket.socketpair()
select.select([one], [], [], 0.4)
"""
IN_BETWEEN = """
import select, time
for _ in range(20):
    select.select([0], [], [], 0.03); print(".", end="", flush=True)
"""
NODE_LINE = "process.stdin.once('data', (d) => { console.log('got ' + d); process.exit() })"
NODE_QUESTION = """
const lines = require('readline').createInterface({ input: process.stdin, output: process.stdout });
lines.question('name? ', (name) => { console.log('got ' + name); lines.close(); setTimeout(() => {}, 400) })
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    executor = oi_shell.start(Workspace(folder=tmp_path_factory.mktemp("work")))
    yield executor
    executor.close()


def questions(ran: Ran) -> list[InputRequested]:
    return [event for event in ran.events if isinstance(event, InputRequested)]


def program(tmp_path: Path, code: str, suffix: str) -> str:
    file = tmp_path / f"program{suffix}"
    file.write_text(code)
    return f"{sys.executable if suffix == '.py' else 'node'} {file}"


@pytest.mark.parametrize(
    "code",
    [
        "read -r x; echo got $x",
        "read -r -t 30 x; echo got $x",
        "read -r -n 3 x; echo got $x",
        "read -r -e -p 'name? ' x; echo got $x",
        "busybox sh -c 'read -r x; echo got $x'",
        "busybox sh -c 'read -r -t 30 x; echo got $x'",
        "ruby -e 'puts \"got #{gets}\"'",
    ],
)
def test_a_program_that_waits_for_a_line_asks_once(shell: Executor, code: str) -> None:
    if not shutil.which(code.split()[0]) and not code.startswith("read"):
        pytest.skip(f"{code.split()[0]} is not installed")
    ran = run_sample(shell, code, ["Ada"])
    assert len(questions(ran)) == 1
    assert "got Ada" in ran.output


@pytest.mark.parametrize("code", [READLINE, ASYNCIO, SHORT_SELECT, EPOLL_KEYS])
def test_a_python_that_waits_for_a_line_asks_once(shell: Executor, tmp_path: Path, code: str) -> None:
    ran = run_sample(shell, program(tmp_path, code, ".py"), ["Ada"])
    assert len(questions(ran)) == 1
    assert "got Ada" in ran.output


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize("code", [NODE_LINE, NODE_QUESTION])
def test_a_node_asks_once_and_not_while_it_waits_for_something_else_later(
    shell: Executor, tmp_path: Path, code: str
) -> None:
    ran = run_sample(shell, program(tmp_path, code, ".js"), ["Ada"])
    assert [question.prompt for question in questions(ran)] == ["name? " if code is NODE_QUESTION else ""]
    assert "got Ada" in ran.output


@pytest.mark.parametrize("code", [BESIDE_A_CONNECTION, A_CONNECTION_ALONE, IN_BETWEEN])
def test_a_python_that_polls_for_other_things_asks_nothing(shell: Executor, tmp_path: Path, code: str) -> None:
    ran = run_sample(shell, program(tmp_path, code, ".py"))
    assert questions(ran) == []
    assert ran.ending.outcome is Outcome.FINISHED


@pytest.mark.parametrize(
    "code",
    [
        "for i in 1 2 3 4 5; do ls / | wc -l | tr -d ' '; done; sleep 0.3 | cat",
        "script -qc 'sleep 0.3' /dev/null",
        "sleep 0.3 & wait",
        "exec 3<>/dev/tcp/127.0.0.1/1 || sleep 0.2",
    ],
)
def test_programs_that_feed_one_another_ask_nothing(shell: Executor, code: str) -> None:
    assert questions(run_sample(shell, code)) == []


def test_a_program_that_takes_keys_is_stopped_when_nobody_is_there_and_that_is_said(shell: Executor) -> None:
    if not shutil.which("vim"):
        pytest.skip("vim is not installed")
    run_sample(shell, "kept=41")
    ran = run_sample(shell, "vim -u NONE -n no-such-file")
    assert questions(ran)
    assert ran.ending.outcome is Outcome.FAILED
    assert "waited for keys" in ran.ending.note
    assert ran.output.rfind("\x1b[?1049l") > ran.output.rfind("\x1b[?1049h")
    assert run_sample(shell, "echo $kept; stty -a | grep -o ' echo '").output.split() == ["41", "echo"]


def test_a_question_is_told_without_what_moves_the_cursor() -> None:
    transcript = Transcript("nonce")
    told = []
    for text in (
        "⠙\x1b[1G\x1b[0Jname: (foo) \x1b[13G",
        "two\nPassword:",
        "\x1b[?2004h\x1b[32m>>>\x1b[0m ",
        "~\x1b[40;1H\x1b]0;title\x07\x1b(B:",
        "done\r\n",
    ):
        transcript.feed(text.encode())
        told.append(transcript.last_line)
        transcript.feed(b"\n")
    assert told == ["name: (foo) ", "Password:", ">>> ", ":", ""]


def test_what_has_ended_waits_for_nothing() -> None:
    from oi_core.repl.waiting import Mode, Waiting, waiting_of

    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    assert waiting_of(child, Mode.LINES) is Waiting.NOT


@pytest.mark.skipif(not shutil.which("script"), reason="script is not installed")
def test_a_question_on_a_terminal_inside_the_terminal_is_told_once_it_has_stood_for_a_while(shell: Executor) -> None:
    code = "read -p 'name? ' x; echo got $x; read -s -p 'Password: ' y; echo; echo ${#y}; printf 'working: '; echo done"
    nested = f'SHELL="$BASH" script -qc "{code.replace("$", chr(92) + "$")}" /dev/null'
    ran = run_sample(shell, nested, ["Ada", "key"])
    assert [(question.prompt, question.secret) for question in questions(ran)] == [
        ("name? ", False),
        ("Password: ", True),
    ]
    assert ran.output.replace("\r", "") == "name? got Ada\nPassword: \n3\nworking: done\n"


REMOTE = """
import socket, sys, threading, time
def serve(listening, lines):
    connection = listening.accept()[0]
    if "question" in lines:
        connection.sendall(b"working\\r\\nname? ")
        name = b""
        while not name.endswith(b"\\r") and (came := connection.recv(100)):
            name += came
        connection.sendall(name.replace(b"\\r", b"\\r\\n") + b"got " + name.strip() + b"\\r\\n")
    elif "editor" in lines:
        connection.sendall(b"\\x1b[?1049h~\\r\\n~\\r\\n")
        connection.recv(100)
        connection.sendall(b"\\x1b[?1049l")
    else:
        connection.sendall(b"step 1: ready, 45%")
        time.sleep(2.5)
        connection.sendall(b"\\r\\ndone\\r\\n")
    connection.close()
"""
PASSING_ON = """
import os, select, socket, sys, termios, threading, tty
family, how, what, place = sys.argv[1:]
if family == "tcp":
    listening = socket.create_server(("127.0.0.1", 0))
else:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen()
if os.fork() == 0:
    os.setsid()
    os.closerange(0, 3)
    serve(listening, what)
    os._exit(0)
connection = socket.socket(listening.family)
connection.connect(listening.getsockname())
listening.close()
before = termios.tcgetattr(0)
tty.setraw(0)
def pass_on():
    while True:
        connection.sendall(os.read(0, 100))
if how == "threads":
    threading.Thread(target=pass_on, daemon=True).start()
while True:
    readable = [connection] if how == "threads" else select.select([0, connection], [], [])[0]
    if connection in readable:
        came = connection.recv(1000)
        if not came:
            break
        os.write(1, came)
    else:
        connection.sendall(os.read(0, 100))
termios.tcsetattr(0, termios.TCSANOW, before)
"""


@pytest.fixture(params=[("tcp", "select"), ("unix", "select"), ("tcp", "threads"), ("unix", "threads")], ids="-".join)
def passing_on(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """A program as ``docker run -it`` is: it passes keys on over a connection, to a program that does what is said."""
    family, how = request.param
    command = program(tmp_path, REMOTE + PASSING_ON, ".py")
    return lambda what: f"{command} {family} {how} {what} {tmp_path}/socket"


def test_keys_that_are_passed_on_over_a_connection_are_no_question_while_nobody_asks(
    shell: Executor, passing_on: Callable[[str], str]
) -> None:
    ran = run_sample(shell, passing_on("silent"))
    assert questions(ran) == []
    assert ran.output.replace("\r", "") == "step 1: ready, 45%\ndone\n"
    assert ran.ending.outcome is Outcome.FINISHED


def test_a_question_at_the_other_end_of_a_connection_is_told_and_answered(
    shell: Executor, passing_on: Callable[[str], str]
) -> None:
    ran = run_sample(shell, passing_on("question"), ["Ada"])
    assert [question.prompt for question in questions(ran)] == ["name? "]
    assert ran.output.replace("\r", "") == "working\nname? got Ada\n"


def test_an_editor_at_the_other_end_of_a_connection_waits_for_keys(
    shell: Executor, passing_on: Callable[[str], str]
) -> None:
    assert len(questions(run_sample(shell, passing_on("editor"), ["q"]))) == 1


def test_sudo_asks_for_a_password_in_secret_and_takes_it(shell: Executor) -> None:
    """Where an ordinary user may be made: the suite must run as root, in a container or on a machine of its own."""
    if os.geteuid() != 0 or not shutil.which("sudo") or os.environ.get("INTERPRETER_TEST_USER") is None:
        pytest.skip("set INTERPRETER_TEST_USER to NAME:PASSWORD of an ordinary user who may use sudo, and run as root")
    name, password = os.environ["INTERPRETER_TEST_USER"].split(":", 1)
    ran = run_sample(
        shell, f"setpriv --reuid {name} --regid {name} --init-groups sh -c 'sudo -k; sudo id -un'", [password]
    )
    assert [question.secret for question in questions(ran)] == [True]
    assert ran.output.endswith("root\n")
    assert password not in ran.output
