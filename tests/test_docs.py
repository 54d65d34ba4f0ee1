"""What is written and what is so, held together."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from oi_core import hookspecs
from oi_core.config import find_sources, resolve
from oi_core.config.schema import config_schema
from oi_core.plugin_manager import Plugins
from oi_core.plugin_manager.hook_checks import hook_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
VERBS = {"provide": "collected", "review": "strictest", "extend": "joined", "observe": "told"}


def docstring(hook: str) -> str:
    return inspect.getdoc(getattr(hookspecs, hook)) or ""


@pytest.mark.parametrize("hook", hook_names())
def test_a_hooks_docstring_says_what_none_means_and_what_happens_when_it_raises(hook: str) -> None:
    text = docstring(hook)
    assert re.search(r"\bNone\b", text)
    assert "raises" in text
    assert text.split("\n")[0].endswith(".")


@pytest.mark.parametrize("hook", hook_names())
def test_a_hooks_docstring_says_how_results_combine_as_its_verb_promises(hook: str) -> None:
    verb = hook.split("_")[0]
    assert VERBS[verb] in docstring(hook) or "not combined" in docstring(hook)
    assert f"*{verb}*" in (hookspecs.__doc__ or "")


def test_the_readme_names_every_hook() -> None:
    assert [hook for hook in hook_names() if f"`{hook}`" not in README] == []


def test_the_readme_quotes_the_outside_plugin_as_it_is() -> None:
    for file in ("__init__.py", "calculator.py"):
        source = (ROOT / "tests" / "third_party" / "oi_calc" / "oi_calc" / file).read_text(encoding="utf-8")
        assert f"```python\n{source}```" in README


@pytest.mark.parametrize("plugin", ["oi_sql", "oi_javascript"])
def test_a_language_on_the_kit_is_as_short_as_the_readme_says(plugin: str) -> None:
    assert "SQL and JavaScript are made with them, in less than 150 lines each" in " ".join(README.split())
    files = [file for file in (ROOT / "plugins" / plugin).rglob("*") if file.suffix in (".py", ".js")]
    assert 0 < sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) < 150


def toml_blocks() -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def test_every_configuration_in_the_readme_is_valid(tmp_path: Path) -> None:
    plugin_settings = Plugins.load().settings_types()
    checked = 0
    for block in toml_blocks():
        if "[project" in block:
            continue
        checked += 1
        of_a_project = "tool.interpreter" in block
        file = tmp_path / ("pyproject.toml" if of_a_project else "config.toml")
        file.write_text(textwrap.dedent(block), encoding="utf-8")
        own = None if of_a_project else file
        resolve(find_sources(tmp_path, environ={}, config_file=own), plugin_settings)
        file.unlink()
    assert checked


def test_every_setting_says_what_it_is() -> None:
    def silent(schema: dict[str, object], path: str = "") -> list[str]:
        properties = schema.get("properties")
        if not isinstance(properties, dict):
            return [path] if str(schema.get("description", "")).startswith(("scope:", "(")) else []
        return [name for key, inner in properties.items() for name in silent(inner, f"{path}.{key}")]

    assert silent(config_schema({})) == []


def test_the_tests_of_the_plugin_to_copy_are_found_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = ROOT / "tests" / "third_party" / "oi_calc"
    monkeypatch.setenv("PYTHONPATH", str(plugin))
    collect = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--collect-only", "-p", "no:cacheprovider", str(plugin)]
    found = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert "TestCalc" in found.stdout, found.stdout + found.stderr


IGNORE = re.compile(r"# (?:noqa: [A-Z0-9, ]+?|type: ignore\[[a-z0-9, -]+\])$", re.MULTILINE)


def test_every_ignored_rule_says_why_it_is_ignored() -> None:
    sources = [
        path for folder in ("oi_core", "plugins", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
    ]
    assert sources
    assert [path for path in sources if IGNORE.search(path.read_text(encoding="utf-8"))] == []
