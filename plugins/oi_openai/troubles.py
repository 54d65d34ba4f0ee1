"""What can go wrong between us and a server, in words for a person, and whether trying again makes sense."""

from __future__ import annotations

import re
import socket
import ssl
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from oi_openai.client import Server

MESSAGE_CHARS = 240
_NAMES_OF_STATUS = {
    403: "not allowed",
    404: "not found",
    408: "timed out",
    413: "request too large",
    429: "rate limit",
    500: "server error",
    502: "bad gateway",
    503: "not ready",
    504: "gateway timed out",
    529: "overloaded",
}
_RETRIED = frozenset((408, 409, 425, 429))
_NO_MONEY = re.compile(r"insufficient_quota|billing|exceeded your current quota|credit", re.IGNORECASE)
_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (size|window|length)|"
    r"prompt is too long|too many (input )?tokens|input is too long",
    re.IGNORECASE,
)

_NO_IMAGES = re.compile(r"image input is not supported|not support (image|vision)|image_url.{0,40}not supported", re.I)


@dataclass(eq=False)
class Trouble(Exception):
    """One thing that went wrong. ``wait`` is the number of seconds that the server asked for before the next try.

    ``said`` is all that the server said about it, for finding out which of its demands can be met. ``generation`` is
    what the model wrote when the server could not make a call of it.
    """

    message: str
    next_step: str = ""
    retry: bool = False
    wait: float | None = None
    said: str = ""
    generation: str = ""
    is_unknown_model: bool = False


def refused(status: int, body: object, headers: Mapping[str, str], server: Server, model: str, key: str) -> Trouble:
    """Return what an error status means; ``key`` says in words which API key was sent."""
    said = _said(body)
    words = one_line(_message(body)) or _NAMES_OF_STATUS.get(status, "refused")
    if status == 401:
        return Trouble(
            f"{server.name} 401 invalid key ({key})", "check the key and the address it is sent to", said=said
        )
    if _is_overflow(status, said):
        return overflow(f"{server.name} {status}", words, said)
    if status == 404:
        return _not_found(words, said, server, model)
    if status == 429 and _NO_MONEY.search(said):
        return Trouble(f"{server.name} 429 {words}", "the account has no credit left: see its billing page", said=said)
    if _NO_IMAGES.search(said):
        return Trouble(f"{server.name} {status} {words}", "this model takes no images", said=said)
    retry = status in _RETRIED or status >= 500
    name = _NAMES_OF_STATUS.get(status, "refused the request")
    message = f"{server.name} {status} {name}" + (f": {words}" if words != name else "")
    return Trouble(message, _step_for(status), retry, retry_after(headers), said, _failed_generation(body))


def _failed_generation(body: object) -> str:
    generation = body.get("failed_generation") if isinstance(body, dict) else None
    return generation if isinstance(generation, str) else ""


def _step_for(status: int) -> str:
    if status in _RETRIED or status >= 500:
        return "try again later; your message is kept"
    return "the key may not use this" if status == 403 else "the server does not take this request"


def _not_found(words: str, said: str, server: Server, model: str) -> Trouble:
    if "model" in said.lower():
        return Trouble(f"{server.name} 404 no model {model!r}: {words}", said=said, is_unknown_model=True)
    step = "is the base URL right? It usually ends in /v1"
    return Trouble(f"{server.name} 404 no chat completions at {server.url}", step, said=said)


def overflow(what: str, words: str, said: str = "") -> Trouble:
    """Return that the conversation does not fit into the model's window."""
    return Trouble(f"{what} the conversation is too long for the model: {words}", "/reset begins a new one", said=said)


def _is_overflow(status: int, said: str) -> bool:
    return status in (400, 413, 422, 500) and _OVERFLOW.search(said) is not None


def in_stream(error: object, server: Server) -> Trouble:
    """Return what an error inside a stream means; one that looks passing may be tried again if nothing came before."""
    said = _said(error)
    words = one_line(_message(error)) or "an error without words"
    if _OVERFLOW.search(said):
        return overflow(f"{server.name}:", words, said)
    code = error.get("code") if isinstance(error, dict) else None
    passing = code in _RETRIED or (isinstance(code, int) and code >= 500) or "overloaded" in said
    return Trouble(
        f"{server.name} reports an error: {words}", "your message is kept: send it again", passing, said=said
    )


def unreachable(error: BaseException, server: Server) -> Trouble:
    """Return why there is no connection, or why it was lost, from the chain of errors that ended in ``error``."""
    chain = list(_chain(error))
    address = f"{server.name} at {server.url}" if server.name not in server.url else server.url
    names = {type(link).__name__ for link in chain}
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        step = "is the server running there? base-url sets another address"
        return Trouble(f"nothing answers at {server.url} (connection refused)", step)
    if any(isinstance(link, socket.gaierror) for link in chain):
        return Trouble(f"the host of {server.url} cannot be found", "check the network, and the address in base-url")
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return Trouble(
            f"no secure connection to {address}: {one_line(str(chain[-1]))}", "check the address in base-url"
        )
    if names & {"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}:
        return Trouble(
            f"{server.url} is not an address: {one_line(str(chain[-1]))}", "base-url begins with http:// or https://"
        )
    if "ConnectTimeout" in names:
        return Trouble(f"no connection to {address} in time", "check the network", retry=True)
    if "ReadTimeout" in names:
        return Trouble(f"{address} fell silent", "your message is kept: send it again")
    if "ProxyError" in names:
        return Trouble(f"the proxy refuses {address}: {one_line(str(error))}", "HTTPS_PROXY and NO_PROXY decide")
    reason = one_line(str(chain[-1])) or type(chain[-1]).__name__
    return Trouble(
        f"the connection to {address} was lost ({reason})", "your message is kept: send it again", retry=True
    )


def http_errors() -> tuple[type[Exception], ...]:
    """Return what reading a response can raise: openai 2 is built on httpx, openai 3 on httpx2."""
    loaded = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return (
        OSError,
        *(getattr(module, name) for module in loaded for name in ("HTTPError", "StreamError", "InvalidURL")),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait: a number, milliseconds, or a date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    try:
        date = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, (date - datetime.now(UTC if date.tzinfo else None)).total_seconds())


def one_line(text: str) -> str:
    """Return text as one line of bounded length; a web page as its visible words."""
    if "<" in text and re.search(r"<(!doctype|html|head|body|h1|p)\b", text, re.IGNORECASE):
        text = "a web page: " + re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", text)
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_CHARS else text[: MESSAGE_CHARS - 1] + "…"


def _message(body: object) -> str:
    """Return the words of an error, in whichever of the known shapes it comes."""
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    for key in ("message", "detail", "error", "msg"):
        if body.get(key):
            inner = body[key]
            return inner if isinstance(inner, str) else _message(inner) or str(inner)
    return ""


def _said(body: Any) -> str:  # whatever a server put into its error
    return "" if body is None else str(body)


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
