"""Settings read, set and taken away from the command line, in files that keep all else they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .command import Command

MINE = '# mine\nmodel = "qwen3"  # small\n\n[limits]\nturns = 5   # enough\n'


@pytest.fixture
def own_file(command: Command) -> Path:
    file = command.home / ".config" / "interpreter" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(MINE)
    file.chmod(0o640)
    return file


def test_a_setting_is_set_and_unset_and_comments_stay(command: Command, own_file: Path) -> None:
    done = command.run("config", "set", "limits.seconds", "30")
    assert done.stdout == "limits.seconds = 30   (~/.config/interpreter/config.toml)\n"
    command.run("config", "set", "model", "4")
    command.run("config", "set", "plugins.openai.tries", "2")
    text = own_file.read_text()
    assert text.startswith('# mine\nmodel = "4"  # small\n')
    assert "turns = 5   # enough\n" in text
    assert own_file.stat().st_mode & 0o777 == 0o640
    assert command.run("config", "get", "model").stdout == "4\n"
    assert command.run("config", "get", "limits.seconds").stdout == "30.0\n"
    assert command.run("config", "get", "context-window").stdout == ""
    for key in ("limits.seconds", "plugins.openai.tries"):
        assert "is out of" in command.run("config", "unset", key).stdout
    command.run("config", "set", "model", "qwen3")
    assert own_file.read_text() == MINE
    assert "was not in" in command.run("config", "unset", "theme").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "aproval", "ask"], 'did you mean "approval"'),
        (["set", "approval", "sometimes"], "approval"),
        (["set", "limits.turns", "many"], "limits.turns"),
        (["set", "limits", "3"], "limits"),
        (["get", "aproval"], "no setting"),
        (["set", "--project", "base-url", "http://x/v1"], "a project cannot set base-url"),
        (["set", "--project", "output.lines", "3"], "there is no pyproject.toml"),
    ],
)
def test_a_wrong_setting_is_explained_and_nothing_is_written(
    command: Command, own_file: Path, words: list[str], said: str
) -> None:
    done = command.run("config", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert own_file.read_text() == MINE


def test_a_project_gets_what_a_project_may_say_and_is_told_what_counts(command: Command) -> None:
    project = command.folder / "pyproject.toml"
    project.write_text('[project]\nname = "shop"  # ours\n')
    done = command.run("config", "set", "--project", "output.lines", "3")
    assert project.read_text().startswith('[project]\nname = "shop"  # ours\n')
    assert "[tool.interpreter.output]\nlines = 3" in project.read_text()
    assert "in force" not in done.stdout
    done = command.run("config", "set", "--project", "model", "other")
    assert "ignored: pyproject.toml:" in done.stdout
    command.extra["INTERPRETER_THEME"] = "light"
    done = command.run("config", "set", "theme", "dark")
    assert 'in force here: "light" (env INTERPRETER_THEME)' in done.stdout


def test_a_file_that_is_no_toml_or_cannot_be_written_stays_as_it_is(command: Command, own_file: Path) -> None:
    own_file.write_text("model = \n")
    done = command.run("config", "set", "theme", "dark")
    assert (done.returncode, "config.toml:1" in done.stderr) == (2, True)
    own_file.unlink()
    own_file.mkdir()
    done = command.run("config", "set", "theme", "dark")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_every_setting_is_listed_with_what_it_is_for(command: Command) -> None:
    done = command.run("config", "keys")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "ask, risky, auto or deny" in rows["approval"]
    assert rows.keys() == json.loads(command.run("config", "keys", "--json").stdout).keys()
