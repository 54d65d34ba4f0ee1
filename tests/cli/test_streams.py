"""The command among other programs: streams that are closed, full, or of a terminal that cannot do much."""

from __future__ import annotations

import subprocess

import pytest

from oi_core.testing.answers import run, say
from oi_core.testing.server import ChatServer

from .command import SECONDS, Command

BAD = "interpreter: the output could not be written: "


def in_shell(command: Command, line: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command where ``"$@"`` stands in a line of bash."""
    return subprocess.run(
        ["bash", "-c", line, "bash", *command.arguments(words)],
        cwd=command.folder,
        env=command.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "said", "code"),
    [
        ('"$@" <&-', "", 0),
        ('"$@" 2>&-', "", 0),
        ('"$@" > /dev/full', f"{BAD}No space left on device\n", 1),
        ('"$@" >&-', f"{BAD}Bad file descriptor\n", 1),
        ('"$@" <&- >&- 2>&-', "", 1),
        ('"$@" | true; exit ${PIPESTATUS[0]}', "", (0, 141)),
    ],
)
def test_streams_may_be_closed_or_full(command: Command, line: str, said: str, code: int | tuple[int, ...]) -> None:
    done = in_shell(command, line, "--version")
    assert done.stderr == said
    assert done.returncode in (code if isinstance(code, tuple) else (code,))


def test_an_answer_comes_without_standard_input_or_error(command: Command) -> None:
    with ChatServer(run("python", "print(open('notes').read())"), say("Read.")) as server:
        (command.folder / "notes").write_text("n")
        done = in_shell(command, '"$@" <&- 2>&-', "-y", "--base-url", server.base_url, "-p", "read the notes")
    assert (done.stdout, done.returncode) == ("Read.\n", 0)
    assert server.requests[1].body["messages"][-1]["content"] == "n"


def test_no_escape_byte_is_written_however_colour_is_forced(command: Command) -> None:
    command.extra |= {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "COLUMNS": "20", "TERM": "xterm-kitty"}
    with ChatServer(
        run("python", "print('x' * 50)", text="**Bold** `code`\n\n| a | b |\n|-|-|\n"), say("_Done_.")
    ) as server:
        done = in_shell(command, '"$@" 2>&1', "-y", "--base-url", server.base_url, "-p", "hi")
    assert "\x1b" not in done.stdout
    assert "x" * 50 in done.stdout
    assert done.returncode == 0
