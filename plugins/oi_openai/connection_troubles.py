"""Why there is no connection to a server, or why it was lost, in words for a person."""

from __future__ import annotations

import socket
import ssl
import sys
from typing import TYPE_CHECKING

from oi_openai.error_bodies import one_line
from oi_openai.troubles import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oi_openai.client import Server

_AGAIN = "your message is kept: send it again"


def unreachable(error: BaseException, server: Server) -> Trouble:
    """Return what happened, from the chain of errors that ended in ``error``."""
    chain = list(_chain(error))
    address = f"{server.name} at {server.url}" if server.name not in server.url else server.url
    names = {type(link).__name__ for link in chain}
    reason = one_line(str(chain[-1])) or type(chain[-1]).__name__
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        step = "is the server running there? base-url sets another address"
        return Trouble(f"nothing answers at {server.url} (connection refused)", step)
    if any(isinstance(link, socket.gaierror) for link in chain):
        return Trouble(f"the host of {server.url} cannot be found", "check the network, and the address in base-url")
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return Trouble(f"no secure connection to {address}: {reason}", "check the address in base-url")
    if names & {"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}:
        return Trouble(f"{server.url} is not an address: {reason}", "base-url begins with http:// or https://")
    if "TooManyRedirects" in names:
        return Trouble(f"{address} leads in circles", "does the network want a login? Open a page in a browser")
    if "ConnectTimeout" in names:
        return Trouble(f"no connection to {address} in time", "check the network", retry=True)
    if "ReadTimeout" in names:
        return Trouble(f"{address} fell silent", f"{_AGAIN}; plugins.openai.silence-seconds waits longer")
    if "ProxyError" in names:
        return Trouble(f"the proxy refuses {address}: {one_line(str(error))}", "HTTPS_PROXY and NO_PROXY decide")
    return Trouble(f"the connection to {address} was lost ({reason})", _AGAIN, retry=True)


def http_errors() -> tuple[type[Exception], ...]:
    """Return what reading a response can raise: openai 2 is built on httpx, openai 3 on httpx2."""
    loaded = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return (
        OSError,
        *(getattr(module, name) for module in loaded for name in ("HTTPError", "StreamError", "InvalidURL")),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__
