"""The program of the process in which llama.cpp runs: ``python llama_server.py``, told what to do on its input.

One line of JSON comes in, one goes out once the model is loaded or cannot be. Then it serves until its input ends,
which it does when the process that started it ends, however that happens.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

# Nothing of the interpreter is imported: a start costs only what llama.cpp costs.


def main() -> None:
    """Serve one model; the values of what is asked are whatever JSON holds."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library prints must not come between the answers
    asked = json.loads(sys.stdin.readline() or "{}")
    if not asked:
        return
    try:
        server, answer = serve(asked)
    except Exception as error:  # noqa: BLE001  (whatever the library raises is told to the parent)
        server, answer = None, {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
    if server is not None:
        sys.stdin.read()
    os._exit(0)  # llama.cpp's threads need not be waited for


def serve(asked: dict[str, Any]) -> tuple[object, dict[str, Any]]:
    """Load the model and serve it on a free port of the loopback interface; return the server and where it is."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # it has no types
    if asked["short_of_memory"] and not _has_graphics_card(xllamacpp):
        return None, {"short_of_memory": True}
    params = xllamacpp.CommonParams()
    params.model.path = asked["path"]
    params.model_alias = {asked["name"]}
    params.n_ctx = asked["context"]
    params.n_gpu_layers = asked["gpu_layers"]
    if asked["threads"]:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = asked["threads"]
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [asked["key"]]
    params.n_parallel = 1
    params.cache_ram_mib = 0  # one conversation: what the slot keeps is enough
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 1  # errors only; the last of them is shown when loading fails
    server = xllamacpp.Server(params)
    return server, {"address": server.listening_address}


def _has_graphics_card(xllamacpp: Any) -> bool:  # the library has no types
    kinds = {str(device.get("type", "")).rpartition("_")[2] for device in xllamacpp.get_device_info()}
    return any(kind.startswith(("GPU", "IGPU")) for kind in kinds)


if __name__ == "__main__":
    main()
