"""One message answered for a script, by the real command against a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from oi_core.testing.answers import refuse, run, say, silence
from oi_core.testing.server import ChatServer

from .command import SECONDS, Command, children_of, is_alive


def records(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_the_answer_alone_is_on_stdout(command: Command) -> None:
    with ChatServer(run("python", "print(6 * 7)", text="I'll compute."), say("It is 42.")) as server:
        done = command.run("-y", "--base-url", server.base_url, "-p", "6 times 7?")
    assert done.stdout == "I'll compute.\nIt is 42.\n"
    assert "print(6 * 7)" in done.stderr
    assert "  42\n" in done.stderr
    assert done.returncode == 0
    assert server.requests[1].body["messages"][-1]["content"] == "42"


def test_words_away_from_a_terminal_are_answered_like_print(command: Command) -> None:
    with ChatServer(say("Hello.")) as server:
        done = command.run("say", "hello", "--base-url", server.base_url)
    assert (done.stdout, done.returncode) == ("Hello.\n", 0)
    assert server.requests[0].body["messages"][-1]["content"] == "say hello"


def test_a_dash_reads_the_prompt_from_standard_input(command: Command) -> None:
    with ChatServer(say("Hello.")) as server:
        done = command.run("--base-url", server.base_url, "-", stdin="from a pipe\n")
    assert done.returncode == 0
    assert server.requests[0].body["messages"][-1]["content"] == "from a pipe\n"


def test_an_open_pipe_that_nobody_writes_to_does_not_block(command: Command) -> None:
    reader, writer = os.pipe()
    with ChatServer(say("Hello.")) as server:
        done = subprocess.run(
            command.arguments(["--base-url", server.base_url, "-p", "hi"]),
            stdin=reader,
            cwd=command.folder,
            env=command.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    os.close(reader)
    os.close(writer)
    assert (done.stdout, done.returncode) == ("Hello.\n", 0)


def test_code_that_needs_asking_is_shown_and_not_run(command: Command) -> None:
    with ChatServer(run("python", "open('made', 'w')")) as server:
        done = command.run("--base-url", server.base_url, "-p", "make a file")
    assert done.returncode == 4
    assert "open('made', 'w')" in done.stderr
    assert "-y runs it" in done.stderr
    assert done.stdout == ""
    assert not (command.folder / "made").exists()


def test_deny_runs_nothing_even_code_nobody_asks_about(command: Command) -> None:
    with ChatServer(run("python", "open('made', 'w')")) as server:
        done = command.run("--approve", "deny", "--base-url", server.base_url, "-p", "make a file")
    assert done.returncode == 4
    assert not (command.folder / "made").exists()


def test_a_program_that_asks_for_input_reads_end_of_file(command: Command) -> None:
    with ChatServer(run("python", "input('name? ')"), say("Nobody there.")) as server:
        done = command.run("-y", "--base-url", server.base_url, "-p", "ask")
    assert "EOFError" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--exit-status",), 5)])
def test_failed_code_counts_only_when_asked_for(command: Command, words: tuple[str, ...], code: int) -> None:
    with ChatServer(run("python", "1/0"), say("It failed.")) as server:
        assert command.run("-y", *words, "--base-url", server.base_url, "-p", "divide").returncode == code


def test_good_code_after_bad_makes_the_exit_status_good(command: Command) -> None:
    with ChatServer(run("python", "1/0"), run("python", "1", call_id="b"), say("Mended.")) as server:
        done = command.run("-y", "--exit-status", "--base-url", server.base_url, "-p", "divide")
    assert done.returncode == 0


def test_a_wrong_key_is_one_line_and_exit_code_3(command: Command) -> None:
    with ChatServer(refuse(401, "Incorrect API key")) as server:
        done = command.run("--base-url", server.base_url, "-p", "hi")
    assert done.returncode == 3
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert "401" in done.stderr


def test_no_key_is_one_line_and_exit_code_3(command: Command) -> None:
    command.extra["OPENAI_API_KEY"] = ""
    done = command.run("-p", "hi")
    assert done.returncode == 3
    assert "interpreter demo" in done.stderr


def test_a_limit_is_exit_code_6(command: Command) -> None:
    with ChatServer(*[run("python", "1", call_id=f"c{n}") for n in range(3)]) as server:
        done = command.run("-y", "--max-turns", "2", "--base-url", server.base_url, "-p", "go on")
    assert done.returncode == 6
    assert "limits.turns" in done.stderr


def test_a_time_limit_stops_a_block(command: Command) -> None:
    with ChatServer(run("python", "import time\ntime.sleep(60)"), say("Too slow.")) as server:
        done = command.run("-y", "--timeout", "1", "--base-url", server.base_url, "-p", "sleep")
    assert "time limit" in done.stderr
    assert done.stdout == "Too slow.\n"


def test_json_lines_end_in_a_result(command: Command) -> None:
    with ChatServer(run("python", "print(6 * 7)", text="See."), say("42.", tokens=(20, 3))) as server:
        done = command.run("-y", "--json", "--base-url", server.base_url, "-m", "test-model", "-p", "6 times 7?")
    found = records(done.stdout)
    assert [record["seq"] for record in found] == list(range(1, len(found) + 1))
    assert found[0]["type"] == "session.start"
    assert found[0]["model"] == "test-model"
    assert {"python", "shell"} <= set(found[0]["languages"])
    assert next(record for record in found if record["type"] == "code")["code"] == "print(6 * 7)"
    result = found[-1]
    assert (result["type"], result["outcome"], result["exit_code"]) == ("result", "done", 0)
    assert result["text"] == "See.\n\n42."
    assert result["code_count"] == 1
    assert result["usage"]["input_tokens"] == 20
    assert done.stderr == ""


def test_one_json_document_when_asked_for(command: Command) -> None:
    with ChatServer(say("Hello.")) as server:
        done = command.run("--output-format", "json", "--base-url", server.base_url, "-p", "hi")
    assert json.loads(done.stdout)["text"] == "Hello."


@pytest.mark.parametrize("words", [("-o", "aproval=ask"), ("-m", "demo/none")])
def test_json_lines_end_in_a_result_after_an_error_too(command: Command, words: tuple[str, ...]) -> None:
    done = command.run("--json", *words, "-p", "hi")
    found = records(done.stdout)
    assert found[-2]["type"] == "notice"
    assert found[-1]["type"] == "result"
    assert found[-1]["exit_code"] == done.returncode != 0


@pytest.mark.parametrize(
    ("number", "code", "outcome"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "interrupted"), (signal.SIGHUP, 129, "interrupted")],
)
def test_signals_end_it_with_a_result_and_no_process_left(
    command: Command, number: signal.Signals, code: int, outcome: str
) -> None:
    with (
        ChatServer(run("shell", "echo started; sleep 300 & sleep 300")) as server,
        command.started("-y", "--json", "--base-url", server.base_url, "-p", "sleep") as process,
    ):
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or '"output"' not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1]
        foreground = children_of(process.pid)
        assert foreground
        process.send_signal(number)
        rest, _ = process.communicate(timeout=SECONDS)
        result = records("".join(lines) + rest)[-1]
        assert process.returncode == code
        assert (result["type"], result["outcome"], result["exit_code"]) == ("result", outcome, code)
        deadline = time.monotonic() + 10
        while any(map(is_alive, foreground)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not [pid for pid in foreground if is_alive(pid)]


def test_an_interrupt_stops_a_model_that_never_answers(command: Command) -> None:
    with (
        ChatServer(silence()) as server,
        command.started("--base-url", server.base_url, "-p", "hi") as process,
    ):
        server.wait_for_requests(1, SECONDS)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)
        assert process.returncode == 130


def test_a_reader_that_leaves_early_ends_it_quietly(command: Command) -> None:
    with (
        ChatServer(say("word " * 2000).paced(0.002)) as server,
        command.started("--base-url", server.base_url, "-p", "hi") as process,
    ):
        assert process.stdout is not None
        process.stdout.read(5)
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert process.wait(SECONDS) == 141


@pytest.mark.parametrize("words", [("languages",), ("config", "show"), ("-h",), ("--json", "-p", "x")])
def test_every_output_may_be_closed_early(command: Command, words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command.extra["OPENAI_API_KEY"] = ""
    done = subprocess.run(
        command.arguments(words),
        cwd=command.folder,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_is_said_in_one_line(command: Command) -> None:
    with ChatServer(say("Hello.")) as server, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command.arguments(["--base-url", server.base_url, "-p", "hi"]),
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert done.stderr == "interpreter: the output could not be written: No space left on device\n"
    assert done.returncode == 1


def test_an_answer_that_the_output_cannot_encode_is_written_all_the_same(command: Command) -> None:
    command.extra["PYTHONIOENCODING"] = "ascii"
    with ChatServer(say("naïve 日本")) as server:
        done = command.run("--base-url", server.base_url, "-p", "hi")
    assert done.stdout == "na\\xefve \\u65e5\\u672c\n"


def test_no_escape_byte_comes_from_a_model_or_a_program(command: Command) -> None:
    with ChatServer(run("python", r"print('\x1b]0;t\x07\x1b[31mred\u202e')", text="\x1b[2J"), say("\x9b2J")) as server:
        done = command.run("-y", "--base-url", server.base_url, "-p", "hi")
    assert not set("\x1b\x9b\x07\u202e") & set(done.stdout + done.stderr)
    assert "␛[2J" in done.stdout


def test_the_demo_tells_its_tour_without_key_or_network(command: Command) -> None:
    command.extra["OPENAI_API_KEY"] = ""
    done = command.run("demo", "-o", "plugins.demo.pace=0")
    assert done.returncode == 0
    assert "That is the tour." in done.stdout


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def test_a_picture_named_in_the_prompt_is_sent_with_it(command: Command) -> None:
    (command.folder / "dot.png").write_bytes(PIXEL)
    with ChatServer(say("A red dot.")) as server:
        done = command.run("--base-url", server.base_url, "-o", "plugins.openai.images=yes", "-p", "what is @dot.png")
    assert done.returncode == 0, done.stderr
    text, picture = server.requests[0].body["messages"][-1]["content"]
    assert text == {"type": "text", "text": "what is dot.png"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")


def test_an_address_in_the_prompt_is_not_a_picture(command: Command) -> None:
    with ChatServer(say("Hello.")) as server:
        done = command.run("--base-url", server.base_url, "-p", "write to ada@example.org")
    assert done.returncode == 0, done.stderr
    assert server.requests[0].body["messages"][-1]["content"] == "write to ada@example.org"
