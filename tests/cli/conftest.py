"""What the command line's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import Command


@pytest.fixture
def command(tmp_path: Path) -> Command:
    folder = tmp_path / "project"
    folder.mkdir()
    return Command(folder)
