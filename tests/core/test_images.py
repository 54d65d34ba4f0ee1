from __future__ import annotations

import base64
import importlib
import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oi_core.code_stream import ReplyReader
from oi_core.events import DisplayData
from oi_core.executors import CellEnded, ExecutorEvent, Language, Workspace
from oi_core.images import (
    LONGEST_SIDE,
    MOST_ATTACHED,
    MOST_BYTES,
    MOST_SHOWN,
    ImageError,
    ShownPictures,
    attachments,
    data_url,
    described,
)
from oi_core.images.headers import kind_of, size_of
from oi_core.messages import AssistantMessage, CodeBlock, Message, ToolMessage, UserMessage
from oi_core.model import StatePart, TextPart
from oi_core.printed.bounded_output import OutputBound
from oi_core.results import ExecutionResult, Outcome
from oi_core.wire import SHOWN, to_wire
from oi_core.wire.conversation import WireConversation
from oi_core.workbench import Workbench


def png(width: int = 2, height: int = 1, filler: bytes = b"") -> bytes:
    """A picture, made larger by a chunk that says nothing."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80\x20\xf0" * width for _ in range(height)))
    parts = [piece(b"IHDR", head), piece(b"IDAT", rows), piece(b"IEND", b"")]
    if filler:
        parts.insert(1, piece(b"zzZz", filler))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def content_of(url: str) -> bytes:
    return base64.b64decode(url.partition(",")[2])


JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"  # a segment to walk over
    b"\xff\xff\xc4\x00\x03\x00"  # a filling byte, then a table, which is no frame
    b"\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 30, 40) + b"\x01\x01\x11\x00"
)
GIF = b"GIF89a" + struct.pack("<HH", 40, 30)
WEBP_LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 40, 30)
WEBP_LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 39 | 29 << 14)
WEBP_EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (39).to_bytes(3, "little") + (29).to_bytes(3, "little")


# What the first bytes say


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(40, 30), "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP_LOSSY, "image/webp"),
        (WEBP_LOSSLESS, "image/webp"),
        (WEBP_EXTENDED, "image/webp"),
    ],
    ids=["PNG", "JPEG", "GIF", "WebP lossy", "WebP lossless", "WebP extended"],
)
def test_kind_and_size_are_read_from_the_first_bytes(content: bytes, kind: str) -> None:
    assert (kind_of(content), size_of(content)) == (kind, (40, 30))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"<svg/>", b"RIFF\0\0\0\0WAVEfmt ", b"\x89PNG"])
def test_what_is_no_picture_has_no_kind(content: bytes) -> None:
    assert (kind_of(content), size_of(content)) == (None, None)


@given(
    st.sampled_from([png(), JPEG, GIF, WEBP_LOSSY, WEBP_LOSSLESS, WEBP_EXTENDED]),
    st.integers(0, 60),
    st.binary(max_size=40),
)
def test_a_picture_that_is_cut_or_spoilt_breaks_nothing(content: bytes, length: int, rest: bytes) -> None:
    assert size_of(content[:length] + rest) is None or kind_of(content[:length] + rest) is not None


# Data URLs


def test_a_small_picture_goes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "misnamed.txt"
    path.write_bytes(png())
    assert data_url(path) == data_url(png()) == f"data:image/png;base64,{base64.b64encode(png()).decode()}"


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "is no PNG, JPEG, GIF or WebP picture"), (b"<svg/>", "is no PNG"), (None, "cannot be read: No such file")],
)
def test_what_cannot_be_sent_is_told_with_its_name(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError) as caught:
        data_url(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert caught.value.next_step


def test_a_file_of_absurd_size_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(ImageError, match=r"too large for a picture: 10000\.0 MB"):
        data_url(path)


def test_without_pillow_only_too_many_bytes_are_an_error_that_names_it() -> None:
    program = (
        "import sys; sys.modules['PIL'] = None\n"
        "from tests.core.test_images import png\n"
        "from oi_core.images import *\n"
        "print(data_url(png(LONGEST_SIDE + 1, 1))[:22])\n"
        "try: data_url(png(1, 1, b'x' * MOST_BYTES), 'a.png')\n"
        "except ImageError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [
        "data:image/png;base64,",
        "a.png is too large: 3.5 MB · pip install 'oi-core[images]' scales pictures down",
    ]


def pillow() -> Any:  # a module that need not be there
    pytest.importorskip("PIL")
    return importlib.import_module("PIL.Image")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK", "1"])
def test_a_wide_picture_is_scaled_down_whatever_its_kind_and_colours(kind: str, mode: str) -> None:
    image, buffer = pillow().new("RGB", (4000, 100), "red").convert(mode), io.BytesIO()
    try:
        image.save(buffer, kind)
    except (OSError, ValueError):
        return  # this kind has no such colours
    scaled = content_of(data_url(buffer.getvalue()))
    assert size_of(scaled) == (LONGEST_SIDE, round(LONGEST_SIDE / 40))


def test_a_picture_of_many_bytes_is_brought_below_the_limit_and_transparent_parts_turn_white() -> None:
    image = pillow().effect_noise((1500, 1500), 200).convert("RGBA")
    image.putalpha(0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=0)
    assert len(buffer.getvalue()) > MOST_BYTES
    scaled = content_of(data_url(buffer.getvalue()))
    assert len(scaled) <= MOST_BYTES
    shown = pillow().open(io.BytesIO(scaled)).convert("RGB")
    assert kind_of(scaled) == "image/png" or min(shown.getpixel((700, 700))) > 240


def test_a_photograph_that_lies_on_its_side_is_turned() -> None:
    image, buffer = pillow().new("RGB", (3000, 100)), io.BytesIO()
    orientation = image.getexif()
    orientation[0x0112] = 6
    image.save(buffer, "JPEG", exif=orientation)
    assert size_of(content_of(data_url(buffer.getvalue()))) == (51, LONGEST_SIDE)


def test_a_picture_that_is_wide_and_damaged_is_told() -> None:
    pillow()
    with pytest.raises(ImageError, match=r"a\.png cannot be scaled down"):
        data_url(png(5000, 10)[:60], "a.png")


def test_a_picture_is_described_by_its_kind_size_and_bytes() -> None:
    assert described(data_url(png(40, 30))) == "image/png, 40x30, 1 kB"
    assert described("data:image/png;base64,!!!") == "image/png, 1 kB"
    assert described("https://example.org/a.png") == "https://example.org/a.png"


# What a prompt names


def test_pictures_that_a_prompt_names_are_attached(tmp_path: Path) -> None:
    for name in ("a.png", "a b.png", "c's.png", "d.jpeg"):
        (tmp_path / name).write_bytes(png())
    (tmp_path / "notes.txt").write_text("no picture")
    text, images = attachments(
        f'Compare @a.png, (@d.jpeg) with @"a b.png" and @a\\ b.png; not @notes.txt nor me@a.png; @{tmp_path}/a.png.',
        tmp_path,
    )
    expected = f'Compare a.png, (d.jpeg) with "a b.png" and a\\ b.png; not @notes.txt nor me@a.png; {tmp_path}/a.png.'
    assert text == expected
    assert images == (data_url(png()),) * 5


def test_a_picture_below_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.png").write_bytes(png())
    assert attachments("@~/a.png", Path("/")) == ("~/a.png", (data_url(png()),))


@pytest.mark.parametrize("text", ["", "@", "@@", "a@b.c", "@missing.png", "@.", '@"', "@~nobody-here/a.png", "@a\0b"])
def test_what_names_no_picture_stays_as_it_is(tmp_path: Path, text: str) -> None:
    assert attachments(text, tmp_path) == (text, ())


@given(st.text(alphabet="@ab.\"'\\ ~/\0\n", max_size=30))
def test_any_prompt_at_all_without_pictures_comes_back(text: str) -> None:
    assert attachments(text, Path("/nonexistent")) == (text, ())


def test_too_many_pictures_and_one_that_cannot_be_sent_are_errors_and_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    assert len(attachments("@a.png " * MOST_ATTACHED, tmp_path)[1]) == MOST_ATTACHED
    with pytest.raises(ImageError, match="more than 20 pictures"):
        attachments("@a.png " * (MOST_ATTACHED + 1), tmp_path)


# What code shows


@dataclass
class Shows:
    """An executor that shows what it is given."""

    bundles: list[dict[str, str | bytes]]

    def run(self, _code: str) -> Iterator[ExecutorEvent]:
        for bundle in self.bundles:
            yield DisplayData(bundle)
        yield CellEnded(Outcome.FINISHED)

    def interrupt(self) -> None: ...

    def answer(self, text: str | None) -> None: ...

    def close(self) -> None: ...


def shown(tmp_path: Path, *bundles: dict[str, str | bytes]) -> ExecutionResult:
    language = Language("show", "shows", lambda _workspace: Shows(list(bundles)))
    workbench = Workbench({"show": language}, lambda _language: Workspace(tmp_path, {}))
    running = workbench.run(CodeBlock("a", "show", "x"), 0, OutputBound())
    try:
        while True:
            next(running)
    except StopIteration as ended:
        result: ExecutionResult = ended.value
        return result
    finally:
        workbench.close()


def test_the_pictures_that_code_shows_are_in_its_result(tmp_path: Path) -> None:
    as_text = base64.b64encode(png()).decode()
    result = shown(tmp_path, {"image/png": png()}, {"text/html": "<b>", "image/png": as_text}, {"text/plain": "x"})
    assert result.images == (data_url(png()),) * 2
    assert result.as_text() == "[2 pictures were shown]"


def test_only_the_newest_pictures_are_kept_and_the_others_are_counted(tmp_path: Path) -> None:
    bundles: list[dict[str, str | bytes]] = [{"image/png": png(number + 1)} for number in range(MOST_SHOWN + 3)]
    result = shown(tmp_path, *bundles)
    assert [size_of(content_of(url)) for url in result.images] == [(number, 1) for number in (4, 5, 6, 7)]
    assert result.note == "3 earlier pictures are left out"


def test_pictures_that_cannot_be_sent_are_named_and_break_nothing(tmp_path: Path) -> None:
    result = shown(
        tmp_path, {"image/svg+xml": "<svg/>"}, {"image/png": "ä"}, {"image/png": b"junk"}, {"image/png": png()}
    )
    assert result.images == (data_url(png()),)
    assert "a picture is left out: image/svg+xml" in result.note
    assert "a picture is left out: the picture is no PNG" in result.note
    assert ShownPictures().urls() == ()


# On the way to a server


def test_pictures_of_results_follow_once_all_results_are_there() -> None:
    blocks = (CodeBlock("a", "python", "1"), CodeBlock("b", "python", "2"))
    messages: list[Message] = [
        UserMessage("go"),
        AssistantMessage("", blocks),
        ToolMessage("a", "1", ("data:x",)),
        ToolMessage("b", "2", ("data:y",)),
        AssistantMessage("done"),
        AssistantMessage("", (CodeBlock("c", "python", "3"),)),
        ToolMessage("c", "3", ("data:z",)),
    ]
    wire = to_wire(messages)
    assert [m["role"] for m in wire] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "user",
        "assistant",
        "assistant",
        "tool",
        "user",
    ]
    assert wire[4]["content"] == [
        {"type": "text", "text": SHOWN},
        {"type": "image_url", "image_url": {"url": "data:x"}},
        {"type": "image_url", "image_url": {"url": "data:y"}},
    ]
    assert wire[8]["content"][1]["image_url"] == {"url": "data:z"}


def test_a_list_of_dicts_keeps_beside_it_what_dicts_cannot_hold() -> None:
    conversation = WireConversation()
    reply = AssistantMessage("x", (CodeBlock("a", "python", "1"),), "I think", ("{}",))
    result = ToolMessage("a", "1", ("data:x",))
    for message in (UserMessage("go"), reply, result):
        conversation.add(message)
    assert [set(message) for message in conversation.dicts] == [
        {"role", "content"},
        {"role", "content", "tool_calls"},
        {"role", "content", "tool_call_id"},
    ]
    assert conversation.messages == (UserMessage("go"), reply, result)
    conversation.dicts[2]["content"] = "2"
    assert conversation.messages[2] == ToolMessage("a", "2")


def test_state_is_kept_with_a_reply_in_its_order() -> None:
    reader = ReplyReader({})
    assert len(list(reader.read([StatePart("1"), TextPart("x"), StatePart("2")]))) == 1
    assert reader.reply().message == AssistantMessage("x", (), "", ("1", "2"))
