"""What a block of shell means: one live bash, whose state survives nearly everything that code does."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import oi_shell
import pytest

from oi_core.errors import ExecutorError
from oi_core.events import InputRequested
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import run_and_interrupt, run_sample


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_shell.start(Workspace(folder=tmp_path))
    yield executor
    executor.close()


@pytest.mark.parametrize(
    ("first", "then", "output"),
    [
        ("cd /", "pwd", "/\n"),
        ("x='a  b'", 'echo "$x"', "a  b\n"),
        ('f() { echo "f $1"; }', "f 1", "f 1\n"),
        ("alias greet='echo hi'", "greet", "hi\n"),
        ("declare -A map=([k]=v)", "echo ${map[k]}", "v\n"),
        ("false", "echo $?", "1\n"),
        (
            "set -o pipefail; shopt -s nullglob",
            "set -o | grep -c 'pipefail.*on'; shopt -q nullglob && echo on",
            "1\non\n",
        ),
        ("set -x", "echo y 2>&1; set +x", "+ echo y\ny\n+ set +x\n"),
        ("trap 'echo bye' USR1", "kill -USR1 $$", "bye\n"),
        ("exec 5>out.txt; echo kept >&5", "cat out.txt", "kept\n"),
        ("PS1='$ ' PS2='> ' PROMPT_COMMAND='echo prompt'", "echo fine", "fine\n"),
        ("exec >/dev/null 2>&1 </dev/null", "echo back; cat", "back\n"),
        ("break 9; echo unseen", "echo on", "on\n"),
        ("continue", "echo on", "on\n"),
        ("return 4", "echo on", "on\n"),
        ("IFS=x; set -f", "echo 'a b' *", "a b *\n"),
        ("read() { echo mine; }; printf() { echo mine; }", "echo on", "on\n"),
        ("set -u", "[[ $- == *u* ]] && echo on; set +u", "on\n"),
        ("sleep 60 & echo started", "jobs -p | wc -l", "1\n"),
        ("sleep 0.1 & job=$!", "wait $job; echo $?", "0\n"),
        ("sleep 60 & disown", "jobs | wc -l", "0\n"),
        ("cd /tmp; cd /", "cd -; echo $OLDPWD", "/tmp\n/\n"),
        ("umask 027; ulimit -n 512", "umask; ulimit -n", "0027\n512\n"),
        ("echo 'unterminated", "echo on", "on\n"),
        ("cat <<END\nunterminated", "echo on", "on\n"),
        ("echo x \\", "echo on", "on\n"),
        ("stty raw -echo", "stty -a | grep -o ' echo ' | tr -d ' '", "echo\n"),
    ],
)
def test_state_is_carried_over_and_the_loop_survives(shell: Executor, first: str, then: str, output: str) -> None:
    run_sample(shell, first)
    ran = run_sample(shell, then)
    assert re.sub(r"(?m)^\++ ", "+ ", ran.output) == output
    assert run_sample(shell, "echo hello").output == "hello\n"


def test_the_status_of_the_last_command_is_the_outcome(shell: Executor) -> None:
    ran = run_sample(shell, "true; (exit 7)")
    assert (ran.ending.outcome, ran.ending.exit_status) == (Outcome.FAILED, 7)
    ran = run_sample(shell, "false; true")
    assert (ran.ending.outcome, ran.ending.exit_status) == (Outcome.FINISHED, 0)


@pytest.mark.parametrize(
    ("code", "output"),
    [
        ("cat <<'END'\n$x `y` \\z\n\n\tend\nEND", "$x `y` \\z\n\n\tend\n"),
        ("echo '!!' \"!x\" !y", "!! !x !y\n"),
        ("echo a \\\n  b", "a b\n"),
        ("# only a comment", ""),
        ("echo one # trailing", "one\n"),
        ("for i in 1 2\ndo\n  echo $i\ndone", "1\n2\n"),
        ("echo $LINENO\n\necho $LINENO", "1\n3\n"),
        ("echo ok\r\n", "ok\r\n"),
        ("printf '%s\\n' '%d %b \\t'", "%d %b \\t\n"),
    ],
)
def test_code_is_run_as_it_was_written(shell: Executor, code: str, output: str) -> None:
    assert run_sample(shell, code).output == output


def test_a_syntax_error_names_its_line_and_costs_nothing(shell: Executor) -> None:
    run_sample(shell, "x=1")
    ran = run_sample(shell, "echo fine\nif true; then\n")
    assert ran.ending.outcome is Outcome.FAILED
    assert "line 3" in ran.output
    assert run_sample(shell, "echo $x").output == "1\n"


def test_an_unset_variable_ends_the_block_and_not_the_shell(shell: Executor) -> None:
    ran = run_sample(shell, "set -u; kept=1; echo $no_such_variable; echo unseen")
    assert ran.ending.outcome is Outcome.FAILED
    assert "unseen" not in ran.output
    assert run_sample(shell, "echo $kept; set +u").output == "1\n"


STATE = """
cd /tmp
text=$'two\\nlines "quoted"'
list=(a 'b c')
declare -A map=([k]='v w')
greet() { echo "hello $1"; }
export -f greet
alias ll='echo listed'
shopt -s extglob
umask 027
export exported=1
"""
CHECK = 'pwd; echo "$text"; echo "${list[1]} ${map[k]}"; bash -c "greet you"; ll; '
CHECK += "shopt -q extglob && umask; env | grep ^exported"
RESTORED = '/tmp\ntwo\nlines "quoted"\nb c v w\nhello you\nlisted\n0027\nexported=1\n'


@pytest.mark.parametrize(("code", "status"), [("exit 3", 3), ("exit", 0), ("set -e; false; echo unseen", 1)])
def test_exit_starts_the_shell_again_with_its_state(shell: Executor, code: str, status: int) -> None:
    run_sample(shell, STATE)
    ran = run_sample(shell, code)
    assert ran.ending.exit_status == status
    assert ran.ending.outcome is (Outcome.FAILED if status else Outcome.FINISHED)
    assert "started again" in ran.ending.note
    assert "unseen" not in ran.output
    assert run_sample(shell, CHECK).output == RESTORED


def test_a_program_that_replaces_the_shell_leaves_the_state_from_before(shell: Executor) -> None:
    run_sample(shell, STATE)
    ran = run_sample(shell, "exec sh -c 'echo replaced; exit 4'")
    assert ran.output == "replaced\n"
    assert (ran.ending.outcome, ran.ending.exit_status) == (Outcome.FAILED, 4)
    assert "started again" in ran.ending.note
    assert run_sample(shell, CHECK).output == RESTORED


@pytest.mark.parametrize(("code", "status"), [("exit 3", 3), ("(exit 4); exit", 4), ("set -e; false || (exit 5)", 5)])
@pytest.mark.parametrize("apart", [True, False])
def test_a_trap_on_exit_runs_and_the_state_is_kept(shell: Executor, code: str, status: int, apart: bool) -> None:
    run_sample(shell, STATE)
    trap = "trap 'echo bye $?' EXIT"
    if apart:
        run_sample(shell, trap)
    ran = run_sample(shell, f"export exported=1; {code}" if apart else f"{trap}; {code}")
    assert ran.output == f"bye {status}\n"
    assert ran.ending.exit_status == status
    assert run_sample(shell, f"set +e; {CHECK}").output == RESTORED


def test_other_traps_work_as_in_any_bash(shell: Executor) -> None:
    assert run_sample(shell, "trap 'echo err' ERR; false; trap - ERR; false; echo end").output == "err\nend\n"
    code = "f() { trap 'echo left' RETURN; trap 'echo bye' EXIT; echo in; }; f; trap - RETURN EXIT"
    assert run_sample(shell, code).output == "in\nleft\n"


def test_jobs_shows_the_jobs_of_the_code_and_nothing_of_ours(shell: Executor) -> None:
    run_sample(shell, "sleep 60 &")
    run_sample(shell, "ls >/dev/null")
    run_sample(shell, ": " + "x" * 10_000)
    run_sample(shell, "stty -echo")
    assert run_sample(shell, "jobs").output.split() == ["[1]+", "Running", "sleep", "60", "&"]
    assert run_sample(shell, "kill %1; wait; jobs; echo over").output.endswith("over\n")


def test_exit_in_a_subshell_is_no_exit(shell: Executor) -> None:
    ran = run_sample(shell, "(exit 3); echo on")
    assert ran.output == "on\n"
    assert ran.ending.note == ""


def test_an_interrupt_stops_a_pipeline_and_the_rest_of_the_block(shell: Executor) -> None:
    threading.Timer(0.5, shell.interrupt).start()
    ran = run_sample(shell, "sleep 60 | cat; echo unseen")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert ran.ending.exit_status == 130
    assert "unseen" not in ran.output


def test_a_tampered_prompt_does_not_hold_up_an_interrupt(shell: Executor) -> None:
    run_sample(shell, "kept=1")
    threading.Timer(0.5, shell.interrupt).start()
    ran = run_sample(shell, "PROMPT_COMMAND= ; while :; do :; done")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert run_sample(shell, "echo $kept").output == "1\n"


def test_programs_that_read_do_not_eat_the_end(shell: Executor) -> None:
    assert run_sample(shell, "cat", ["line", None]).output == "line\n"
    assert run_sample(shell, 'read -r line; echo "got $line"', ["a\\b"]).output == "got a\\b\n"


def test_a_question_with_a_time_limit_may_go_unanswered(shell: Executor) -> None:
    for event in shell.run("timeout 1 head -n 1; echo over $?"):
        asked = isinstance(event, InputRequested)
        assert not asked or event == InputRequested("")
    assert run_sample(shell, "read -t 0.2 x; echo over").output.strip() == "over"


def test_a_shell_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    workspace = Workspace(folder=tmp_path, environment={"PATH": str(tmp_path)})
    availability = oi_shell.probe(workspace)
    assert (availability.available, availability.detail) == (False, "neither bash nor zsh nor sh is installed")
    with pytest.raises(ExecutorError, match="neither bash nor zsh nor sh is installed"):
        oi_shell.start(workspace)


def test_a_setting_names_the_bash_to_use(tmp_path: Path) -> None:
    executor = oi_shell.start(Workspace(folder=tmp_path, command=("bash", "--posix")))
    try:
        assert run_sample(executor, "set -o | grep posix").output.split() == ["posix", "on"]
    finally:
        executor.close()


def test_traps_and_tracing_see_the_commands_of_code_and_none_of_the_loop_around_it(shell: Executor) -> None:
    def output(code: str) -> str:
        return run_sample(shell, code).output

    assert output("trap 'echo \"before $BASH_COMMAND\"' DEBUG") == ""
    assert output("echo 1\necho 2") == "before echo 1\n1\nbefore echo 2\n2\n"
    assert output("set -T\nf() { :; }; f").count("before") == len(["set", "f", "f", ":"])
    assert output("set +T; trap - DEBUG; trap 'echo failed' ERR; false").endswith("failed\n")
    assert output("true") == ""
    assert output("echo 3; false") == "3\nfailed\n"
    assert output("trap - ERR; PS4='+ $LINENO '; set -x") == ""
    assert output("echo 4").lstrip("+") == " 1 echo 4\n4\n"
    assert output("set +x; echo 5").splitlines()[-1] == "5"
    assert output("trap 'echo bye' DEBUG; exit 3") == "bye\n"
    assert output("echo 6").endswith("6\n")


def test_a_trap_survives_an_interrupt_and_a_cell_that_sets_none(shell: Executor) -> None:
    run_sample(shell, "trap 'echo before' DEBUG")
    run_and_interrupt(shell, "sleep 60")
    run_sample(shell, "x=1")
    assert run_sample(shell, "echo $x").output == "before\n1\n"
