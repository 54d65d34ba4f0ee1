"""What models write in the place of Python: shell commands, magics, prompts and fences; plain errors for the rest."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import oi_python
import pytest

from oi_core.events import DisplayData, InputRequested, OutputDelta
from oi_core.plugin_api import Executor, Outcome, Workspace
from oi_core.testing.running import run_sample


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Executor]:
    executor = oi_python.start(Workspace(folder=tmp_path, command=(sys.executable,)))
    yield executor
    executor.close()


def test_a_command_runs_in_the_shell_and_a_failure_is_said(python: Executor) -> None:
    ran = run_sample(python, "!echo one; echo two >&2; (exit 3)")
    assert ran.output == "one\ntwo\n[exit status 3]\n"
    assert ran.ending.outcome is Outcome.FINISHED
    assert run_sample(python, "_exit_code").output == "3\n"


def test_a_command_streams_and_asks_on_the_terminal(python: Executor) -> None:
    ran = run_sample(python, "print('before')\n!read -p 'name? ' x; echo got $x\nprint('after')", ["Ada"])
    assert ran.output == "before\nname? got Ada\nafter\n"
    assert [event.prompt for event in ran.events if isinstance(event, InputRequested)] == ["name? "]


def test_the_lines_of_a_command_are_a_value(python: Executor) -> None:
    assert run_sample(python, "lines = !echo a; echo b\nlines").output == "['a', 'b']\n"
    assert run_sample(python, "lines.n, lines.s").output == "('a\\nb', 'a b')\n"


def test_values_of_the_code_go_into_commands_and_the_rest_stays_the_shells(python: Executor) -> None:
    run_sample(python, "name = 'value'\ndef f(inner):\n    !echo {inner} $inner {inner.upper()}")
    assert run_sample(python, "f('x')").output == "x x X\n"
    assert run_sample(python, "!echo $name $HOME_OF_NOBODY {name}.txt | awk '{print $2}'").output == "value.txt\n"
    assert run_sample(python, "!v=1; echo $$v {1 +}").output == "1 {1 +}\n"


def test_magics_work_inside_blocks_and_over_several_lines(python: Executor) -> None:
    code = "for i in range(2):\n    if i:\n        !echo \\\n          line {i}\nprint('end')"
    assert run_sample(python, code).output == "line 1\nend\n"


@pytest.mark.parametrize("command", ["!echo it\\'s", '!echo "it\'s"', "!echo 'it'\\''s'"])
def test_quotes_of_the_shell_are_not_pythons(python: Executor, command: str) -> None:
    assert run_sample(python, f"x = 1\n{command}\nx").output == "it's\n1\n"


def test_text_that_looks_like_a_command_stays_text(python: Executor) -> None:
    assert run_sample(python, "text = '''\n!echo no\n%cd /nowhere\n'''\n!echo yes\ntext").output == (
        "yes\n'\\n!echo no\\n%cd /nowhere\\n'\n"
    )


def test_the_folder_changes_and_comes_back(python: Executor, tmp_path: Path) -> None:
    (tmp_path / "a folder").mkdir()
    assert run_sample(python, "%cd 'a folder'").output == f"{tmp_path}/a folder\n"
    assert run_sample(python, "import os\nos.getcwd()").output == f"'{tmp_path}/a folder'\n"
    assert run_sample(python, "%cd -").output == f"{tmp_path}\n"
    assert "FileNotFoundError" in run_sample(python, "%cd nowhere").output


def test_pip_installs_into_the_python_that_runs(python: Executor) -> None:
    assert run_sample(python, "%pip --version").output.startswith("pip ")
    prefix = run_sample(python, "import sys\nprint(sys.prefix)").output.strip()
    assert prefix in run_sample(python, "!pip --version").output
    assert prefix in run_sample(python, "!python3 -m pip --version").output


def test_a_cell_of_shell_is_given_to_it_whole(python: Executor) -> None:
    ran = run_sample(python, "%%bash\nx='a  b'\nfor i in 1 2; do\n  echo \"$x $i\"\ndone\ncat <<EOF\n$x\nEOF")
    assert ran.output == "a  b 1\na  b 2\na  b\n"
    failed = run_sample(python, "%%sh\necho before\nexit 4")
    assert failed.output.startswith("before\n[exit status 4]\n")
    assert failed.ending.outcome is Outcome.FAILED
    assert run_sample(python, "# a remark\n\n%%bash -s one\necho $1").output == "-s\n"


def test_a_timed_cell_is_a_cell(python: Executor) -> None:
    ran = run_sample(python, "%%time\nimport asyncio\nx = await asyncio.sleep(0, 5)\nx + 1")
    assert ran.output.startswith("6\nCPU times: user ")
    assert "Wall time: " in ran.output
    failed = run_sample(python, "%%time\n\n1 / 0").output
    assert 'File "<cell 2>", line 3' in failed
    assert "Wall time" in failed


def test_a_timed_statement_assigns_and_has_a_value(python: Executor) -> None:
    assert "Wall time" in run_sample(python, "%time x = sum(range(10))").output
    assert run_sample(python, "y = %time x + 1\nprint(y)").output.endswith("\n46\n")


def test_timeit_measures_with_the_standard_library(python: Executor) -> None:
    run_sample(python, "def f():\n    return 1")
    assert "per loop (mean ± std. dev. of 2 runs, 10 loops each)" in run_sample(python, "%timeit -n 10 -r2 f()").output
    assert run_sample(python, "t = %timeit -o -q -n1 -r1 f()\nt.loops, t.repeat").output == "(1, 1)\n"
    assert "5 loops each" in run_sample(python, "%%timeit -n5 -r1 x = 1\nx + 1\nf()").output
    assert "does not know -z" in run_sample(python, "%timeit -z f()").output


def test_timeit_finds_out_how_often(python: Executor) -> None:
    assert "000 loops each)" in run_sample(python, "%timeit -r 1 pass").output


@pytest.mark.parametrize("backend", ["inline", "", "notebook", "qt", "widget"])
def test_every_word_for_a_matplotlib_backend_is_accepted(python: Executor, backend: str) -> None:
    assert run_sample(python, f"%matplotlib {backend}\n1").output.endswith("1\n")


def test_what_is_ipythons_own_is_passed_over_with_a_line(python: Executor) -> None:
    for line in ("%load_ext autoreload", "%autoreload 2", "%config InlineBackend.figure_format = 'retina'"):
        ran = run_sample(python, line)
        assert ran.output.startswith("note: ")
        assert ran.output.count("\n") == 1
        assert ran.ending.outcome is Outcome.FINISHED


def test_variables_of_the_environment(python: Executor) -> None:
    assert run_sample(python, "%env COLOUR=deep red\n%env COLOUR").output == "env: COLOUR=deep red\n'deep red'\n"
    assert run_sample(python, "%env TEST_API_KEY xyz").output == "env: TEST_API_KEY=xyz\n"
    assert run_sample(python, "shown = %env\nshown['TEST_API_KEY'], shown['COLOUR']").output == (
        "('<hidden>', 'deep red')\n"
    )


def test_a_magic_that_there_is_not_names_those_there_are(python: Executor) -> None:
    ran = run_sample(python, "%teleport home")
    assert "UsageError: there is no magic %teleport here; there are %autoreload, %cd" in ran.output
    assert "no cell magic %%teleport here; there are %%HTML, %%bash" in run_sample(python, "%%teleport\nhome").output
    assert ran.ending.outcome is Outcome.FAILED


def test_pasted_sessions_run_without_what_they_printed(python: Executor) -> None:
    session = (
        ">>> x = 2\n>>> x\n2\n>>> for i in range(2):\n...     print(i)\n...\n0\n1\n>>> def f():\n...     return x\n"
        ">>> f()\nTraceback: old\n>>> 'end'\n"
    )
    assert run_sample(python, session).output == "2\n0\n1\n2\n'end'\n"
    assert run_sample(python, "  >>> x + 1\n  3").output == "3\n"


def test_pasted_notebooks_run_too(python: Executor) -> None:
    pasted = "In [1]: y = 5\n\nIn [2]: for i in range(2):\n   ...:     print(i)\n   ...:\n0\n1\n\nIn [3]: y\nOut[3]: 5"
    assert run_sample(python, pasted).output == "0\n1\n5\n"
    assert run_sample(python, "In [7]: y + 1").output == "6\n"
    assert run_sample(python, "In [8]: !echo {y}").output == "5\n"


def test_fences_around_code_are_not_code(python: Executor) -> None:
    assert run_sample(python, "```python\nx = 3\nx\n```").output == "3\n"
    assert run_sample(python, "x + 1\n```").output == "4\n"
    assert run_sample(python, "```bash\necho $((1 + 1))\n```").output == "2\n"
    assert run_sample(python, "```\n>>> x\n3\n```").output == "3\n"


def test_a_fence_in_a_string_is_left_alone(python: Executor) -> None:
    assert run_sample(python, "text = '''\n```\n'''\ntext").output == "'\\n```\\n'\n"


@pytest.mark.parametrize(
    ("code", "line"), [("x = = 1", 1), ("!true\ny = = 2", 2), ("x = 1\nif x\n!true", 2), ("print('a'\n", 1), ("!", 0)]
)
def test_what_is_nothing_of_all_this_is_a_plain_syntax_error(python: Executor, code: str, line: int) -> None:
    ran = run_sample(python, code)
    if line:
        assert f'File "<cell 1>", line {line}' in ran.output
        assert ran.output.splitlines()[-1].startswith("SyntaxError")
        assert "During handling" not in ran.output


def test_nothing_ran_before_a_syntax_error(python: Executor) -> None:
    run_sample(python, "!touch made\ny = = 2")
    assert run_sample(python, "import os\nos.listdir()").output == "[]\n"


def test_a_traceback_shows_the_magic_as_it_was_written(python: Executor) -> None:
    ran = run_sample(python, "x = 1\n%cd /nowhere/at/all")
    assert '  File "<cell 1>", line 2, in <module>\n    %cd /nowhere/at/all\n' in ran.output
    assert "<interpreter>" not in ran.output


def test_files_are_written_and_run(python: Executor, tmp_path: Path) -> None:
    assert run_sample(python, "%%writefile script.py\nimport sys\nz = sys.argv[1:]").output == "Writing script.py\n"
    assert run_sample(python, "%%writefile -a script.py\nprint('ran', __name__)").output == "Appending to script.py\n"
    assert run_sample(python, "%run script.py a 'b c'\nz").output == "ran __main__\n['a', 'b c']\n"
    assert (tmp_path / "script.py").read_text().endswith("print('ran', __name__)\n")


def test_what_a_cell_prints_can_be_kept(python: Executor) -> None:
    assert run_sample(python, "%%capture kept\nprint('quiet')\n!echo program\n1").output == ""
    assert run_sample(python, "kept.stdout").output == "'quiet\\nprogram\\n1\\n'\n"


def test_text_for_a_browser_is_displayed(python: Executor) -> None:
    ran = run_sample(python, "%%html\n<b>bold</b>")
    assert [event.data for event in ran.events if isinstance(event, DisplayData)] == [{"text/html": "<b>bold</b>"}]


def test_help_is_plain_text(python: Executor) -> None:
    assert run_sample(python, "len?").output.startswith("Help on built-in function len in module builtins:\n\nlen(obj")
    assert "\b" not in run_sample(python, "help(len)").output


TELLING_VARIABLES = """
import os, json as j
def f(): pass
class Grid:
    shape, dtype = (1200, 3), "float64"
    def __repr__(self): raise SystemExit
    __len__ = __repr__
class Odd(Grid):
    @property
    def shape(self): raise ValueError
g, odd, many, mixed, big = Grid(), Odd(), list(range(1000)), {"a": Grid()}, 10 ** 5000
text = "x" * 1000
"""
TOLD = f"""\
big    int
g      Grid  1,200 x 3 float64
many   list  1,000 items  [0, 1, 2, 3, …
mixed  dict  1 item
odd    Odd
text   str   '{"x" * 59}…
functions: f
classes: Grid, Odd
modules: j, os
"""


def test_reset_and_lists_of_variables(python: Executor) -> None:
    run_sample(python, "a, b = 1, 'x'")
    assert run_sample(python, "%who").output == "a  b\n"
    assert run_sample(python, "%whos").output == "a  int  1\nb  str  'x'\n"
    run_sample(python, "%reset -f")
    assert run_sample(python, "%whos").output == "no variables yet\n"
    run_sample(python, TELLING_VARIABLES)
    assert run_sample(python, "%whos").output == TOLD
    run_sample(python, "%reset -f")
    assert "NameError" in run_sample(python, "a").output


def test_an_interrupt_stops_a_command_and_keeps_the_state(python: Executor) -> None:
    run_sample(python, "x = 41")
    threading.Timer(0.5, python.interrupt).start()
    ran = run_sample(python, "!sleep 60\nprint('not reached')")
    assert ran.ending.outcome is Outcome.INTERRUPTED
    assert "not reached" not in "".join(event.text for event in ran.events if isinstance(event, OutputDelta))
    assert run_sample(python, "x").output == "41\n"


@pytest.mark.parametrize("number", [1, 200])
def test_many_commands_in_one_cell(python: Executor, number: int) -> None:
    assert run_sample(python, "%env N=1\n" * number + "1").output.endswith("1\n")


def test_megabytes_that_do_not_parse_are_an_error_in_good_time(python: Executor) -> None:
    ran = run_sample(python, "x = 1\n" * 200_000 + "y = = 2")
    assert ran.output.splitlines()[-1].startswith("SyntaxError")
    ran = run_sample(python, "a" + " " * 300_000 + "b")
    assert ran.output.splitlines()[-1].startswith("SyntaxError")
