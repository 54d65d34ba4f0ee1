"""Saved sessions at the prompt, by the real command on a real terminal."""

from __future__ import annotations

import json
from pathlib import Path

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer

from .typist import Typist


def test_a_chat_is_exported_saved_and_gone_on_with_and_its_code_run_again(folder: Path) -> None:
    with ChatServer(run("python", "x = 6\nprint(x)"), say("It is 6."), say("Yes."), say("Sure.")) as server:
        words = ["--base-url", server.base_url]
        with Typist(folder, [*words, "-y"]) as person:
            person.say("/replay")
            person.wait_for("No code ran in this session.")
            person.say("/sessions")
            person.wait_for("No session of this folder is saved yet")
            person.say("six?")
            person.wait_for("It is 6.")
            person.say("/export report.ipynb")
            person.wait_for("Exported to report.ipynb")
            person.say("/export report.ipynb")
            person.wait_for("report.ipynb exists")
            person.say("/export again.ipynb --force")
            person.wait_for("Exported to again.ipynb")
            person.say("/export report")
            person.wait_for("does not say which format")
            person.say('/save "my chat"')
            person.wait_for("Saved to my chat; /load reads it.")
            person.say("/sessions")
            person.wait_for("1 turn", "six?", "* is this one")
            person.say("exit")
            assert person.wait_for_end() == 0
        kinds = [cell["cell_type"] for cell in json.loads((folder / "report.ipynb").read_text())["cells"]]
        assert kinds == ["markdown", "code", "markdown"]
        with Typist(folder, [*words, "-c"]) as person:
            person.wait_for("resumed", "It is 6.", "variables are not restored", "/replay")
            person.say("/replay")
            person.answer("y", after="Run this python?")
            person.wait_for("1 block ran again")
            person.say("Sure?")
            person.wait_for("Yes.")
            person.say("/load my chat")
            person.wait_for("resumed my chat")
            person.say("Really?")
            person.wait_for("Sure.")
            person.say("/resume zzz")
            person.wait_for("there is no saved session zzz")
            person.say("exit")
            assert person.wait_for_end() == 0
    assert [message["content"] for message in server.requests[2].body["messages"][-2:]] == ["It is 6.", "Sure?"]
    assert [message["content"] for message in server.requests[3].body["messages"][-2:]] == ["It is 6.", "Really?"]


def test_a_session_is_chosen_from_a_list_and_esc_or_ctrl_c_chooses_none(folder: Path) -> None:
    with ChatServer(say("One."), say("Two."), say("Three.")) as server:
        words = ["--base-url", server.base_url]
        for message, answer in [("first", "One."), ("second", "Two.")]:
            with Typist(folder, [*words, message]) as person:
                person.wait_for(answer)
                person.say("exit")
                person.wait_for_end()
        with Typist(folder, [*words, "--resume"]) as person:
            person.wait_for("1  ", "second", "2  ", "first", "Which one?")
            person.type("7\r1\x7f\x1b[A2\r")
            person.wait_for("resumed", "One.")
            person.say("third")
            person.wait_for("Three.")
        for key in ("\x03", "\x1b"):
            with Typist(folder, [*words, "--resume"]) as person:
                person.answer(key, after="esc: none")
                assert person.wait_for_end() == 130
            assert person.text.endswith("esc: none")
    sent = server.requests[2].body["messages"]
    assert [message["content"] for message in sent[1:]] == ["first", "One.", "third"]


def test_a_replay_stops_where_code_is_declined(folder: Path) -> None:
    with ChatServer(run("python", "print(1)"), run("python", "print(2)"), say("Done.")) as server:
        with Typist(folder, ["--base-url", server.base_url, "-y"]) as person:
            person.say("go")
            person.wait_for("Done.")
            person.say("exit")
            person.wait_for_end()
        with Typist(folder, ["--base-url", server.base_url, "-c"]) as person:
            person.say("/replay")
            person.answer("\x03", after="Run this python?")
            person.wait_for("stopped at block 1 of 2", "not run")
            person.wait_for_prompt()
    assert len(server.requests) == 3
