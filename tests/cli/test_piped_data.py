"""Standard input as data: offered to code as a file, described to the model, and never waited for in vain."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.cli.piped_data import HEAD_BYTES, PipedData
from oi_core.testing.answers import Answer, run, say
from oi_core.testing.server import ChatServer, Request

from .command import SECONDS, Command


def said(request: Request) -> str:
    content = request.body["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def path_in(text: str) -> str:
    found = re.search(r"is in the file (\S+)\. It is data", text)
    assert found is not None, text
    return found[1]


def looks(request: Request) -> Answer:
    """Have code read the file and tell its mode."""
    path = path_in(said(request))
    return run("python", f"import os; print(oct(os.stat({path!r}).st_mode), repr(open({path!r}, 'rb').read()[-9:]))")


def test_what_is_piped_in_is_a_file_for_the_code_and_gone_afterwards(command: Command) -> None:
    with ChatServer(looks, say("Four.")) as server:
        done = command.run("-y", "--base-url", server.base_url, "-p", "sum b", stdin="a,b\n1,ada@example.org\n")
    first, second = (said(request) for request in server.requests)
    assert first.startswith("sum b\n\n[Standard input, 22 bytes, is in the file ")
    assert first.endswith("This is all of it:]\na,b\n1,ada@example.org\n")
    assert second == "0o100600 b'mple.org\\n'"
    assert (done.stdout, done.returncode) == ("Four.\n", 0)
    assert not Path(path_in(first)).parent.exists()


def test_a_huge_and_binary_input_is_described_and_not_sent(command: Command) -> None:
    data = os.urandom(30) + b"\0" + b"x" * 5_000_000 + b"the end.\n"
    with ChatServer(looks, say("Binary.")) as server:
        done = subprocess.run(
            command.arguments(["-y", "--base-url", server.base_url, "-p", "what is it?"]),
            input=data,
            cwd=command.folder,
            env=command.environment,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    assert done.stdout == b"Binary.\n"
    assert f"{len(data):,} bytes" in said(server.requests[0])
    assert len(said(server.requests[0])) < 500
    assert said(server.requests[1]).endswith("b'the end.\\n'")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a file's path cannot be found out")
def test_a_whole_file_is_used_where_it_lies(command: Command) -> None:
    sales = command.folder / "sales.csv"
    sales.write_text("".join(f"{n},{n * n}\n" for n in range(100_000)))
    with ChatServer(say("Squares.")) as server, sales.open() as stdin:
        subprocess.run(
            command.arguments(["--base-url", server.base_url, "-p", "what is it?"]),
            stdin=stdin,
            cwd=command.folder,
            env=command.environment,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    text = said(server.requests[0])
    assert path_in(text) == str(sales)
    assert "0,0\n1,1\n" in text
    assert len(text) < HEAD_BYTES + 500
    assert sales.exists()


def test_an_interrupt_while_data_still_comes_leaves_nothing_behind(command: Command, tmp_path: Path) -> None:
    command.extra["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        command.arguments(["--json", "-p", "hi"]),
        stdin=reader,
        stdout=subprocess.PIPE,
        cwd=command.folder,
        env=command.environment,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "session.start" in process.stdout.readline()
        os.write(writer, b"some of it")
        while not [*(tmp_path / "temporary").glob("interpreter-stdin-*/stdin")]:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        os.close(reader)
        os.close(writer)
    assert process.returncode == 130
    assert '"type": "result"' in rest
    assert [*(tmp_path / "temporary").iterdir()] == []


def test_data_for_which_there_is_no_room_is_one_clear_line(command: Command) -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
    script = f"{code}\nimport signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nimport runpy, sys\n"
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            "-c",
            f"{script}sys.argv[1:] = ['-p', 'hi']\nfrom oi_core.cli import main; sys.exit(main())",
        ],
        input=b"x" * 10_000,
        cwd=command.folder,
        env=command.environment,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert b"standard input could not be kept" in done.stderr
    assert b"File too large" in done.stderr


@given(st.text(max_size=3000), st.integers(0, 4000))
def test_a_character_cut_in_two_is_left_out_and_no_other(text: str, end: int) -> None:
    text = text.replace("\0", "")
    data = text.encode()
    told = PipedData(Path("/tmp/stdin"), len(data), data[:end]).described()
    shown = told.partition(":]\n")[2].partition("\n[… the rest")[0]
    assert text.startswith(shown)


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes_are_described_in_bounded_text(data: bytes) -> None:
    told = PipedData(Path("/tmp/stdin"), 10_000, data).described()
    assert len(told) < 4 * HEAD_BYTES + 200
    told.encode()
