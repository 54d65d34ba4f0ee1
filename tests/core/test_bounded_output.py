"""What the model is told of an output: so many tokens at most, whole characters, and how much is left out."""

from __future__ import annotations

import base64
import random
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.printed.bounded_output import RAW_PER_UNIT, BoundedOutput, OutputBound
from oi_core.printed.spool import SpoolFolder
from oi_core.printed.untrusted_text import STRING_LIMIT
from oi_core.tokens import ByteEstimate, Tokenizer
from oi_core.tokens.encodings import O200K, load_encoding

NOTICE = re.compile(r"\[… ([\d,]+) characters \(([\d,]+) lines(?:, about ([\d,]+) tokens)?\) left out.*? …\]\n")
_noise = random.Random(7)
DENSE = {
    "chinese": "".join(chr(_noise.randrange(0x4E00, 0x9FFF)) for _ in range(20_000)),
    "base64": base64.b64encode(_noise.randbytes(20_000)).decode(),
    "hex": _noise.randbytes(10_000).hex(),
    "emoji": "".join(chr(_noise.randrange(0x1F300, 0x1F6FF)) for _ in range(5_000)),
    "digits": "\n".join(str(_noise.random()) for _ in range(2000)),
    "prose": "the quick brown fox jumps over the lazy dog\n" * 1000,
    "blanks": " " * 50_000,
    "controls": "".join(chr(_noise.randrange(0x250)) for _ in range(20_000)),
}


@pytest.fixture(scope="module")
def exact() -> Tokenizer:
    encoding = load_encoding(O200K)
    assert encoding is not None
    return Tokenizer(encoding)


def told(text: str, bound: OutputBound, step: int = 65_536) -> str:
    output = BoundedOutput(bound)
    for start in range(0, len(text), step):
        output.add(text[start : start + step])
    return output.text()


def test_a_programs_output_is_made_plain() -> None:
    output = BoundedOutput(OutputBound(1000))
    output.add("\x1b[31mred\x1b[0m\r\n")
    output.add("10%\r50%\r100%\n")
    assert output.text() == "red\n100%\n"


@pytest.mark.parametrize("kind", DENSE)
@pytest.mark.parametrize("limit", [200, 3000])
def test_no_text_however_dense_is_told_in_more_tokens_than_the_limit(exact: Tokenizer, kind: str, limit: int) -> None:
    text = told(DENSE[kind], OutputBound(limit, lambda: exact, "tokens"))
    assert exact.count(text) <= limit
    assert exact.count(text) > limit // 2 or kind == "blanks"
    assert NOTICE.search(text) or exact.count(DENSE[kind]) <= limit


@given(st.text(max_size=4000), st.integers(min_value=150, max_value=400))
def test_the_limit_holds_for_any_text_and_any_length(text: str, limit: int) -> None:
    encoding = load_encoding(O200K)
    assert encoding is not None
    exact = Tokenizer(encoding)
    assert exact.count(told(text * 3, OutputBound(limit, lambda: exact, "tokens"))) <= limit


def test_short_output_is_told_whole_and_never_measured() -> None:
    def measure() -> Tokenizer:
        raise AssertionError("an encoding was loaded for a short output")

    assert told("x" * 100, OutputBound(100, measure, "tokens")) == "x" * 100


def test_what_is_left_out_is_counted_in_characters_lines_and_tokens(exact: Tokenizer) -> None:
    lines = [f"line {number}\n" for number in range(10_000)]
    text = told("".join(lines), OutputBound(500, lambda: exact, "tokens"))
    head, characters, count, tokens, tail = NOTICE.split(text)
    assert head.startswith("line 0\nline 1\n")
    assert tail.endswith("line 9998\nline 9999\n")
    assert {*head.splitlines(), *tail.splitlines()} < {line.strip() for line in lines}  # none is cut
    assert len(head) + int(characters.replace(",", "")) + len(tail) == sum(map(len, lines))
    assert head.count("\n") + int(count.replace(",", "")) + tail.count("\n") == len(lines)
    left_out = exact.count("".join(lines)) - exact.count(head) - exact.count(tail)
    assert abs(int(tokens.replace(",", "")) - left_out) < left_out / 4


@given(st.text(alphabet="ab\n", max_size=2000), st.integers(min_value=4, max_value=200))
def test_a_limit_in_characters_holds_but_for_the_line_that_counts(text: str, limit: int) -> None:
    assert len(told(text, OutputBound(limit))) <= max(limit, limit // 2 + 80)


SEQUENCES = ["\x1b[31m", "\x1b[38;5;208m", "\x1b[0m", "\x1b]0;5:5\x07", "\x1b]8;;3:/5\x1b\\", "\x1b(B", "\x1bP00\x1b\\"]


@given(
    st.lists(st.sampled_from([*SEQUENCES, "a", "b"]), min_size=20, max_size=60),
    st.integers(min_value=4, max_value=12),
    st.integers(min_value=1, max_value=20),
    st.integers(min_value=0, max_value=40),
)
def test_no_cut_goes_through_an_escape_sequence(parts: list[str], limit: int, step: int, shift: int) -> None:
    output = BoundedOutput(OutputBound(limit, ByteEstimate, "tokens"))
    output.add("a" * shift)
    stream = "".join(parts)
    middle = "b" * (STRING_LIMIT + 2 * limit * RAW_PER_UNIT)
    for text in (stream, middle, stream):
        for start in range(0, len(text), step if text is stream else len(text)):
            output.add(text[start : start + step] if text is stream else text)
    assert set(NOTICE.sub("", output.text())) <= {"a", "b", "\n"}


def test_a_title_of_a_thousand_characters_is_not_taken_for_output_where_the_tail_begins_in_it() -> None:
    limit = 10
    title = "\x1b]0;" + "title" * 200 + "\x07"
    text = told("a" * 200_000 + title + "b" * 3, OutputBound(limit, ByteEstimate, "tokens"))
    assert set(NOTICE.sub("", text)) == {"a", "b", "\n"}


def test_halves_of_surrogate_pairs_are_never_told() -> None:
    text = told("\ud83d\ude00" * 5000, OutputBound(101))
    assert text.encode()
    assert set(NOTICE.sub("", text)) <= {"😀", "\ufffd", "\n"}


def test_thirty_million_characters_on_one_line_are_kept_in_constant_memory() -> None:
    output = BoundedOutput(OutputBound(1000, ByteEstimate, "tokens"))
    tracemalloc.start()
    try:
        for _ in range(300):
            output.add("x" * 100_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert "characters (0 lines, about " in output.text()


def test_the_line_about_what_is_left_out_names_the_file_with_the_whole(tmp_path: Path) -> None:
    folder = SpoolFolder(0, tmp_path)
    bound = OutputBound(200, ByteEstimate, "tokens")
    for number, lines in enumerate((100, 50_000)):
        output = BoundedOutput(bound, lambda: folder.new("python"))
        whole = "".join(f"line {line}\n" for line in range(lines))
        for start in range(0, len(whole), 7777):
            output.add(whole[start : start + 7777])
        assert f"left out; the whole output is in {tmp_path}/" in output.text(), number
        assert output.spool is not None
        assert output.spool.path.read_text() == whole
