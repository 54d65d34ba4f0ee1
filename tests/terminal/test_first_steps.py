"""The first screen without a key, on a real terminal: what it offers, and a key that is pasted once and kept."""

from __future__ import annotations

import json
from pathlib import Path

from oi_core.testing.answers import say
from oi_core.testing.server import ChatServer

from .typist import Typist

KEY = "sk-test-0123456789abcdef"


def test_without_a_key_there_are_four_ways_on_and_a_message_waits(folder: Path) -> None:
    with Typist(folder, [], OPENAI_API_KEY="", columns=60) as person:
        person.wait_for("No API key found", "1  paste a key", "2  local model", "3  other endpoint", "4  look around")
        person.wait_for_prompt()
        person.say("hello")
        person.wait_for("choose 1, 2, 3 or 4")
        person.say("3")
        person.wait_for("Its address, up to /v1:")
        person.type("\r")
        person.wait_for("(nothing is changed)")
        person.say("look around")
        person.wait_for("Run this")


def test_a_pasted_key_is_not_shown_is_kept_and_is_used_from_then_on(folder: Path) -> None:
    with ChatServer(say("Hello."), say("Again.")) as server:
        with Typist(folder, [], OPENAI_API_KEY="", OPENAI_BASE_URL=server.base_url) as person:
            person.wait_for("No API key found")
            person.wait_for_prompt()
            person.say("1")
            person.wait_for("API key (not shown; Enter for none):")
            person.type(f"{KEY}\r")
            person.wait_for("The key is stored in")
            person.say("hi")
            person.wait_for("Hello.")
            person.say("exit")
            assert person.wait_for_end() == 0
            assert KEY not in person.raw
        file = person.home / ".config" / "interpreter" / "keys.json"
        assert file.stat().st_mode & 0o777 == 0o600
        assert list(json.loads(file.read_text()).values()) == [KEY]
        with Typist(folder, ["again"], OPENAI_API_KEY="", OPENAI_BASE_URL=server.base_url) as person:
            person.wait_for("Again.")
        assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {KEY}"] * 2
