from __future__ import annotations

import stat
from pathlib import Path

import pytest

from oi_core.printed.bounded_output import BoundedOutput, OutputBound
from oi_core.printed.spool import Spool, SpoolFolder


def test_a_spool_keeps_everything(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "out.txt", 0)
    for number in range(1000):
        spool.write(f"line {number} ü\n")
    spool.close()
    assert spool.path.read_text(encoding="utf-8").splitlines() == [f"line {number} ü" for number in range(1000)]


def test_past_the_limit_the_oldest_half_goes_and_that_is_said(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "out.txt", 10_000)
    for number in range(5000):
        spool.write(f"line {number:06d}\n")
    spool.close()
    kept = spool.path.read_text()
    assert kept.startswith("[… the first ")
    assert kept.endswith("line 004999\n")
    assert 5_000 <= len(kept) <= 10_100
    dropped = int(kept.split(" bytes")[0].rpartition(" ")[2].replace(",", ""))
    assert dropped + len(kept.partition("\n")[2].encode()) == 5000 * len("line 000000\n")


def test_a_full_disk_ends_the_keeping_and_is_said() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    output = BoundedOutput(OutputBound(100), lambda: Spool(full, 0))
    for _ in range(10_000):
        output.add("x" * 100)
    assert "the whole output could not be kept: No space left on device" in output.text()


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "missing" / "out.txt", 0)
    spool.write("x")
    assert spool.problem == "the whole output could not be kept: No such file or directory"


def test_the_line_about_what_is_left_out_names_the_file_with_the_whole(tmp_path: Path) -> None:
    folder = SpoolFolder(0)
    output = BoundedOutput(OutputBound(200), lambda: folder.new("python"))
    whole = "".join(f"line {number}\n" for number in range(1000))
    for start in range(0, len(whole), 77):
        output.add(whole[start : start + 77])
    text = output.text()
    assert output.spool is not None
    assert f"the whole output is in {output.spool.path} …]" in text
    assert output.spool.path.read_text() == whole
    folder.close()
    assert not output.spool.path.exists()


def test_output_that_fits_makes_no_file(tmp_path: Path) -> None:
    folder = SpoolFolder(0)
    output = BoundedOutput(OutputBound(200), lambda: folder.new("python"))
    output.add("short")
    assert output.text() == "short"
    assert output.spool is None


def test_spools_are_for_their_owner_alone() -> None:
    folder = SpoolFolder(0)
    spool = folder.new("shell")
    spool.write("secret")
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700
    folder.close()
