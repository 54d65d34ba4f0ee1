"""Completion scripts, in the shells they are for."""

from __future__ import annotations

import shlex
import shutil
import subprocess
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


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_when_the_script_is_sourced(command: Command, tmp_path: Path) -> None:
    script = tmp_path / "completion.zsh"
    script.write_text(command.run("completion", "zsh").stdout)
    zsh = pexpect.spawn(
        "zsh", ["-f", "-i"], env={**command.environment, "PS1": "% ", "TERM": "dumb"}, encoding="utf-8", timeout=SECONDS
    )
    try:
        zsh.sendline(f"autoload -Uz compinit && compinit -u -D; source {script}; PS1='rea''dy> '")
        zsh.expect_exact("ready> ")
        for typed, whole in (("comp", "completion "), ("completion z", "zsh "), ("--approve au", "auto ")):
            zsh.send(f"interpreter {typed}\t")
            zsh.expect_exact(whole.removeprefix(typed.split()[-1]))
            zsh.send("\x15")
    finally:
        zsh.close(force=True)


def test_fish_gets_every_command_and_option(command: Command) -> None:
    script = command.run("completion", "fish").stdout
    assert "complete -c interpreter -l approve -x -a 'ask risky auto deny'" in script
    assert "complete -c interpreter -n '__fish_seen_subcommand_from config' -a explain -d" in script
    for line in script.splitlines():
        assert line.startswith("#") or shlex.split(line)[:3] == ["complete", "-c", "interpreter"]
