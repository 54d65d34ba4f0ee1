"""``forbidden_commands`` in a real session: the defaults, what a configuration adds, what a program takes out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from oi_core import Session, open_session
from oi_core.forbidden_defaults import DEFAULT_FORBIDDEN_COMMANDS
from oi_core.review import Verdict


def verdict(session: Session, language: str, code: str) -> Verdict:
    return session.review_code(language, code).verdict


def test_the_defaults_block_and_name_the_reviewer(tmp_path: Path) -> None:
    with open_session(tmp_path, isolated=True) as session:
        review = session.review_code("shell", "sudo rm -fr /")
        assert review.verdict is Verdict.BLOCK
        assert review.reviewer == "forbidden"
        assert '"rm -rf /"' in review.reason
        assert verdict(session, "shell", "ls") is Verdict.ALLOW


def test_auto_run_and_the_language_names_of_models_do_not_get_around_it(tmp_path: Path) -> None:
    with open_session(tmp_path, auto_run=True, isolated=True) as session:
        for language in ("shell", "bash", "sh", "zsh", "Bash"):
            assert verdict(session, language, "sudo rm  -rf  /") is Verdict.BLOCK
        for language in ("python", "py", "python3", "Python"):
            assert verdict(session, language, "import os\nos.system('rm  -rf  /')") is Verdict.BLOCK


def test_a_configuration_adds_to_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.interpreter]\nforbidden-commands = ["make deploy"]\n')
    with open_session(tmp_path) as session:
        assert session.forbidden_commands == [*DEFAULT_FORBIDDEN_COMMANDS, "make deploy"]
        assert verdict(session, "shell", "env STAGE=live make  'deploy'") is Verdict.BLOCK
        assert verdict(session, "shell", "rm -rf /") is Verdict.BLOCK


def test_a_program_changes_the_list_in_place(tmp_path: Path) -> None:
    with open_session(tmp_path, isolated=True) as session:
        session.forbidden_commands.append("make deploy")
        assert verdict(session, "shell", "make deploy") is Verdict.BLOCK
        session.forbidden_commands.remove("reboot")
        assert verdict(session, "shell", "reboot") is Verdict.ASK
        session.forbidden_commands.clear()
        assert verdict(session, "shell", "rm -rf /") is Verdict.ASK


def test_the_plugin_cannot_be_disabled_by_a_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[plugins]\ndisable = ["forbidden"]\n')
    with open_session(tmp_path, config_file=config) as session:
        assert verdict(session, "shell", "rm -rf /") is Verdict.BLOCK
        assert any("ignored for forbidden" in notice.text for notice in session.start_notices)


def test_what_reads_code_is_loaded_with_the_first_review_not_at_the_start() -> None:
    source = (
        "import sys, oi_core\n"
        "heavy = lambda: 'oi_forbidden.rules' in sys.modules or 'tree_sitter' in sys.modules\n"
        "with oi_core.open_session(isolated=True) as session:\n"
        "    before = heavy()\n"
        "    session.review_code('shell', 'ls')\n"
        "    print(before, heavy())\n"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"
