from __future__ import annotations

import tomllib

import pytest

from .command import Command


def test_a_setting_is_explained_with_its_value_source_and_scope(command: Command) -> None:
    command.extra["INTERPRETER_LIMITS_SECONDS"] = "5"
    done = command.run("config", "explain", "limits.seconds")
    assert done.returncode == 0, done.stderr
    assert "limits.seconds = 5.0   (env INTERPRETER_LIMITS_SECONDS)" in done.stdout
    assert "scope: narrow" in done.stdout


def test_the_forbidden_commands_are_listed(command: Command) -> None:
    done = command.run("config", "explain", "forbidden-commands", "-o", 'forbidden-commands=["git push"]')
    assert "    rm -rf /\n" in done.stdout
    assert "    git push\n" in done.stdout


def test_what_reaches_language_processes_is_explained(command: Command) -> None:
    command.extra["MY_TOKEN"] = "x"
    done = command.run("config", "explain", "env-pass")
    lines = done.stdout.splitlines()
    assert lines[0] == "env-pass = []   (default)"
    assert lines[2:] == sorted(lines[2:]), "what is held back is together, and found by its name"
    assert any("held back" in line and "MY_TOKEN" in line for line in lines)
    assert any("passes" in line and " PATH " in line for line in lines)
    assert "sk-test" not in done.stdout


def test_an_unknown_setting_names_the_nearest(command: Command) -> None:
    done = command.run("config", "explain", "aproval")
    assert done.returncode == 2
    assert 'did you mean "approval"?' in done.stderr


def test_a_plugin_is_disabled_and_enabled_and_the_rest_of_the_file_stays(command: Command) -> None:
    file = command.home / ".config" / "interpreter" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("# mine\ntheme = 'dark'\n")
    assert command.run("plugins", "disable", "demo").returncode == 0
    assert file.read_text().startswith("# mine\ntheme = 'dark'\n")
    assert tomllib.loads(file.read_text())["plugins"]["disable"] == ["demo"]
    assert "demo " in command.run("plugins", "list").stdout
    assert " disabled" in command.run("plugins", "list").stdout
    assert command.run("plugins", "disable", "demo").stdout.startswith("demo is disabled already")
    assert command.run("plugins", "enable", "demo").returncode == 0
    assert tomllib.loads(file.read_text())["plugins"]["disable"] == []


@pytest.mark.parametrize(("name", "why"), [("forbidden", "essential"), ("nonsense", "there is no plugin")])
def test_what_cannot_be_disabled_is_said(command: Command, name: str, why: str) -> None:
    done = command.run("plugins", "disable", name)
    assert done.returncode == 2
    assert why in done.stderr


def test_a_file_that_is_not_toml_is_left_alone(command: Command) -> None:
    file = command.home / ".config" / "interpreter" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("theme = \n")
    done = command.run("plugins", "disable", "demo")
    assert done.returncode == 2
    assert file.read_text() == "theme = \n"
