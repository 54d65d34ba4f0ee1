"""Whatever is stopped at whatever moment: the terminal is as before, nothing runs on, and the chat goes on validly."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from oi_core.testing.answers import Answer, run, say
from oi_core.testing.server import ChatServer

from .typist import SECONDS, Typist

IGNORES = (
    "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint(os.getpid(), 'on')\ntime.sleep(300)"
)
SLEEPS = "import os, time\nprint(os.getpid(), 'on')\ntime.sleep(300)"
EDITOR = "#!/bin/sh\necho $$ on\nexec sleep 300\n"


@dataclass(frozen=True)
class Moment:
    """What is going on when the keys come: what the model answers, and what shows that it is reached."""

    answer: Callable[[int], Answer]
    sign: str
    words: tuple[str, ...] = ("-y",)
    key: str = ""


MOMENTS: Mapping[str, Moment] = {
    "model writing": Moment(lambda n: say(f"round{n} " + "of words " * 300).paced(0.02), "round{n}"),
    "Python running": Moment(lambda n: run("python", SLEEPS, call_id=f"c{n}"), "│ {pid} on"),
    "shell running": Moment(lambda n: run("shell", "echo $$ on; sleep 300", call_id=f"c{n}"), "│ {pid} on"),
    "SIGINT ignored": Moment(lambda n: run("python", IGNORES, call_id=f"c{n}"), "│ {pid} on"),
    "at approval": Moment(lambda n: run("shell", f"touch made{n}", call_id=f"c{n}"), "y run", words=()),
    "in the editor": Moment(lambda n: run("shell", f"touch made{n}", call_id=f"c{n}"), "{pid} on", words=(), key="e"),
}


def reached(person: Typist, moment: Moment, n: int) -> None:
    """Ask, and wait until the moment is there for the ``n``\\ th time."""
    person.type(f"go{n}\r")
    person.wait_for(f"> go{n}")
    if moment.words == ():
        wait_until(person, lambda: "y run" in after(person, n))
        person.pause(0.6)
        person.type(moment.key)
    sign = re.escape(moment.sign.format(n=n, pid="PID")).replace("PID", r"\d+")
    wait_until(person, lambda: re.search(sign, after(person, n)) is not None)
    person.pause(0.1)


def after(person: Typist, n: int) -> str:
    return person.text.rpartition(f"> go{n}")[2]


def wait_until(person: Typist, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, person.text
        person.pause(0.05)


def has_ended(person: Typist, n: int) -> bool:
    return person.at_prompt and re.search(r"^>", after(person, n), re.MULTILINE) is not None


def started(person: Typist) -> set[int]:
    return {int(number) for number in re.findall(r"^(?:│ )?(\d+) on$", person.text, re.MULTILINE)}


def wait_until_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + SECONDS
    while [pid for pid in pids if runs(pid)]:
        assert time.monotonic() < deadline, pids
        time.sleep(0.05)


def runs(pid: int) -> bool:
    """Whether a process is there; one that is dead and has no parent to say so does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def has_valid_history(body: Any) -> bool:
    """Every call is followed by its result, and by nothing else before that."""
    open_calls: list[str] = []
    for message in body["messages"]:
        if message["role"] == "tool":
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return False
        open_calls += [call["id"] for call in message.get("tool_calls") or ()]
    return not open_calls


@contextmanager
def chatting(folder: Path, moment: Moment, *answers: Answer) -> Iterator[tuple[Typist, ChatServer]]:
    """A chat started from a shell with job control, as people start it."""
    editor = folder.parent / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with (
        ChatServer(*answers) as server,
        Typist.in_shell(
            folder, [*moment.words, "--base-url", server.base_url], columns=160, rows=60, VISUAL=str(editor)
        ) as person,
    ):
        person.wait_for_prompt()
        yield person, server


def press(person: Typist, keys: str, name: str, n: int) -> None:
    """Press keys that are to stop what happens, and others after those that are not to."""
    person.type(keys[0])
    if keys == "\x1a":
        person.wait_for("Stopped")
        person.type("fg\r")
    if keys == "\x1a" or (keys == "\x1b" and name in ("at approval", "in the editor")):
        person.pause(0.4)
        assert not has_ended(person, n)  # Esc is too easily pressed to decide, and the editor's own business
        person.type("\x03")
    if len(keys) == 2:
        person.pause(0.2)
        person.type("" if has_ended(person, n) else keys[1])
    if name == "in the editor":
        wait_until(person, lambda: "y run" in after(person, n))
        person.pause(0.6)
        person.type("\x03")


@pytest.mark.parametrize("name", MOMENTS)
def test_keys_stop_what_happens_and_the_chat_goes_on(folder: Path, name: str) -> None:
    moment = MOMENTS[name]
    with chatting(folder, moment, *[moment.answer(n) for n in range(4)], say("Still here.")) as (person, server):
        for n, keys in enumerate(["\x03", "\x03\x03", "\x1b", "\x1a"]):
            reached(person, moment, n)
            press(person, keys, name, n)
            wait_until(person, partial(has_ended, person, n))
        pids = started(person)
        person.type("are you there?\r")
        person.wait_for("Still here.")
        person.wait_for_prompt()
        person.type("exit\r")
        first, last = person.modes_around()
        assert first == last
        wait_until_gone(pids)
    assert has_valid_history(server.requests[-1].body)
    assert len(server.requests) == 5
    assert not list(folder.glob("made*"))
    said = json.dumps(server.requests[-1].body)
    assert "round0" in said if name == "model writing" else said.count("tool_call_id") == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("name", MOMENTS)
def test_a_signal_ends_everything_at_any_moment(folder: Path, name: str, number: signal.Signals) -> None:
    moment = MOMENTS[name]
    with chatting(folder, moment, moment.answer(0)) as (person, _server):
        reached(person, moment, 0)
        pids = started(person)
        os.kill(person.program(), number)
        person.wait_for(f"ended {128 + number}")
        first, last = person.modes_around()
        assert first == last
        wait_until_gone(pids)
    assert not list(folder.glob("made*"))
