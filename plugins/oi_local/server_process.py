"""A llama.cpp process that serves one model: started, waited for, asked what it is, and ended with its session."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import queue
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from oi_core.plugin_api import ModelCancelled, ModelError

PACKAGE: Final = "xllamacpp"
INSTALL: Final = 'pip install "oi-core[local]"'
_PROGRAM: Final = Path(__file__).with_name("llama_server.py")
_LOG_LINES: Final = 40
_REASON: Final = re.compile(r"error loading model: (.*)|failed to (allocate .*)")
_CLOSE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a process is to serve; ``short_of_memory`` says that the model fits only with a graphics card."""

    path: str
    name: str
    context: int
    gpu_layers: int
    threads: int
    short_of_memory: bool


class ShortOfMemory(ModelError):
    """The model does not fit into the memory, and there is no graphics card."""


class ServerProcess:
    """Begins to load the model at once; :meth:`wait` returns when it can be talked to, at ``base_url`` with ``key``."""

    def __init__(self, asked: Asked) -> None:
        if importlib.util.find_spec(PACKAGE) is None:
            raise ModelError(f"a GGUF file needs llama.cpp, and {PACKAGE} is not installed", INSTALL)
        self.key = secrets.token_urlsafe(32)
        self.base_url = ""
        self._asked = asked
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        self._mailbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = self._started()
        self._readers = [
            threading.Thread(target=self._read_answers, name="llama-answers", daemon=True),
            threading.Thread(target=self._read_log, name="llama-log", daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Whether the process has ended, or does so now: a connection is lost a moment before its process is gone."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.alive

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def look_up(self) -> None:
        """Let :meth:`wait` look whether it is still wanted; safe from any thread and in a signal handler."""
        self._mailbox.put(None)

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        """Wait until the model is loaded.

        Raises:
            ModelError: it cannot be loaded, or takes longer than so many seconds.
            ModelCancelled: nobody wants the reply any more; the model goes on loading.
        """
        if self.base_url:
            return
        line: str | None = None
        while line is None:
            if cancelled():
                raise ModelCancelled("the reply was stopped")
            try:
                line = self._mailbox.get(timeout=seconds)
            except queue.Empty:
                step = "the setting plugins.local.start-seconds waits longer"
                raise ModelError(f"{self._asked.name} was not loaded within {seconds:g} s", step) from None
        answer = _parsed(line)
        if answer.get("short_of_memory"):
            raise ShortOfMemory("the model does not fit into the memory")
        if not isinstance(answer.get("address"), str):
            raise self.failure(str(answer.get("error", "")))
        self.base_url = f"{answer['address'].rstrip('/')}/v1"

    def failure(self, error: str = "") -> ModelError:
        """Return why the model cannot be loaded, or why the process is gone, with the next step."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._readers[1].join(1.0)
        name, status = self._asked.name, self._process.poll()
        if status is not None and -status == signal.SIGKILL:
            step = "a smaller model, or a smaller plugins.local.context, needs less"
            return ModelError(f"llama.cpp was killed with {name}, probably because the memory ran out", step)
        reasons = [match[1] or match[2] for match in map(_REASON.search, self._log) if match]
        reason = reasons[0] if reasons else (self._log[-1] if self._log else error)
        if self.base_url:
            ended = f"signal {-status}" if status is not None and status < 0 else f"status {status}"
            detail = f": {reason}" if reason else ""
            return ModelError(f"llama.cpp ended with {ended}{detail}", "send the message again: it is started anew")
        return ModelError(f"llama.cpp cannot load {name}: {reason or 'it gives no reason'}", "is the file complete?")

    def context_window(self) -> int | None:
        """Return the number of tokens of the window that the process really uses, or None."""
        address = urlsplit(self.base_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        try:
            connection.request("GET", "/props", headers={"Authorization": f"Bearer {self.key}"})
            props = _parsed(connection.getresponse().read().decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        settings = props.get("default_generation_settings")
        count = settings.get("n_ctx") if isinstance(settings, dict) else None
        return count if isinstance(count, int) and count > 0 else None

    def close(self) -> None:
        """End the process; safe to call twice."""
        process = self._process
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        if not self.base_url:  # it does not look at its input while it loads
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_CLOSE_SECONDS)
        if process.poll() is None:
            process.kill()
            process.wait()
        for reader in self._readers:
            reader.join(1.0)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    def _started(self) -> subprocess.Popen[str]:
        """Start the program in a session of its own, so that Ctrl-C at the terminal is not its business."""
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"llama.cpp cannot be started: {error}", "is Python itself still installed?") from error
        asked = {name: getattr(self._asked, name) for name in self._asked.__slots__}
        with contextlib.suppress(OSError):  # one that ended at once is noticed by the reader
            if process.stdin is not None:
                process.stdin.write(json.dumps({**asked, "key": self.key}) + "\n")
                process.stdin.flush()
        return process

    def _read_answers(self) -> None:
        if self._process.stdout is not None:
            self._mailbox.put(self._process.stdout.readline())

    def _read_log(self) -> None:
        for line in self._process.stderr or ():
            if line.strip():
                self._log.append(line.strip())


def _parsed(text: str) -> dict[str, Any]:  # whatever JSON holds
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
