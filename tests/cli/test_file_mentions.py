"""Text files that a message names with ``@``."""

from __future__ import annotations

import os
from pathlib import Path

from oi_core.cli.file_mentions import MOST_BYTES, with_attachments, without_attachments


def test_a_small_text_file_goes_whole_behind_the_message_once(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a\n```\nb\n")
    (tmp_path / "two words.md").write_text("c")
    text = 'compare @notes.txt, @"two words.md" and @notes.txt.'
    attached = with_attachments(text, tmp_path)
    assert attached.remark == "sent with it: notes.txt (3 lines), two words.md (1 line)"
    assert attached.text.startswith(f"{text}\n\n[Attached")
    assert attached.text.count("````\na\n```\nb\n````") == 1
    assert without_attachments(attached.text) == text


def test_a_file_that_is_not_there_is_told_and_a_decorator_is_none(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a")
    text = "compare @nots.txt with @notes.txt, see @app.route and @scope/package"
    attached = with_attachments(text, tmp_path)
    assert attached.remark == "sent with it: notes.txt (1 line); there is no file nots.txt"
    assert with_attachments("see @nots.txt.", tmp_path).remark == "there is no file nots.txt"
    assert with_attachments("see @nots.txt.", tmp_path).text == "see @nots.txt."


def test_what_cannot_go_whole_is_named_with_its_size_and_not_read_further(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("x" * (MOST_BYTES + 1))
    (tmp_path / "binary").write_bytes(b"a\0b")
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    for name in ("long.csv", "binary", "latin"):
        attached = with_attachments(f"see @{name}", tmp_path)
        assert attached.remark == f"sent with it: {name} (its path only)"
        assert "read it with code" in attached.text
        assert len(attached.text) < 500


def test_files_together_are_bounded_too(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.txt").write_text("x" * 20_000)
    attached = with_attachments(" ".join(f"@{number}.txt" for number in range(6)), tmp_path)
    assert attached.remark.count("1 line") == 4
    assert attached.remark.count("its path only") == 2


def test_what_names_no_file_stays_as_it_is_and_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    text = "mail me@example.org about @pipe @folder/ @missing @~nobody/x @property"
    assert with_attachments(text, tmp_path).text == text
