"""A plugin from outside, installed and removed with pip in an environment of its own, and broken in every way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tomllib
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CALC = ROOT / "tests" / "third_party" / "oi_calc"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = sorted(PROJECT["entry-points"]["interpreter"])
PROBE = """
import json
from oi_core.messages import CodeBlock
from oi_core.plugin_api import OutputDelta, Workspace
from oi_core.plugin_manager import Plugins
from oi_core.review import Policy
from oi_core.settings import Config
plugins, config = Plugins.load(), Config()
settings = plugins.settings_types()
languages = plugins.languages(config)
output = []
if "calc" in languages:
    calculator = languages["calc"].start(Workspace())
    output = [event.text for event in calculator.run("6 * 7") if isinstance(event, OutputDelta)]
    calculator.close()
print(json.dumps({
    "status": {record.name: record.status for record in plugins.records},
    "distributions": {record.name: record.distribution for record in plugins.records},
    "languages": list(languages),
    "output": "".join(output),
    "notices": [notice.text for notice in plugins.take_notices()],
    "verdict": plugins.review(CodeBlock("", "python", "1"), Policy()).verdict.name,
}))
"""


class Environment:
    """A virtual environment with the project installed, that borrows its dependencies from this one."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=True, symlinks=True)
        self.python = folder / "bin" / "python"
        self.folder = folder
        self.purelib = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
        borrowed = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
        (self.purelib / "borrowed.pth").write_text("\n".join(borrowed) + "\n", encoding="utf-8")

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        ours = ("PYTHON", "COVERAGE", "INTERPRETER_", "PIP_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        home = {"HOME": str(self.folder), "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""}
        return subprocess.run(
            [self.python, *arguments],
            cwd=cwd or self.folder,
            env={**clean, **home},
            capture_output=True,
            text=True,
            timeout=300,
        )

    def pip(self, *arguments: str) -> None:
        done = self.run("-m", "pip", "--no-input", "--disable-pip-version-check", *arguments)
        assert done.returncode == 0, done.stderr

    def install(self, folder: Path) -> None:
        # built with the hatchling of this environment, so that no network is needed
        self.pip("install", "--no-index", "--no-deps", "--no-build-isolation", str(folder))

    def probe(self) -> Any:
        done = self.run("-c", PROBE)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("outside") / "venv")
    made.install(ROOT)
    return made


@pytest.fixture
def calc(environment: Environment, tmp_path: Path) -> Path:
    """Install oi_calc from a copy, and return where the module lies that registers it."""
    copy = tmp_path / "oi_calc"
    shutil.copytree(CALC, copy, ignore=shutil.ignore_patterns("__pycache__", "build", "dist"))
    environment.install(copy)
    return environment.purelib / "oi_calc" / "__init__.py"


def test_the_project_is_installed_from_a_wheel_without_its_tests(environment: Environment) -> None:
    assert (environment.purelib / "oi_core" / "hookspecs.py").is_file()
    assert (environment.purelib / "interpreter.py").is_file()
    assert (environment.purelib / "oi_forbidden").is_dir()
    assert not (environment.purelib / "tests").exists()


def test_installing_a_distribution_adds_its_language_and_uninstalling_removes_it(
    environment: Environment, calc: Path
) -> None:
    seen = environment.probe()
    assert seen["status"] == dict.fromkeys(sorted(["calc", *OURS]), "ok")
    assert seen["distributions"]["calc"] == "oi-calc"
    assert "calc" in seen["languages"]
    assert seen["output"] == "42\n"
    assert seen["notices"] == []
    listed = environment.run("-m", "oi_core", "languages")
    assert "calc" in listed.stdout, listed.stderr
    environment.pip("uninstall", "-y", "oi-calc")
    seen = environment.probe()
    assert sorted(seen["status"]) == OURS
    assert "calc" not in seen["languages"]
    assert seen["notices"] == []


def test_its_own_tests_pass_where_it_is_installed(environment: Environment, calc: Path, tmp_path: Path) -> None:
    done = environment.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "oi_calc/test_oi_calc.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
    assert calc.is_file()


def test_a_new_plugin_passes_its_tests_is_installed_by_one_command_and_uninstalled_by_another(
    environment: Environment, tmp_path: Path
) -> None:
    made = environment.run("-m", "oi_core", "plugins", "new", "tiny-words", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert environment.run("-m", "oi_core", "plugins", "new", "tiny-words", cwd=tmp_path).returncode == 2
    assert environment.run("-m", "oi_core", "plugins", "new", "Tiny_Words", cwd=tmp_path).returncode == 2
    tested = environment.run("-m", "oi_core", "plugins", "test", "tiny-words", cwd=tmp_path)
    assert (tested.returncode, "passed" in tested.stdout) == (0, True), tested.stdout
    offline = ["--", "--no-index", "--no-build-isolation"]
    asked = environment.run("-m", "oi_core", "plugins", "install", "./tiny-words", cwd=tmp_path)
    assert (asked.returncode, "pip install ./tiny-words oi-core==" in asked.stdout) == (4, True)
    done = environment.run("-m", "oi_core", "plugins", "install", "-y", *offline, "./tiny-words", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("tiny-words (oi-tiny-words 0.1): ok\n  provides language tiny-words\n")
    gone = environment.run("-m", "oi_core", "plugins", "uninstall", "-y", "tiny-words")
    assert gone.stdout.endswith("tiny-words is gone\n"), gone.stderr
    assert environment.run("-m", "oi_core", "plugins", "uninstall", "-y", "tiny-words").returncode == 2
    failed = environment.run("-m", "oi_core", "plugins", "install", "-y", "--", "--no-index", "no-such-package")
    assert failed.returncode == 3
    assert "failed with exit status 1" in failed.stderr


HOOK = "from oi_core.plugin_api import hookimpl\n@hookimpl\n"
BREAKAGES = {
    "a missing module": ("import no_such_module", "is off: ModuleNotFoundError: No module named 'no_such_module'"),
    "a syntax error": ("def provide_languages(:", "is off: SyntaxError: "),
    "an exception at import": ("raise RuntimeError('out of sorts')", "is off: RuntimeError: out of sorts"),
    "leaving at import": ("import sys; sys.exit(0)", "is off: SystemExit: 0"),
    "a misspelt hook": (
        HOOK + "def provide_langauges(config): return []",
        'is off: there is no hook provide_langauges, did you mean "provide_languages"?',
    ),
    "a wrong argument": (
        HOOK + "def provide_languages(conf): return []",
        "can not be found in the hookspec",
    ),
    "a hook wrapper": (
        "from oi_core.plugin_api import hookimpl\n@hookimpl(wrapper=True)\ndef review_code(block): return (yield)",
        "is off: review_code is a hook wrapper, and those are refused; it meant to review code, and does not",
    ),
    "junk instead of languages": (
        HOOK + "def provide_languages(config): return 'calc'",
        "failed in provide_languages: it returned a str, not a sequence of Language",
    ),
    "an exception in a hook": (
        HOOK + "def provide_languages(config): return 1 / 0",
        "failed in provide_languages: ZeroDivisionError: division by zero",
    ),
    "leaving in a hook": (
        HOOK + "def provide_settings(): raise SystemExit(2)",
        "failed in provide_settings: SystemExit: 2",
    ),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_plugin_is_one_line_and_everything_else_works(
    environment: Environment, calc: Path, breakage: str
) -> None:
    source, reason = BREAKAGES[breakage]
    calc.write_text(source + "\n", encoding="utf-8")
    seen = environment.probe()
    assert seen["status"] == {"calc": "broken", **dict.fromkeys(OURS, "ok")}
    assert "calc" not in seen["languages"]
    assert seen["verdict"] == "ALLOW"
    (notice,) = seen["notices"]
    assert notice.startswith("plugin calc (oi-calc 1.0) ")
    assert reason in notice
    assert notice.endswith(" · to remove it: pip uninstall oi-calc")


def test_a_broken_reviewer_blocks_and_is_named(environment: Environment, calc: Path) -> None:
    calc.write_text(HOOK + "def review_code(block): return 'fine'\n", encoding="utf-8")
    seen = environment.probe()
    assert seen["verdict"] == "BLOCK"
    assert seen["notices"] == []
