"""Pictures of code on a real pty and in tmux: each drawn once, the text around it whole, answers typed nowhere."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer

from ..view.picture_terminal import ITERM2, iterm2_content
from .tmux import Tmux
from .typist import Typist

IMAGE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAADIAAAAyCAAAAAA7VNdtAAAAJUlEQVR4nO3LoQEAAAgDIPX/n/WGJQt0eis18VAURVEURVGeywHnsgFj"
    "DtSDWQAAAABJRU5ErkJggg=="
)
"""Fifty pixels wide and high, and white."""
SHOW = f"""\
import base64, os, sys, time
sys.path.insert(0, os.getcwd())
from IPython.core.display_functions import display
class Picture:
    def __repr__(self):
        return "a white picture"
    def _repr_png_(self):
        return base64.b64decode("{base64.b64encode(IMAGE).decode()}")
for number in range(6):
    print(f"row-{{number:02}}-of-output")
display(Picture())
while os.path.exists("wait"):
    time.sleep(0.01)
for number in range(6, 12):
    print(f"row-{{number:02}}-of-output")
"""
ROWS = [f"row-{number:02}-of-output" for number in range(12)]


@pytest.fixture(autouse=True)
def ipython(folder: Path) -> None:
    """Put a package by that name into the project, whose ``display`` the plugin makes its own."""
    (folder / "IPython" / "core").mkdir(parents=True)
    (folder / "IPython" / "core" / "display_functions.py").write_text("display = print\n")


def test_a_picture_is_drawn_in_the_middle_of_the_output(folder: Path) -> None:
    with (
        ChatServer(run("python", SHOW), say("That is white.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url], TERM_PROGRAM="iTerm.app") as person,
    ):
        person.say("show it")
        person.wait_for("That is white.")
        person.say("exit")
        assert person.wait_for_end() == 0
    (drawn,) = ITERM2.finditer(person.raw)
    assert iterm2_content(drawn[0])[1] == IMAGE
    lines = [line.removeprefix("│ ") for line in person.lines]
    start = lines.index(ROWS[0])
    assert lines[start : start + 10] == [*ROWS[:6], "a white picture", "│", "│", "│"]
    assert lines[start + 10].startswith("picture: /")
    assert lines[lines.index(ROWS[6]) :][:6] == ROWS[6:]


def test_what_the_terminal_answers_late_is_typed_nowhere(folder: Path) -> None:
    with (
        ChatServer(run("python", SHOW), say("First."), say("Second.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("show it")
        person.wait_for("First.")
        person.wait_for_prompt()
        assert person.raw.count("\x1b[>q\x1b[16t\x1b[c") == 1
        person.type("\x1b_Gi=31;OK\x1b\\\x1bP>|odd(0.30)\x1b\\\x1b[6;20;10t\x1b[?62;4c")
        person.say("again")
        person.wait_for("Second.")
        person.say("exit")
        assert person.wait_for_end() == 0
    assert "odd" not in person.text
    assert "Gi=31" not in person.text  # the emulator prints kitty's question, which is taken away again
    (asked,) = (message["content"] for message in server.requests[-1].body["messages"] if message["content"] == "again")
    assert asked == "again"
    assert "odd" not in json.dumps([request.body for request in server.requests])


@pytest.mark.parametrize("words", [["--no-color"], ["-o", "pictures=off"]])
def test_who_wants_none_is_neither_asked_nor_drawn_for(folder: Path, words: list[str]) -> None:
    with (
        ChatServer(run("python", SHOW), say("Shown.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url, *words], TERM="xterm-kitty") as person,
    ):
        person.say("show it")
        person.wait_for("picture: /", "Shown.")
        person.say("exit")
        assert person.wait_for_end() == 0
    assert "\x1b_G" not in person.raw
    assert "\x1b[>q" not in person.raw


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_in_tmux_text_stands_once_around_a_picture_also_when_the_window_changes(folder: Path) -> None:
    home = folder.parent / "home"
    home.mkdir()
    (folder / "wait").touch()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "tmux-256color",
        "OPENAI_API_KEY": "sk-test",
        "NO_PROXY": "127.0.0.1",
        **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
    }
    with ChatServer(run("python", SHOW), say("Shown.")) as server:
        words = ["-y", "--base-url", server.base_url, "-o", "pictures=sixel"]
        with Tmux(folder, words, 80, 24, environment) as pane:
            pane.wait_for("ready")
            pane.type("show it")
            pane.press("Enter")
            pane.wait_for("picture: /")
            pane.resize(60, 20)
            (folder / "wait").unlink()
            shown = pane.wait_for("Shown.", "ready")
    for row in ROWS:
        assert shown.count(f"│ {row}") == 1
    assert shown.count("picture: /") == 1
    assert "PNG" not in shown
    assert re.search(r"a white picture\n(│ *\n){1,5}│ picture", shown)
