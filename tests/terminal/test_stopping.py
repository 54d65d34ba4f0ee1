"""Code that takes no notice of Ctrl-C: what is said of it meanwhile, and that it is stopped all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer

from .typist import Typist

IGNORES = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('on')\ntime.sleep(300)"


@pytest.mark.parametrize("key", ["\x03", "\x1b"])
def test_the_first_key_is_answered_at_once_and_the_second_forces_it(folder: Path, key: str) -> None:
    with (
        ChatServer(run("python", IGNORES), say("Still here.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("go")
        person.wait_for("│ on")
        person.type(key)
        person.wait_for("╰─ stopping   (ctrl-c again forces it)", gone="running")
        person.type(key)
        person.wait_for("╰─ stopping by force", gone="forces it")
        person.wait_for("✗ interrupted by the user after", "python did not stop when interrupted,", gone="by force")
        person.say("still there?")
        person.wait_for("Still here.")
    assert person.text.count("✗") == 1


def test_plain_words_say_that_code_is_being_stopped(folder: Path) -> None:
    with (
        ChatServer(run("python", IGNORES)) as server,
        Typist(folder, ["-y", "--plain", "--base-url", server.base_url]) as person,
    ):
        person.say("go")
        person.wait_for("\n  on")
        person.type("\x03")
        person.wait_for("\nstopping, ctrl-c again forces it\n")
        person.type("\x03")
        person.wait_for("\ninterrupted by the user after", "\ninterrupted: the turn is over")
        person.wait_for_prompt(2)
    assert "\x1b" not in person.raw
