from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import time
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.messages import AssistantMessage, CodeBlock, ToolMessage, UserMessage
from oi_core.tokens import PIECE_CHARS, ByteEstimate, Counting, Tokenizer, message_tokens, pieces
from oi_core.tokens.encodings import CL100K, O200K, encoding_for, load_encoding, unpacked

SUMS = {  # of the files that tiktoken would download, from tiktoken_ext/openai_public.py
    CL100K: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    O200K: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
estimate = ByteEstimate()


def tokenizer(name: str = O200K) -> Tokenizer:
    encoding = load_encoding(name)
    assert encoding is not None
    return Tokenizer(encoding)


exact = tokenizer()
countings = pytest.mark.parametrize("counting", [exact, tokenizer(CL100K), estimate], ids=["o200k", "cl100k", "bytes"])
long_texts = st.builds(
    lambda piece, times, end: piece * times + end, st.text(min_size=1, max_size=20), st.integers(1, 4000), st.text()
)


@pytest.mark.parametrize("name", [CL100K, O200K])
def test_the_encodings_are_those_that_openai_publishes(name: str) -> None:
    ranks = unpacked(files("oi_core.tokens").joinpath("encoding_data", f"{name}.zlib").read_bytes())
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ranks.items())
    assert hashlib.sha256(b"".join(lines)).hexdigest() == SUMS[name]


def test_the_counts_are_tiktokens_own() -> None:
    assert exact.count("hello world, how are you?") == 7
    assert exact.count("print(f'{x:>10}')") == 8


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("gpt-4", CL100K),
        ("gpt-4-0613", CL100K),
        ("gpt-4-turbo", CL100K),
        ("gpt-3.5-turbo", CL100K),
        ("gpt-35-turbo", CL100K),
        ("ft:gpt-4:mine", CL100K),
        ("openai/gpt-4", CL100K),
        ("gpt-4o", O200K),
        ("gpt-4o-mini", O200K),
        ("gpt-4.1", O200K),
        ("gpt-4.5-preview", O200K),
        ("gpt-6-luna", O200K),
        ("qwen3:8b", O200K),
        ("", O200K),
    ],
)
def test_a_models_encoding_is_known_by_its_name(model: str, encoding: str) -> None:
    assert encoding_for(model) == encoding


def test_neither_an_import_nor_a_short_turn_loads_tiktoken() -> None:
    code = """
import sys, oi_core.session, oi_core.prompts
from oi_core.model_facts.context_sizes import context_size
from oi_core.messages import SystemMessage, UserMessage
prompts = oi_core.prompts.Prompts()
prompts.begin_turn("gpt-6-luna", context_size("gpt-6-luna"), SystemMessage("be brief"), [])
assert len(prompts.build([UserMessage("hello")])) == 2
print("tiktoken" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


def test_an_encoding_is_loaded_where_there_is_no_network_and_no_cache() -> None:
    code = """
import socket
def refuse(*_arguments, **_named): raise AssertionError("the network was used")
socket.socket = socket.getaddrinfo = socket.create_connection = refuse
from oi_core.tokens.encodings import load_encoding
print(len(load_encoding("o200k_base").encode_ordinary("hello world")), len(load_encoding("cl100k_base").encode("hi")))
"""
    environment = {"PATH": "", "TIKTOKEN_CACHE_DIR": "/nowhere", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert (done.stdout, done.stderr) == ("2 1\n", "")


def test_without_tiktoken_there_is_no_encoding_and_no_error() -> None:
    code = "import sys; sys.modules['tiktoken'] = None\n"
    code += "from oi_core.tokens.encodings import O200K, load_encoding\nprint(load_encoding(O200K))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("None\n", "")


def test_an_encoding_that_is_not_there_is_none() -> None:
    assert load_encoding("no_such_encoding") is None


@countings
@given(text=long_texts)
def test_no_text_has_more_tokens_than_bytes(counting: Counting, text: str) -> None:
    assert counting.count(text) <= len(text.encode("utf-8", "surrogatepass"))
    assert estimate.count(text) * 3 >= len(text.encode("utf-8", "surrogatepass"))


@countings
@given(text=long_texts, limit=st.integers(0, 500))
def test_a_cut_text_has_no_more_tokens_than_allowed(counting: Counting, text: str, limit: int) -> None:
    if counting.count(text) > limit:
        assert counting.count(counting.cut(text, limit)) <= limit


@countings
def test_a_cut_text_has_its_head_its_tail_and_the_number_of_characters_between(counting: Counting) -> None:
    text = "".join(f"line {number}\n" for number in range(50_000))
    cut = counting.cut(text, 1000)
    head, mark, tail = cut.partition("\n[… ")
    number = int(mark and tail.split()[0].replace(",", ""))
    tail = tail.partition("…]\n")[2]
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + number + len(tail) == len(text)
    assert counting.count(cut) > 800


@given(long_texts)
def test_pieces_join_to_the_text_and_are_bounded(text: str) -> None:
    parts = list(pieces(text))
    assert "".join(parts) == text
    assert max(map(len, parts)) <= PIECE_CHARS


def test_a_long_text_in_pieces_has_as_many_tokens_as_in_one() -> None:
    encoding = load_encoding(O200K)
    assert encoding is not None
    text = "".join(f"{number}: the quick brown fox, {number * 7}\n    jumps()\n" for number in range(20_000))
    assert abs(exact.count(text) - len(encoding.encode_ordinary(text))) <= len(text) / PIECE_CHARS


@pytest.mark.parametrize("character", ["a", " ", "\n", "=", "é", "中", "😀", "\ud800", "\0"])
def test_a_million_of_one_character_is_counted_in_time(character: str) -> None:
    start = time.monotonic()
    assert exact.count(character * 1_000_000) > 1000
    assert time.monotonic() - start < 20


def test_text_that_spells_a_special_token_is_text() -> None:
    assert exact.count("<|endoftext|>") > 1
    assert tokenizer(CL100K).count("<|endoftext|><|fim_prefix|>") > 2


def test_what_goes_with_a_message_is_counted() -> None:
    bare = message_tokens(AssistantMessage("hi"), exact)
    block = CodeBlock("call1", "python", "print(1)")
    assert message_tokens(AssistantMessage("hi", (block,)), exact) > bare + exact.count(block.code)
    assert message_tokens(AssistantMessage("hi", state=("x" * 600,)), exact) == bare + 100
    assert message_tokens(AssistantMessage("hi", reasoning="long " * 50), exact) == bare
    assert message_tokens(UserMessage("hi", ("data:",)), exact) > 1000
    assert message_tokens(ToolMessage("call1", "hi", ("data:",)), exact) > 1000
