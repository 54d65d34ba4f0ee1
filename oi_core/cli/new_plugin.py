"""A first plugin to go on from: a language in a package that passes the conformance suite as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Final

from oi_core import __version__
from oi_core.cli.exit_codes import ExitCode
from oi_core.errors import ConfigError
from oi_core.printed.untrusted_text import neutralise_line

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_PROJECT: Final = Template("""\
[build-system]
requires = ["hatchling>=1.24"]
build-backend = "hatchling.build"

[project]
name = "oi-$name"
version = "0.1"
description = "The language $name for interpreter"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["oi-core>=$major"]

[project.entry-points.interpreter]
$name = "$module"

[tool.hatch.build.targets.wheel]
only-include = ["$module"]
""")

_MODULE: Final = Template('''\
"""The language $name: ``program.py`` runs its code in a process of its own."""

from pathlib import Path

from oi_core.plugin_api import Executor, Language, Workspace, hookimpl


@hookimpl
def provide_languages() -> list[Language]:
    """Provide $name; the model reads the summary."""
    summary = "lines of: say TEXT, NAME = TEXT, show NAME, ask PROMPT, wait SECONDS"
    return [Language("$name", summary, start)]


def start(workspace: Workspace) -> Executor:
    """Start the process; what only that needs is imported here, for a quick start of everything else."""
    from oi_core.plugin_api import Dialect, ReplExecutor, python_command

    command = python_command(workspace, Path(__file__).with_name("program.py"))
    return ReplExecutor(Dialect("$name", command, lost="what was kept is lost"), workspace)
''')

_PROGRAM: Final = Template('''\
"""Runs code of $name, in a Python with the standard library; what it keeps between calls stays in this module."""

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # not there in the process
    from oi_core.plugin_api import ChildTerminal

KEPT: dict[str, str] = {}


def run(code: str, terminal: "ChildTerminal") -> None:
    """Run code as a program: print, ask with ``input``, and ``sys.exit("why")`` when it fails."""
    for number, line in enumerate(code.splitlines(), 1):
        terminal.line(number)  # shown while it takes long
        word, _, rest = line.strip().partition(" ")
        if word == "say":
            print(rest)
        elif word == "show" and rest in KEPT:
            print(KEPT[rest])
        elif word == "ask":
            print("got", input(f"{rest} "))
        elif word == "wait":
            time.sleep(float(rest))  # an interrupt stops it
        elif rest.startswith("= "):
            KEPT[word] = rest[2:]
        elif word:
            sys.exit(f"line {number}: not understood: {line.strip()}")
''')

_TEST: Final = Template("""\
from $module import start

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import UNICODE, ExecutorConformance


class Test$Class(ExecutorConformance):
    hello = "say hello"
    store, recall = "x = 41", "show x"
    error = "oops"
    unicode = f"say {UNICODE}"
    slow = "say first\\nwait 2\\nsay second"
    endless = "say started\\nwait 999"
    reads_input = "ask Name:"

    def start(self) -> Executor:
        return start(Workspace())
""")

_README: Final = Template("""\
# oi-$name

The language `$name` for interpreter: `$module/__init__.py` registers it, `$module/program.py` runs its code.

```sh
interpreter plugins test .        # the conformance suite
interpreter plugins install .     # beside the interpreter; with pip, install -- -e . keeps it editable
interpreter languages
```
""")


def new_plugin(name: str, parent: Path) -> int:
    """Write the package of a plugin into a folder of its own below ``parent``.

    Raises:
        ConfigError: the name is none, or something has it.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(f'"{name}" is not a name for a plugin', "lower-case letters, digits and dashes: my-language")
    folder = parent / name
    words = name.split("-")
    values = {
        "name": name,
        "module": f"oi_{'_'.join(words)}",
        "Class": "".join(word.capitalize() for word in words),
        "major": __version__.split(".", maxsplit=1)[0],
    }
    files = {
        "pyproject.toml": _PROJECT,
        f"{values['module']}/__init__.py": _MODULE,
        f"{values['module']}/program.py": _PROGRAM,
        f"test_{values['module']}.py": _TEST,
        "README.md": _README,
    }
    try:
        folder.mkdir()
        (folder / values["module"]).mkdir()
        for file, template in files.items():
            (folder / file).write_text(template.substitute(values), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made: {error.strerror}", "choose another name or folder") from error
    sys.stdout.write(
        f"{neutralise_line(str(folder))}: {', '.join(files)}\n"
        f"next: interpreter plugins test {name} · interpreter plugins install ./{name}\n"
    )
    return ExitCode.DONE


def run_plugin_tests(folder: Path) -> int:
    """Run the tests of the plugin in ``folder``, which need not be installed, in a process of their own.

    Raises:
        ConfigError: there is no such folder, or no pytest.
    """
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", "interpreter plugins new NAME makes a plugin to begin with")
    if find_spec("pytest") is None:
        raise ConfigError("the tests need pytest, which is not installed", f"{sys.executable} -m pip install pytest")
    code = "import sys, pytest; sys.path.insert(0, '.'); sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '.']))"
    sys.stdout.flush()
    done = subprocess.run([sys.executable, "-P", "-B", "-c", code], cwd=folder, check=False)
    return ExitCode.DONE if done.returncode == 0 else ExitCode.CODE_FAILED
