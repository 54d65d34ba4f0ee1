"""The scripted tour: its code really runs, and what it says next depends on what the programs printed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import oi_demo
import pytest
from oi_demo.model import DemoModel

from oi_core.executors import Language, Workspace
from oi_core.hookspecs import hookimpl
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import CallPart, Model, ModelSettings, TextPart
from oi_core.plugin_api import Config, ModelCancelled, ModelError
from oi_core.results import ExecutionResult, Outcome
from oi_core.settings import PluginsSettings
from oi_core.tool_schema import Tool, run_code_tool

CELLS = """
import contextlib, io, json, sys, traceback
names = {"__name__": "__main__"}
for line in sys.stdin:
    cell = json.loads(line)
    out, keyboard, failed = io.StringIO(), sys.stdin, False
    sys.stdin = io.StringIO(cell["typed"])
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            exec(cell["code"], names)
        except BaseException:
            failed = True
            traceback.print_exc()
    sys.stdin = keyboard
    sys.__stdout__.write(json.dumps([out.getvalue(), failed]) + "\\n")
    sys.__stdout__.flush()
"""


@pytest.fixture
def python() -> Iterator[PythonProcess]:
    process = PythonProcess()
    yield process
    process.close()


class PythonProcess:
    """A real Python that keeps its state from cell to cell; ``typed`` is what its programs read, then end of file."""

    def __init__(self) -> None:
        self.typed = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", CELLS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def run(self, block: CodeBlock) -> ExecutionResult:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": block.code, "typed": self.typed}) + "\n")
        self._process.stdin.flush()
        output, failed = json.loads(self._process.stdout.readline())
        return ExecutionResult(block, output, Outcome.FAILED if failed else Outcome.FINISHED)

    def close(self) -> None:
        self._process.communicate(timeout=10)


def run_shell(block: CodeBlock) -> ExecutionResult:
    done = subprocess.run(["bash", "-c", block.code], capture_output=True, text=True, timeout=10, check=False)
    return ExecutionResult(block, done.stdout + done.stderr, Outcome.FINISHED, done.returncode)


def tools_for(*names: str) -> list[Tool]:
    def start(_workspace: Workspace) -> None:
        raise AssertionError("the demo starts nothing itself")

    return [run_code_tool([Language(name, name, start) for name in names])]  # type: ignore[arg-type]  # never started


@dataclass
class Conversation:
    """A person, the demo and real language processes, as the turn loop would connect them."""

    python: PythonProcess | None = None
    languages: Sequence[str] = ("python", "shell")
    messages: list[Message] = field(default_factory=lambda: [SystemMessage("Be brief.")])
    decline: frozenset[int] = frozenset()
    replace: dict[str, str] = field(default_factory=dict)
    outcome: Outcome = Outcome.DECLINED
    blocks: list[CodeBlock] = field(default_factory=list)

    def ask(self, text: str, model: Model | None = None, limit: int = 20) -> str:
        """Take one turn and return the last reply's text; every call gets its result."""
        self.messages.append(UserMessage(text))
        for _ in range(limit):
            reply = read(model or DemoModel("tour", 0), self.messages, self.languages)
            self.messages.append(reply)
            for block in reply.blocks:
                self.messages.append(ToolMessage(block.call_id, self._run(block).as_text()))
            if not reply.blocks:
                return reply.text
        raise AssertionError("the demo never ends")

    def _run(self, block: CodeBlock) -> ExecutionResult:
        self.blocks.append(block)
        if len(self.blocks) - 1 in self.decline:
            return ExecutionResult(block, "", self.outcome, note="not today")
        for old, new in self.replace.items():
            block = CodeBlock(block.call_id, block.language, block.code.replace(old, new))
        if block.language == "shell":
            return run_shell(block)
        assert self.python is not None
        return self.python.run(block)

    @property
    def said(self) -> str:
        return "\n".join(message.text for message in self.messages if isinstance(message, AssistantMessage))


def read(model: Model, messages: Sequence[Message], languages: Sequence[str]) -> AssistantMessage:
    text, arguments, call_id, name = "", "", "", ""
    for delta in model.stream(messages, tools_for(*languages)):
        match delta:
            case TextPart(text=piece):
                text += piece
            case CallPart():
                assert delta.index == 0
                call_id, name, arguments = call_id + delta.id, name + delta.name, arguments + delta.arguments
    if not name:
        return AssistantMessage(text)
    assert name == "run_code"
    call = json.loads(arguments)
    assert call.keys() == {"language", "code"}
    return AssistantMessage(text, (CodeBlock(call_id, call["language"], call["code"]),))


def test_its_first_line_says_that_it_is_scripted() -> None:
    reply = read(DemoModel("tour", 0), [UserMessage("hello")], ["python"])
    assert reply.text.startswith("I am a scripted demo, not a language model")


def test_the_whole_tour_runs_and_ends_without_an_open_call(python: PythonProcess) -> None:
    python.typed = "Ada\n"
    conversation = Conversation(python)
    last = conversation.ask("show me around")
    calls = [block.call_id for m in conversation.messages if isinstance(m, AssistantMessage) for block in m.blocks]
    results = [message.call_id for message in conversation.messages if isinstance(message, ToolMessage)]
    assert calls == results
    assert len(set(calls)) == len(calls) >= 7
    assert {block.language for block in conversation.blocks} == {"python", "shell"}
    assert "Nice to meet you, Ada." in conversation.said
    assert "did not expect" not in conversation.said
    assert "I go on" not in conversation.said
    assert "interpreter --base-url" in last


def test_the_summary_quotes_what_the_machine_printed(python: PythonProcess) -> None:
    conversation = Conversation(python)
    last = conversation.ask("tour")
    outputs = [message.text for message in conversation.messages if isinstance(message, ToolMessage)]
    assert outputs[1] in last
    assert outputs[2] in last
    assert str(Path.cwd()) in outputs[2]
    average = next(text for text in outputs if text.startswith("average: "))
    assert average.removeprefix("average: ") in last


@pytest.mark.parametrize("column", ["cups_sold", "sold_cups", "cups_total", "how_many_cups", "CUPS"])
def test_the_mended_code_comes_from_the_error_in_the_output(python: PythonProcess, column: str) -> None:
    conversation = Conversation(python, replace={'["cups_sold", "sold_cups", "cups_total"]': f'["{column}"]'})
    conversation.ask("tour")
    mended = conversation.blocks[-1].code
    assert f"row['{column}']" in mended
    assert f"`{column}` must be the one" in conversation.said
    assert f"from the column `{column}`" in conversation.said


def test_another_missing_key_in_the_output_gives_another_reply(python: PythonProcess) -> None:
    conversation = Conversation(python, replace={'int(row["cups"])': 'int(row["weekday"])'})
    conversation.ask("tour")
    assert "`KeyError: 'weekday'`" in conversation.said
    assert "row['day']" in conversation.blocks[-1].code
    assert "`ValueError: invalid literal" in conversation.said


def test_a_mistake_that_is_none_is_not_mended(python: PythonProcess) -> None:
    conversation = Conversation(python, replace={'int(row["cups"])': "int(row[column])"})
    conversation.ask("tour")
    assert "KeyError" not in conversation.said
    assert "random.choice" in conversation.blocks[-1].code
    assert "No mistake this time." in conversation.said


def test_end_of_input_is_understood(python: PythonProcess) -> None:
    conversation = Conversation(python)
    conversation.ask("tour")
    assert "`EOFError`" in conversation.said


def test_an_empty_name_is_understood(python: PythonProcess) -> None:
    python.typed = "\n"
    conversation = Conversation(python)
    conversation.ask("tour")
    assert "You just pressed Enter." in conversation.said


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.BLOCKED])
@pytest.mark.parametrize("index", range(7))
def test_any_block_may_be_refused(python: PythonProcess, index: int, outcome: Outcome) -> None:
    conversation = Conversation(python, decline=frozenset({index}), outcome=outcome)
    last = conversation.ask("tour")
    assert "That was not run (not today), so I go on without it." in conversation.said
    assert "That is the tour." in last
    assert "did not expect" not in conversation.said


def test_refusing_everything_leaves_an_honest_end() -> None:
    conversation = Conversation(decline=frozenset(range(20)))
    last = conversation.ask("tour")
    assert "This time there is no result to show." in last
    assert "interpreter" in last


@pytest.mark.parametrize("outcome", [Outcome.INTERRUPTED, Outcome.TIMED_OUT, Outcome.CRASHED])
def test_a_block_may_be_cut_short(python: PythonProcess, outcome: Outcome) -> None:
    conversation = Conversation(python, decline=frozenset({1}), outcome=outcome)
    conversation.ask("tour")
    assert "That ended early (not today), so I go on without it." in conversation.said


def test_edited_code_is_noticed_by_its_output(python: PythonProcess) -> None:
    conversation = Conversation(python, replace={"total = sum": "print('mine'); raise SystemExit\ntotal = sum"})
    conversation.ask("tour")
    assert "`SystemExit" in conversation.said


def test_a_plot_is_drawn_where_the_output_says_that_matplotlib_is_there(python: PythonProcess) -> None:
    conversation = Conversation(python, replace={'find_spec("matplotlib")': "True", "from matplotlib": "from nowhere"})
    conversation.ask("tour")
    assert any("savefig" in block.code for block in conversation.blocks)
    assert "ModuleNotFoundError" in conversation.said
    assert "That is the tour." in conversation.said


@pytest.mark.parametrize(("languages", "blocks"), [(("python",), 6), (("shell",), 1), ((), 0), (("r", "julia"), 0)])
def test_languages_that_are_not_there_are_skipped(python: PythonProcess, languages: Sequence[str], blocks: int) -> None:
    conversation = Conversation(python, languages=languages)
    last = conversation.ask("tour")
    assert len(conversation.blocks) >= blocks
    assert {block.language for block in conversation.blocks} <= set(languages)
    assert conversation.said.startswith("I am a scripted demo")
    assert "That is the tour." in last


def test_a_model_without_tools_gets_a_tour_without_code() -> None:
    model = DemoModel("tour", 0)
    assert all(isinstance(delta, TextPart) for delta in model.stream([UserMessage("hi")], []))


def test_the_reply_depends_on_the_messages_alone(python: PythonProcess) -> None:
    conversation = Conversation(python)
    conversation.ask("tour")
    for end in range(2, len(conversation.messages)):
        if isinstance(conversation.messages[end], AssistantMessage):
            again = read(DemoModel("tour", 0), conversation.messages[:end], conversation.languages)
            assert again == conversation.messages[end]


def test_after_the_tour_it_says_that_it_is_a_script(python: PythonProcess) -> None:
    conversation = Conversation(python)
    conversation.ask("tour")
    answer = conversation.ask("write me a web server")
    assert answer.startswith("I am only a script")
    assert "OPENAI_API_KEY" in answer
    assert "`tour`" in answer


@pytest.mark.parametrize("text", ["again", "Tour!", "show me the tour again", "the demo again", "run it again"])
def test_the_tour_can_be_had_again(python: PythonProcess, text: str) -> None:
    conversation = Conversation(python)
    conversation.ask("hello")
    count = len(conversation.blocks)
    conversation.ask(text)
    assert len(conversation.blocks) == 2 * count
    assert len({block.call_id for block in conversation.blocks}) == 2 * count


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("6 * 7", "That is 42."),
        ("what is (1+2)*3?", "That is 9."),
        ("2^10 =", "That is 1024."),
        ("7 \N{DIVISION SIGN} 2", "That is 3.5."),
        ("1/0", "No number came out of that: "),
    ],
)
def test_sums_are_worked_out_by_python(python: PythonProcess, question: str, answer: str) -> None:
    conversation = Conversation(python)
    assert conversation.ask(question).startswith(answer)
    assert len(conversation.blocks) == 1
    assert conversation.ask("hello").endswith("`interpreter --help`")


@pytest.mark.parametrize("text", ["42", "2024-", "(", "1 + two", "", "__import__('os')", "9" * 500 + "+1", "1,2"])
def test_what_is_no_sum_is_not_run(python: PythonProcess, text: str) -> None:
    conversation = Conversation(python)
    conversation.ask("tour")
    count = len(conversation.blocks)
    assert conversation.ask(text).startswith("I am only a script")
    assert len(conversation.blocks) == count


def test_a_tour_that_was_stopped_goes_on_where_it_was(python: PythonProcess) -> None:
    conversation = Conversation(python)
    with pytest.raises(AssertionError, match="never ends"):
        conversation.ask("tour", limit=2)
    conversation.messages.append(AssistantMessage("That was "))  # stopped in the middle of the third reply
    assert "`continue`" in conversation.ask("what now?")
    last = conversation.ask("continue")
    assert "That is the tour." in last
    assert [block.code for block in conversation.blocks[:3]] == list(
        dict.fromkeys(b.code for b in conversation.blocks)
    )[:3]
    assert conversation.ask("continue").startswith("I am only a script")


def test_calls_of_another_model_are_not_steps_of_the_tour() -> None:
    foreign: list[Message] = [
        UserMessage("hi"),
        AssistantMessage("", (CodeBlock("abc123xyz", "python", "1"),)),
        ToolMessage("abc123xyz", "1"),
        UserMessage("tour"),
    ]
    assert read(DemoModel("tour", 0), foreign, ["python"]).text.startswith("I am a scripted demo")


def test_cancelling_stops_a_slow_reply_at_once() -> None:
    model = DemoModel("tour", pace=60)
    errors: list[Exception] = []

    def stream() -> None:
        try:
            list(model.stream([UserMessage("hi")], tools_for("python")))
        except ModelCancelled as error:
            errors.append(error)

    reader = threading.Thread(target=stream)
    reader.start()
    time.sleep(0.1)
    model.cancel()
    reader.join(10)
    assert not reader.is_alive()
    assert len(errors) == 1


def test_cancelling_keeps_what_had_arrived_and_the_next_reply_is_whole() -> None:
    model = DemoModel("tour", 0)
    stream = model.stream([UserMessage("hi")], tools_for("python"))
    first = next(stream)
    model.cancel()
    with pytest.raises(ModelCancelled):
        next(stream)
    assert first == TextPart("I")
    assert read(model, [UserMessage("hi")], ["python"]).blocks
    model.close()
    model.close()


def test_the_tour_takes_no_longer_than_a_newcomer_waits(python: PythonProcess) -> None:
    conversation = Conversation(python)
    conversation.ask("tour")
    pieces = sum(
        1
        for end, message in enumerate(conversation.messages)
        if isinstance(message, AssistantMessage)
        for _ in DemoModel("tour", 0).stream(conversation.messages[:end], tools_for(*conversation.languages))
    )
    assert pieces * oi_demo.DemoSettings().pace < 15


def config_with(settings: oi_demo.DemoSettings) -> Config:
    return Config(plugins=PluginsSettings(tables={"demo": settings}))


def test_the_plugin_provides_the_demo_under_its_prefix() -> None:
    assert oi_demo.provide_settings() is oi_demo.DemoSettings
    [provider] = oi_demo.provide_models(config_with(oi_demo.DemoSettings(pace=0)))
    model = provider.open_model("tour", ModelSettings())
    assert provider.prefix == "demo"
    assert not provider.needs_key
    assert model.name == "demo/tour"
    assert model.context_window is not None
    assert model.context_window > 10**6
    assert hookimpl.project_name == "interpreter"


@pytest.mark.parametrize("name", ["", "tuor", "tour/x"])
def test_an_unknown_demo_is_refused_with_those_there_are(name: str) -> None:
    [provider] = oi_demo.provide_models(config_with(oi_demo.DemoSettings()))
    with pytest.raises(ModelError, match="demo/tour"):
        provider.open_model(name, ModelSettings())
