"""Keys as they come from a terminal, and what those pressed during a turn do."""

from __future__ import annotations

import os
import termios
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from oi_core.cli.key_decoder import ESCAPE, KeyDecoder
from oi_core.cli.keyboard import Keyboard
from oi_core.cli.paste_parser import PasteParser
from oi_core.cli.terminal_answers import LONGEST, AnswerFilter
from oi_core.cli.turn_keys import TurnKeys, edited

KEYS = ["a", "é", "日", "\r", "\x03", "\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b\r", "\x1b]11;rgb:ff/ff/ff\x07"]
KEYS += ["\x1b]11;rgb:0/0/0\x1b\\", "\x1b[?62;4c", "\x1bP>|xterm\x1b\\"]


@given(st.lists(st.sampled_from(KEYS)), st.lists(st.integers(0, 99)))
def test_any_split_of_the_same_bytes_gives_the_same_keys(keys: list[str], cuts: list[int]) -> None:
    data = "".join(keys).encode()
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    decoder = KeyDecoder()
    assert [key for a, b in pairwise(bounds) for key in decoder.feed(data[a:b])] == keys
    assert not decoder.waits


@given(st.binary(max_size=40))
def test_no_bytes_stop_the_decoder(data: bytes) -> None:
    decoder = KeyDecoder()
    decoder.feed(data)
    decoder.flush()
    assert decoder.feed(b"\x1b[Ax")[-1] == "x"


def test_the_escape_key_is_told_from_a_sequence_by_what_follows() -> None:
    decoder = KeyDecoder()
    assert decoder.feed(b"\x1b") == []
    assert decoder.waits
    assert decoder.flush() == [ESCAPE]
    assert decoder.feed(b"\x1b\x1b[B") == [ESCAPE, "\x1b[B"]
    assert decoder.feed(b"\x1b[1;") == decoder.flush() == []


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        ("ab", "c", "abc"),
        ("ab", "\x7f", "a"),
        ("", "\x7f", ""),
        ("one two ", "\x17", "one "),
        ("one\rtwo", "\x15", "one\r"),
        ("one", "\x1b[A", "one"),
        ("one", "\t", "one"),
    ],
)
def test_what_was_typed_can_be_edited(text: str, key: str, after: str) -> None:
    assert edited(text, key) == after


ANSWERS = [
    "\x1b[?62;4;22c",
    "\x1b[6;20;10t",
    "\x1bP>|foot(1.13.1)\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b]11;rgb:0/0/0\x07",
]
TYPED = ["a", "日", "\x1b[A", "\x1b[6~", "\x1b[6;5~", "\x1bb", "\x1b_", "\x1b\r", "\x03", "c", "t", "\x1b"]


@given(st.lists(st.sampled_from([*ANSWERS, *TYPED])), st.data())
def test_late_answers_are_not_typed_and_keys_are(pieces: list[str], data: st.DataObject) -> None:
    late = AnswerFilter()
    typed = ""
    for piece in pieces:
        cut = data.draw(st.integers(4, max(4, len(piece) - 1))) if piece in ANSWERS else len(piece)
        typed += late.keys(piece[:cut]) + late.keys(piece[cut:])
    assert typed == "".join(piece for piece in pieces if piece not in ANSWERS)


def test_an_answer_without_end_is_text_in_the_end() -> None:
    late = AnswerFilter()
    assert late.keys("\x1bP>|" + "x" * LONGEST).endswith("xxx")


def test_an_answer_in_a_paste_is_pasted() -> None:
    seen: list[KeyPress] = []
    parser = PasteParser(seen.append)
    parser.feed(f"{ANSWERS[0]}a\x1b[200~{ANSWERS[0]}\x1b[201~")
    assert seen == [KeyPress("a"), KeyPress(Keys.BracketedPaste, ANSWERS[0])]


def test_enter_that_was_typed_while_the_terminal_had_its_usual_modes_is_enter_all_the_same() -> None:
    person, terminal = os.openpty()
    try:
        before = termios.tcgetattr(terminal)
        os.write(person, "früh\r\x1b[A und".encode())
        shown = b""
        while not shown.endswith(b"und"):  # the terminal has echoed it, so it has arrived
            shown += os.read(person, 100)
        keyboard = Keyboard(terminal)
        with keyboard.before_prompt() as typed:
            assert typed == "früh\r\x1b[A und"
        with keyboard.before_prompt() as typed:
            assert typed == ""
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(person)
        os.close(terminal)


class Nothing:
    """A stage on which nothing happens."""

    code_runs = False

    def stop_asked(self) -> None: ...
    def show_typing(self, text: str, *, to_program: bool) -> None: ...
    def add_typed_line(self, line: str) -> None: ...
    def take_answer(self, sequence: str) -> None: ...


@pytest.mark.parametrize(("typed", "left"), [("\r", ""), ("\r\r", ""), ("one\rtwo\r", "one\ntwo")])
def test_an_enter_before_a_question_neither_answers_it_nor_stays_in_the_draft(typed: str, left: str) -> None:
    keys = TurnKeys(Keyboard(0), Nothing, lambda: None, lambda _text: None)
    keys.add_draft(typed)
    with keys.paused():
        pass
    assert keys.take_draft() == left
