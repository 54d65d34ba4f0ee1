"""What one connection to a live process knows about who reads its terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from oi_python.boot_text import boot_arguments, boot_module

from oi_core.executors import Workspace
from oi_core.repl.connection import Connection
from oi_core.repl.dialect import Dialect
from oi_core.repl.markers import Marker

PYTHON = Dialect("python", lambda nonce: (sys.executable, *boot_arguments(nonce)), modules=boot_module)
ASKS_FOR_A_PASSWORD = "import subprocess\nsubprocess.call('stty -echo; echo asks; read answer', shell=True)"


def drive(connection: Connection, until: Callable[[str], bool]) -> None:
    """Answer the boot text's requests until something is so, of the connection or of what was printed."""
    printed = ""
    deadline = time.monotonic() + 20
    while not until(printed):
        assert time.monotonic() < deadline, printed
        for item in connection.receive(connection.wait(0.05)):
            if isinstance(item, Marker):
                if item.kind == "m":
                    connection.send(1, "m", PYTHON.encode(boot_module(item.fields[0])))
            else:
                printed += item.text


def test_the_boot_text_is_told_from_a_program_that_asks_for_a_password(tmp_path: Path) -> None:
    connection = Connection(PYTHON, Workspace(folder=tmp_path))
    with closing(connection.process):
        drive(connection, lambda _: connection.ready)
        assert connection.boot_text_may_read()
        connection.send(1, "x", PYTHON.encode(ASKS_FOR_A_PASSWORD))
        drive(connection, lambda printed: "asks" in printed and not connection.boot_text_may_read())
        assert not connection.has_ended()
