"""Completion scripts, in the shells they are for."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from .command import SECONDS, Command


def completed_by_bash(script: Path, *words: str) -> set[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    ask = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _interpreter_complete"
    done = subprocess.run(
        [
            "bash",
            "--norc",
            "-c",
            f'source {script}; complete -p interpreter; {ask}; printf "%s\\n" "${{COMPREPLY[@]}}"',
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    registered, *found = done.stdout.splitlines()
    assert registered.endswith("-F _interpreter_complete interpreter")
    assert done.stderr == ""
    return set(found)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_options_and_their_values(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(command.run("completion", "bash").stdout)
    assert completed_by_bash(script, "interpreter", "con") == {"config"}
    assert completed_by_bash(script, "interpreter", "--sand") == {"--sandbox"}
    assert completed_by_bash(script, "interpreter", "--approve", "") == {"ask", "risky", "auto", "deny"}
    assert completed_by_bash(script, "interpreter", "-y", "config", "sh") == {"show"}
    assert completed_by_bash(script, "interpreter", "completion", "z") == {"zsh"}
    assert completed_by_bash(script, "interpreter", "--model", "") == {""}


def with_program(command: Command) -> str:
    """Return a PATH on which ``interpreter`` is this one."""
    folder = command.folder.parent / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "interpreter"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m oi_core "$@"\n')
    program.chmod(0o755)
    return f"{folder}:{command.environment['PATH']}"


def saved(command: Command, name: str, title: str) -> None:
    """Save a session of the current folder with a message nobody has answered."""
    folder = command.home / ".local/state/interpreter/sessions"
    folder.mkdir(parents=True, exist_ok=True)
    head = {"v": 1, "type": "session", "id": name, "title": title, "folder": str(command.folder), "model": "m"}
    (folder / f"{name}.jsonl").write_text(json.dumps({**head, "started": "2026-01-01T00:00:00+00:00"}) + "\n")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_settings_saved_sessions_and_plugins(command: Command, tmp_path: Path) -> None:
    saved(command, "abc234", "the $(touch made) of `touch made`")
    saved(command, "$(touch made)", "a name that runs something")
    script = tmp_path / "completion.bash"
    script.write_text(f"PATH={with_program(command)}; HOME={command.home}; cd {command.folder}\n")
    script.write_text(script.read_text() + command.run("completion", "bash").stdout)
    assert completed_by_bash(script, "interpreter", "config", "set", "limits.s") == {
        "limits.seconds",
        "limits.spool-bytes",
    }
    assert completed_by_bash(script, "interpreter", "config", "get", "plugins.demo") == {"plugins.demo.pace"}
    assert completed_by_bash(script, "interpreter", "config", "set", "model", "limits.s") == {""}
    assert completed_by_bash(script, "interpreter", "--resume", "") == {"abc234"}
    assert completed_by_bash(script, "interpreter", "--resume", "--sand") == {"--sandbox"}
    assert completed_by_bash(script, "interpreter", "sessions", "rm", "abc234", "a") == {"abc234"}
    assert completed_by_bash(script, "interpreter", "plugins", "disable", "sq") == {"sql"}
    assert not list(command.folder.rglob("made"))


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_when_the_script_is_sourced(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "completion.zsh"
    script.write_text(command.run("completion", "zsh").stdout)
    saved(command, "abc234", "its title: a colon")
    zsh = pexpect.spawn(
        "zsh",
        ["-f", "-i"],
        env={**command.environment, "PATH": with_program(command), "PS1": "% ", "TERM": "dumb"},
        encoding="utf-8",
        timeout=SECONDS,
    )
    try:
        zsh.sendline(f"autoload -Uz compinit && compinit -u -D; source {script}; PS1='rea''dy> '")
        zsh.expect_exact("ready> ")
        expected = [("comp", "completion "), ("completion z", "zsh "), ("--approve au", "auto ")]
        expected += [("config get plugins.demo", "plugins.demo.pace "), ("--resume ab", "abc234 ")]
        for typed, whole in expected:
            zsh.send(f"interpreter {typed}\t")
            zsh.expect_exact(whole.removeprefix(typed.split()[-1]))
            zsh.send("\x15")
    finally:
        zsh.close(force=True)


def test_fish_gets_every_command_and_option(command: Command) -> None:
    script = command.run("completion", "fish").stdout
    assert "complete -c interpreter -l approve -x -a 'ask risky auto deny'" in script
    config = "'__fish_seen_subcommand_from config; and not __fish_seen_subcommand_from explain get keys "
    assert f"complete -c interpreter -n {config}" in script
    assert "-a '(command interpreter completion fish --words sessions " in script
    for line in script.splitlines():
        assert line.startswith("#") or shlex.split(line)[:3] == ["complete", "-c", "interpreter"]
