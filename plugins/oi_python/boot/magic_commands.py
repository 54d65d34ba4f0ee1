"""Boot text, loaded when code holds a magic that has a name: the magics, by name."""

# ruff: noqa: T201, PTH109, PTH110, PTH111, PTH112, PTH123  (printing is the purpose; pathlib is slow to import)
from __future__ import annotations

import os
import shlex
import subprocess
import sys

from oi_python.boot.cells import MAIN, load
from oi_python.boot.commands import UsageError, lines_of, person_shell, pip_command, run_body, run_program
from oi_python.boot.display import emit_display
from oi_python.boot.timing import time_body, time_code, timeit_body, timeit_code
from oi_python.boot.variables import describe_variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any  # for values of any type: buffers, code, what termios gives

HIDDEN = ("key", "token", "secret", "password")
FOLDERS = [os.path.expanduser("~")]


def change_folder(rest: str, _: Any) -> None:
    """``%cd``: go to a folder; home without one, back with ``-``."""
    target = rest.strip().strip("'\"") or "~"
    before = os.getcwd() if os.path.isdir(".") else FOLDERS[-1]
    os.chdir(FOLDERS[-1] if target == "-" else os.path.expanduser(target))
    FOLDERS.append(before)
    print(os.getcwd())


def environment(rest: str, _: Any) -> Any:
    """``%env``: show the variables, one, or set one."""
    name, equals, value = rest.partition("=") if "=" in rest.split(" ")[0] else rest.partition(" ")
    if equals:
        os.environ[name.strip()] = value.strip()
        print(f"env: {name.strip()}={value.strip()}")
        return None
    if name:
        return os.environ[name]
    return {
        key: "<hidden>" if any(word in key.lower() for word in HIDDEN) else os.environ[key]
        for key in sorted(os.environ)
    }


def choose_backend(rest: str, _: Any) -> None:
    """``%matplotlib``: figures are shown as pictures, whatever backend is named."""
    load("imports")
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.switch_backend("module://interpreter_figures")
    if rest.strip("- ") not in ("inline", "agg", "Agg", "", "list"):
        print(f"note: figures are shown as pictures here, not with {rest.strip()}")


def accept(rest: str, _: Any) -> None:
    """``%load_ext`` and its like: say that it makes no difference."""
    print(f"note: there are no extensions and options of IPython here; passed over: {rest.strip() or 'nothing'}")


def install(rest: str, _: Any) -> None:
    """``%pip``: for the Python that runs."""
    run_program([person_shell(), "-c", pip_command(rest)])


def program(name: str) -> Any:
    """Return the magic that is a program of the same name."""
    return lambda rest, _: run_program([person_shell(), "-c", f"{name} {rest}"]) and None


def run_script(rest: str, _: Any) -> None:
    """``%run``: run a file as the main program, and keep its names."""
    import runpy

    words = shlex.split(rest)
    if not words:
        raise UsageError("%run takes a file: %run script.py arguments")
    before, sys.argv = sys.argv, words
    try:
        names = runpy.run_path(os.path.expanduser(words[0]), run_name="__main__")
    finally:
        sys.argv = before
    MAIN.update((name, value) for name, value in names.items() if not name.startswith("__"))


def own_names() -> Any:
    """Return the names of the person's variables."""
    return sorted(name for name in MAIN if not name.startswith("_"))


def names(_: str, __: Any) -> None:
    """``%who``: the names of the variables."""
    print("  ".join(own_names()) or "no variables yet")


def names_and_types(_: str, __: Any) -> None:
    """``%whos``: the variables with their types, and their values or shapes."""
    load("variables")
    print(describe_variables({name: MAIN[name] for name in own_names()}))


def reset(_: str, __: Any) -> None:
    """``%reset``: forget every variable."""
    for name in [name for name in MAIN if not name.startswith("__")]:
        del MAIN[name]
    print("all variables are deleted")


def debug(_: str, __: Any) -> None:
    """``%debug``: look at where the last exception was raised."""
    import pdb

    pdb.pm()


def list_magics(_: str, __: Any) -> None:
    """``%lsmagic``: what there is."""
    print("  ".join(f"%{name}" for name in sorted(LINE_MAGICS)))
    print("  ".join(f"%%{name}" for name in sorted(CELL_MAGICS)))


def run_shell_body(shell: str) -> Any:
    """Return the cell magic that gives its body to a shell."""

    def run(rest: str, body: str, _: int) -> None:
        words = shlex.split(rest)
        if len(body) < 100_000:
            arguments, text = [shell, "-c", body, shell, *words], None
        else:
            arguments, text = [shell, "-s", *words], body
        check(shell, run_program(arguments, text))

    return run


def run_program_body(rest: str, body: str, _: int) -> None:
    """``%%script``: give the body to a program's standard input."""
    words = shlex.split(rest)
    if not words:
        raise UsageError("%%script takes a program: %%script perl")
    check(words[0], run_program(words, body))


def run_python_body(rest: str, body: str, _: int) -> None:
    """``%%python``: give the body to another process of this Python."""
    check("python", run_program([sys.executable, "-", *shlex.split(rest)], body))


def check(name: str, status: int) -> None:
    """Fail the cell when a program failed."""
    if status:
        raise subprocess.CalledProcessError(status, name)


def write_file(rest: str, body: str, _: int) -> None:
    """``%%writefile``: the body becomes a file, or with ``-a`` its end."""
    words = shlex.split(rest)
    appends = "-a" in words or "--append" in words
    paths = [word for word in words if not word.startswith("-")]
    if len(paths) != 1:
        raise UsageError("%%writefile takes a file: %%writefile [-a] notes.txt")
    path = os.path.expanduser(paths[0])
    print("Appending to" if appends else "Overwriting" if os.path.exists(path) else "Writing", path)
    with open(path, "a" if appends else "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(body if body.endswith("\n") or not body else f"{body}\n")


class Captured:
    """What a cell printed under ``%%capture``."""

    def __init__(self, stdout: str, stderr: str) -> None:
        self.stdout, self.stderr = stdout, stderr

    def show(self) -> None:
        """Print it."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


def capture(rest: str, body: str, line: int) -> None:
    """``%%capture``: keep what the body prints, under a name if there is one."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run_body(body, line)
    finally:
        for name in [word for word in rest.split() if word.isidentifier()]:
            MAIN[name] = Captured(out.getvalue(), err.getvalue())


def displayed(kind: str) -> Any:
    """Return the cell magic that shows its body as a kind of text."""

    def show_body(_: str, body: str, __: int) -> None:
        load("display")
        emit_display({kind: body})

    return show_body


LINE_MAGICS: Any = {
    "autoreload": accept,
    "cd": change_folder,
    "conda": program("conda"),
    "config": accept,
    "debug": debug,
    "env": environment,
    "load_ext": accept,
    "ls": program("ls"),
    "lsmagic": list_magics,
    "matplotlib": choose_backend,
    "mkdir": program("mkdir"),
    "pip": install,
    "pwd": lambda _, __: os.getcwd(),
    "pylab": choose_backend,
    "reload_ext": accept,
    "reset": reset,
    "run": run_script,
    "set_env": environment,
    "sx": lambda rest, _: lines_of(rest),
    "system": lambda rest, _: lines_of(rest),
    "time": time_code,
    "timeit": timeit_code,
    "uv": program("uv"),
    "who": names,
    "whos": names_and_types,
}
CELL_MAGICS: Any = {
    "bash": run_shell_body("bash"),
    "capture": capture,
    "html": displayed("text/html"),
    "HTML": displayed("text/html"),
    "latex": displayed("text/latex"),
    "markdown": displayed("text/markdown"),
    "python": run_python_body,
    "python3": run_python_body,
    "script": run_program_body,
    "sh": run_shell_body("sh"),
    "svg": displayed("image/svg+xml"),
    "time": time_body,
    "timeit": timeit_body,
    "writefile": write_file,
}
