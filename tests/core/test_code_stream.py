from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.code_stream import Reply, ReplyReader, read_reply
from oi_core.errors import ModelError
from oi_core.events import CodeDelta, CodeReady, CodeStarted, Event, Level, Notice, ReasoningDelta, TextDelta, Usage
from oi_core.messages import AssistantMessage, CodeBlock
from oi_core.model import CallPart, Delta, NoticePart, ReasoningPart, TextPart

NAMES = {"py": "python", "bash": "shell", "python": "python", "shell": "shell"}


def read(deltas: Iterable[Delta]) -> tuple[list[Event], Reply]:
    reader = ReplyReader(NAMES)
    return list(reader.read(deltas)), reader.reply()


def pieces(text: str, places: Iterable[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


def call(index: int, arguments: Iterable[str], name: str = "run_code") -> list[Delta]:
    return [CallPart(index, f"id{index}", name), *(CallPart(index, arguments=piece) for piece in arguments)]


def arguments_of(language: str, code: str) -> str:
    return json.dumps({"language": language, "code": code})


def test_text_reasoning_notices_and_usage_become_their_events() -> None:
    usage = Usage(10, 5, 2)
    deltas: list[Delta] = [
        ReasoningPart("hm"),
        TextPart("Hel"),
        NoticePart("slow"),
        TextPart("lo"),
        TextPart(""),
        usage,
    ]
    events, reply = read(deltas)
    warning = Notice("slow", Level.WARNING)
    assert events == [ReasoningDelta("hm"), TextDelta("Hel"), warning, TextDelta("lo"), usage]
    assert reply == Reply(AssistantMessage("Hello", reasoning="hm"))


def test_code_is_shown_while_its_json_arrives() -> None:
    deltas = call(0, ['{"language": "py', 'thon", "code": "pri', "nt(1)\\", 'n"', "}"])
    events, reply = read(deltas)
    block = CodeBlock("id0", "python", "print(1)\n")
    assert events == [
        CodeStarted("id0", "python"),
        CodeDelta("id0", "pri"),
        CodeDelta("id0", "nt(1)"),
        CodeDelta("id0", "\n"),
        CodeReady(block),
    ]
    assert reply.message.blocks == (block,)


def test_each_piece_is_out_before_the_next_delta_is_asked_for() -> None:
    asked: list[int] = []

    def deltas() -> Iterator[Delta]:
        for number, delta in enumerate(call(0, ['{"language": "python", "code": "a', "b", 'c"}'])):
            asked.append(number)
            yield delta

    reader = ReplyReader(NAMES).read(deltas())
    assert (next(reader), asked) == (CodeStarted("id0", "python"), [0, 1])
    assert (next(reader), asked) == (CodeDelta("id0", "a"), [0, 1])
    assert (next(reader), asked) == (CodeDelta("id0", "b"), [0, 1, 2])


def test_code_that_comes_before_its_language_waits_for_it_and_is_not_lost() -> None:
    events, _ = read(call(0, ['{"code": "l', 's", ', '"language": "bash"', "}"]))
    assert events == [CodeStarted("id0", "shell"), CodeDelta("id0", "ls"), CodeReady(CodeBlock("id0", "shell", "ls"))]


def test_an_alias_becomes_the_languages_name_and_an_unknown_one_stays_as_written() -> None:
    events, reply = read([*call(0, [arguments_of("py", "1")]), *call(1, [arguments_of("cobol", "2")])])
    assert [e.language for e in events if isinstance(e, CodeStarted)] == ["python", "cobol"]
    assert [block.language for block in reply.message.blocks] == ["python", "cobol"]
    assert reply.problems == {}


def test_calls_that_arrive_mixed_come_out_one_after_the_other() -> None:
    first, second = arguments_of("python", "one"), arguments_of("shell", "two")
    halves = [pieces(first, [33]), pieces(second, [33])]
    deltas = [CallPart(0, "a", "run_code", halves[0][0]), CallPart(1, "b", "run_code", halves[1][0])]
    deltas += [CallPart(0, arguments=halves[0][1]), CallPart(1, arguments=halves[1][1])]
    events, reply = read(deltas)
    ids = [event.block.call_id if isinstance(event, CodeReady) else getattr(event, "call_id", "") for event in events]
    assert ids == sorted(ids)
    assert set(ids) == {"a", "b"}
    assert [block.code for block in reply.message.blocks] == ["one", "two"]


def test_text_behind_a_complete_call_comes_after_its_code_ready() -> None:
    events, _ = read([*call(0, [arguments_of("python", "1")]), TextPart("done")])
    assert isinstance(events[-2], CodeReady)
    assert events[-1] == TextDelta("done")


@pytest.mark.parametrize("arguments", ['{"language": "python", "code": "pri', '{"language": "python", "code": "a",}'])
def test_a_call_that_cannot_be_understood_is_not_ready_but_stands_in_the_reply_with_its_problem(arguments: str) -> None:
    events, reply = read(call(0, pieces(arguments, [7, 20, 33])))
    assert not any(isinstance(event, CodeReady) for event in events)
    (block,) = reply.message.blocks
    assert (block.language, block.code) == ("python", "pri" if "pri" in arguments else "a")
    assert "call run_code again" in reply.problems[block.call_id]


def test_a_call_of_no_tool_of_ours_stands_in_the_reply_with_its_arguments() -> None:
    events, reply = read(call(0, ['{"city": "Paris"}'], name="get_weather"))
    assert events == []
    assert reply.message.blocks[0].code == '{"city": "Paris"}'
    assert "no tool 'get_weather'" in reply.problems["id0"]


def test_missing_and_repeated_ids_are_made_of_nine_letters_and_digits() -> None:
    one, two = arguments_of("python", "1"), arguments_of("python", "2")
    parts = [CallPart(0, "", "run_code", one), CallPart(1, "x", "run_code", two), CallPart(2, "x", "run_code", two)]
    _, reply = read(parts)
    ids = [block.call_id for block in reply.message.blocks]
    assert ids[1] == "x"
    assert len(set(ids)) == 3
    assert all(len(i) == 9 and i.isascii() and i.isalnum() for i in (ids[0], ids[2]))


def test_halves_of_a_character_in_two_deltas_become_the_character() -> None:
    fragments = ['{"language":"python","code":"', "\ud83d", "\ude00", '"}']
    events, reply = read([TextPart("a\ud83d"), TextPart("\ude00"), *call(0, fragments)])
    assert [e.text for e in events if isinstance(e, TextDelta)] == ["a", "😀"]
    assert reply.message == AssistantMessage("a😀", (CodeBlock("id0", "python", "😀"),))


def test_a_reply_that_breaks_off_keeps_its_text_and_its_complete_calls_only() -> None:
    def broken() -> Iterator[Delta]:
        yield TextPart("Let me see.")
        yield from call(0, [arguments_of("python", "1")])
        yield from call(1, ['{"language": "python", "code": "os.remove('])
        raise ModelError("the connection was lost")

    reader = ReplyReader(NAMES)
    with pytest.raises(ModelError):
        list(reader.read(broken()))
    assert reader.reply() == Reply(AssistantMessage("Let me see.", (CodeBlock("id0", "python", "1"),)))


def test_closing_the_events_in_the_middle_leaves_what_arrived() -> None:
    reader = ReplyReader(NAMES)
    events = reader.read([TextPart("a"), TextPart("b"), TextPart("c")])
    assert [next(events), next(events)] == [TextDelta("a"), TextDelta("b")]
    events.close()  # type: ignore[attr-defined]  # a generator
    assert reader.reply().message.text == "ab"


def test_a_megabyte_of_code_in_small_pieces_comes_through() -> None:
    code = "x = 'é'\n" * 130_000
    events, reply = read(call(0, pieces(arguments_of("python", code), range(0, 1_500_000, 997))))
    assert "".join(e.text for e in events if isinstance(e, CodeDelta)) == code
    assert reply.message.blocks[0].code == code


def test_read_reply_returns_the_reply() -> None:
    events = read_reply([TextPart("a")], NAMES)
    assert next(events) == TextDelta("a")
    with pytest.raises(StopIteration) as ended:
        next(events)
    assert ended.value.value == Reply(AssistantMessage("a"))


argument_texts = (
    st.builds(arguments_of, st.sampled_from([*NAMES, "cobol", ""]), st.text())
    | st.builds(
        lambda code, language: json.dumps({"code": code, "language": language}), st.text(), st.sampled_from(["py"])
    )
    | st.text()
    | st.text(st.sampled_from('{}[]",: \\ncodelanguage1')).map(lambda tail: '{"language": "python", "code": ' + tail)
)


@given(
    st.lists(st.tuples(st.sampled_from(["run_code", "python", "execute", "x"]), argument_texts), max_size=3),
    st.lists(st.integers(min_value=0), max_size=9),
    st.text(max_size=9),
)
def test_any_split_gives_the_same_reply_and_every_ready_block_equals_its_deltas(
    calls: list[tuple[str, str]], places: list[int], text: str
) -> None:
    whole: list[Delta] = [TextPart(text), *(CallPart(n, f"id{n}", name, args) for n, (name, args) in enumerate(calls))]
    cut: list[Delta] = [TextPart(piece) for piece in pieces(text, places)]
    for number, (name, args) in enumerate(calls):
        cut += call(number, pieces(args, places), name)
    events, reply = read(cut)
    assert reply == read(whole)[1]
    assert len(reply.message.blocks) == len(calls)
    ready = {e.block.call_id: e.block for e in events if isinstance(e, CodeReady)}
    assert set(ready) == {b.call_id for b in reply.message.blocks} - set(reply.problems)
    for call_id, block in ready.items():
        started = [e.language for e in events if isinstance(e, CodeStarted) and e.call_id == call_id]
        shown = "".join(e.text for e in events if isinstance(e, CodeDelta) and e.call_id == call_id)
        assert (started, shown) == ([block.language], block.code)
