"""Lists at a terminal: within its width, however narrow, with no word lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from .typist import Typist


@pytest.mark.parametrize("columns", [40, 80])
def test_lists_stay_within_the_terminal_and_lose_nothing(folder: Path, columns: int) -> None:
    with Typist(folder, ["config", "keys"], columns=columns, rows=400) as person:
        assert person.wait_for_end() == 0
        lines = person.raw.replace("\r\n", "\n").splitlines()
    assert max(map(len, lines)) < columns
    words = " ".join(person.raw.split())
    assert "when to ask before code runs: ask, risky, auto or deny" in words
    assert "approval" in words
