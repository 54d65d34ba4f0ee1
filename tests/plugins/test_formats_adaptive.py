"""Which format a model is asked in: set, remembered, or found out; over real HTTP with the real client."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from oi_openai.client import Patience
from oi_openai.formats.adaptive import AdaptiveModel
from oi_openai.formats.history import retold
from oi_openai.formats.memory import MOST_ENTRIES, FormatMemory
from oi_openai.formats.refusals import refuses
from oi_openai.model import OpenAIModel

from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.instructions import default_system_message
from oi_core.messages import AssistantMessage, CodeBlock, Message, SystemMessage, ToolMessage, UserMessage
from oi_core.model import Delta, ModelFormat, ModelSettings, NoticePart, SpeaksFormats, TextPart
from oi_core.testing.answers import Answer, chunk, recorded, refuse, run, say, silence, stream
from oi_core.testing.server import ChatServer, Turn
from oi_core.tool_schema import TOOL_NAME, Tool

NAMES = {"python": "python", "py": "python", "shell": "shell", "bash": "shell"}
PARAMETERS = {"type": "object", "properties": {"language": {"type": "string", "enum": ["python", "shell"]}}}
TOOLS = [Tool(TOOL_NAME, "Run code.\n- python: Python 3", PARAMETERS, NAMES)]
ASKED: list[Message] = [SystemMessage("Be kind."), UserMessage("What is 123*456? Use Python.")]
TRANSCRIPTS = Path(__file__).parents[1] / "data" / "transcripts"
STEP = '{"text": "I compute.", "language": "python", "code": "123*456"}'
FENCE = "Like this:\n```python\n123*456\n```"
NO_TOOLS = refuse(400, "registry.ollama.ai/library/gemma3:1b does not support tools")


@contextmanager
def serving(
    *turns: Turn,
    setting: ModelFormat = ModelFormat.AUTO,
    memory: FormatMemory,
    first: ModelFormat = ModelFormat.TOOLS,
    name: str = "small",
) -> Iterator[tuple[AdaptiveModel, ChatServer]]:
    with ChatServer(*turns) as server:
        chat = OpenAIModel(name, ModelSettings(server.base_url, "k"), patience=Patience(backoff=0.01))
        with closing(AdaptiveModel(chat, "the server", setting, first=first, memory=memory)) as model:
            yield model, server


@pytest.fixture
def memory(tmp_path: Path) -> FormatMemory:
    return FormatMemory(tmp_path / "state" / "formats.json")


def ask(model: AdaptiveModel, messages: list[Message] | None = None) -> tuple[str, list[str], list[str]]:
    """The text, the code and the notices of a reply."""
    deltas: list[Delta] = list(model.stream(messages or ASKED, TOOLS))
    reader = ReplyReader(NAMES)
    list(reader.read(deltas))
    message = reader.reply().message
    notices = [delta.text for delta in deltas if isinstance(delta, NoticePart)]
    return message.text, [block.code for block in message.blocks], notices


def format_of(body: dict[str, Any]) -> str:
    if "tools" in body:
        return "tools"
    return "schema" if "response_format" in body else "fences"


def formats_of(server: ChatServer) -> list[str]:
    return [format_of(request.body) for request in server.requests]


# What is asked


def test_a_setting_goes_before_everything(memory: FormatMemory) -> None:
    memory.keep("the server", "small", ModelFormat.SCHEMA)
    with serving(say(FENCE), setting=ModelFormat.FENCES, memory=memory) as (model, server):
        assert ask(model)[:2] == ("Like this:\n", ["123*456"])
        assert formats_of(server) == ["fences"]
        assert model.formats[0] == "fences"


def test_the_schema_names_the_languages_and_the_way_to_say_done(memory: FormatMemory) -> None:
    with serving(say(STEP), setting=ModelFormat.SCHEMA, memory=memory) as (model, server):
        assert ask(model) == ("I compute.", ["123*456"], [])
    body = server.requests[0].body
    schema = body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["language"]["enum"] == ["python", "shell", ""]
    assert list(schema["properties"]) == schema["required"] == ["text", "language", "code"]
    assert body["messages"][0]["content"].startswith("Be kind.\n\n")
    assert '"code"' in body["messages"][0]["content"]


CONVERSATION: list[Message] = [
    UserMessage("hi"),
    AssistantMessage("Two.", (CodeBlock("a", "python", "1"), CodeBlock("b", "shell", "ls ```"))),
    ToolMessage("b", "x.txt"),
    ToolMessage("a", "```\n1"),
    AssistantMessage("Done."),
    UserMessage("thanks"),
]


@pytest.mark.parametrize("setting", [ModelFormat.SCHEMA, ModelFormat.FENCES])
def test_the_model_sees_its_calls_in_its_own_style_and_one_at_a_time(
    setting: ModelFormat, memory: FormatMemory
) -> None:
    with serving(say("{}"), setting=setting, memory=memory) as (model, server):
        ask(model, CONVERSATION)
    system, *told = server.requests[0].body["messages"]
    assert [message["role"] for message in told] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert all("tool_calls" not in message for message in told)
    assert "````output\n```\n1\n````" in told[2]["content"]
    assert "x.txt" in told[4]["content"]
    assert system["role"] == "system"
    if setting is ModelFormat.SCHEMA:
        steps = [json.loads(message["content"]) for message in told if message["role"] == "assistant"]
        assert steps == [
            {"text": "Two.", "language": "python", "code": "1"},
            {"text": "", "language": "shell", "code": "ls ```"},
            {"text": "Done.", "language": "", "code": ""},
        ]
    else:
        assert told[1]["content"] == "Two.\n\n```python\n1\n```"
        assert told[3]["content"] == "````shell\nls ```\n````"


def test_stray_results_and_calls_without_one_are_told_too() -> None:
    call = AssistantMessage("", (CodeBlock("a", "python", "1"),))
    told = retold([ToolMessage("z", "lost"), call], lambda _text, _block: "call", "How.", "Go on.")
    assert [type(message) for message in told] == [SystemMessage, UserMessage, AssistantMessage, UserMessage]
    assert "lost" in getattr(told[1], "text", "")
    assert "no result" in getattr(told[3], "text", "")


def test_without_tools_a_conversation_goes_out_as_it_is(memory: FormatMemory) -> None:
    with serving(say(STEP), setting=ModelFormat.SCHEMA, memory=memory) as (model, server):
        deltas = list(model.stream(ASKED, []))
    assert "".join(delta.text for delta in deltas if isinstance(delta, TextPart)) == STEP
    assert server.requests[0].body["messages"][0]["content"] == "Be kind."
    assert format_of(server.requests[0].body) == "fences"


# Falling back


def test_a_server_that_refuses_tools_is_asked_for_steps_at_once(memory: FormatMemory) -> None:
    with serving(NO_TOOLS, say(STEP), say(STEP), memory=memory) as (model, server):
        text, code, notices = ask(model)
        assert (text, code) == ("I compute.", ["123*456"])
        assert notices == [
            "small with model-format tools: the server refuses it; "
            "it is asked for JSON steps instead (model-format = schema)"
        ]
        assert ask(model)[2] == []
    assert formats_of(server) == ["tools", "schema", "schema"]
    assert memory.recall("the server", "small") is ModelFormat.SCHEMA


def test_a_refusal_with_status_500_is_not_tried_four_times(memory: FormatMemory) -> None:
    refusal = refuse(500, "tools param requires --jinja flag")
    with serving(refusal, say(STEP), memory=memory) as (model, server):
        assert ask(model)[1] == ["123*456"]
    assert formats_of(server) == ["tools", "schema"]


def test_a_server_that_takes_neither_tools_nor_schemas_is_asked_for_fences(memory: FormatMemory) -> None:
    no_schema = refuse(500, "body.response_format.type: Input should be 'text' or 'json_object'")
    with serving(NO_TOOLS, no_schema, say(FENCE), memory=memory) as (model, server):
        assert ask(model)[1] == ["123*456"]
    assert formats_of(server) == ["tools", "schema", "fences"]
    assert memory.recall("the server", "small") is ModelFormat.FENCES


@pytest.mark.parametrize("name", ["04_tool_required_stream", "07_tool_result_turn"])
def test_a_call_written_as_text_runs_and_the_next_reply_is_asked_for_as_a_step(name: str, memory: FormatMemory) -> None:
    written = recorded(TRANSCRIPTS / "llamacpp-qwen25coder" / f"{name}.response.http")
    with serving(written, say(STEP), memory=memory) as (model, server):
        text, code, notices = ask(model)
        assert text.strip() == ""
        assert code in (["123 * 456"], ["print(56088)"])
        assert "writes its calls as text" in notices[-1]
        assert ask(model)[:2] == ("I compute.", ["123*456"])
    assert formats_of(server) == ["tools", "schema"]


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_a_recorded_call_in_text_is_the_same_however_its_bytes_are_cut(size: int, memory: FormatMemory) -> None:
    path = TRANSCRIPTS / "llamacpp-qwen25coder" / "04_tool_required_stream.response.http"
    with serving(recorded(path).in_pieces(size), memory=memory) as (model, _):
        text, code, _ = ask(model)
    assert (text.strip(), code) == ("", ["123 * 456"])


def test_two_lone_fences_and_never_a_call_are_a_model_that_knows_no_calls(memory: FormatMemory) -> None:
    with serving(say(FENCE), say("Hello."), say(FENCE), say(STEP), memory=memory) as (model, server):
        assert [ask(model)[1:] for _ in range(2)] == [([], []), ([], [])]
        assert "shows code" in ask(model)[2][0]
        assert ask(model)[1] == ["123*456"]
    assert formats_of(server) == ["tools", "tools", "tools", "schema"]


def test_a_model_that_has_called_once_may_show_code(memory: FormatMemory) -> None:
    turns = [run("python", "1"), say(FENCE), say(FENCE), say(FENCE)]
    with serving(*turns, memory=memory) as (model, server):
        assert [ask(model)[2] for _ in turns] == [[], [], [], []]
    assert formats_of(server) == ["tools"] * 4


def test_a_server_that_ignores_the_schema_is_asked_for_fences(memory: FormatMemory) -> None:
    with serving(say(FENCE), say(FENCE), memory=memory, first=ModelFormat.SCHEMA) as (model, server):
        text, code, notices = ask(model)
        assert (text, code) == ("Like this:\n", ["123*456"])
        assert "does not hold the model to it" in notices[0]
        assert ask(model)[1:] == (["123*456"], [])
    assert formats_of(server) == ["schema", "fences"]


@pytest.mark.parametrize("setting", [ModelFormat.TOOLS, ModelFormat.SCHEMA])
def test_a_format_that_is_set_is_not_left(setting: ModelFormat, memory: FormatMemory) -> None:
    refusal = NO_TOOLS if setting is ModelFormat.TOOLS else refuse(400, "response_format is not supported")
    with serving(refusal, say(FENCE), memory=memory, setting=setting) as (model, server):
        with pytest.raises(ModelError):
            ask(model)
        assert ask(model)[2] == []
    assert formats_of(server) == [setting, setting]


@pytest.mark.parametrize(
    "answer",
    [
        refuse(401, "Incorrect API key"),
        refuse(400, "messages with role 'tool' must follow a message with tool_calls"),
        refuse(404, "model 'small' not found"),
        refuse(400, "the context size of 512 tokens is exceeded", type="exceed_context_size_error"),
    ],
)
def test_other_refusals_change_no_format(answer: Answer, memory: FormatMemory) -> None:
    with serving(answer, memory=memory) as (model, server):
        with pytest.raises(ModelError):
            ask(model)
        assert model.formats[0] is ModelFormat.TOOLS
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("model_format", "said"),
    [
        (ModelFormat.TOOLS, "registry.ollama.ai/library/gemma3:1b does not support tools"),
        (ModelFormat.TOOLS, "tools param requires --jinja flag"),
        (ModelFormat.TOOLS, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        (ModelFormat.TOOLS, "No endpoints found that support tool use. To learn more about provider routing"),
        (ModelFormat.TOOLS, "Function calling is not enabled for this model"),
        (ModelFormat.TOOLS, "Unrecognized request argument supplied: tools"),
        (ModelFormat.TOOLS, "[{'loc': ('body', 'tools'), 'msg': 'Extra inputs are not permitted'}]"),
        (ModelFormat.SCHEMA, "Invalid parameter: 'response_format' of type 'json_schema' is not supported"),
    ],
)
def test_refusals_are_known_by_what_servers_say(model_format: ModelFormat, said: str) -> None:
    assert refuses(model_format, said)


@pytest.mark.parametrize("setting", [ModelFormat.TOOLS, ModelFormat.FENCES])
def test_a_reply_that_breaks_off_keeps_the_text_that_was_held_back(setting: ModelFormat, memory: FormatMemory) -> None:
    text = "Like this:\n```python\n123*456\n```\n" if setting is ModelFormat.FENCES else '{"name": "run_code"'
    chunks = stream([chunk({"content": text})], done=False)
    with serving(chunks.dropped(), memory=memory, setting=setting) as (model, _):
        deltas: list[Delta] = []
        with pytest.raises(ModelError):
            read_into(deltas, model)
    assert deltas
    assert all(isinstance(delta, TextPart) for delta in deltas)
    assert "".join(delta.text for delta in deltas if isinstance(delta, TextPart)) == text


def read_into(deltas: list[Delta], model: AdaptiveModel) -> None:
    for delta in model.stream(ASKED, TOOLS):
        deltas.append(delta)  # noqa: PERF402  (what comes before an error counts)


def test_a_reply_can_be_cancelled_before_and_while_it_arrives(memory: FormatMemory) -> None:
    with serving(say("one two").stalled(after=400), silence(), memory=memory) as (model, server):
        stream = model.stream(ASKED, TOOLS)
        assert isinstance(next(stream), TextPart)
        model.cancel()
        with pytest.raises(ModelCancelled):
            list(stream)
        server.wait_for_hang_up()
        stream = model.stream(ASKED, TOOLS)
        model.cancel()
        with pytest.raises(ModelCancelled):
            list(stream)


# What is remembered


def test_what_is_remembered_is_asked_first_in_the_next_session(memory: FormatMemory, tmp_path: Path) -> None:
    with serving(NO_TOOLS, say(STEP), memory=memory) as (model, _):
        ask(model)
    later = FormatMemory(tmp_path / "state" / "formats.json")
    with serving(say(STEP), memory=later) as (model, server):
        assert ask(model)[1:] == (["123*456"], [])
    assert formats_of(server) == ["schema"]
    with serving(run("python", "1"), memory=later, name="another") as (model, server):
        ask(model)
    assert formats_of(server) == ["tools"]


def test_a_probed_format_is_kept_and_used(memory: FormatMemory) -> None:
    with serving(say(FENCE), say(FENCE), memory=memory) as (model, server):
        assert isinstance(model, SpeaksFormats)
        list(model.stream_as(ModelFormat.FENCES, ASKED, TOOLS))
        assert model.formats == [ModelFormat.TOOLS, ModelFormat.SCHEMA, ModelFormat.FENCES]
        model.keep_format(ModelFormat.FENCES)
        assert ask(model)[1] == ["123*456"]
    assert formats_of(server) == ["fences", "fences"]
    assert memory.recall("the server", "small") is ModelFormat.FENCES


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"formats": 1}', b'{"formats": {"the server small": 7}}', b"[" * 99_999]
)
def test_a_damaged_memory_is_an_empty_one_and_is_mended(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "formats.json"
    path.write_bytes(damage)
    memory = FormatMemory(path)
    assert memory.recall("the server", "small") is None
    memory.keep("the server", "small", ModelFormat.FENCES)
    assert memory.recall("the server", "small") is ModelFormat.FENCES


def test_an_unknown_format_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "formats.json"
    path.write_text('{"formats": {"s m": "telepathy", "s n": "auto"}}')
    assert FormatMemory(path).recall("s", "m") is None
    with serving(say("Hi."), memory=FormatMemory(path)) as (model, _):
        assert model.formats[0] is ModelFormat.TOOLS


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    memory = FormatMemory(tmp_path / "state" / "formats.json")
    memory.keep("s", "m", ModelFormat.SCHEMA)
    assert memory.recall("s", "m") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everything")
def test_a_read_only_folder_is_no_error(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    FormatMemory(tmp_path / "formats.json").keep("s", "m", ModelFormat.SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_the_memory_stays_small_and_forgets_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "formats.json"
    entries = {f"s {number}": "schema" for number in range(MOST_ENTRIES + 50)}
    path.write_text(json.dumps({"formats": entries}))
    memory = FormatMemory(path)
    memory.keep("s", "new", ModelFormat.FENCES)
    assert memory.recall("s", "new") is ModelFormat.FENCES
    assert memory.recall("s", "0") is None
    assert len(json.loads(path.read_text())["formats"]) == MOST_ENTRIES
    assert [file.name for file in tmp_path.iterdir()] == ["formats.json"]


def test_the_memory_lies_in_the_persons_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    FormatMemory().keep("s", "m", ModelFormat.SCHEMA)
    assert [path.name for path in tmp_path.rglob("*.json")] == ["model-formats.json"]
    assert FormatMemory().recall("s", "m") is ModelFormat.SCHEMA


def test_pictures_that_code_showed_stay_with_the_result() -> None:
    call = AssistantMessage("", (CodeBlock("a", "python", "1"),))
    result = ToolMessage("a", "a figure", ("data:image/png;base64,AA==",))
    told = retold([call, result], lambda _text, _block: "call", "How.", "Go on.")
    assert getattr(told[2], "images", ()) == ("data:image/png;base64,AA==",)


def test_the_default_instructions_fit_every_format() -> None:
    told = retold([SystemMessage(default_system_message())], lambda _text, _block: "", "How.", "Go on.")
    assert isinstance(told[0], SystemMessage)
    assert told[0].text.endswith("How.")
    assert TOOL_NAME not in told[0].text
