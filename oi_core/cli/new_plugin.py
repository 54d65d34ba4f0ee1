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
only-include = ["$module.py"]
""")

_MODULE: Final = Template('''\
"""The language $name: ``NAME = text`` keeps a text, ``say text`` prints one, ``show NAME`` prints what was kept."""

from collections.abc import Iterator

from oi_core.plugin_api import CellEnded, ExecutorEvent, Language, Outcome, OutputDelta, hookimpl


class $Class:
    """Runs code; one lives as long as a session, so what it keeps stays."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def run(self, code: str) -> Iterator[ExecutorEvent]:
        for number, line in enumerate(code.splitlines(), 1):
            word, _, rest = line.strip().partition(" ")
            match word, rest:
                case "", _:
                    pass
                case "say", text:
                    yield OutputDelta(f"{text}\\n")
                case "show", name if name in self.kept:
                    yield OutputDelta(f"{self.kept[name]}\\n")
                case name, text if text.startswith("= "):
                    self.kept[name] = text.removeprefix("= ")
                case _:
                    yield OutputDelta(f"line {number}: not understood: {line.strip()}\\n", "stderr")
                    yield CellEnded(Outcome.FAILED)
                    return

    def interrupt(self) -> None: ...  # no line takes long
    def answer(self, text: str | None) -> None: ...  # nothing asks for input
    def close(self) -> None: ...  # there is no process


@hookimpl
def provide_languages() -> list[Language]:
    """Provide $name; the model reads the summary."""
    summary = "lines of: say TEXT, NAME = TEXT, show NAME"
    return [Language("$name", summary, start=lambda _workspace: $Class())]
''')

_TEST: Final = Template("""\
from $module import provide_languages

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import UNICODE, ExecutorConformance


class Test$Class(ExecutorConformance):
    hello = "say hello"
    store, recall = "x = 41", "show x"
    error = "oops"
    unicode = f"say {UNICODE}"

    def start(self) -> Executor:
        (language,) = provide_languages()
        return language.start(Workspace())
""")

_README: Final = Template("""\
# oi-$name

The language `$name` for interpreter.

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
        f"{values['module']}.py": _MODULE,
        f"test_{values['module']}.py": _TEST,
        "README.md": _README,
    }
    try:
        folder.mkdir()
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
