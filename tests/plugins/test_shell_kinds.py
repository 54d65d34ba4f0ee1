"""Where there is no bash: zsh, or a plain sh, drives the language with the same promises."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import oi_shell
import pytest

from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import run_sample

COMMANDS = (("zsh",), ("dash",), ("busybox", "sh"))


@pytest.fixture(params=COMMANDS, ids=" ".join)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Executor]:
    if not shutil.which(request.param[0]):
        pytest.skip(f"{request.param[0]} is not installed")
    executor = oi_shell.start(Workspace(folder=tmp_path, command=request.param))
    yield executor
    executor.close()


@pytest.mark.parametrize(
    ("first", "then", "output"),
    [
        ("cd /", "pwd", "/\n"),
        ("x='a  b'", 'echo "$x"', "a  b\n"),
        ('f() { echo "f $1"; }', "f 1", "f 1\n"),
        ("alias greet='echo hi'", "greet", "hi\n"),
        ("set -- a b", "echo $2", "b\n"),
        ("false", "echo $?", "1\n"),
        ("return 4", "echo $?", "4\n"),
        ("break 9; echo unseen", "echo on", "on\n"),
        ("continue", "echo on", "on\n"),
        ("exec 5>out.txt; echo kept >&5", "cat out.txt", "kept\n"),
        ("exec >/dev/null 2>&1 </dev/null", "echo back; cat", "back\n"),
        ("PS1='$ ' PS2='> '", "echo fine", "fine\n"),
        ("PS4=': '; set -x", "echo traced", ": echo traced\ntraced\n"),
        ("IFS=x", "echo on", "on\n"),
        ("stty -echo -icanon", "echo on", "on\n"),
        ("sleep 0.1 & job=$!", "wait $job; echo $?", "0\n"),
        ("set -u; kept=1; echo $no_such_variable", "echo $kept", "1\n"),
        ("echo 'unterminated", "echo on", "on\n"),
        ("if true; then\n", "echo on", "on\n"),
        ("cat <<'END'\n$x `y`\nEND\n# a comment", "echo on", "on\n"),
    ],
)
def test_state_is_carried_over_and_the_loop_survives(shell: Executor, first: str, then: str, output: str) -> None:
    run_sample(shell, first)
    assert run_sample(shell, then).output == output


def test_a_syntax_error_is_a_failure(shell: Executor) -> None:
    for code in ("echo 'abc", "if true; then", "for"):
        ran = run_sample(shell, code)
        assert ran.ending.outcome is Outcome.FAILED
        assert ran.output


@pytest.mark.parametrize(("code", "status"), [("exit 3", 3), ("set -e; false; echo unseen", 1)])
def test_exit_starts_the_shell_again_with_what_it_can_print(shell: Executor, code: str, status: int) -> None:
    run_sample(shell, "cd /tmp; x='two\nlines'; export e=1; alias q='echo Q'; umask 027")
    ran = run_sample(shell, code)
    assert (ran.ending.outcome, ran.ending.exit_status) == (Outcome.FAILED, status)
    assert "started again" in ran.ending.note
    after = run_sample(shell, 'pwd; echo "$x"; sh -c "echo $e"; q; umask')
    assert after.output in ("/tmp\ntwo\nlines\n1\nQ\n027\n", "/tmp\ntwo\nlines\n1\nQ\n0027\n")


def test_a_program_that_replaces_the_shell_costs_what_the_block_did_and_no_more(shell: Executor) -> None:
    run_sample(shell, "x=kept")
    ran = run_sample(shell, "exec sh -c 'echo replaced; exit 5'")
    assert ran.output == "replaced\n"
    assert ran.ending.exit_status == 5
    assert run_sample(shell, "echo $x").output == "kept\n"


def test_a_plain_sh_says_that_it_loses_functions(tmp_path: Path) -> None:
    if not shutil.which("dash"):
        pytest.skip("dash is not installed")
    executor = oi_shell.start(Workspace(folder=tmp_path, command=("dash",)))
    try:
        assert "functions and background jobs were lost" in run_sample(executor, "exit").ending.note
    finally:
        executor.close()


def _link(folder: Path, name: str, target: str) -> None:
    (folder / name).symlink_to(shutil.which(target) or pytest.skip(f"{target} is not installed"))


@pytest.mark.parametrize(
    ("target", "proof", "output"),
    [("zsh", "echo ${ZSH_VERSION:+zsh}", "zsh\n"), ("dash", "echo ${BASH_VERSION-none}", "none\n")],
)
def test_without_a_bash_the_next_shell_on_the_path_is_used_and_named(
    tmp_path: Path, target: str, proof: str, output: str
) -> None:
    name = "zsh" if target == "zsh" else "sh"
    _link(tmp_path, name, target)
    for tool in ("stty", "sed", "cat"):
        _link(tmp_path, tool, tool)
    workspace = Workspace(folder=tmp_path, environment={"PATH": str(tmp_path)})
    availability = oi_shell.probe(workspace)
    assert (availability.available, availability.detail) == (True, str(tmp_path / name))
    executor = oi_shell.start(workspace)
    try:
        assert run_sample(executor, proof).output == output
    finally:
        executor.close()
