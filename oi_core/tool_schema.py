"""The one tool that models are shown, built from the languages there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oi_core.executors import Language

TOOL_NAME = "run_code"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function a model may call: ``parameters`` is a JSON Schema object, hence untyped values.

    ``languages`` maps what models may call each language, its name or an alias, to its name; it is not sent.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    languages: Mapping[str, str] = field(default_factory=dict)


def run_code_tool(languages: Sequence[Language]) -> Tool:
    """Return the tool ``run_code(language, code)`` for these languages, in their order."""
    lines = [f"- {language.name}: {language.summary}" for language in languages]
    description = "Run code on the person's machine in a persistent process and return its output.\n" + "\n".join(lines)
    return Tool(
        name=TOOL_NAME,
        description=description,
        parameters={
            "type": "object",
            "properties": {
                "language": {"type": "string", "enum": [language.name for language in languages]},
                "code": {"type": "string", "description": "The code to run, as it would stand in a file."},
            },
            "required": ["language", "code"],
            "additionalProperties": False,
        },
        languages=spoken_names(languages),
    )


def spoken_names(languages: Sequence[Language]) -> dict[str, str]:
    """Return what models may call each language, its name or an alias, mapped to its name."""
    aliases = {alias: language.name for language in languages for alias in language.aliases}
    return {**aliases, **{language.name: language.name for language in languages}}
