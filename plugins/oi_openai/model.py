"""A model behind the chat-completions protocol: a reply is asked for, tried again where that helps, and streamed."""

from __future__ import annotations

import difflib
import random
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import Delta, ModelError, ModelSettings, NoticePart
from oi_openai.client import Key, Patience, make_client, server_of
from oi_openai.exchange import Exchange, NoAnswer
from oi_openai.line import Line
from oi_openai.requests import demand, parameters
from oi_openai.rescue import rescued
from oi_openai.response import ResponseStream, read_response
from oi_openai.troubles import Trouble, http_errors, refused, unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import openai

    from oi_core.plugin_api import Message, Tool

MODELS_SECONDS = 5.0
"""How long to wait for the list of a server's models, which is asked for only to suggest one."""


class OpenAIModel:
    """A model of OpenAI's or of any compatible server's; nothing is imported or connected before the first request."""

    context_window: int | None = None

    def __init__(
        self, model: str, settings: ModelSettings, key_name: str = "OPENAI_API_KEY", patience: Patience | None = None
    ) -> None:
        self.name = model
        self._temperature = settings.temperature
        self._server = server_of(settings)
        self._key = Key(settings.api_key, key_name)
        self._patience = patience or Patience()
        self._without: frozenset[str] = frozenset()
        self._line = Line()
        self._client: openai.OpenAI | None = None
        self._exchange: Exchange | None = None

    def stream(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        """Yield the reply; what the protocol requires is in :class:`oi_core.model.Model`."""
        self._exchange = Exchange(self._line)
        return self._tries(self._exchange, messages, tools)

    def cancel(self) -> None:
        """Stop the reply: the connection is shut down, which frees the server at once."""
        exchange = self._exchange
        if exchange is not None:
            exchange.cancel()

    def close(self) -> None:
        """Give the connection back."""
        self._line.hang_up()
        if self._client is not None:
            self._client.close()

    def _tries(self, exchange: Exchange, messages: Sequence[Message], tools: Sequence[Tool]) -> Iterator[Delta]:
        key = self._key.for_server(self._server)
        attempt = 1
        while True:
            request = parameters(self.name, messages, tools, self._temperature, self._without)
            begun = False
            try:
                for delta in self._attempt(exchange, request, key):
                    begun = True
                    yield delta
                return
            except Trouble as trouble:
                # What was shown cannot be taken back, so a reply that had begun is not asked for again.
                demanded = None if begun else demand(trouble.said, self._without)
                if trouble.generation and not begun:
                    yield from rescued(trouble.generation)
                    return
                if demanded is not None:
                    self._without |= {demanded}
                    continue
                wait = self._wait_before_next(trouble, attempt, begun=begun)
                attempt += 1
                retry = f"retry {attempt}/{self._patience.tries} in {_seconds(wait)} s"
                yield NoticePart(f"{self._key.hidden_in(trouble.message)} · {retry}")
                exchange.sleep(wait)

    def _wait_before_next(self, trouble: Trouble, attempt: int, *, begun: bool) -> float:
        """Return the seconds to wait before the next try; raise where there is to be none."""
        patience = self._patience
        asked = trouble.wait or 0.0
        if begun or not trouble.retry or attempt >= patience.tries or asked > patience.longest_wait:
            told = f" (it asks to wait {asked:.0f} s)" if asked > patience.longest_wait else ""
            raise ModelError(self._key.hidden_in(trouble.message + told), trouble.next_step) from trouble
        backoff = patience.backoff * 2.0 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311  (not a secret)
        return backoff if trouble.wait is None else trouble.wait

    def _attempt(self, exchange: Exchange, request: dict[str, Any], key: str) -> Iterator[Delta]:
        try:
            response = exchange.open(lambda: self._send(request, key), self._patience.first_byte)
        except NoAnswer:
            message = f"{self._server.name} did not begin to answer within {self._patience.first_byte:g} s"
            step = "the setting plugins.openai.first-byte-seconds waits longer for a slow one"
            raise Trouble(message, step) from None
        try:
            yield from read_response(response, self._server, exchange.check)
        finally:
            exchange.give_up()
            response.close()

    def _send(self, request: dict[str, Any], key: str) -> ResponseStream:
        """Send the request and return the response once it begins; raise ``Trouble`` when it does not."""
        import openai

        try:
            if self._client is None:
                self._client = make_client(self._server, key, self._patience, self._line)
            return self._client.chat.completions.create(**request)
        except openai.APIStatusError as error:
            headers = {name.lower(): value for name, value in error.response.headers.items()}
            body = error.body if error.body is not None else error.message
            trouble = refused(error.status_code, body, headers, self._server, self.name, self._key.in_words())
            if trouble.is_unknown_model:
                trouble.next_step = self._suggestion()
            raise trouble from error
        except openai.OpenAIError as error:
            raise unreachable(error, self._server) from error
        except http_errors() as error:
            raise unreachable(error, self._server) from error

    def _suggestion(self) -> str:
        """Return what to do about a model that the server does not have: the nearest of those that it lists."""
        import openai

        names: list[str] = []
        if self._client is not None:
            try:
                listed = self._client.models.list(timeout=MODELS_SECONDS)
                names = [one.id for one in getattr(listed, "data", None) or () if isinstance(one.id, str)]
            except (openai.OpenAIError, ValueError):
                names = []
        near = difflib.get_close_matches(self.name, names, n=3, cutoff=0.5) or names[:3]
        return f"it has {', '.join(near)}: name one with -m" if near else "name another with -m"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}".removesuffix(".0")
