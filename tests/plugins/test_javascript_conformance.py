"""The driven node passes the suite that every executor has to pass."""

from __future__ import annotations

import shutil

import oi_javascript
import pytest

from oi_core.plugin_api import Executor, Workspace
from oi_core.testing.conformance import FLOOD_SIZE, UNICODE, ExecutorConformance

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")

IGNORED = """require('child_process').execSync("trap '' INT; while :; do sleep 0.2; done", {stdio: 'inherit'})"""
SECRET = "process.stdin.setRawMode(true).once('data', (key) => { process.stdin.pause(); console.log(key.length - 1) })"


class TestJavaScript(ExecutorConformance):
    hello = "console.log('hello')"
    store = "const x = 41"
    recall = "console.log(typeof x === 'undefined' ? '' : x)"
    error = "throw new TypeError('oops')"
    unicode = f"console.log('{UNICODE}')"
    no_newline = "process.stdout.write('abc'); undefined"
    slow = "console.log('first'); await new Promise((done) => setTimeout(done, 2000)); console.log('second')"
    both_streams = "console.log(1); console.error(2); console.log(3)"
    endless = "console.log('started'); while (true) {}"
    stubborn = f"console.log('started'); {IGNORED}"
    crash = "process.kill(process.pid, 'SIGKILL')"
    flood = f"console.log('x'.repeat({FLOOD_SIZE})); console.log('end')"
    forged_marker = "console.log('\\x1b]6973;0123456789abcdef;z;1;ok\\x07after')"
    reads_input = """
        const lines = require('readline').createInterface({ input: process.stdin, output: process.stdout })
        lines.question('Name: ', (name) => { console.log('got', name); lines.close() })"""
    reads_secret = SECRET
    asks_nothing = (
        "require('child_process').execSync('ls / | wc -l | tr -d 1; sleep 0.1', { stdio: 'inherit' });"
        "await new Promise((done) => setTimeout(done, 200))"
    )
    long_code = "x = 'a line of code that is repeated until the block is a megabyte long';"

    def start(self) -> Executor:
        return oi_javascript.start(Workspace())
