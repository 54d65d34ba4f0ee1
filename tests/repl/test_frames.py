"""A message survives any terminal: short lines of printable ASCII that decode to what was sent."""

from __future__ import annotations

import re
import subprocess
from base64 import b64decode

from hypothesis import given
from hypothesis import strategies as st

from oi_core.repl.frames import LONGEST_PART, as_base64, as_octal_escapes, message_lines

NONCE = "0123456789abcdef"


def joined(lines: list[bytes]) -> str:
    fields = [line.rstrip(b"\n").split(b" ") for line in lines]
    assert [field[3] for field in fields] == [b"+"] * (len(lines) - 1) + [b"."]
    return b"".join(field[2] for field in fields).decode()


@given(st.text(alphabet=st.characters(), max_size=300))
def test_base64_gives_any_text_back(text: str) -> None:
    assert b64decode(as_base64(text)).decode("utf-8", "surrogatepass") == text


@given(st.text(alphabet=st.characters(), max_size=300))
def test_octal_escapes_give_any_text_back(text: str) -> None:
    escaped = as_octal_escapes(text)
    assert escaped.isascii()
    assert escaped.isprintable()
    assert " " not in escaped
    raw = re.sub(rb"\\0([0-7]{3})", lambda match: bytes((int(match[1], 8),)), escaped.encode())
    assert raw.decode("utf-8", "surrogatepass") == text


def test_printf_decodes_octal_escapes() -> None:
    text = "a 'b' \"c\" $d `e` \\f \\n \\0101 %s\n\tü 世 🙂 \x01\x1b\x7f !"
    shell = ["bash", "-c", 'printf %b "$1"', "bash", as_octal_escapes(text)]
    assert subprocess.run(shell, capture_output=True, check=True).stdout.decode() == text


@given(st.integers(0, 20_000))
def test_lines_are_short_and_join_to_the_message(size: int) -> None:
    payload = "0123456789" * (size // 10)
    lines = message_lines(NONCE, 7, "x", payload)
    assert joined(lines) == "x" + payload
    assert max(map(len, lines)) < LONGEST_PART + 60 < 4095
