"""Saved sessions, by the real command: gone on with, listed, shown, searched and removed."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from oi_core.testing.answers import run, say, silence
from oi_core.testing.server import ChatServer

from .command import SECONDS, Command


def folder_of_sessions(command: Command) -> Path:
    return command.home / ".local" / "state" / "interpreter" / "sessions"


def ids(command: Command) -> list[str]:
    return [each["id"] for each in json.loads(command.run("sessions", "--all", "--json").stdout)]


def test_a_session_is_gone_on_with_exactly_and_both_ways_find_it(command: Command) -> None:
    with ChatServer(run("python", "print(6*7)"), say("It is 42."), say("Yes."), say("Still.")) as server:
        words = ["--base-url", server.base_url]
        assert command.run(*words, "-y", "-p", "6*7?").returncode == 0
        again = command.run(*words, "-c", "-p", "Sure?")
        third = command.run(*words, "--resume", ids(command)[0][:4], "-p", "Still?")
    before = server.requests[1].body["messages"]
    sent = server.requests[2].body["messages"]
    assert sent[1 : len(before)] == before[1:]
    assert [m["content"] for m in sent[len(before) :]] == ["It is 42.", "Sure?"]
    assert len(server.requests[3].body["messages"]) == len(sent) + 2
    assert (again.stdout, third.stdout) == ("Yes.\n", "Still.\n")
    assert "resumed" in again.stderr
    assert "variables are not restored · /replay runs the code again (1 block)" in again.stderr
    assert len(ids(command)) == 1


def test_a_command_killed_while_code_runs_leaves_a_conversation_that_is_valid(command: Command) -> None:
    code = "open('started', 'w'); import time; time.sleep(600)"
    with ChatServer(run("python", code), say("Well.")) as server:
        with command.started("--base-url", server.base_url, "-y", "-p", "wait") as process:
            deadline = time.monotonic() + SECONDS
            while not (command.folder / "started").exists():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.kill()
            process.wait(SECONDS)
        (file,) = folder_of_sessions(command).iterdir()
        with file.open("a") as broken:
            broken.write('{"type":"mess')
        assert command.run("--base-url", server.base_url, "-c", "-p", "go on").stdout == "Well.\n"
    sent = server.requests[1].body["messages"]
    assert [m["role"] for m in sent[1:]] == ["user", "assistant", "tool", "user"]
    assert sent[3]["tool_call_id"] == sent[2]["tool_calls"][0]["id"]
    assert "no result was recorded" in sent[3]["content"]


def test_a_command_killed_while_the_model_is_waited_for_keeps_the_message(command: Command) -> None:
    with ChatServer(silence()) as server, command.started("--base-url", server.base_url, "-p", "wait") as process:
        deadline = time.monotonic() + SECONDS
        while not server.requests:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.wait(SECONDS)
    assert '"wait"' in command.run("sessions", "list", "--json").stdout


def test_records_name_the_session_for_the_next_command(command: Command) -> None:
    with ChatServer(say("A"), say("B")) as server:
        words = ["--base-url", server.base_url, "--json"]
        start = json.loads(command.run(*words, "-p", "x").stdout.splitlines()[0])
        again = json.loads(command.run(*words, "--resume", start["session"], "-p", "y").stdout.splitlines()[0])
    assert ids(command) == [start["session"]] == [again["session"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-c", "-p", "x"], "no session of this folder is saved"),
        (["--resume", "-p", "x"], "no session is saved yet"),
        (["--resume", "abc", "-p", "x"], "there is no saved session abc"),
        (["-c", "--resume", "abc", "-p", "x"], "give one of them"),
        (["sessions", "show", "abc"], "there is no saved session abc"),
        (["sessions", "rm", "abc", "-y"], "there is no saved session abc"),
        (["sessions", "rm"], "Missing argument"),
        (["sessions", "search", " "], "nothing to search for"),
    ],
)
def test_what_cannot_be_found_is_said(command: Command, words: list[str], said: str) -> None:
    done = command.run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_with_nothing_saved_the_lists_say_so(command: Command) -> None:
    assert "no session of this folder is saved" in command.run("sessions").stdout
    for words in (["sessions"], ["sessions", "list"]):
        assert command.run(*words, "--all", "-n", "3", "--json").stdout == "[]\n"
    assert command.run("sessions", "search", "x").stdout == "no saved session holds this text\n"
    assert not folder_of_sessions(command).exists()


def test_sessions_are_listed_shown_searched_and_removed_and_their_text_does_nothing(command: Command) -> None:
    asked = "\x1b]0;evil\x07 plot\nthe Sales"
    with ChatServer(run("shell", "echo revenue; printf '\\033[2J'"), say("Rose by \x1b[31m5 %.")) as server:
        command.run("--base-url", server.base_url, "-y", "-p", asked)
        elsewhere = Command(command.folder.parent / "other")
        elsewhere.folder.mkdir()
        listed = command.run("sessions").stdout
        shown = command.run("sessions", "show", ids(command)[0]).stdout
        found = [command.run("sessions", "search", text).stdout for text in ("SALES", "Revenue", "rose by")]
        assert "sessions list --all" in elsewhere.run("sessions").stdout
    assert "\x1b" not in "".join([listed, shown, *found])
    assert "plot the Sales" in listed
    assert "1 turn" in listed
    for text in ("> the Sales", "```bash\necho revenue", "```text\nrevenue", "5 %."):
        assert text in shown
    assert "you: the Sales" in found[0]
    assert "output: revenue" in found[1]
    assert "answer: Rose by" in found[2]
    name = ids(command)[0]
    refused = command.run("sessions", "rm", name[:3])
    assert (refused.returncode, ids(command)) == (4, [name])
    assert "or with -y" in refused.stderr
    assert f"deleted: {name}" in command.run("sessions", "rm", name[:3], "-y").stdout
    assert ids(command) == []


def test_sessions_are_saved_where_the_settings_say_or_not_at_all(command: Command) -> None:
    with ChatServer(say("A"), say("B"), say("C")) as server:
        words = ["--base-url", server.base_url]
        command.run(*words, "-o", "sessions.save=false", "-p", "x")
        assert ids(command) == []
        command.extra["INTERPRETER_SESSIONS_DIR"] = str(command.folder / "mine")
        command.run(*words, "-p", "x")
        assert len(ids(command)) == len(list((command.folder / "mine").iterdir())) == 1
        (command.folder / "mine" / "notes.jsonl").write_text("not a session\n")
        assert len(ids(command)) == 1
        command.extra["INTERPRETER_SESSIONS_DIR"] = "/dev/full/sessions"
        done = command.run(*words, "-p", "x")
    assert done.stdout == "C\n"
    assert done.stderr.count("no longer saved") == 1


def test_a_project_cannot_say_where_or_whether_sessions_are_saved(command: Command) -> None:
    (command.folder / "pyproject.toml").write_text('[tool.interpreter.sessions]\nsave = false\ndir = "/nowhere"\n')
    with ChatServer(say("A")) as server:
        command.run("--base-url", server.base_url, "-p", "x")
    assert len(ids(command)) == 1


def test_a_session_is_exported_to_a_file_or_to_standard_output(command: Command) -> None:
    with ChatServer(run("python", "print(6*7)"), say("It is 42.")) as server:
        command.run("--base-url", server.base_url, "-y", "-p", "6*7?")
    (name,) = ids(command)
    assert command.run("sessions", "export", name, "-o", "a.ipynb").returncode == 0
    assert json.loads((command.folder / "a.ipynb").read_text())["nbformat"] == 4
    for words, said in [(["-o", "a.ipynb"], "a.ipynb exists"), (["-o", "a.doc"], "which format")]:
        refused = command.run("sessions", "export", name, *words)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert said in refused.stderr
    assert command.run("sessions", "export", name, "-o", "a.ipynb", "--format", "py", "--force").returncode == 0
    assert (command.folder / "a.ipynb").read_text().endswith("# %%\nprint(6*7)\n")
    assert "```python\nprint(6*7)\n```" in command.run("sessions", "export", name).stdout
    shown = command.run("sessions", "show", name, "--json").stdout.splitlines()
    assert [json.loads(line)["type"] for line in shown] == ["session", *["message"] * 3, "run", "message"]


def test_a_full_disk_is_told_once_and_what_was_written_is_read_again(command: Command) -> None:
    with ChatServer(run("python", "print('x' * 3000)"), say("Printed."), say("Well.")) as server:
        command.extra["PYTHONDONTWRITEBYTECODE"] = "1"  # the limit is for all that is written
        words = command.arguments(["--base-url", server.base_url, "-y", "-p", "print"])
        done = subprocess.run(
            ["bash", "-c", f"ulimit -f 2; {shlex.join(words)}"],
            cwd=command.folder,
            env=command.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.stdout == "Printed.\n", done.stderr
        assert done.stderr.count("no longer saved") == 1
        del command.extra["PYTHONDONTWRITEBYTECODE"]
        again = command.run("--base-url", server.base_url, "-c", "-p", "go on")
        assert again.stdout == "Well.\n", again.stderr
    roles = [message["role"] for message in server.requests[2].body["messages"][1:]]
    assert roles == ["user", "assistant", "tool", "user"]
