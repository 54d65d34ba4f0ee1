"""Each test is a program of its own, against a real server on the loopback interface."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pexpect
import pytest

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer
from oi_core.tokens import Tokenizer
from oi_core.tokens.encodings import O200K, load_encoding


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INTERPRETER_", "OPENAI_"))}
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state")}
    return {**kept, **own, "OPENAI_API_KEY": "sk-test", "NO_PROXY": "127.0.0.1", **more}


def program(server: ChatServer | None, folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    address = server.base_url if server else "http://127.0.0.1:9/v1"
    start = f"import interpreter, json\ninterpreter.api_base = {address!r}\ninterpreter.model = 'test-model'\n"
    return subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_importing_is_cheap(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import interpreter"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "interpreter" in imported
    assert not {name.partition(".")[0] for name in imported} & {"openai", "tiktoken", "rich", "pexpect", "pluggy"}


def test_chat_shows_the_turn_and_returns_nothing(tmp_path: Path) -> None:
    with ChatServer(say("Hello there.")) as server:
        done = program(server, tmp_path, "print(interpreter.chat('hi'))")
    assert done.stdout == "Hello there.\nNone\n"
    assert done.returncode == 0


def test_chat_returns_the_live_list_of_messages_when_asked(tmp_path: Path) -> None:
    with ChatServer(say("one"), say("two")) as server:
        done = program(
            server,
            tmp_path,
            """
            messages = interpreter.chat("a", return_messages=True)
            assert messages is interpreter.messages
            interpreter.chat("b")
            print(json.dumps(messages))
            """,
        )
    assert json.loads(done.stdout.splitlines()[-1]) == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "one"},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "two"},
    ]


def test_code_runs_under_auto_run_and_its_result_is_in_the_messages(tmp_path: Path) -> None:
    with ChatServer(run("python", "6 * 7"), say("It is 42.")) as server:
        done = program(
            server,
            tmp_path,
            """
            interpreter.auto_run = True
            messages = interpreter.chat("what is 6 * 7", return_messages=True)
            print(messages[2]["role"], messages[2]["content"])
            """,
        )
    assert done.stdout.endswith("tool 42\n"), done.stderr
    assert server.requests[1].body["messages"][-1]["content"] == "42"


def test_without_a_terminal_code_that_needs_asking_is_not_run(tmp_path: Path) -> None:
    with ChatServer(run("shell", "touch ran")) as server:
        done = program(server, tmp_path, "interpreter.chat('go')")
    assert done.returncode == 0
    assert not (tmp_path / "ran").exists()


def test_text_before_code_is_kept_in_the_conversation(tmp_path: Path) -> None:
    with ChatServer(run("python", "1", text="Let me see."), say("Done.")) as server:
        done = program(
            server,
            tmp_path,
            """
            interpreter.auto_run = True
            print(interpreter.chat("go", return_messages=True)[1]["content"])
            """,
        )
    assert "Let me see." in done.stdout.splitlines()[-1]


def test_reset_starts_a_new_list_and_keeps_the_settings(tmp_path: Path) -> None:
    with ChatServer(say("one"), say("two")) as server:
        done = program(
            server,
            tmp_path,
            """
            interpreter.temperature = 0.5
            old = interpreter.chat("a", return_messages=True)
            interpreter.reset()
            assert interpreter.messages == [] and interpreter.messages is not old and len(old) == 2
            interpreter.chat("b")
            assert len(old) == 2 and interpreter.temperature == 0.5
            """,
        )
    assert done.returncode == 0, done.stderr
    assert [message["role"] for message in server.requests[1].body["messages"]] == ["system", "user"]
    assert server.requests[1].body["temperature"] == 0.5


OLD_FORM = [
    {"role": "user", "content": "what is 2+2"},
    {
        "role": "assistant",
        "content": None,
        "function_call": {"name": "run_code", "arguments": '{"language": "python", "code": "2+2"}'},
    },
    {"role": "function", "name": "run_code", "content": "4"},
    {"role": "assistant", "content": "4"},
]


def test_loaded_messages_of_2023_are_kept_as_they_are_and_sent_in_todays_form(tmp_path: Path) -> None:
    with ChatServer(say("As I said, 4.")) as server:
        done = program(
            server,
            tmp_path,
            f"""
            messages = json.loads({json.dumps(OLD_FORM)!r})
            interpreter.load(messages)
            assert interpreter.messages is messages
            interpreter.chat("again?")
            print(json.dumps(messages))
            """,
        )
    kept = json.loads(done.stdout.splitlines()[-1])
    assert kept[:4] == OLD_FORM
    assert [message["role"] for message in kept[4:]] == ["user", "assistant"]
    sent = server.requests[0].body["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert sent[2]["tool_calls"][0]["id"] == sent[3]["tool_call_id"]


def test_loading_runs_nothing(tmp_path: Path) -> None:
    pending = OLD_FORM[:2]
    done = program(None, tmp_path, f"interpreter.load(json.loads({json.dumps(pending)!r}))")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_loading_what_is_no_message_names_its_place(tmp_path: Path) -> None:
    done = program(None, tmp_path, "interpreter.load([{'role': 'user', 'content': 'a'}, {'role': 'wizard'}])")
    assert "ConfigError" in done.stderr
    assert "1" in done.stderr
    assert "wizard" in done.stderr


def test_the_system_message_can_be_added_to(tmp_path: Path) -> None:
    with ChatServer(say("Oui.")) as server:
        program(server, tmp_path, "interpreter.system_message += ' Answer in French.'\ninterpreter.chat('hi')")
    system = server.requests[0].body["messages"][0]
    assert system["role"] == "system"
    assert "Answer in French." in system["content"]


def test_the_forbidden_commands_are_a_live_list(tmp_path: Path) -> None:
    with ChatServer(run("shell", "echo  'hi'"), say("ok"), run("shell", "echo hi"), say("ok")) as server:
        done = program(
            server,
            tmp_path,
            """
            interpreter.auto_run = True
            interpreter.forbidden_commands.append("echo hi")
            interpreter.chat("go")
            interpreter.forbidden_commands.remove("echo hi")
            interpreter.chat("go")
            """,
        )
    assert done.returncode == 0, done.stderr
    first, second = (server.requests[index].body["messages"][-1]["content"] for index in (1, 3))
    assert first.startswith("[not run: forbidden")
    assert second == "hi"


def test_max_output_chars_bounds_what_the_model_is_shown(tmp_path: Path) -> None:
    with ChatServer(run("python", "print('x' * 5000)"), say("long")) as server:
        program(
            server, tmp_path, "interpreter.auto_run, interpreter.max_output_chars = True, 100\ninterpreter.chat('go')"
        )
    shown = server.requests[1].body["messages"][-1]["content"]
    assert len(shown) < 250
    assert "left out" in shown


def test_max_output_tokens_bounds_output_that_is_dense_in_tokens(tmp_path: Path) -> None:
    code = "import random; print(''.join(chr(random.randrange(0x4e00, 0x9fff)) for _ in range(9000)))"
    with ChatServer(run("python", code), say("long")) as server:
        settings = "interpreter.auto_run, interpreter.max_output_tokens = True, 500"
        program(server, tmp_path, f"{settings}\nprint(interpreter.max_output_chars)\ninterpreter.chat('go')")
    shown = server.requests[1].body["messages"][-1]["content"]
    encoding = load_encoding(O200K)
    assert encoding is not None
    assert 250 < Tokenizer(encoding).count(shown) <= 500
    assert " tokens) left out; the whole output is in " in shown


@pytest.mark.parametrize("name", ["mesages", "temprature", "autorun"])
def test_a_misspelt_name_raises(tmp_path: Path, name: str) -> None:
    assert "AttributeError" in program(None, tmp_path, f"interpreter.{name} = 1").stderr
    assert "AttributeError" in program(None, tmp_path, f"print(interpreter.{name})").stderr


@pytest.mark.parametrize("assignment", ["temperature = 'hot'", "auto_run = 1", "forbidden_commands = 'rm'"])
def test_a_value_of_the_wrong_type_raises(tmp_path: Path, assignment: str) -> None:
    assert "TypeError: interpreter." in program(None, tmp_path, f"interpreter.{assignment}").stderr


@pytest.mark.parametrize("name", ["max_output_tokens", "max_output_chars", "temperature"])
def test_a_negative_number_raises(tmp_path: Path, name: str) -> None:
    assert (
        f"ValueError: interpreter.{name} is 0 or more, not -1"
        in program(None, tmp_path, f"interpreter.{name} = -1").stderr
    )


def test_names_can_be_imported(tmp_path: Path) -> None:
    with ChatServer(say("Hello.")) as server:
        done = program(server, tmp_path, "from interpreter import chat, reset\nchat('hi')\nreset()")
    assert done.stdout == "Hello.\n"


def test_stream_yields_events(tmp_path: Path) -> None:
    with ChatServer(say("Hello.")) as server:
        done = program(server, tmp_path, "print([type(event).__name__ for event in interpreter.stream('hi')])")
    assert "'TextDelta'" in done.stdout
    assert done.stdout.rstrip().endswith("'TurnEnded']")


def test_without_a_terminal_there_is_no_chat(tmp_path: Path) -> None:
    done = program(None, tmp_path, "interpreter.chat()")
    assert "ConfigError: a chat needs a terminal" in done.stderr


def test_a_server_that_is_not_there_is_one_line_and_the_message_is_kept(tmp_path: Path) -> None:
    done = program(None, tmp_path, "print(len(interpreter.chat('hi', return_messages=True)))")
    assert done.stdout.endswith("1\n")
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("leave", ["exit", "exit()"])
def test_a_chat_without_a_message_is_left_with_exit(tmp_path: Path, leave: str) -> None:
    with ChatServer(say("Hello."), say("Still here.")) as server:
        code = f"import interpreter; interpreter.api_base = {server.base_url!r}; interpreter.model = 'test-model'; "
        code += "interpreter.chat(); print(len(interpreter.messages), 'messages')"
        child = pexpect.spawn(
            sys.executable,
            ["-c", code],
            cwd=str(tmp_path),
            env=environment(tmp_path, TERM="dumb"),
            encoding="utf-8",
            timeout=20,
        )
        child.expect("> ")
        child.sendline("hi")
        child.expect("Hello.")
        child.expect("> ")
        child.sendline(leave)
        child.expect("2 messages")
        child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_missing_key_is_asked_for_at_a_terminal(tmp_path: Path) -> None:
    with ChatServer(say("Hello."), api_key="sk-typed") as server:
        code = "import interpreter; interpreter.model = 'test-model'; interpreter.chat('hi')"
        config = tmp_path / "config" / "interpreter"
        config.mkdir(parents=True)
        env = environment(tmp_path, TERM="dumb", OPENAI_BASE_URL=server.base_url)
        env["OPENAI_API_KEY"] = ""
        child = pexpect.spawn(sys.executable, ["-c", code], cwd=str(tmp_path), env=env, encoding="utf-8", timeout=20)
        child.expect("API key for test-model")
        child.sendline("sk-typed")
        child.expect("Hello.")
        child.expect(pexpect.EOF)
    assert server.requests[0].headers["authorization"] == "Bearer sk-typed"
