"""What a server wants back with a reply, kept on the message as JSON text together with where it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_core.plugin_api import AssistantMessage


def kept(origin: str, content: Mapping[str, Any]) -> str:  # the values are whatever JSON holds
    """Return what goes into ``AssistantMessage.state``."""
    return json.dumps({"origin": origin, **content}, ensure_ascii=False)


def recalled(message: AssistantMessage, origin: str) -> dict[str, Any]:
    """Return what ``origin`` kept with a message; nothing where the message is another's."""
    for text in message.state:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and content.get("origin") == origin:
            return content
    return {}
