"""What can go wrong between us and a server, in words for a person, and whether trying again makes sense."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from oi_openai.error_bodies import code_in, failed_generation, message_in, one_line, param_in, said_in
from oi_openai.overflow import Overflow, overflow_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from oi_openai.client import Server

_NAMES_OF_STATUS = {
    403: "not allowed",
    404: "not found",
    405: "not allowed there",
    407: "the proxy wants a login",
    408: "timed out",
    413: "request too large",
    429: "rate limit",
    500: "server error",
    501: "not implemented",
    502: "bad gateway",
    503: "not ready",
    504: "gateway timed out",
    511: "the network wants a login",
    529: "overloaded",
}
_RETRIED = frozenset((408, 409, 425, 429))
_FINAL = frozenset((501, 505, 511))
_PASSING = ("rate_limit_exceeded", "server_error", "overloaded", "service_unavailable", "internal_error")
_REFUSALS = frozenset((400, 404, 405, 415, 422, 500, 501))
"""The statuses of requests that might be taken if they were put otherwise."""
_NO_MONEY = re.compile(r"insufficient_quota|billing|exceeded your current quota|credit", re.IGNORECASE)
_NO_IMAGES = re.compile(r"image input is not supported|not support (image|vision)|image_url.{0,40}not supported", re.I)
_LOADING = re.compile(r"loading|starting|warming", re.IGNORECASE)
LOADING_PATIENCE = 5.0
"""How many times longer than otherwise is waited for a model that is being loaded."""


@dataclass(eq=False)
class Trouble(Exception):
    """One thing that went wrong. ``wait`` is the number of seconds that the server asked for before the next try.

    ``said`` is all that the server said about it and ``param`` the parameter it named, for finding out which of its
    demands can be met; ``status`` is None unless the response was an error. ``generation`` is what the model wrote when
    the server could not make a call of it. ``slower`` multiplies the waits between tries.
    """

    message: str
    next_step: str = ""
    retry: bool = False
    wait: float | None = None
    said: str = ""
    generation: str = ""
    is_unknown_model: bool = False
    param: str = ""
    status: int | None = None
    overflow: Overflow | None = None
    slower: float = 1.0

    @property
    def may_be_a_demand(self) -> bool:
        """Whether the server might take the request if it were put otherwise."""
        return self.overflow is None and (self.status is None or self.status in _REFUSALS)


def refused(
    status: int,
    body: object,
    headers: Mapping[str, str],
    server: Server,
    model: str,
    key: str,
    title: str = "chat completions",
) -> Trouble:
    """Return what an error status means; ``key`` says in words which API key was sent, ``title`` names the protocol."""
    trouble = _meaning(status, body, headers, server, model, key, title)
    trouble.said, trouble.param, trouble.status = said_in(body), param_in(body), status
    trouble.generation = failed_generation(body)
    return trouble


def _meaning(
    status: int, body: object, headers: Mapping[str, str], server: Server, model: str, key: str, title: str
) -> Trouble:
    said = said_in(body)
    words = one_line(message_in(body)) or _NAMES_OF_STATUS.get(status, "refused")
    if status == 401:
        return Trouble(f"{server.name} 401 invalid key ({key})", "check the key and the address it is sent to")
    too_long = overflow_in(said, status)
    if too_long is not None:
        return _overflow(f"{server.name} {status}", words, too_long)
    if status == 404:
        return _not_found(words, said, server, model, title)
    if status == 429 and _NO_MONEY.search(said):
        return Trouble(f"{server.name} 429 {words}", "the account has no credit left: see its billing page")
    if _NO_IMAGES.search(said):
        return Trouble(f"{server.name} {status} {words}", "this model takes no images")
    retry = _may_pass(status)
    name = _NAMES_OF_STATUS.get(status, "refused the request")
    message = f"{server.name} {status} {name}" + (f": {words}" if words != name else "")
    trouble = Trouble(message, _step_for(status), retry, retry_after(headers))
    if status == 503 and _LOADING.search(said):
        trouble.slower = LOADING_PATIENCE
    return trouble


def _may_pass(status: int) -> bool:
    return status in _RETRIED or (status >= 500 and status not in _FINAL)


def _step_for(status: int) -> str:
    if _may_pass(status):
        return "try again later; your message is kept"
    if status in (407, 511):
        return "log in there with a browser, then send the message again"
    return "the key may not use this" if status == 403 else "the server does not take this request"


def _not_found(words: str, said: str, server: Server, model: str, title: str) -> Trouble:
    if "model" in said.lower():
        return Trouble(f"{server.name} 404 no model {model!r}: {words}", is_unknown_model=True)
    step = "is the base URL right? It usually ends in /v1"
    if title == "responses":
        step = "plugins.openai.protocol = chat speaks what more servers know"
    return Trouble(f"{server.name} 404 no {title} at {server.url}", step)


def _overflow(what: str, words: str, too_long: Overflow) -> Trouble:
    message = f"{what} the conversation is too long for the model: {words}"
    return Trouble(message, "/reset begins a new one", overflow=too_long)


def empty_answer(server: Server) -> Trouble:
    """Return that a stream held nothing at all.

    llama-cpp-python and LM Studio (lmstudio-bug-tracker#2339) answer like this when the conversation does not fit.
    """
    step = "the conversation may be too long for this model: /reset begins a new one"
    return Trouble(f"{server.name} sent an empty answer", step, overflow=Overflow())


def in_stream(error: object, server: Server) -> Trouble:
    """Return what an error inside a stream means; one that looks passing may be tried again if nothing came before."""
    said = said_in(error)
    words = one_line(message_in(error)) or "an error without words"
    too_long = overflow_in(said)
    if too_long is not None:
        trouble = _overflow(f"{server.name}:", words, too_long)
    else:
        code = code_in(error)
        passing = _may_pass(code) if isinstance(code, int) else any(sign in said for sign in _PASSING)
        step = "your message is kept: send it again"
        trouble = Trouble(f"{server.name} reports an error: {words}", step, passing)
    trouble.said, trouble.param, trouble.generation = said, param_in(error), failed_generation(error)
    return trouble


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
