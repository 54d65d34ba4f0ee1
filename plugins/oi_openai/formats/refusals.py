"""How servers say that they do not take a format, which no further try would change."""

from __future__ import annotations

import re
from typing import Final

from oi_core.plugin_api import ModelFormat

_TOOLS = (
    r"\b(not|cannot|n't) (currently )?(support|accept|allow|take)\w* (the )?(tool|function)",
    r"\b(tool|function)s?[ _-]?(use|call\w*|choice|param\w*)?\W*(is|are) not (\w+ )?(support|enabl|allow|avail|permit)",
    r"(unrecogni[sz]ed|unknown|unexpected|unsupported|extra)[^.]{0,60}\btools?\b",
    r"\btools?\b[^.]{0,40}(unrecogni[sz]ed|unknown|unexpected|unsupported|extra inputs)",
    r"no endpoints found that support tool",
    r"requires --jinja",
    r"--enable-auto-tool-choice",
)
_REFUSALS: Final = {
    ModelFormat.TOOLS: re.compile("|".join(_TOOLS), re.IGNORECASE),
    ModelFormat.SCHEMA: re.compile(r"response_format|json_?schema|\bgrammar|structured output|guided", re.IGNORECASE),
}
"""How servers word it: Ollama, vLLM, llama.cpp without --jinja, OpenRouter; llama-cpp-python 0.3.36 for the schema."""


def refuses(model_format: ModelFormat, said: str) -> bool:
    """Return whether what a server said is that it does not take this format."""
    pattern = _REFUSALS.get(model_format)
    return pattern is not None and pattern.search(said) is not None


def refuses_a_format(said: str) -> bool:
    """Return whether what a server said is that it does not take some format."""
    return any(refuses(model_format, said) for model_format in _REFUSALS)
