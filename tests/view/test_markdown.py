"""Streamed Markdown: every source line comes out once, however the text is split, and nothing in it acts."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from oi_core.printed.untrusted_text import strip_escapes
from oi_core.view.answer import Answer
from oi_core.view.looks import LIGHT, Looks
from oi_core.view.markdown import MarkdownRenderer
from oi_core.view.markdown_stream import MarkdownStream, Part, Piece

DOCUMENT = """# Title

A paragraph of two
lines with `code`.

- one

  still one
- two
    - nested

1. first
2. second

| a | b |
|---|---|
| 1 | 2 |

```python
def f():

    return "```"
```

> quoted
> text

Setext
======

    indented code

[link]: http://example.com/definition
Last line"""

WORDS = [
    "word ",
    "\n",
    "\n\n",
    "# head",
    "- item",
    "  - sub",
    "1. ",
    "```",
    "~~~",
    "| a | b |\n|---|---|",
    "> ",
    "    ",
]
pieces = st.lists(
    st.sampled_from([*WORDS, "---", "`x", "<div>", "[a]: b", "***", "\t", "===", "日本"]),
    max_size=40,
)


@given(pieces.map("".join), st.lists(st.integers(0, 200), max_size=10))
def test_the_sources_of_all_blocks_joined_are_the_text(text: str, cuts: list[int]) -> None:
    stream = MarkdownStream()
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [piece for a, b in pairwise(bounds) for piece in stream.feed(text[a:b])]
    pieces += stream.finish()
    assert joined(pieces).strip() == text.strip()
    assert stream.empty


def joined(pieces: list[Piece]) -> str:
    return "".join(piece.source + piece.joint for piece in pieces)


words = st.sampled_from(
    ["word", "*two of them*", "`some code`", "[a link](http://x/y)", "a*", "snake_case", "- x", "[1]"]
)
sentences = st.lists(words, min_size=1, max_size=8).map(" ".join)


@st.composite
def long_blocks(draw: st.DrawFn) -> str:
    """A block that is drawn in parts, with a short one before and after it."""
    shape = draw(
        st.sampled_from(
            [
                "{s} ",
                "{s}\n",
                "- {s}\n",
                "- {s}\n\n",
                "{n}. {s}\n",
                "- {s}\n    - {s}\n",
                "| {n} | {s} |\n",
                "    {s}\n",
            ]
        )
    )
    several = draw(st.lists(sentences, min_size=2, max_size=5))
    count = draw(st.integers(20, 80))
    head = "| a | b |\n|---|---|\n" if shape.startswith("|") else ""
    block = head + "".join(shape.format(n=n, s=f"{several[n % len(several)]} n{n}x") for n in range(1, count))
    return f"{draw(st.sampled_from(['', 'Before.', '# Head']))}\n\n{block.rstrip()}\n\nAfter it."


@settings(deadline=None, max_examples=25)
@given(long_blocks(), st.lists(st.integers(0, 5000), max_size=6))
def test_a_long_block_comes_in_the_same_parts_however_it_is_split_and_none_is_lost(text: str, cuts: list[int]) -> None:
    whole, split = MarkdownStream(), MarkdownStream()
    expected = whole.feed(text) + whole.finish()
    bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    found = [piece for a, b in pairwise(bounds) for piece in split.feed(text[a:b])] + split.finish()
    assert found == expected
    assert joined(found).strip() == text.strip()


@settings(deadline=None, max_examples=25)
@given(long_blocks(), st.sampled_from([20, 60, 80, 120]))
def test_a_long_block_drawn_in_parts_reads_as_if_it_were_drawn_once(text: str, width: int) -> None:
    answer, once = Answer(Looks(colour=False)), MarkdownRenderer(Looks(colour=False))
    rows = answer.feed(text, width) + answer.finish(width)
    assert all(cell_len(row) <= width for row in rows)
    expected = once.lines(text, width)
    if "|" in text:  # its columns are as wide as the first rows want them
        assert sorted(bare(rows)) == sorted(bare(expected))
    elif "1. " in text:  # its numbers are as wide as they have to be so far
        assert bare(rows) == bare(expected)
    else:
        assert [row.strip() for row in rows if row.strip()] == [row.strip() for row in expected if row.strip()]


def bare(rows: list[str]) -> str:
    return re.sub(r"[\s─]", "", "".join(rows))


def test_a_long_block_is_drawn_while_it_is_written() -> None:
    answer = Answer(Looks(colour=False))
    rows = [row for n in range(1, 200) for row in answer.feed(f"{n}. item {n} of this list\n", 80)]
    assert len(rows) > 150
    rows += answer.finish(80)
    assert [row.split()[0] for row in rows] == [str(n) for n in range(1, 200)]


def test_what_a_part_leaves_to_the_next_is_shown_with_the_tail() -> None:
    answer, words = Answer(Looks(colour=False)), [f"word{n}" for n in range(400)]
    rows: list[str] = []
    for word in words:
        rows += answer.feed(f"{word} ", 80)
        assert " ".join([*rows, answer.tail]).split() == words[: words.index(word) + 1]
    assert len(rows) > 20


@given(pieces.map("".join), st.integers(1, 7))
def test_any_split_finishes_the_same_blocks(text: str, size: int) -> None:
    whole = MarkdownStream()
    split = MarkdownStream()
    expected = whole.feed(text) + whole.finish()
    found = [source for at in range(0, len(text), size) for source in split.feed(text[at : at + size])]
    assert found + split.finish() == expected


def test_blocks_are_finished_as_soon_as_they_cannot_grow() -> None:
    stream = MarkdownStream()
    assert stream.feed("# Title\n\nText") == [Piece("# Title\n")]
    assert stream.feed("\n\n- item\n\n") == [Piece("Text\n")]
    assert stream.feed("- more\n\n") == []
    assert stream.feed("After the list\n\n")[0].source.startswith("- item")


def test_code_comes_line_by_line_and_ends_with_its_own_fence() -> None:
    stream = MarkdownStream()
    assert stream.feed("Text\n~~~~ python\nprint()\n\n") == [
        Piece("Text"),
        Piece("~~~~ python", Part.FENCE),
        Piece("print()", Part.CODE),
        Piece("", Part.CODE),
    ]
    assert stream.feed("~~~\n    ~~~~\n ~~~~~\n*after*") == [
        Piece("~~~", Part.CODE),
        Piece("    ~~~~", Part.CODE),
        Piece(" ~~~~~", Part.END),
    ]
    assert stream.finish() == [Piece("*after*")]
    assert stream.feed("```\ncut o") + stream.finish() == [Piece("```", Part.FENCE), Piece("cut o", Part.CODE)]


def test_code_is_indented_coloured_and_a_blank_line_apart() -> None:
    answer = Answer(Looks())
    lines = answer.feed("Text\n```python\nimport os\n\nx = 1\n```\nMore\n", 80) + answer.finish(80)
    assert [strip_escapes(line) for line in lines] == ["Text", "", "  import os", "", "  x = 1", "", "More"]
    assert "\x1b[" in lines[2]


@pytest.mark.parametrize("width", [20, 60, 80, 120])
def test_every_word_of_a_document_is_drawn_once_and_no_line_is_too_wide(width: int) -> None:
    answer = Answer(Looks(colour=False))
    lines = [line for word in re.split(r"(?<= )", DOCUMENT) for line in answer.feed(word, width)]
    lines += answer.finish(width)
    drawn = "".join(line.strip() for line in lines)
    for word in [
        "Title",
        "paragraph",
        "still",
        "nested",
        "first",
        "quoted",
        "Setext",
        "indented",
        "definition",
        "Last",
    ]:
        assert drawn.count(word) == 1, word
    assert all(len(line) <= width for line in lines)


def test_every_block_is_one_blank_line_from_the_next_also_the_last_ones() -> None:
    answer = Answer(Looks(colour=False))
    lines = answer.feed("| a |\n|---|\n| b |\n\n> c\n\n", 80)
    assert lines == [" a", " ─", " b", "", "▌ c"]
    assert answer.feed("# d\nf ![g](h)!", 80) + answer.finish(80) == ["", "d", "", "f 🖼 g (h)!"]


def test_html_and_pictures_are_shown_as_text() -> None:
    drawn = " ".join(
        MarkdownRenderer(Looks(colour=False)).lines("vector<int> ![plot](out/a.png)\n\n<details>x</details>", 80)
    )
    assert "vector<int>" in drawn
    assert "plot (out/a.png)" in drawn
    assert "<details>x</details>" in drawn


HOSTILE = [
    "\x1b]0;title\x07",
    "&#27;[2J",
    "&#x9b;2J",
    "[x](http://a/&#27;]0;t&#7;)",
    "`\x1b[2J`",
    "![\x1b[2J](\x1b[2J)",
]
HOSTILE += ["```\x1b[2J\n\x1b[2J\n```", "| \x1b[2J |\n|---|\n| &#27;c |", "<http://a\x1b[2J>", "    \x1b[2J", "&#8238;"]


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_a_model_writes_reaches_the_terminal_as_an_escape(source: str) -> None:
    lines = MarkdownRenderer(Looks()).lines(source, 80)
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert not [line for line in plain if "\x1b" in line or "\x9b" in line or "\u202e" in line or "\x07" in line]


def test_without_colour_there_is_no_escape_at_all() -> None:
    assert not [line for line in MarkdownRenderer(Looks(colour=False)).lines(DOCUMENT, 80) if "\x1b" in line]
    assert [line for line in MarkdownRenderer(Looks(palette=LIGHT)).lines(DOCUMENT, 80) if strip_escapes(line) != line]


def test_the_cost_of_a_long_answer_grows_with_its_length_only() -> None:
    def cost(paragraphs: int) -> float:
        answer = Answer(Looks())
        started = time.process_time()
        for number in range(paragraphs):
            for word in f"paragraph {number} with some *words* in it\n\n".split(" "):
                answer.feed(word + " ", 80)
        return time.process_time() - started

    cost(20)
    assert cost(800) < 12 * cost(200) + 0.5


def test_one_endless_loose_list_is_not_parsed_again_for_every_item() -> None:
    stream = MarkdownStream()
    started = time.process_time()
    for number in range(1500):
        stream.feed(f"- item {number} of a list that never ends\n\n")
    assert time.process_time() - started < 20
    assert len(stream.finish()) == 1
