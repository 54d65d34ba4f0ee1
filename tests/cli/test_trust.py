"""The command ``interpreter trust``: what it shows, whom it asks, what it keeps and takes back."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.terminal.typist import Typist

from .command import Command

WANTS = '[tool.interpreter]\nmodel = "theirs"\ninstructions = "a\\u001b[2Jb"\nlanguages.shell.command = ["./sh"]\n'


def write(command: Command, text: str = WANTS) -> Path:
    path = command.folder / "pyproject.toml"
    path.write_text(text)
    return path


def model(command: Command) -> str:
    done = command.run("config", "show", "--json")
    return str(json.loads(done.stdout)["settings"]["model"]["value"])


def test_it_shows_each_wish_with_its_value_and_what_it_would_mean(command: Command) -> None:
    write(command)
    done = command.run("trust", "--yes")
    assert done.returncode == 0
    assert f"{os.path.realpath(command.folder)}/pyproject.toml wants:" in done.stdout
    assert '  model = "theirs"\n      your messages, and what programs print, go to this model\n' in done.stdout
    assert '  languages.shell.command = ["./sh"]\n      this program is started, with all your rights' in done.stdout
    assert "\x1b" not in done.stdout
    assert model(command) == "theirs"
    assert "You trust this project already" in command.run("trust").stdout


def test_without_a_terminal_it_shows_and_refuses(command: Command) -> None:
    write(command)
    done = command.run("trust", stdin="y\n")
    assert done.returncode == 4
    assert 'model = "theirs"' in done.stdout
    assert "interpreter trust --yes" in done.stderr
    assert model(command) != "theirs"


def test_a_change_is_shown_as_old_and_new(command: Command) -> None:
    path = write(command)
    command.run("trust", "--yes")
    path.write_text(WANTS.replace('["./sh"]', '["./evil"]'))
    done = command.run("trust")
    assert "has changed since you trusted it:" in done.stdout
    assert '  languages.shell.command = ["./sh"] → ["./evil"]' in done.stdout
    assert 'unchanged:\n  model = "theirs"' in done.stdout
    path.write_text(WANTS + "output.lines = 3\n")
    assert "nothing that needs trust; other settings of its table did" in command.run("trust").stdout


def test_the_option_trusts_now_and_later(command: Command) -> None:
    write(command)
    assert "until you trust" not in command.run("--trust-project", "languages").stderr
    assert model(command) == "theirs"


def test_a_script_is_not_asked_but_told_once(command: Command) -> None:
    write(command)
    done = command.run("languages")
    assert done.stderr.count("until you trust this project (interpreter trust)") == 1
    assert done.returncode == 0


def test_what_is_trusted_is_listed_and_can_be_taken_back(command: Command) -> None:
    path = write(command)
    assert command.run("trust", "list").stdout == "you trust no project\n"
    command.run("trust", "--yes")
    assert '  model = "theirs"\n' in command.run("trust", "list").stdout
    assert json.loads(command.run("trust", "list", "--json").stdout)[os.path.realpath(path)]["model"] == '"theirs"'
    inner = command.folder / "inner"
    inner.mkdir()
    done = subprocess.run(
        command.arguments(["trust", "revoke"]), cwd=inner, env=command.environment, capture_output=True, check=False
    )
    assert b"is trusted no longer" in done.stdout
    assert model(command) != "theirs"
    again = command.run("trust", "revoke")
    assert again.returncode == 2
    assert "interpreter trust list" in again.stderr


def test_a_project_that_is_gone_can_be_revoked_by_its_folder(command: Command) -> None:
    path = write(command)
    command.run("trust", "--yes")
    path.unlink()
    assert command.run("trust", "revoke", str(command.folder)).returncode == 0
    assert command.run("trust", "list").stdout == "you trust no project\n"


@pytest.mark.parametrize("words", [["trust", "list"], ["trust", "revoke"]])
def test_a_damaged_file_is_said_and_left_alone(command: Command, words: list[str]) -> None:
    file = command.home / ".local/state/interpreter/trusted-projects.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    done = command.run(*words)
    assert done.returncode == 2
    assert "it is damaged" in done.stderr
    assert file.read_text() == "{"


def test_there_must_be_a_project_that_wants_something(command: Command) -> None:
    done = command.run("trust")
    assert done.returncode == 2
    assert "no pyproject.toml with [tool.interpreter] here" in done.stderr
    write(command, "[tool.interpreter]\noutput.lines = 3\n")
    assert command.run("trust").stdout == "pyproject.toml wants nothing that needs your trust\n"


def test_the_home_folder_cannot_be_trusted(command: Command) -> None:
    at_home = Command(command.folder, {"HOME": str(command.folder)})
    write(at_home)
    for words in (["trust", "--yes"], ["trust"]):
        done = at_home.run(*words)
        assert done.returncode == 2
        assert "your home folder cannot be trusted" in done.stderr


def test_a_store_that_cannot_be_written_is_said(command: Command) -> None:
    write(command)
    (command.home / ".local").write_text("in the way")
    done = command.run("trust", "--yes")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_very_long_value_says_that_it_goes_on(command: Command) -> None:
    write(command, f'[tool.interpreter]\ninstructions = "{"x" * 10_000}"\n')
    done = command.run("trust")
    assert "more characters: read" in done.stdout
    assert len(done.stdout) < 5000


@pytest.mark.parametrize(("answer", "trusted"), [("y", True), ("n", False), ("maybe\rYES", True), ("\x04", False)])
def test_at_a_terminal_it_asks(command: Command, answer: str, trusted: bool) -> None:
    write(command)
    with Typist(command.folder, ["trust"], columns=200) as person:
        for each in answer.split("\r"):
            person.wait_for("Trust this project? y trust, n no:")
            person.pause(0.3)
            person.type(each if each == "\x04" else f"{each}\r")
        assert person.wait_for_end() == 0
    assert (model(command) == "theirs") == trusted


def test_ctrl_c_at_the_question_of_a_chat_leaves(command: Command) -> None:
    write(command)
    with Typist(command.folder, [], columns=200) as person:
        person.wait_for("Trust this project?")
        person.type("\x03")
        assert person.wait_for_end() == 130
    assert model(command) != "theirs"
