"""The command line: options, subcommands, lists, and what is said about mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from oi_core import __version__
from oi_core.cli.command import interpreter, subcommands
from oi_core.cli.help_text import HELP

from .command import SECONDS, Command


def test_the_version_is_told_before_anything_is_imported(command: Command) -> None:
    code = "import sys; from oi_core.cli import main; main(['--version']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout.startswith(f"interpreter {__version__}\n")
    for module in ("click", "rich", "pluggy", "oi_core.session"):
        assert f"'{module}'" not in done.stdout
    assert command.run("--version").stdout == command.run("--plain", "--version").stdout


def test_help_names_every_option_and_subcommand_and_fits_80_columns(command: Command) -> None:
    done = command.run("-h")
    assert done.returncode == 0
    assert done.stdout == HELP == command.run("-m", "x", "--help").stdout
    assert max(map(len, HELP.splitlines())) <= 80
    words = set(re.findall(r"[\w-]+", HELP))
    options = [name for each in interpreter.params if isinstance(each, click.Option) for name in each.opts]
    assert [name for name in [*options, *subcommands.commands] if name not in words] == []
    below = [name for each in subcommands.commands.values() if isinstance(each, click.Group) for name in each.commands]
    assert [name for name in below if name not in words] == []


def test_help_of_a_subcommand_tells_of_its_own_options_only(command: Command) -> None:
    done = command.run("config", "explain", "--help")
    assert "Usage: interpreter config explain [OPTIONS] KEY" in done.stdout
    assert "--sandbox" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bogus"], "--bogus"),
        (["-p"], "-p"),
        (["--approve", "sometimes", "-p", "x"], "sometimes"),
        (["-y", "--approve", "ask", "-p", "x"], "contradicts"),
        (["--json", "--output-format", "text", "-p", "x"], "contradicts"),
        (["--timeout", "-1", "-p", "x"], "-1"),
        (["config", "bogus"], "'bogus' · interpreter config has explain, get, keys, path, schema, set, show, unset"),
        (["schema"], "Missing command · interpreter schema has events\n"),
        (["config", "get"], "Missing argument 'KEY' · interpreter config get --help says what it takes\n"),
        (["completion"], "Choose from: bash, zsh, fish · "),
        (["plugins", "install", "./nowhere"], "there is no ./nowhere · "),
        (["plugins", "-y", "install", "x"], "options of install go after it"),
        (["-p", "  "], "the prompt is empty"),
        (["-"], "the prompt is empty"),
        (["--json"], "the prompt is empty"),
        ([], "a chat needs a terminal"),
        (["-o", "model", "-p", "x"], "KEY=VALUE"),
        (["-o", "limits.turns=many", "-p", "x"], "limits.turns"),
        (["-o", "aproval=ask", "-p", "x"], "approval"),
        (["-o", "ask=1", "-p", "x"], "unknown key"),
        (["--config", "/nowhere.toml", "-p", "x"], "/nowhere.toml"),
    ],
)
def test_a_wrong_command_line_is_explained_and_exit_code_2(command: Command, words: list[str], said: str) -> None:
    done = command.run(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("interpreter: ")
    assert "Traceback" not in done.stderr
    assert done.stdout == "" or "--json" in words


@pytest.mark.parametrize(
    "words", [["-p", "x"], ["sessions"], ["config", "show"], ["config", "set", "trash", "true"], ["plugins"]]
)
def test_a_folder_that_is_gone_is_named_as_the_reason(command: Command, words: list[str]) -> None:
    in_a_gone_folder = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"]
    done = subprocess.run(
        [*in_a_gone_folder, *command.arguments(words)],
        cwd=command.folder,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "interpreter: the current folder does not exist any more · cd to another one\n"


def test_a_wrong_file_is_pointed_into(command: Command) -> None:
    (command.folder / "pyproject.toml").write_text('[tool.interpreter]\naproval = "ask"\n')
    done = command.run("-p", "x")
    assert done.returncode == 2
    assert "pyproject.toml:2:1" in done.stderr
    assert "^" in done.stderr


def test_languages_say_where_they_come_from(command: Command) -> None:
    done = command.run("languages")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= {"python", "shell"}
    records = {record["name"]: record for record in json.loads(command.run("languages", "--json").stdout)}
    assert records["python"]["available"] is True


@pytest.mark.parametrize("words", [["plugins"], ["plugins", "list"], ["--no-plugins", "plugins", "list"]])
def test_plugins_are_listed_with_what_they_provide(command: Command, words: list[str]) -> None:
    done = command.run(*words)
    assert done.returncode == 0
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert rows.keys() >= {"demo", "forbidden", "openai", "python", "shell"}
    assert "reviews code" in rows["forbidden"]


def test_plugins_are_listed_whatever_is_wrong_with_the_configuration(command: Command) -> None:
    (command.folder / "pyproject.toml").write_text("[tool.interpreter\n")
    done = command.run("plugins", "list")
    assert done.returncode == 0
    assert "pyproject.toml" in done.stderr
    assert "forbidden" in done.stdout


def test_config_show_says_where_each_value_comes_from(command: Command) -> None:
    (command.folder / "pyproject.toml").write_text('[tool.interpreter]\noutput.lines = 3\nbase-url = "http://evil"\n')
    command.extra["INTERPRETER_THEME"] = "light"
    done = command.run("config", "show", "-m", "some/model")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert rows["output.lines"].endswith("pyproject.toml:2")
    assert rows["theme"].endswith("env INTERPRETER_THEME")
    assert rows["model"].endswith("command line")
    assert rows["approval"].endswith("default")
    assert "base-url" in rows["ignored:"]
    as_json = json.loads(command.run("config", "show", "--json").stdout)
    assert as_json["settings"]["output.lines"] == {"value": 3, "source": "pyproject.toml:2"}
    assert as_json["ignored"][0]["key"] == "base-url"


def test_config_path_and_schema(command: Command) -> None:
    assert command.run("config", "path").stdout == f"{command.home}/.config/interpreter/config.toml\n"
    schema = json.loads(command.run("config", "schema").stdout)
    assert "approval" in schema["properties"]


def test_a_subcommand_after_dashes_is_a_prompt(command: Command) -> None:
    command.extra["OPENAI_API_KEY"] = ""
    assert command.run("--", "languages").returncode == 3


def test_the_current_folder_is_not_imported_from(command: Command) -> None:
    (command.folder / "click.py").write_text("raise SystemExit('hijacked')")
    (command.folder / "platformdirs.py").write_text("raise SystemExit('hijacked')")
    done = command.run("languages")
    assert "hijacked" not in done.stderr + done.stdout
    assert done.returncode == 0


def test_a_bug_leaves_a_log_and_one_line(command: Command) -> None:
    code = (
        "import sys; from oi_core.cli import command, program\n"
        "def broken(words): raise ZeroDivisionError('kaput')\n"
        "command.run_command = broken; sys.exit(program.run(['x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=command.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    path = line.rpartition(" ")[2]
    assert "ZeroDivisionError: kaput" in Path(path).read_text()
    assert path.startswith(str(command.home))


def test_a_bug_whose_log_cannot_be_written_is_told_whole(command: Command) -> None:
    command.extra["XDG_STATE_HOME"] = "/dev/null"
    code = (
        "import sys; from oi_core.cli import command, program\n"
        "def broken(words): raise ZeroDivisionError('kaput')\n"
        "command.run_command = broken; sys.exit(program.run(['x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=command.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" in done.stderr
    assert "could not be written" in done.stderr
