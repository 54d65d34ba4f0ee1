"""What the three formats make of a server's text, however it is cut."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oi_openai.formats.fence_scanner import FenceClosed, FencedText, FenceOpened, FenceScanner, fenced
from oi_openai.formats.fences_format import FencesFormat
from oi_openai.formats.model_formats import Finding, Format
from oi_openai.formats.schema_format import SchemaFormat
from oi_openai.formats.tools_format import ToolsFormat

from oi_core.code_stream import ReplyReader
from oi_core.messages import AssistantMessage
from oi_core.model import CallPart, Delta, TextPart
from oi_core.tool_schema import TOOL_NAME, Tool

NAMES = {"python": "python", "py": "python", "shell": "shell", "bash": "shell"}
PARAMETERS = {"type": "object", "properties": {"language": {"type": "string", "enum": ["python", "shell"]}}}
TOOLS = [Tool(TOOL_NAME, "Run code.\n- python: Python 3", PARAMETERS, NAMES)]
FORMATS: list[Format] = [ToolsFormat(), SchemaFormat(), FencesFormat()]


def deltas_of(form: Format, pieces: Iterable[str], tools: Sequence[Tool] = TOOLS) -> tuple[list[Delta], Finding]:
    translator = form.translator(tools)
    deltas = [delta for piece in pieces for delta in translator.feed(TextPart(piece))]
    deltas += translator.finish()
    return deltas, translator.finding


def read(form: Format, *pieces: str) -> tuple[AssistantMessage, Finding]:
    deltas, finding = deltas_of(form, pieces)
    reader = ReplyReader(NAMES)
    list(reader.read(deltas))
    return reader.reply().message, finding


def told(form: Format, *pieces: str) -> tuple[str, list[tuple[str, str]], Finding]:
    """The text, the code by language, and the finding."""
    message, finding = read(form, *pieces)
    return message.text, [(block.language, block.code) for block in message.blocks], finding


def cut(text: str, places: Iterable[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places})
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


SIGNS = st.sampled_from(
    [
        *'ab \n`~"\\{}[]<>:,|=/',
        *("```", "```python\n", "```json\n", "~~~~", "```py example\n", "    ", "\r\n", "\u2028", "\f", "\x85"),
        *('{"name": "run_code", ', '"arguments": {', '"code": "1"', '"}', "\\ud83d\\ude00", "\\u00"),
        *(
            "<tool_call>",
            "</tool_call>",
            "[TOOL_CALLS]",
            "<function=python>",
            '{"text": "',
            '", "language": "python", ',
        ),
    ]
)
TEXTS = st.lists(SIGNS, max_size=40).map("".join)
PLACES = st.lists(st.integers(0, 400), max_size=12)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@given(TEXTS, PLACES)
@example('```json\n{"name": "multiply", "arguments": {"language": "python", "code": "1"}}\n```', list(range(80)))
@example('\u2028{"name": "run_code", ', [1])
@example('{"text": "\\ud83d\\ude00", "language": "py", "code": "a\\nb\\\\"}', list(range(80)))
def test_a_reply_means_the_same_however_it_is_cut(form: Format, text: str, places: list[int]) -> None:
    assert told(form, *cut(text, places)) == told(form, text)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@given(TEXTS, PLACES)
def test_a_reply_that_breaks_off_runs_nothing_and_keeps_its_text(form: Format, text: str, places: list[int]) -> None:
    translator = form.translator(TOOLS)
    deltas = [delta for piece in cut(text, places) for delta in translator.feed(TextPart(piece))]
    deltas += translator.break_off()
    whole = [delta for delta in deltas if isinstance(delta, CallPart)]
    assert form.name == "schema" or not whole
    if form.name != "schema":
        assert "".join(delta.text for delta in deltas if isinstance(delta, TextPart)) == text


@given(TEXTS)
def test_without_a_call_the_text_comes_through_unchanged(text: str) -> None:
    for form in (ToolsFormat(), FencesFormat()):
        said, code, _ = told(form, text)
        assert code or said == text


@given(TEXTS, PLACES)
def test_the_segments_of_markdown_joined_are_the_text(text: str, places: list[int]) -> None:
    scanner = FenceScanner()
    segments = [segment for piece in cut(text, places) for segment in scanner.feed(piece)]
    segments += scanner.finish()
    assert "".join(segment.raw for segment in segments) == text


@given(st.text(alphabet="`~a \n", max_size=60))
def test_code_put_into_a_fence_comes_out_of_it(code: str) -> None:
    scanner = FenceScanner()
    segments = [*scanner.feed(fenced("python", code)), *scanner.finish()]
    inside = "".join(segment.text for segment in segments if isinstance(segment, FencedText))
    assert isinstance(segments[0], FenceOpened)
    assert isinstance(segments[-1], FenceClosed)
    assert inside.removesuffix("\n") == code.removesuffix("\n")


# Fences


def fences(text: str) -> tuple[str, list[tuple[str, str]]]:
    said, code, _ = told(FencesFormat(), text)
    return said, code


def test_the_last_complete_fence_of_a_language_that_can_run_is_the_call() -> None:
    text = "First:\n```python\na = 1\n```\nthen\n```bash\nls\n```\nand\n```text\nread me\n```\n"
    said, code = fences(text)
    assert code == [("shell", "ls")]
    assert "a = 1" in said
    assert "read me" in said
    assert "ls" not in said


@pytest.mark.parametrize(
    "text",
    [
        "```\nls\n```",
        "```text\nls\n```",
        "```ruby\nputs 1\n```",
        "```python example\nprint(1)\n```",
        "```python\nprint(1)\n",
        "```python\nprint(1)\n``",
        "````python\nprint(1)\n```",
        "~~~python\nprint(1)\n```",
        "    ```python\n    print(1)\n    ```",
        "`python` and ``` python ``` in a line",
        "```python\n\n```",
        "a ```python\nprint(1)\n```",
    ],
)
def test_other_fences_are_text(text: str) -> None:
    assert fences(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nprint('```')\n```", "print('```')"),
        ("````python\n```\n````", "```"),
        ("~~~~ Python title=x\na\n~~~~~  ", "a"),
        ("  ```python\n  if a:\n      b\n  ```", "if a:\n    b"),
        ("```python\r\na\r\n```\r\n", "a\r"),
        ("1. do\n   ```py\n   a\n   ```", "a"),
    ],
)
def test_a_fence_ends_where_commonmark_says(text: str, code: str) -> None:
    assert fences(text)[1] == [("python", code)]


def test_text_before_a_fence_is_shown_while_the_code_still_arrives() -> None:
    translator = FencesFormat().translator(TOOLS)
    shown = list(translator.feed(TextPart("I count them. \n```py")))
    assert shown == [TextPart("I count them. \n")]


# The schema


def test_a_step_is_text_then_code_and_both_are_shown_while_they_arrive() -> None:
    translator = SchemaFormat().translator(TOOLS)
    assert list(translator.feed(TextPart('{"text": "I comp'))) == [TextPart("I comp")]
    assert list(translator.feed(TextPart('ute.", "language": "pyth'))) == [TextPart("ute.")]
    started = list(translator.feed(TextPart('on", "code": "\\nprint(')))
    assert [type(delta) for delta in started] == [CallPart, CallPart]
    rest = list(translator.feed(TextPart('1)"}'))) + list(translator.finish())
    arguments = "".join(delta.arguments for delta in [*started, *rest] if isinstance(delta, CallPart))
    assert json.loads(arguments) == {"language": "python", "code": "\nprint(1)"}


@pytest.mark.parametrize(
    "step",
    [
        '{"text": "Done.", "language": "", "code": ""}',
        '{"text": "Done.", "language": "python", "code": " \\n"}',
        '{"text": "Done.", "language": "none", "code": ""}',
        '{"text": "Done.", "language": null, "code": null}',
        '{"text": "Done."}',
        ' \n{ "text" : "Done." , "language":"","code":""} \n',
        '```json\n{"text": "Done.", "language": "", "code": ""}\n```\n',
    ],
)
def test_a_step_without_code_says_that_the_model_is_done(step: str) -> None:
    assert told(SchemaFormat(), step) == ("Done.", [], Finding.TALKED)


@pytest.mark.parametrize(
    "step",
    [
        '{"text": "", "language": "python", "code": "1"}',
        '{"code": "1", "text": "", "language": "python"}',
        '{"language": "py", "n": 1.5e3, "code": "1", "done": false}',
        '```json\n{"text": "", "language": "python", "code": "1"}\n```',
    ],
)
def test_the_order_of_keys_further_keys_and_a_fence_do_not_matter(step: str) -> None:
    assert told(SchemaFormat(), step) == ("", [("python", "1")], Finding.CALLED)


def test_two_steps_in_a_reply_are_two_calls() -> None:
    step = '{"text": "a", "language": "python", "code": "1"}'
    assert told(SchemaFormat(), f"{step}\n{step}")[:2] == ("aa", [("python", "1"), ("python", "1")])


def test_a_step_with_code_and_no_language_runs_nothing_and_shows_the_code() -> None:
    said, code, finding = told(SchemaFormat(), '{"text": "See:", "language": "", "code": "print(1)"}')
    assert (said, code, finding) == ("See:\n\n```\nprint(1)\n```\n", [], Finding.TALKED)


@pytest.mark.parametrize(
    "step",
    [
        '{"text": "a", "language": "python", "code": "rm", "language": "shell"}',
        '{"text": "a", "language": "python", "text": "b", "code": "1"}',
        '{"text": ["a"], "language": "python", "code": "1"}',
        '{"text": "a", "language": "python", "code": {"x": 1}}',
        "{text: 1}",
        '{"text": "a", "language": "py',
        '{"text": "a", "language": "python", "code": "pri',
    ],
)
def test_what_is_no_whole_step_is_not_run(step: str) -> None:
    deltas, _ = deltas_of(SchemaFormat(), [step])
    reader = ReplyReader(NAMES)
    list(reader.read(deltas))
    reply = reader.reply()
    assert all(block.call_id in reply.problems for block in reply.message.blocks)
    assert reply.message.text or reply.message.blocks


def test_a_server_that_forces_nothing_is_read_as_markdown() -> None:
    said, code, finding = told(SchemaFormat(), "I count.\n```python\n1\n```")
    assert (said, code, finding) == ("I count.\n", [("python", "1")], Finding.STRAYED)


# Calls written as text


CALL = '{"name": "run_code", "arguments": {"language": "python", "code": "print(1)"}}'
XML = """<function=run_code>
<parameter=language>
python
</parameter>
<parameter=code>
print(1)
</parameter>
</function>"""
QUOTED = '{"language":"py","code":"print(1)"}'


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"```json\n{CALL}\n```",
        f"```\n{CALL}\n```\n",
        f"\n\n[{CALL}]",
        f"<tool_call>\n{CALL}\n</tool_call>",
        f"<tool_call>{CALL}",
        f"<tools>\n{CALL}\n</tools>",
        f"<tool_call>\n{XML}\n</tool_call>",
        XML,
        f"[TOOL_CALLS][{CALL}]",
        '[TOOL_CALLS]run_code{"language": "python", "code": "print(1)"}',
        '[TOOL_CALLS]run_code[ARGS]{"language": "python", "code": "print(1)"}</s>',
        '<function=python>{"code": "print(1)"}</function>',
        "<|python_tag|>print(1)<|eom_id|>",
        f"<|python_tag|>{CALL}",
        '{"name": "python", "parameters": {"code": "print(1)"}}',
        json.dumps({"type": "function", "function": {"name": "execute", "arguments": QUOTED}}),
        '{"name": "multiply", "arguments": {"language": "python", "code": "print(1)"}}',
        '{"language": "python", "code": "print(1)"}',
        '{"tool_calls": [' + CALL + "]}",
    ],
)
def test_a_call_written_as_text_is_rescued(text: str) -> None:
    said, code, finding = told(ToolsFormat(), text)
    assert (said.strip(), code, finding) == ("", [("python", "print(1)")], Finding.WRITTEN)


def test_text_before_a_rescued_call_stays_and_several_calls_are_several() -> None:
    said, code, _ = told(ToolsFormat(), f"Let me see.\n```json\n{CALL}\n```\n\n```json\n{CALL}\n```")
    assert (said.strip(), code) == ("Let me see.", [("python", "print(1)")] * 2)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "get_weather", "arguments": {"city": "Paris"}}',
        '{"name": "Ada", "age": 36}',
        '```json\n{"name": "Ada", "code": 7}\n```\nis a record.',
        '```json\n{"city": "Paris"}\n```\n',
        f"To run code one writes `{CALL}` in a line.",
        f"```python\nx = '''\n{CALL}\n'''\n```",
        '{"name": "run_code", "arguments": {"language": "python"',
        "{not json}",
        "[1, 2, 3]",
        "a < b and <toolbox>",
        '[{"name": "run_code"}, 1]',
    ],
)
def test_what_is_no_call_of_ours_stays_text(text: str) -> None:
    said, code, _ = told(ToolsFormat(), text)
    assert (said, code) == (text, [])


def test_without_tools_nothing_is_rescued() -> None:
    deltas, finding = deltas_of(ToolsFormat(), [CALL], tools=[])
    assert (deltas, finding) == ([TextPart(CALL)], Finding.TALKED)


def test_after_a_call_of_the_servers_own_text_is_text() -> None:
    translator = ToolsFormat().translator(TOOLS)
    own = CallPart(0, "c1", TOOL_NAME, '{"language": "python", "code": "2"}')
    deltas = [*translator.feed(TextPart("Now")), *translator.feed(own), *translator.feed(TextPart(CALL))]
    assert [*deltas, *translator.finish()] == [TextPart("Now"), own, TextPart(CALL)]
    assert translator.finding is Finding.CALLED


def test_ordinary_text_is_shown_at_once() -> None:
    translator = ToolsFormat().translator(TOOLS)
    pieces = ["The ", "answer", " is [1] {x} <b>", "42", ".\n", "Done"]
    assert [list(translator.feed(TextPart(piece))) for piece in pieces] == [[TextPart(piece)] for piece in pieces]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Use this:\n```python\nprint(1)\n```", Finding.FENCED),
        ("```python\n1\n```\nor\n```python\n2\n```", Finding.TALKED),
        ("It is 42.", Finding.TALKED),
        ('{"name": "run_code", "arguments": {"code": ', Finding.WRITTEN),
    ],
)
def test_what_a_reply_without_a_call_tells(text: str, finding: Finding) -> None:
    assert told(ToolsFormat(), text)[2] is finding
