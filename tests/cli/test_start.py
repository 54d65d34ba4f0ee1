"""The start of a chat: what it does not import, and what is imported while the person types."""

from __future__ import annotations

import subprocess
import sys

from .command import SECONDS, Command

HEAVY = (
    *("openai", "tiktoken", "rich.markdown", "rich.console", "tree_sitter", "oi_forbidden.reviewing", "click", "PIL"),
    *("oi_core.wire", "oi_core.model_facts.known_models", "oi_core.environment", "oi_core.trust"),
    *("oi_core.trash.folder", "oi_sandbox.confinement", "oi_sandbox.policy_files", "difflib"),
    *("oi_core.view.terminal", "oi_core.cli.approval_question", "tomllib", "oi_core.toml_files.positions"),
)
START = """
import sys
before = set(sys.modules)  # what measures coverage has some loaded
from oi_core.cli import program  # what the command imports first
from oi_core.cli.dialogues import terminal_dialogue
from oi_core.cli.chat import Chat
from oi_core.cli.first_screen import first_screen
from oi_core.cli.options import Options
with Options().open_session() as session:
    print(first_screen(session))
    terminal_dialogue(session, colour=True)
    for heavy in {heavy}: print(heavy, heavy in sys.modules and heavy not in before)
    session.load_ahead()
    for heavy in {heavy}: print("then", heavy, heavy in sys.modules and heavy not in before)
"""


BEHIND_THE_PROMPT = (
    *("prompt_toolkit", "asyncio", "pluggy", "importlib.metadata", "platformdirs", "rich", "click", "pathlib"),
    *("oi_core.session", "oi_core.config", "oi_core.events", "oi_core.plugin_manager", "oi_core.cli.chat"),
)
FIRST_PROMPT = """
import sys
before = set(sys.modules)  # what measures coverage has some loaded
from oi_core.cli import program, start
from oi_core.cli.first_prompt import FirstPrompt
from oi_core.cli.keyboard import Keyboard
from oi_core.cli.options import Options
from oi_core.view.ascii_out import terminal_text
Options(), FirstPrompt(Keyboard(0), terminal_text(sys.stdout))
for heavy in {heavy}: print(heavy, heavy in sys.modules and heavy not in before)
"""


def started(command: Command, code: str = START.format(heavy=repr(HEAVY))) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=command.folder,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout.splitlines()


def test_nothing_heavy_is_imported_before_the_first_prompt_and_the_first_turn_need_not_wait(command: Command) -> None:
    lines = started(command)
    assert [line for line in lines if line.startswith(HEAVY) and not line.endswith(" False")] == []
    for needed in ("openai", "tree_sitter", "oi_forbidden.reviewing"):
        assert f"then {needed} True" in lines


def test_without_a_key_no_client_is_imported_for_nothing(command: Command) -> None:
    command.extra["OPENAI_API_KEY"] = ""
    lines = started(command)
    assert "then openai False" in lines
    assert "then oi_forbidden.reviewing True" in lines


def test_the_prompt_waits_for_nothing_that_opens_the_session(command: Command) -> None:
    lines = started(command, FIRST_PROMPT.format(heavy=repr(BEHIND_THE_PROMPT)))
    assert lines == [f"{heavy} False" for heavy in BEHIND_THE_PROMPT]
