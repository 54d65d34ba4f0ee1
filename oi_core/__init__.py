"""The core of the interpreter: one message's way from a person to a model, to live processes, and back.

The map, top down (each module's first line says what it owns):

- ``cli`` turns an argument vector into a session and a view; ``facade/interpreter.py`` is ``import interpreter``.
- ``session`` is the only place where parts are put together; ``turn`` is the loop they take part in.
- ``conversation``, ``window``, ``model``, ``code_stream``, ``review`` and ``executors`` are those parts.
- ``messages``, ``events`` and ``errors`` are the values they exchange; ``wire`` writes messages for OpenAI-shaped APIs.
- ``hookspecs`` and ``plugin_api`` are what a plugin sees; ``plugin_manager`` loads, blocks and isolates plugins.
- ``config`` finds, layers and scopes settings, ``trust`` says which of a project's count; ``toml_files`` reads them.
- ``printed`` makes what programs print plain and harmless; ``tokens`` and ``model_facts`` know how long prompts may be.
- ``saved`` keeps sessions on disk and exports them; ``trash`` keeps what code deletes, where that is wished for.
- ``repl`` drives any language process on a pty; ``view`` draws events; ``testing`` serves plugin authors.

Programs start from :func:`open_session`; all it needs is imported on first use, so that ``import oi_core`` is cheap.
"""

from __future__ import annotations

# Nothing is imported here: with ``python -m oi_core`` the current folder is still on the import path.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from oi_core.opening import open_session
    from oi_core.session import Session

__version__ = "1.0.0"
__all__ = ["Session", "__version__", "open_session"]


def __getattr__(name: str) -> object:
    if name == "open_session":
        from oi_core.opening import open_session

        return open_session
    if name == "Session":
        from oi_core.session import Session

        return Session
    raise AttributeError(f"module 'oi_core' has no attribute {name!r}")
