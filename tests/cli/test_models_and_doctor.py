from __future__ import annotations

import json

from oi_core.cli.model_listings import model_rows
from oi_core.local_servers import LocalServer
from oi_core.testing.answers import Answer, run, say
from oi_core.testing.server import ChatServer, Request

from .command import Command


def good_with_tools(request: Request) -> Answer:
    """Does every task of the probe when it is offered tools, and talks otherwise."""
    messages = request.body["messages"]
    if "tools" not in request.body:
        return say("I would rather talk.")
    if messages[-1]["role"] == "tool":
        return say("It is 56088.")
    question = messages[-1]["content"]
    if "strawberry" in question:
        return run("python", "print('strawberry'.count('r'))")
    return run("shell", "ls") if "shell" in question else run("python", "print(123 * 456)")


def test_a_server_is_listed_with_the_command_for_each_of_its_models() -> None:
    servers = [
        LocalServer("http://127.0.0.1:11434/v1", "Ollama", ("qwen3", "llama\x1b[31m")),
        LocalServer("http://127.0.0.1:8080/v1", "llama.cpp", (), needs_key=True),
    ]
    assert model_rows(servers) == [
        "Ollama at http://127.0.0.1:11434/v1",
        "  interpreter --base-url http://127.0.0.1:11434/v1 -m qwen3",
        "  interpreter --base-url http://127.0.0.1:11434/v1 -m llama␛[31m",
        "llama.cpp at http://127.0.0.1:8080/v1  wants an API key",
    ]


def test_models_are_listed_as_json_on_request(command: Command) -> None:
    done = command.run("models", "--json")
    assert done.returncode == 0
    assert isinstance(json.loads(done.stdout), list)


def test_the_doctor_says_what_works_without_a_key_or_network(command: Command) -> None:
    command.extra["OPENAI_API_KEY"] = ""
    done = command.run("doctor")
    assert done.returncode == 0, done.stderr
    assert "no API key (OPENAI_API_KEY is not set)" in done.stdout
    assert "language   python: " in done.stdout
    assert "sandbox    workspace: " in done.stdout


def test_the_doctor_tries_a_model_in_each_format_and_remembers_the_best(command: Command) -> None:
    with ChatServer(*[good_with_tools] * 40) as server:
        done = command.run("doctor", "--base-url", server.base_url, "-m", "test-model")
    assert done.returncode == 0, done.stderr
    assert "tools    4 of 4" in done.stdout
    assert "fences   1 of 4" in done.stdout or "fences   0 of 4" in done.stdout
    assert "tools is used for this model from now on" in done.stdout


def test_the_doctor_says_when_a_model_can_do_nothing(command: Command) -> None:
    with ChatServer(*[say("Hm.")] * 40) as server:
        done = command.run("doctor", "--base-url", server.base_url, "-m", "test-model")
    assert done.returncode == 3
    assert "tools    0 of 4" in done.stdout


def test_the_doctor_says_once_that_the_server_is_not_there(command: Command) -> None:
    done = command.run("doctor", "--base-url", "http://127.0.0.1:9/v1", "-m", "test-model")
    assert done.returncode == 3
    assert done.stdout.count("nothing answers at http://127.0.0.1:9/v1") == 1


def test_a_gguf_file_that_is_none_is_one_clear_line(command: Command) -> None:
    (command.folder / "model.gguf").write_text("not a model")
    done = command.run("--gguf", "model.gguf", "-p", "hi")
    assert done.returncode == 3
    assert "model.gguf" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_gguf_file_and_a_model_contradict_each_other(command: Command) -> None:
    done = command.run("--gguf", "model.gguf", "-m", "x", "-p", "hi")
    assert done.returncode == 2
    assert "--gguf names the model" in done.stderr
