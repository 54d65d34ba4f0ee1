"""What is typed at the prompt besides messages, on a real pty: commands that act, shell, files."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

from oi_core.testing.answers import say
from oi_core.testing.server import ChatServer

from .typist import Typist


def test_the_last_message_is_asked_again_changed_and_taken_back(folder: Path) -> None:
    (folder / "notes.txt").write_text("remember the milk\n")
    with (
        ChatServer(say("One."), say("Two."), say("Three.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("what is in @notes.txt")
        person.wait_for("sent with it: notes.txt (1 line)", "One.")
        person.say("/retry")
        person.wait_for("Asked again", "Two.")
        person.say("/edit")
        person.wait_for("to be changed and sent", "> what is in @notes.txt")
        person.type(" again\r")
        person.wait_for("Three.")
        person.say("/copy")
        person.wait_for("copied the answer, 6 characters: the terminal (OSC 52")
        person.say("/approve auto")
        person.wait_for("Run code without asking for the rest of this session? y/n")
        person.type("no\r")
        person.wait_for("approval: ask")
    assert f"\x1b]52;c;{b64encode(b'Three.').decode()}\x07" in person.raw
    for request, words in zip(server.requests, ("@notes.txt\n", "@notes.txt\n", "@notes.txt again\n"), strict=True):
        (message,) = [each["content"] for each in request.body["messages"] if each["role"] == "user"]
        assert words in message
        assert message.count("remember the milk") == 1


def test_shell_at_the_prompt_shows_its_output_stops_by_ctrl_c_and_reaches_the_model(folder: Path) -> None:
    with ChatServer(say("A file.")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.say("!")
        person.wait_for("!COMMAND runs a command in the session's shell")
        person.say("! word=kept; echo out $((6*7))")
        person.wait_for("│ out 42", "✓")
        person.say("!echo begun; sleep 300")
        person.wait_for("│ begun")
        person.type("\x03")
        person.wait_for("✗ interrupted")
        person.say("!read answer; echo $word $answer")
        person.wait_for("waiting for input")
        person.type("Ada\r")
        person.wait_for("│ kept Ada")
        person.say("!rm -rf /")
        person.wait_for("✗ not run: forbidden")
        person.say("what did I do?")
        person.wait_for("A file.")
    text = "\n".join(str(each["content"]) for each in server.requests[0].body["messages"])
    assert "out 42" in text
    assert "interrupted by the user" in text
    assert "rm -rf" not in text


def test_in_plain_mode_a_draft_is_shown_in_words_and_a_copy_sends_no_escapes(folder: Path) -> None:
    with (
        ChatServer(say("One."), say("Two.")) as server,
        Typist(folder, ["--plain", "--base-url", server.base_url]) as person,
    ):
        person.say("what is it?")
        person.wait_for("One.")
        person.say("/edit")
        person.wait_for("The draft, which enter sends as it is, and anything else replaces:\nwhat is it?")
        person.type("\r")
        person.wait_for("Two.")
        person.say("/copy")
        person.wait_for("no clipboard takes the answer")
        person.say("/approve auto")
        person.wait_for("for the rest of this session? y/n:")
        person.type("y\r")
        person.wait_for("approval: auto")
        person.say("!echo $((6*7))")
        person.wait_for("output:\n  42")
    assert "\x1b" not in person.raw
    assert server.requests[1].body["messages"][-1]["content"] == "what is it?"
