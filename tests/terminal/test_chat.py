"""The chat on a real pty: prompt, approval, input, Ctrl-C, and what the terminal is like afterwards."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import stat
import sys
import termios
import time
from pathlib import Path

import pytest

from oi_core.testing.answers import refuse, run, say, silence
from oi_core.testing.server import ChatServer

from .typist import SECONDS, Typist, installed

CAREFUL = r"""
from oi_core.plugin_api import Review, Verdict, hookimpl

@hookimpl
def review_code(block, policy):
    return Review(Verdict.ASK, 'deletes files\x1b[2J')
"""
ODD = """
from oi_core.plugin_api import ModelProvider, hookimpl

class Odd:
    name, context_window = "odd/one", None
    def stream(self, messages, tools):
        yield from ()
        raise ZeroDivisionError("odd")
    def cancel(self): pass
    def close(self): pass

@hookimpl
def provide_models(config):
    return [ModelProvider("odd", "raises", lambda name, settings: Odd())]
"""
EDITOR = """#!/bin/sh
printf 'print("edited")' > "$1"
"""


def test_a_message_is_answered_and_exit_leaves_the_terminal_as_it_was(folder: Path) -> None:
    with ChatServer(say("Hello **there**.")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.wait_for("interpreter 1.0.0", "python shell")
        person.say("hi")
        person.wait_for("Hello there.")
        person.say("exit")
        assert person.wait_for_end() == 0
    assert person.text.count("Hello there.") == 1
    assert server.requests[0].body["messages"][-1]["content"] == "hi"


def test_the_modes_of_the_terminal_are_the_same_at_the_end(folder: Path) -> None:
    with (
        ChatServer(run("python", "print(1)"), silence()) as server,
        Typist(
            folder, ["--base-url", server.base_url], columns=200, before="trap : INT; stty -g; ", after="stty -g"
        ) as person,
    ):
        person.say("hi")
        person.answer("y")
        person.wait_for("waiting for the model")
        person.type("\x03")
        person.wait_for("interrupted")
        person.wait_for_prompt()
        person.type("\x04")
        assert person.wait_for_end() == 0
    first, last = person.lines[0], person.lines[-1]
    assert first == last
    assert first.count(":") > 20


@pytest.mark.parametrize("words", ["exit", "quit", "exit()", "/quit", "%quit", "\x04", "\x03\x03"])
def test_every_way_to_leave_leaves(folder: Path, words: str) -> None:
    with Typist(folder, []) as person:
        person.wait_for_prompt()
        person.type(words if ord(words[0]) < 32 else f"{words}\r")
        assert person.wait_for_end() == 0


def test_prompt_words_are_the_first_message(folder: Path) -> None:
    with (
        ChatServer(say("Plotted.")) as server,
        Typist(folder, ["--base-url", server.base_url, "plot", "sales"]) as person,
    ):
        person.wait_for("> plot sales", "Plotted.")
        person.wait_for_prompt()
    assert server.requests[0].body["messages"][-1]["content"] == "plot sales"


@pytest.mark.parametrize("key", ["y", "Y", "\r"])
def test_code_runs_after_yes(folder: Path, key: str) -> None:
    with (
        ChatServer(run("python", "print(6*7)"), say("It is 42.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("6*7?")
        person.wait_for("Run this python?", "1 line", "a always python this session")
        person.answer(key)
        person.wait_for("│ 42", "✓", "It is 42.", gone="Run this python?")


def test_a_reason_for_no_goes_to_the_model_and_the_turn_goes_on(folder: Path) -> None:
    with (
        ChatServer(run("shell", "touch made"), say("As you like.")) as server,
        Typist(folder, ["--base-url", server.base_url], columns=60) as person,
    ):
        person.say("touch")
        person.answer("n")
        person.wait_for("why not? (esc goes back)")
        person.type("use pyth\x1b")
        person.answer("n")
        person.wait_for("why not? (esc goes back) use pyth")
        person.type("on\r")
        person.wait_for("✗ not run: the user declined: use python", "As you like.", gone="why not?")
    assert "use python" in server.requests[1].body["messages"][-1]["content"]
    assert not (folder / "made").exists()


@pytest.mark.parametrize("keys", ["n", "\x03", "\x04"])
def test_no_without_a_reason_ends_the_turn(folder: Path, keys: str) -> None:
    with ChatServer(run("shell", "touch made")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.say("touch")
        person.answer(keys)
        if keys == "n":
            person.wait_for("why not?")
            person.type("\r")
        person.wait_for("✗ not run: the user declined")
        person.wait_for_prompt(2)
    assert len(server.requests) == 1
    assert not (folder / "made").exists()


def test_always_asks_no_more_for_this_language(folder: Path) -> None:
    with (
        ChatServer(run("python", "print(1)"), run("python", "print(2)", call_id="b"), say("Both ran.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("two blocks")
        person.answer("a")
        person.wait_for("│ 2", "Both ran.")


def test_flagged_code_takes_more_than_enter_and_is_never_always(folder: Path) -> None:
    path = installed(folder.parent / "site", "careful", CAREFUL)
    with (
        ChatServer(run("shell", "touch made"), say("Done.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url], PYTHONPATH=path) as person,
    ):
        person.say("touch")
        person.wait_for("! shell · deletes files␛[2J", "enter does nothing here")
        assert "a always" not in person.text
        person.answer("\ra\r")
        person.pause(0.3)
        assert not (folder / "made").exists()
        person.type("y")
        person.wait_for("Done.")
    assert (folder / "made").exists()


def test_keys_typed_before_the_question_do_not_answer_it(folder: Path) -> None:
    with (
        ChatServer(run("shell", "touch made").paced(0.05)) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("touch")
        person.wait_for("╭─ shell")
        person.type("yyyy\r\r")
        person.wait_for("y run")
        person.type("y\r")
        person.pause(1)
        assert "y run" in person.text
        assert not (folder / "made").exists()


def test_an_edit_is_shown_and_asked_about_again(folder: Path) -> None:
    editor = folder.parent / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    with (
        ChatServer(run("python", "print('original')"), say("Fine.")) as server,
        Typist(folder, ["--base-url", server.base_url], VISUAL=str(editor)) as person,
    ):
        person.say("print")
        person.answer("e")
        person.wait_for('│   1 print("edited")')
        person.answer("y")
        person.wait_for("│ edited", "Fine.")
    assert 'print("edited")' in server.requests[1].body["messages"][-1]["content"]


@pytest.mark.parametrize(("editor", "said"), [("/nowhere/editor", "cannot be started"), ("false", "exit status 1")])
def test_an_editor_that_fails_leaves_the_question_as_it_was(folder: Path, editor: str, said: str) -> None:
    with (
        ChatServer(run("python", "print('original')"), say("Fine.")) as server,
        Typist(folder, ["--base-url", server.base_url], EDITOR=editor) as person,
    ):
        person.say("print")
        person.answer("e")
        person.wait_for(said)
        person.answer("y")
        person.wait_for("│ original", "Fine.")


def test_without_an_editor_code_is_edited_in_place(folder: Path) -> None:
    with (
        ChatServer(run("python", "print('original')"), say("Fine.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("print")
        person.answer("e")
        person.wait_for("alt-enter takes it")
        person.type("\rprint('added')\x1b\r")
        person.wait_for("│   2 print('added')")
        person.answer("y")
        person.wait_for("│ original", "│ added", "Fine.")


def test_a_program_reads_what_the_person_types_and_the_model_does_not(folder: Path) -> None:
    code = "import getpass\nname = input('Name: ')\nsecret = getpass.getpass('Password: ')\nprint(name, len(secret))"
    with (
        ChatServer(run("python", code), say("Thanks.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("ask me")
        person.wait_for("waiting for input", "Name:")
        person.type("Ada\r")
        person.wait_for("Password:")
        person.type("hunter2\r")
        person.wait_for("│ Ada 7", "Thanks.")
        assert "hunter2" not in person.raw
    assert "hunter2" not in json.dumps([request.body for request in server.requests])


def test_end_of_file_and_interrupt_reach_a_program_that_waits_for_input(folder: Path) -> None:
    with (
        ChatServer(
            run("python", "input('Name: ')"), say("EOF."), run("python", "input('Again: ')", call_id="b")
        ) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("ask me")
        person.wait_for("waiting for input", "Name:")
        person.type("\x04")
        person.wait_for("EOFError", "EOF.")
        person.say("again")
        person.wait_for("waiting for input", "Again:")
        person.type("\x03")
        person.wait_for("KeyboardInterrupt", "interrupted")
        person.wait_for_prompt(3)


def test_ctrl_c_stops_the_code_and_keeps_its_variables(folder: Path) -> None:
    loop = "kept = 41\nimport time\nprint('looping')\nwhile True: time.sleep(0.1)"
    with (
        ChatServer(run("python", loop), run("python", "print(kept + 1)", call_id="b"), say("Yes.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("loop")
        person.wait_for("│ looping")
        person.type("\x03")
        person.wait_for("╰─ ✗ interrupted")
        person.say("still there?")
        person.wait_for("│ 42", "Yes.")
    for message in server.requests[1].body["messages"]:
        assert not message.get("tool_calls") or server.requests[1].body["messages"][-2]["role"] == "tool"


def test_ctrl_c_stops_the_model_and_keeps_what_it_said(folder: Path) -> None:
    with (
        ChatServer(say("Once upon a time. " * 500).paced(0.02), say("Gladly.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("tell")
        person.wait_for("Once upon")
        person.type("\x03")
        person.wait_for("✗ interrupted")
        person.say("go on")
        person.wait_for("Gladly.")
    assert "Once upon" in json.dumps(server.requests[1].body["messages"])


def test_ctrl_c_clears_the_draft_and_then_leaves_only_when_it_comes_twice(folder: Path) -> None:
    with Typist(folder, []) as person:
        person.wait_for_prompt()
        person.type("a draft")
        person.wait_for("> a draft")
        person.type("\x03")
        person.wait_for(gone="a draft")
        person.type("\x03")
        person.wait_for("(ctrl-c again, ctrl-d or exit leaves)")
        person.pause(1.7)
        person.type("\x03")
        person.pause(0.5)
        assert person.process.isalive()
        person.type("\x03")
        assert person.wait_for_end() == 0


@pytest.mark.parametrize(
    "keys", ["first\x1b\rsecond\r", "first\nsecond\r", "first\\\rsecond\r", "\x1b[200~first\nsecond\x1b[201~\r"]
)
def test_a_message_may_have_more_lines(folder: Path, keys: str) -> None:
    with ChatServer(say("Two.")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.wait_for_prompt()
        person.type(keys)
        person.wait_for("Two.")
    assert server.requests[0].body["messages"][-1]["content"] == "first\nsecond"


def test_what_is_typed_during_a_turn_is_the_draft_of_the_next_message(folder: Path) -> None:
    with (
        ChatServer(say("slow words " * 10).paced(0.05), say("Second.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("one")
        person.wait_for("slow")
        person.type("two")
        person.wait_for("> two")
        person.type("\r")
        person.wait_for("Second.")
    assert server.requests[1].body["messages"][-1]["content"] == "two"


def test_escape_stops_the_wait_for_another_try_and_an_arrow_key_does_not(folder: Path) -> None:
    with (
        ChatServer(refuse(429, "slow down", retry_after=20), say("Again.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("hi")
        person.wait_for("retry", "(esc stops it)")
        person.type("\x1b[A")
        person.pause(0.3)
        assert "interrupted" not in person.text
        person.type("\x1b")
        person.wait_for("✗ interrupted")
        person.say("now?")
        person.wait_for("Again.")


def test_enter_during_a_turn_sends_the_next_message_and_a_question_in_between_takes_that_back(folder: Path) -> None:
    slow = say("slow words " * 10).paced(0.05)
    with (
        ChatServer(slow, run("shell", "touch made").paced(0.05), say("Done.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("one")
        person.wait_for("slow")
        person.type("tow\x7f\x7fwo\x1b[D\r")
        person.wait_for("> two   (sent next)")
        person.wait_for("╭─ shell")
        person.type("y\r")
        person.answer("n")
        person.wait_for("why not?")
        person.type("\r")
        person.wait_for("✗ not run: the user declined", "> y")
        assert not (folder / "made").exists()
    assert [request.body["messages"][-1]["content"] for request in server.requests] == ["one", "two"]


def test_the_keyboard_can_be_given_to_the_program_that_runs_and_taken_back(folder: Path) -> None:
    looks = "while not select.select([0], [], [], 0)[0]: time.sleep(0.05)\n"
    reads = f"import select, time\n{looks}print('got', input())\ntime.sleep(1)\nprint('over')"
    code = shlex.join([sys.executable, "-c", reads])  # it never waits for input, as far as anybody can see
    with (
        ChatServer(run("shell", code), say("Yes.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("go")
        person.wait_for("╰─ running")
        person.type("\x14")
        person.wait_for("→ program:")
        person.type("to it\r")
        person.wait_for("│ to it", "│ got to it")
        person.type("\x14for later\r")
        person.wait_for("> ••••••", gone="→ program:")
        person.wait_for("│ over", "Yes.")
        person.wait_for("> for later")
    assert "got to it" in server.requests[1].body["messages"][-1]["content"]


def test_after_a_pause_of_the_job_typing_is_hidden_again(folder: Path) -> None:
    with (
        ChatServer(say("slow words " * 40).paced(0.05)) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("go")
        person.wait_for("slow")
        os.kill(person.process.pid, signal.SIGSTOP)
        modes = termios.tcgetattr(person.process.child_fd)
        modes[3] |= termios.ECHO | termios.ICANON  # as a shell leaves the terminal to a job it continues
        termios.tcsetattr(person.process.child_fd, termios.TCSANOW, modes)
        os.kill(person.process.pid, signal.SIGCONT)
        deadline = time.monotonic() + SECONDS
        while termios.tcgetattr(person.process.child_fd)[3] & termios.ECHO:
            assert time.monotonic() < deadline
            person.pause(0.05)
        person.wait_for_prompt()


def test_a_job_that_is_stopped_leaves_the_shell_a_clean_screen(folder: Path) -> None:
    ticks = "import time\nfor n in range(600):\n    print('tick', n)\n    time.sleep(0.05)"
    with (
        ChatServer(run("python", ticks)) as server,
        Typist.in_shell(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("go")
        person.wait_for("│ tick 12", "╰─ running")
        person.type("\x1a")
        person.wait_for("Stopped", "all done")
        assert "tick 1" not in person.text
        assert "╰─ running" not in person.text
        person.type("fg\r")
        person.wait_for("earlier lines", "╰─ running")
        assert person.text.count("├─ output") == 1
        person.type("\x03")
        person.wait_for("KeyboardInterrupt", "╰─ ✗ interrupted")


def test_slash_commands_answer_complete_and_suggest(folder: Path) -> None:
    with ChatServer(say("One.")) as server, Typist(folder, ["--base-url", server.base_url]) as person:
        person.say("/help")
        person.wait_for("/languages", "list the languages")
        person.say("/langauges")
        person.wait_for("did you mean /languages?")
        person.say("/xyzzy")
        person.wait_for("/help lists the commands")
        person.say("%plugins")
        person.wait_for("reviews code")
        person.say("/config")
        person.wait_for("limits.turns")
        person.wait_for_prompt()
        person.type("/lang\t")
        person.wait_for("> /languages")
        person.type("\r")
        person.wait_for("bash")
        person.say("remember me")
        person.wait_for("One.")
        person.say("/reset")
        person.wait_for("A new conversation begins")
        server.add(say("Two."))
        person.say("hello")
        person.wait_for("Two.")
    assert "remember me" not in json.dumps(server.requests[1].body)


def test_messages_are_remembered_per_project_and_secrets_are_not(folder: Path) -> None:
    with ChatServer(say("A."), say("B."), say("C.")) as server:
        with Typist(folder, ["--base-url", server.base_url]) as person:
            person.say("my first message")
            person.wait_for("A.")
            person.say("the api_key = sk-abcdefghijklmnop1234")
            person.wait_for("B.")
            person.say("exit")
            assert person.wait_for_end() == 0
        (file,) = (person.home / ".local/state/interpreter/history").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "sk-abcdef" not in file.read_text()
        with Typist(folder, ["--base-url", server.base_url]) as person:
            person.wait_for_prompt()
            person.type("\x1b[A\x1b[A")
            person.wait_for("> my first message")
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    with Typist(elsewhere, []) as person:
        person.wait_for_prompt()
        person.type("\x1b[A")
        person.pause(0.5)
        assert "my first message" not in person.text


def test_a_refusal_is_one_line_and_the_chat_goes_on(folder: Path) -> None:
    with (
        ChatServer(refuse(401, "bad key"), say("Now.")) as server,
        Typist(folder, ["--base-url", server.base_url]) as person,
    ):
        person.say("hi")
        person.wait_for("✗", "401")
        person.say("again")
        person.wait_for("Now.")


def test_an_error_nobody_foresaw_costs_a_turn_and_not_the_chat(folder: Path) -> None:
    path = installed(folder.parent / "site", "odd", ODD)
    with Typist(folder, ["-m", "odd/one"], PYTHONPATH=path) as person:
        person.say("hi")
        person.wait_for("ZeroDivisionError")
        person.wait_for_prompt(2)
        person.say("exit")
        assert person.wait_for_end() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_at_the_prompt_ends_everything(folder: Path, number: int, code: int) -> None:
    with Typist(folder, []) as person:
        person.wait_for_prompt()
        person.process.kill(number)
        assert person.wait_for_end() == code


def test_the_demo_runs_to_its_end_with_every_question_asked(folder: Path) -> None:
    with Typist(folder, ["demo", "-o", "plugins.demo.pace=0"], OPENAI_API_KEY="") as person:
        person.answer("a", after="Run this python?")
        person.answer("a", after="Run this shell?")
        person.wait_for("waiting for input", "Your name:")
        person.type("Ada\r")
        person.wait_for("Hello, Ada!", "That is the tour.")
        assert person.wait_for_end() == 0


def test_in_plain_mode_nothing_moves_and_everything_is_a_word(folder: Path) -> None:
    code = "name = input('Name: ')\nprint('hello', name)"
    with (
        ChatServer(run("python", code), say("Fine."), run("shell", "ls", call_id="b"), say("Declined.")) as server,
        Typist(folder, ["--plain", "--base-url", server.base_url], EDITOR="true") as person,
    ):
        person.say("ask\\")
        person.wait_for("\n.")
        person.type("me\r")
        person.answer("what?\r", after="Run this python?")
        person.wait_for("Please answer with one of the letters.")
        person.pause(0.2)
        person.type("e\r")
        person.pause(0.5)
        person.type("a\r")
        person.wait_for("the program asks for a line of input: Name:", "input:")
        person.type("Ada\r")
        person.wait_for("hello Ada", "finished", "Fine.")
        person.say("list")
        person.answer("n\r", after="Run this shell?")
        person.wait_for("Why not?")
        person.type("no need\r")
        person.wait_for("Declined.")
        person.say("/help")
        person.wait_for("/languages")
        person.say("exit")
        assert person.wait_for_end() == 0
    assert "\x1b" not in person.raw
    assert server.requests[0].body["messages"][-1]["content"] == "ask\nme"


@pytest.mark.parametrize(("variable", "value"), [("TERM", "dumb"), ("NO_COLOR", "1")])
def test_a_dumb_terminal_gets_no_escapes_and_no_color_means_no_colours(folder: Path, variable: str, value: str) -> None:
    with (
        ChatServer(run("python", "print(1)"), say("**Done**.")) as server,
        Typist(
            folder,
            ["-y", "--base-url", server.base_url],
            TERM=value if variable == "TERM" else "xterm",
            NO_COLOR=value if variable == "NO_COLOR" else "",
        ) as person,
    ):
        person.say("hi")
        person.wait_for("Done")
        person.say("exit")
        assert person.wait_for_end() == 0
    if variable == "TERM":
        assert "\x1b" not in person.raw
    else:
        assert not re.search(r"\x1b\[(\d+;)*[34][0-8](;\d+)*m", person.raw)


def test_the_ground_that_the_terminal_tells_chooses_the_colours_and_is_not_typed_anywhere(folder: Path) -> None:
    with (
        ChatServer(run("python", "import os", text="slow words " * 20).paced(0.03), say("Done.")) as server,
        Typist(folder, ["-y", "--base-url", server.base_url]) as person,
    ):
        person.say("hi")
        person.wait_for("slow words")
        assert person.raw.count("\x1b]11;?\x1b\\") == 1
        person.type("\x1b]11;rgb:ffff/ff")
        person.pause(0.02)
        person.type("ff/ffff\x1b\\")
        person.wait_for("Done.")
        person.wait_for_prompt()
        assert "\x1b[38;5;90mimport" in person.raw
        assert "rgb" not in person.text
    assert "rgb" not in json.dumps([request.body for request in server.requests])


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_a_terminal_without_utf_8_gets_ascii(folder: Path, locale: str) -> None:
    with (
        ChatServer(run("python", "print('é')"), say("Für **dich** \N{EN DASH} ✓ 日本.")) as server,
        Typist(folder, ["--base-url", server.base_url], LC_ALL=locale) as person,
    ):
        person.say("hi")
        person.answer("y")
        person.wait_for("+- v", "F?r dich - v ????.")
        person.say("exit")
        assert person.wait_for_end() == 0
    assert person.raw.isascii()


@pytest.mark.parametrize("columns", [20, 60, 80, 120])
def test_the_tour_fits_any_width(folder: Path, columns: int) -> None:
    with Typist(folder, ["demo", "-y", "-o", "plugins.demo.pace=0"], columns=columns, rows=30) as person:
        person.wait_for("╰─ ? input" if columns == 20 else "waiting for input")
        person.type("Ada\r")
        assert person.wait_for_end() == 0
        assert "╰─ ✓" in person.text
        assert person.text.count("╭─ shell") == 1


def test_the_window_may_change_while_the_model_writes(folder: Path) -> None:
    text = "\n\n".join(f"Paragraph number{n}x." for n in range(40))
    with (
        ChatServer(say(text).paced(0.02)) as server,
        Typist(folder, ["--base-url", server.base_url], columns=100) as person,
    ):
        person.say("hi")
        person.wait_for("number5x")
        person.process.setwinsize(40, 60)
        person.wait_for("number39x")
        person.wait_for_prompt()
    for n in range(40):
        assert person.text.count(f"number{n}x") == 1
