"""The prompt on a real pty: pastes, completion, the editor and the pager, the status line, approval by key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer

from .typist import Typist

LONG = "\n".join(f"row {number}" for number in range(214))
APPENDS = """#!/bin/sh
cp "$1" seen.txt
printf '\\nadded in the editor' >> "$1"
"""


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def last_message(server: ChatServer) -> str:
    return str(server.requests[-1].body["messages"][-1]["content"])


def test_a_long_paste_is_folded_sent_whole_dropped_edited_and_remembered(folder: Path) -> None:
    editor = program(folder.parent / "editor", APPENDS)
    with (
        ChatServer(say("One."), say("Two."), say("Three.")) as server,
        Typist(folder, ["--base-url", server.base_url], VISUAL=editor) as person,
    ):
        person.wait_for_prompt()
        person.type(f"explain {pasted(LONG.replace(chr(10), chr(13)))} please")
        person.wait_for("> explain [paste 1: 214 lines] please")
        person.type("\r")
        person.wait_for("One.")
        assert last_message(server) == f"explain {LONG} please"
        person.wait_for_prompt()
        person.type(f"twice {pasted(LONG)}{pasted('x' * 2000)}\x7f and")
        person.wait_for("> twice [paste 2: 214 lines] and")
        person.type("\x18\x05")
        person.wait_for("> twice [paste 2: 214 lines] and\n  added in the editor")
        person.type("\r")
        person.wait_for("Two.")
        assert (folder / "seen.txt").read_text() == f"twice {LONG} and"
        assert last_message(server) == f"twice {LONG} and\nadded in the editor"
        person.say("exit")
        assert person.wait_for_end() == 0
        with Typist(folder, ["--base-url", server.base_url]) as later:
            later.wait_for_prompt()
            later.type("\x12explain")
            later.wait_for("I-search backward: explain", "> explain [paste 2: 214 lines] please")
            later.type("\r\r")
            later.wait_for("Three.")
        assert last_message(server) == f"explain {LONG} please"


def test_what_is_typed_is_completed_on_tab_and_listed_by_itself(folder: Path) -> None:
    (folder / "a long name.txt").write_text("long\n")
    (folder / "source").mkdir()
    (folder / "source" / "main.py").write_text("main\n")
    with ChatServer(say("Read.")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.wait_for_prompt()
        person.type("/co")
        person.wait_for("/compact", "/config", "show what the last turn and the session cost")
        person.type("m\t")
        person.wait_for("> /compact", gone="/config")
        person.type("\x03")
        person.wait_for_prompt()
        person.type("/approve ri\t")
        person.wait_for("> /approve risky")
        person.type("\x03")
        person.wait_for_prompt()
        person.type("read @a\t")
        person.wait_for(r"> read @a\ long\ name.txt")
        person.type(" @sou\tm\t")
        person.wait_for(r"@source/main.py")
        person.type("\r")
        person.wait_for("sent with it: a long name.txt (1 line), main.py (1 line)", "Read.")
        person.wait_for_prompt()
        assert person.text.count("/compact") == 0


def test_the_last_output_is_read_in_the_pager(folder: Path) -> None:
    pager = program(folder.parent / "pager", '#!/bin/sh\ncp "$1" paged.txt\necho PAGER WAS HERE\n')
    code = "for n in range(3000): print('line', n, '\\x1b[2J')"
    with (
        ChatServer(run("python", code), say("Many.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url], PAGER=pager) as person,
    ):
        person.wait_for_prompt()
        person.type("\x0f")
        person.wait_for("nothing has run yet")
        person.type("print")
        person.wait_for("ready", gone="nothing has run yet")
        person.type("\r")
        person.wait_for("Many.")
        person.wait_for_prompt()
        person.type("half a draft\x0f")
        person.wait_for("PAGER WAS HERE", "> half a draft")
    lines = (folder / "paged.txt").read_text().splitlines()
    assert [line.strip() for line in lines if line.strip()] == [f"line {n}" for n in range(3000)]


def test_shift_tab_changes_the_approval_and_auto_takes_a_yes(folder: Path) -> None:
    with (
        ChatServer(run("python", "print(6*7)"), say("It ran.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.wait_for_prompt()
        person.wait_for("· ask")
        person.type("\x1b[Z")
        person.wait_for("· risky", gone="· ask")
        person.type("\x1b[Z")
        person.wait_for("run code without asking from now on?")
        person.type("n")
        person.wait_for("· risky", gone="run code without asking")
        person.wait_for_prompt()
        person.type("\x1b[Z")
        person.wait_for("run code without asking from now on?")
        person.type("y")
        person.wait_for("· auto")
        person.say("go")
        person.wait_for("│ 42", "It ran.")
        person.wait_for_prompt()
        person.type("\x1b[Z")
        person.wait_for("· ask")


@pytest.mark.parametrize(("columns", "line"), [(20, "ask"), (60, "gpt-6-luna"), (120, "…/project")])
def test_the_status_line_fits_and_leaves_nothing_behind(folder: Path, columns: int, line: str) -> None:
    with (
        ChatServer(say("One."), say("Two.")) as server,
        Typist(folder, ["--base-url", server.base_url], columns=columns, rows=30) as person,
    ):
        person.say("first")
        person.wait_for("One.")
        person.wait_for_prompt()
        person.say("second")
        person.wait_for("Two.")
        person.wait_for_prompt()
        assert line in person.lines[-1]
        assert person.text.count("ready") == 1
        assert person.text.count("@ files") <= 1
        person.process.setwinsize(30, max(20, columns - 15))
        person.pause(0.3)
        person.type("third")
        person.wait_for("> third")
        person.type("\x03")
        person.wait_for_prompt()
        person.type("exit\r")
        assert person.wait_for_end() == 0
    assert "ready" not in person.text
    assert "@ files" not in person.text


def test_vi_keys_are_a_setting_and_ctrl_g_edits_there_too(folder: Path) -> None:
    editor = program(folder.parent / "editor", APPENDS)
    with (
        ChatServer(say("One.")) as server,
        Typist(folder, ["--base-url", server.base_url, "-o", "editing-mode=vi"], EDITOR=editor) as person,
    ):
        person.wait_for_prompt()
        person.type("hello wxrld")
        person.wait_for("> hello wxrld")
        person.type("\x1b")
        person.pause(0.8)
        assert "\x1b[2 q" in person.raw  # a block, outside insert mode
        person.type("Fxro")
        person.wait_for("> hello world")
        person.type("\x07")
        person.wait_for("added in the editor")
        person.type("\r")
        person.wait_for("One.")
        person.wait_for_prompt()
        person.type("exit\r")
        assert person.wait_for_end() == 0
    assert person.raw.rindex("\x1b[0 q") > person.raw.rindex("\x1b[6 q")
    assert "added in the editor" in json.dumps(server.requests[0].body)


def test_a_list_of_completions_stands_below_what_it_completes_and_takes_no_more_rows_than_it_has(folder: Path) -> None:
    with Typist(folder, []) as person:
        person.wait_for_prompt()
        person.type("/co")
        person.wait_for("/compact", "/config", "/cost", "/copy  ")
        column = person.lines[-2].index("/cost")
        person.type("p")
        person.wait_for("/copy  copy the last", gone="/config")
        prompt, offered, status = person.lines[-3:]
        assert (prompt, offered.split()[0], status.split()[0]) == ("> /cop", "/copy", "ready")
        assert offered.index("/copy") == column
