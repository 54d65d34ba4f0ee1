"""A model at a server that speaks OpenAI's protocols: a reply is asked for, otherwise or again where that helps."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from oi_core.plugin_api import (
    ContextOverflow,
    Delta,
    Level,
    ModelError,
    ModelSettings,
    NoticePart,
    is_own_server,
)
from oi_openai.asking import Asking, Demand
from oi_openai.choices import ImagesChoice, ProtocolChoice
from oi_openai.client import PROVIDER_PREFIX, Key, Patience, server_of
from oi_openai.connection import Connection
from oi_openai.demands import demand
from oi_openai.endpoint_facts import EndpointFacts, endpoint_facts
from oi_openai.formats.refusals import refuses_a_format
from oi_openai.pictures import bounded_pictures, has_pictures, takes_pictures, without_pictures
from oi_openai.protocols import WireProtocol, protocol_for
from oi_openai.rescue import rescued
from oi_openai.troubles import Trouble

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from oi_core.plugin_api import Message, Tool
    from oi_openai.exchange import Exchange


class OpenAIModel:
    """A model of OpenAI's or of any compatible server's; nothing is imported or connected before the first request.

    What the endpoint turns out to want is remembered for as long as the model is open, and not longer: a server may be
    replaced by another at the same address, and finding out again costs one request.
    """

    def __init__(
        self,
        model: str,
        settings: ModelSettings,
        key_name: str = "OPENAI_API_KEY",
        patience: Patience | None = None,
        protocol: ProtocolChoice = ProtocolChoice.AUTO,
        images: ImagesChoice = ImagesChoice.AUTO,
    ) -> None:
        self.name = model
        self._name_there = model
        self._temperature = settings.temperature
        self._server = server_of(settings)
        self._key = Key(settings.api_key, key_name)
        self._patience = patience or Patience()
        self._protocol_choice = protocol
        self._images_choice = images
        self._facts: EndpointFacts | None = None
        self._pictures_mentioned = False
        self._known: frozenset[str] = frozenset()
        self._connection = Connection(self._server, self._key, self._patience)
        self._exchange: Exchange | None = None

    @property
    def context_window(self) -> int | None:
        """The number of tokens of the window, as the server says it; asked again while it may know better later.

        OpenAI's own server says nothing, and is not asked.
        """
        if not self._server.is_openai and (self._facts is None or self._facts.may_change):
            own = is_own_server(self._server.url)
            key = self._key.for_server(self._server)
            self._facts = endpoint_facts(self._server, self.name, key, own=own)
        return self._facts.context_window if self._facts is not None else None

    @property
    def calls_tools(self) -> bool | None:
        """Whether the model calls tools, as the server says it; None until the window was asked for."""
        return self._facts.calls_tools if self._facts is not None else None

    @property
    def _takes_pictures(self) -> bool:
        seen = self._facts.takes_images if self._facts is not None else None
        return takes_pictures(self.name, self._images_choice, is_openai=self._server.is_openai, told=seen)

    @property
    def protocol(self) -> WireProtocol:
        """The protocol that is spoken."""
        return protocol_for(self._server, self._protocol_choice, self._known)

    def stream(
        self, messages: Sequence[Message], tools: Sequence[Tool], extra: Mapping[str, Any] | None = None
    ) -> Generator[Delta, None, None]:
        """Yield the reply; what the protocol requires is in :class:`oi_core.model.Model`.

        ``extra`` are further arguments of the request, which a format needs.
        """
        self._exchange = self._connection.exchange()
        return self._tries(self._exchange, messages, tools, extra or {})

    def cancel(self) -> None:
        """Stop the reply: the connection is shut down, which frees the server at once."""
        exchange = self._exchange
        if exchange is not None:
            exchange.cancel()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _tries(
        self, exchange: Exchange, messages: Sequence[Message], tools: Sequence[Tool], extra: Mapping[str, Any]
    ) -> Generator[Delta, None, None]:
        attempt = 1
        while True:
            shown, notices = self._with_fit_pictures(messages)
            yield from notices
            protocol, asking = self._asking(shown, tools, extra)
            request = protocol.request(asking)
            begun = False
            try:
                for delta in self._connection.reply(exchange, protocol, request, asking.origin):
                    begun = True
                    yield delta
                return
            except Trouble as trouble:
                if begun:  # what was shown cannot be taken back, so this is not asked for again
                    raise self._error(trouble) from trouble
                if trouble.generation:
                    yield from rescued(trouble.generation)
                    return
                if self._can_meet(trouble, request):
                    continue
                wait = self._wait_before_next(trouble, attempt)
                attempt += 1
                retry = f"retry {attempt}/{self._patience.tries} in {_seconds(wait)} s"
                yield NoticePart(f"{self._key.hidden_in(trouble.message)} · {retry}")
                exchange.sleep(wait)

    def _asking(
        self, messages: Sequence[Message], tools: Sequence[Tool], extra: Mapping[str, Any]
    ) -> tuple[WireProtocol, Asking]:
        protocol = self.protocol
        origin = f"{protocol.name} {self._server.url} {self.name}"
        return protocol, Asking(self._name_there, messages, tools, self._temperature, extra, origin, self._known)

    def _with_fit_pictures(self, messages: Sequence[Message]) -> tuple[Sequence[Message], Iterator[Delta]]:
        """Return the conversation with the pictures that the model takes, and what to say about those it does not."""
        if not has_pictures(messages):
            return messages, iter(())
        if self._takes_pictures and Demand.NO_IMAGES not in self._known:
            return bounded_pictures(messages), iter(())
        return without_pictures(messages), self._pictures_notice()

    def _pictures_notice(self) -> Iterator[Delta]:
        if not self._pictures_mentioned:
            self._pictures_mentioned = True
            if self._takes_pictures:
                text = f"{self.name} takes no pictures here: it is told what they are"
            else:
                text = f"{self.name} is not sent pictures, only what they are · plugins.openai.images = yes sends them"
            yield NoticePart(text, Level.INFO)

    def _can_meet(self, trouble: Trouble, request: Mapping[str, Any]) -> bool:
        """Take note of what the server wants otherwise, and return whether there is anything."""
        if trouble.is_unknown_model and self._name_there.startswith(PROVIDER_PREFIX):
            self._name_there = self._name_there.removeprefix(PROVIDER_PREFIX)
            return True
        wanted = demand(trouble.said, trouble.param, request, self._known) if trouble.may_be_a_demand else None
        if wanted is None:
            return False
        self._known |= {wanted}
        return True

    def _wait_before_next(self, trouble: Trouble, attempt: int) -> float:
        """Return the seconds to wait before the next try; raise where there is to be none."""
        patience = self._patience
        asked = trouble.wait or 0.0
        final = not trouble.retry or refuses_a_format(trouble.said)
        if final or attempt >= patience.tries or asked > patience.longest_wait:
            raise self._error(trouble) from trouble
        backoff = patience.backoff * 2.0 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311  (not a secret)
        return backoff * trouble.slower if trouble.wait is None else trouble.wait

    def _error(self, trouble: Trouble) -> ModelError:
        asked = trouble.wait or 0.0
        told = f" (it asks to wait {asked:.0f} s)" if asked > self._patience.longest_wait else ""
        message = self._key.hidden_in(trouble.message + told)
        if trouble.overflow is None:
            return ModelError(message, trouble.next_step)
        figures = trouble.overflow
        return ContextOverflow(message, trouble.next_step, window=figures.window, prompt_tokens=figures.prompt_tokens)


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}".removesuffix(".0")
