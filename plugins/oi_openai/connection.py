"""The way to one server: a client that is made when it is needed, one request at a time, its response as deltas."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from oi_openai.client import Key, Patience, Server, make_client
from oi_openai.connection_troubles import http_errors, unreachable
from oi_openai.exchange import Exchange, NoAnswer
from oi_openai.line import Line
from oi_openai.response import ResponseStream, read_response
from oi_openai.troubles import Trouble, refused

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import openai

    from oi_core.plugin_api import Delta
    from oi_openai.protocols import WireProtocol

MODELS_SECONDS = 5.0
"""How long to wait for the list of a server's models, which is asked for only to suggest one."""


class Connection:
    """Talks to ``server`` with ``key``; nothing is imported or connected before the first request."""

    def __init__(self, server: Server, key: Key, patience: Patience) -> None:
        self._server = server
        self._key = key
        self._patience = patience
        self._line = Line()
        self._client: openai.OpenAI | None = None

    def exchange(self) -> Exchange:
        """Return what one reply's requests are opened, and cancelled, with."""
        return Exchange(self._line)

    def close(self) -> None:
        """Give the connection back."""
        self._line.hang_up()
        if self._client is not None:
            self._client.close()

    def reply(
        self, exchange: Exchange, protocol: WireProtocol, request: Mapping[str, Any], origin: str
    ) -> Generator[Delta, None, None]:
        """Send a request and yield the deltas of its response; hang up when that is left in the middle.

        Raises:
            Trouble: there is no response, it is an error, or it breaks off.
            ModelCancelled: the exchange was cancelled.
        """
        key = self._key.for_server(self._server)
        if self._client is None:
            # Importing the client takes its time, which is not the server's.
            self._client = exchange.open(lambda: self._make_client(key))
        client = self._client
        # Where nothing is streamed, the whole reply is written before the first byte of it comes.
        streams = "extra_body" not in request
        seconds = self._patience.first_byte if streams else self._patience.silence
        try:
            response = exchange.open(lambda: self._send(client, protocol, request), seconds)
        except NoAnswer:
            message = f"{self._server.name} did not begin to answer within {seconds:g} s"
            name = "first-byte-seconds" if streams else "silence-seconds"
            raise Trouble(message, f"the setting plugins.openai.{name} waits longer for a slow one") from None
        try:
            yield from read_response(response, protocol.reader(origin), self._server, exchange.check)
        finally:
            exchange.give_up()
            response.close()

    def _make_client(self, key: str) -> openai.OpenAI:
        import openai

        try:
            return make_client(self._server, key, self._patience, self._line)
        except (openai.OpenAIError, ValueError) as error:
            raise unreachable(error, self._server) from error
        except http_errors() as error:
            raise unreachable(error, self._server) from error

    def _send(self, client: openai.OpenAI, protocol: WireProtocol, request: Mapping[str, Any]) -> ResponseStream:
        """Send the request and return the response once it begins; raise ``Trouble`` when it does not."""
        import openai

        try:
            return protocol.send(client, request)
        except openai.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            body = error.body if error.body is not None else error.message
            key, model = self._key.in_words(), str(request.get("model"))
            trouble = refused(error.status_code, body, headers, self._server, model, key, protocol.title)
            if trouble.is_unknown_model:
                trouble.next_step = _suggestion(client, model)
            raise trouble from error
        except openai.OpenAIError as error:
            raise unreachable(error, self._server) from error
        except http_errors() as error:
            raise unreachable(error, self._server) from error


def _suggestion(client: openai.OpenAI, model: str) -> str:
    """Return what to do about a model that the server does not have: the nearest of those that it lists."""
    import openai

    try:
        listed = getattr(client.models.list(timeout=MODELS_SECONDS), "data", None)
    except (openai.OpenAIError, ValueError):
        listed = None
    names = [one.id for one in listed or () if isinstance(one.id, str)]
    near = difflib.get_close_matches(model, names, n=3, cutoff=0.5) or names[:3]
    return f"it has {', '.join(near)}: name one with -m" if near else "name another with -m"
