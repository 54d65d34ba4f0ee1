"""What a GGUF file says of its model, and whether it fits into the memory."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oi_local import LocalSettings
from oi_local.gguf_file import GgufFile, NotAModel, read_gguf
from oi_local.memory_needed import context_bytes_per_token, in_words, memory_available, memory_needed
from oi_local.model import LocalModel, open_gguf

from oi_core.errors import ModelError
from oi_core.model import ModelFormat, ModelSettings
from oi_core.testing.scripted import ScriptedModel

SETTINGS = ModelSettings(open_compatible=lambda _name, _settings: ScriptedModel())
LLAMA: dict[str, Any] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.languages": ["en", "de"],
    "llama.block_count": 30,
    "llama.context_length": 8192,
    "llama.embedding_length": 576,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "llama.rope.freq_base": 10000.0,
    "general.flag": True,
}


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def encoded(value: Any) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return 7, struct.pack("<?", value)
    if isinstance(value, str):
        return 8, text(value)
    if isinstance(value, int):
        return 4, struct.pack("<I", value)
    if isinstance(value, float):
        return 6, struct.pack("<f", value)
    kind = encoded(value[0])[0] if value else 4
    return 9, struct.pack("<IQ", kind, len(value)) + b"".join(encoded(one)[1] for one in value)


def gguf(values: dict[str, Any], version: int = 3, count: int | None = None) -> bytes:
    keys = b""
    for key, value in values.items():
        kind, raw = encoded(value)
        keys += text(key) + struct.pack("<I", kind) + raw
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(values) if count is None else count) + keys


def written(folder: Path, raw: bytes, name: str = "m.gguf") -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def test_a_file_says_what_its_model_is(tmp_path: Path) -> None:
    model = read_gguf(written(tmp_path, gguf(LLAMA) + b"\0" * 1000))
    assert (model.architecture, model.trained_context) == ("llama", 8192)
    assert model.number("attention.head_count_kv") == 3
    assert model.values["general.languages"] == ["en", "de"]
    assert model.size == len(gguf(LLAMA)) + 1000


def test_reading_stops_before_the_tokenizer_however_long_it_is(tmp_path: Path) -> None:
    values = LLAMA | {"tokenizer.ggml.tokens": ["a"] * 10}
    raw = gguf(values)
    assert read_gguf(written(tmp_path, raw[: raw.index(b"tokenizer.ggml.tokens") + 30])).trained_context == 8192


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is no GGUF file"),
        (b"PK\x03\x04 a zip", "is no GGUF file"),
        (b"<!DOCTYPE html>", "is no GGUF file"),
        (b"GGUF", "is cut off"),
        (gguf(LLAMA, version=1), "is GGUF version 1"),
        (b"GGUF" + struct.pack(">I", 3), "is for big-endian machines"),
        (gguf({}, count=2**60), "makes no sense"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**60), "makes no sense"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<I", 99), "unknown type"),
        (
            b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1) * 9,
            "is damaged|is cut off",
        ),
        (gguf({"general.architecture": "clip"}), "is none itself"),
        (gguf({"general.architecture": "llama", "general.type": "adapter"}), "is none itself"),
    ],
)
def test_a_file_that_is_no_model_says_why(raw: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match=reason):
        read_gguf(written(tmp_path, raw))


@given(st.integers(0, len(gguf(LLAMA)) - 1))
def test_a_header_that_is_cut_anywhere_is_no_model(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = written(tmp_path_factory.mktemp("cut"), gguf(LLAMA)[:length])
    with pytest.raises(NotAModel):
        read_gguf(path)


@given(st.binary(max_size=300))
def test_nonsense_behind_the_magic_word_is_a_model_or_none_but_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = written(tmp_path_factory.mktemp("nonsense"), b"GGUF" + struct.pack("<I", 3) + raw)
    with contextlib.suppress(NotAModel):
        assert read_gguf(path).size == len(raw) + 8


def test_the_parts_of_a_model_belong_together(tmp_path: Path) -> None:
    names = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    for name in names:
        written(tmp_path, gguf(LLAMA), name)
    model = read_gguf(tmp_path / names[1])
    assert (model.path.name, model.size) == (names[0], 3 * len(gguf(LLAMA)))
    (tmp_path / names[2]).unlink()
    with pytest.raises(NotAModel, match=r"one of 3 parts, and big-00003-of-00003\.gguf is missing"):
        read_gguf(tmp_path / names[0])


def test_layers_with_different_heads_count_as_the_largest() -> None:
    values: dict[str, Any] = LLAMA | {"llama.attention.head_count_kv": [1, 3, 2]}
    assert context_bytes_per_token(GgufFile(Path("m"), 0, values)) == 30 * 3 * 128 * 2


def test_memory_is_that_of_the_weights_the_context_and_the_computing() -> None:
    model = GgufFile(Path("m"), 98_000_000, LLAMA)
    assert context_bytes_per_token(model) == 30 * 3 * (64 + 64) * 2
    assert memory_needed(model, 8192) == 98_000_000 + 8192 * 23_040 + 300_000_000
    assert memory_needed(GgufFile(Path("m"), 7, {}), 100) > 7


def test_the_memory_of_this_machine_is_known() -> None:
    available = memory_available()
    assert available is not None
    assert available > 10_000_000


@pytest.mark.parametrize(("size", "words"), [(98_362_432, "98 MB"), (4_100_000_000, "4.1 GB"), (0, "0 MB")])
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


# Opening one


def refusal(name: str, folder: Path, settings: ModelSettings = SETTINGS) -> str:
    with pytest.raises(ModelError) as caught:
        open_gguf(name, folder, settings, LocalSettings())
    line = str(caught.value)
    assert "\n" not in line
    return line.replace(str(folder), "FOLDER")


def test_a_missing_file_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    assert refusal("m.gguf", tmp_path) == "FOLDER/m.gguf does not exist · name a GGUF file: local/PATH"
    written(tmp_path, gguf(LLAMA), "qwen2.5-coder.gguf")
    assert (
        refusal("qwen25-coder.gguf", tmp_path)
        == "FOLDER/qwen25-coder.gguf does not exist · there is qwen2.5-coder.gguf"
    )
    assert refusal(".", tmp_path).endswith("is a folder · there is qwen2.5-coder.gguf")
    assert "does not exist" in refusal("nowhere/m.gguf", tmp_path)


def test_a_file_that_is_no_model_is_named_with_the_reason(tmp_path: Path) -> None:
    written(tmp_path, b"hello")
    assert refusal("m.gguf", tmp_path).startswith("m.gguf is no GGUF file · ")


def test_without_the_client_for_compatible_servers_it_says_so(tmp_path: Path) -> None:
    written(tmp_path, gguf(LLAMA))
    assert "enable the plugin openai" in refusal("m.gguf", tmp_path, ModelSettings())


@pytest.mark.parametrize(("wanted", "window"), [(16_384, 8192), (4096, 4096), (0, 8192)])
def test_the_window_is_the_set_one_but_at_most_the_trained_one(wanted: int, window: int, tmp_path: Path) -> None:
    written(tmp_path, gguf(LLAMA))
    model = open_gguf(str(tmp_path / "m.gguf"), Path("/"), SETTINGS, LocalSettings(context=wanted))
    assert isinstance(model, LocalModel)
    assert (model.context_window, model.name) == (window, f"local/{tmp_path}/m.gguf")
    assert model.formats[0] is ModelFormat.SCHEMA
    model.close()
