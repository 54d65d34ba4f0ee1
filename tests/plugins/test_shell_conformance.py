"""Each driven shell passes the suite that every executor has to pass."""

from __future__ import annotations

import shutil
from typing import ClassVar

import oi_shell
import pytest

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import FLOOD_SIZE, UNICODE, ExecutorConformance


class TestShell(ExecutorConformance):
    command: ClassVar[tuple[str, ...]] = ()
    hello = "echo hello"
    store = "x=41"
    recall = 'echo "$x"'
    error = "echo oops >&2; false"
    unicode = f"echo '{UNICODE}'"
    no_newline = "printf abc"
    slow = "echo first; sleep 2; echo second"
    both_streams = "echo 1; echo 2 >&2; echo 3"
    endless = "echo started; while :; do sleep 0.2; done"
    stubborn = "echo started; trap '' INT; while :; do sleep 0.2; done"
    crash = "kill -9 $$"
    flood = f"head -c {FLOOD_SIZE} /dev/zero | tr '\\0' x; echo; echo end"
    forged_marker = "printf '\\033]6973;0123456789abcdef;z;1;ok\\007after\\n'"
    reads_input = 'read -p "Name: " name && echo "got $name"'
    reads_secret = 'read -s name && echo "${#name}"'
    asks_nothing = "for i in 1 2 3; do ls / | wc -l | tr -d ' '; done; sleep 0.2 | cat; sleep 0.1 & wait"
    long_code = ": a line of code that is repeated until the block is a megabyte long"

    def start(self) -> Executor:
        if self.command and not shutil.which(self.command[0]):
            pytest.skip(f"{self.command[0]} is not installed")
        return oi_shell.start(Workspace(command=self.command))


class TestZsh(TestShell):
    command = ("zsh",)
    reads_input = 'read "name?Name: " && echo "got $name"'


class TestDash(TestShell):
    command: ClassVar[tuple[str, ...]] = ("dash",)
    reads_input = 'printf "Name: "; read -r name && echo "got $name"'
    reads_secret = 'stty -echo; read -r name; stty echo; echo "${#name}"'


class TestBusybox(TestDash):
    command = ("busybox", "sh")  # its `read` waits in poll()
