"""The prompt before there is a session: what is typed while the program loads is shown, kept, and sent as meant."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.key_binding import KeyPress

from oi_core.cli.typed_ahead import type_ahead
from oi_core.testing.answers import say
from oi_core.testing.server import ChatServer

from .typist import Typist, installed

SLOW = """
import os, time
while not os.path.exists(os.environ["LOADED"]):
    time.sleep(0.02)
"""
"""A plugin that takes as long to import as a test wants."""


def loading(folder: Path, *words: str) -> Typist:
    """Start a chat that loads until :func:`finish_loading`."""
    environment = slowed(folder)
    return Typist(folder, words, PYTHONPATH=environment["PYTHONPATH"], LOADED=environment["LOADED"])


def slowed(folder: Path) -> dict[str, str]:
    site = folder.parent / "site"
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    found = path if site.exists() else installed(site, "slow", SLOW)
    return {"PYTHONPATH": found, "LOADED": str(folder.parent / "loaded")}


def finish_loading(folder: Path) -> None:
    (folder.parent / "loaded").touch()


def said(server: ChatServer) -> list[str]:
    return [str(request.body["messages"][-1]["content"]) for request in server.requests]


def test_text_and_enter_typed_while_the_program_loads_are_sent_once_and_whole(folder: Path) -> None:
    with (
        ChatServer(say("One."), say("Two.")) as server,
        loading(folder, "--base-url", server.base_url) as person,
    ):
        person.wait_for("interpreter 1.0.0\n>\nstarting")
        person.type("héllo wrld\x7f\x7f\x7forld 日本")
        person.wait_for("> héllo world 日本\nstarting")
        person.type("\rand then ")
        person.wait_for("starting ")  # and for how long already
        finish_loading(folder)
        person.wait_for("One.", "> and then", gone="starting")
        person.type("this\r")
        person.wait_for("Two.")
        assert said(server) == ["héllo world 日本", "and then this"]
    assert person.text.count("interpreter 1.0.0") == person.text.count("> héllo world") == 1


def test_what_is_typed_before_there_is_a_prompt_is_sent_too(folder: Path) -> None:
    begins = "until [ -e ../begins ]; do sleep 0.02; done; "
    with (
        ChatServer(say("One."), say("Two.")) as server,
        Typist(folder, ["--base-url", server.base_url], before=begins) as person,
    ):
        person.type("early words\rlater ones")
        person.wait_for("early words\nlater ones")
        (folder.parent / "begins").touch()
        person.wait_for("One.", "> later ones")
        person.type("\r")
        person.wait_for("Two.")
        assert said(server) == ["early words", "later ones"]


def test_keys_typed_while_the_program_loads_mean_what_they_mean_at_the_prompt(folder: Path) -> None:
    with (
        ChatServer(say("One.")) as server,
        loading(folder, "--base-url", server.base_url) as person,
    ):
        person.wait_for("starting")
        person.type("unwanted\x03")
        person.wait_for(">\nstarting")
        person.type("two\x1b[D\x1b[D\x1b[Done \x05\x1b[200~ and\rthree\x1b[201~\n/co\x01")
        finish_loading(folder)
        person.wait_for("> one two and\n  three\n  /co")
        person.type("\x05\x7f\x7f\x7ffour\r")
        person.wait_for("One.")
        assert said(server) == ["one two and\nthree\nfour"]


def test_an_error_while_the_program_loads_leaves_the_text_in_the_history_and_the_terminal_as_it_was(
    folder: Path,
) -> None:
    config = folder.parent / "home" / ".config" / "interpreter" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('aproval = "ask"\n')
    with Typist.in_shell(folder, [], columns=160, **slowed(folder)) as person:
        person.wait_for("starting")
        person.type("a long message")
        person.wait_for("> a long message")
        finish_loading(folder)
        person.wait_for('unknown key "aproval", did you mean "approval"?', "ended 2")
        first, last = person.modes_around()
        assert first == last
        assert "starting" not in person.text
        assert "long message" not in person.text
    config.unlink()
    with loading(folder) as later:
        later.wait_for_prompt()
        later.type("\x1b[A")
        later.wait_for("> a long message")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_start(folder: Path, number: signal.Signals, code: int) -> None:
    with Typist.in_shell(folder, [], columns=160, **slowed(folder)) as person:
        person.wait_for("starting")
        person.type("half a word")
        person.wait_for("> half a word")
        os.kill(person.program(), number)
        person.wait_for(f"ended {code}")
        first, last = person.modes_around()
        assert first == last
        assert "starting" not in person.text


def test_ctrl_c_twice_ends_the_start_and_once_takes_the_text_back(folder: Path) -> None:
    with Typist.in_shell(folder, [], columns=160, **slowed(folder)) as person:
        person.wait_for("starting")
        person.type("half a word\x03")
        person.wait_for(">\nstarting")
        person.type("\x03")
        person.wait_for("· ctrl-c again leaves")
        person.type("\x03")
        person.wait_for("ended 130")
        first, last = person.modes_around()
        assert first == last


def test_what_was_typed_while_the_program_loads_does_not_answer_the_question_of_trust(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.interpreter]\ninstructions = "Be brief."\n')
    with (
        ChatServer(say("One.")) as server,
        loading(folder, "--base-url", server.base_url) as person,
    ):
        person.wait_for("starting")
        person.type("y\r")
        person.wait_for("> y")
        finish_loading(folder)
        person.wait_for("Trust this project?", gone="starting")
        person.answer("n\r", "n not now:")
        person.wait_for("One.")
        assert said(server) == ["y"]
        assert "Be brief." not in str(server.requests[0].body)


def test_where_nothing_can_be_drawn_over_there_is_no_prompt_before_the_session(folder: Path) -> None:
    with loading(folder, "--plain") as person:
        finish_loading(folder)
        person.wait_for("interpreter 1.0.0", "\n>")
        person.type("exit\r")
        assert person.wait_for_end() == 0
    assert "starting" not in person.raw
    assert "\x1b" not in person.raw


PIECES = ("a", "é", "\r", "\x7f", "\x1b[A", "\x1b[1;5C", "\x1b[200~x\ry\x1b[201~", "\x1ba", "\t")
KEYS = st.lists(st.sampled_from(PIECES), min_size=1).map("".join)


def keys_of(first: str, rest: str) -> list[KeyPress]:
    with create_pipe_input() as keyboard:
        type_ahead(first, keyboard)
        keys = get_typeahead(keyboard)
        if rest:
            keyboard.send_text(rest)
            keys += keyboard.read_keys()
        return [*keys, *keyboard.flush_keys()]


@given(KEYS, st.data())
def test_a_key_of_which_half_was_typed_ahead_is_one_key(keys: str, data: st.DataObject) -> None:
    middle = data.draw(st.integers(0, len(keys)))
    assert keys_of(keys[:middle], keys[middle:]) == keys_of("", keys)
