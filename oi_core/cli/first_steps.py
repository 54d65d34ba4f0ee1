"""The four ways on for a person without an API key: what the first screen offers, and what each choice does."""

from __future__ import annotations

import getpass
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Final

from oi_core.api_keys import KEYRING, account_of, has_keyring, store_key
from oi_core.cli.config_editing import write_value
from oi_core.cli.short_answer import short_answer
from oi_core.cli.signals import interrupt_raises
from oi_core.cli.start import DEMO_MESSAGE, DEMO_MODEL
from oi_core.errors import ConfigError
from oi_core.local_servers import PORTS, local_servers
from oi_core.printed.untrusted_text import neutralise_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oi_core.local_servers import LocalServer
    from oi_core.session import Session

SCAN_SECONDS: Final = 0.3
"""How long the first screen waits for servers of this machine; they answer at once, or are busy with a model."""
CHOICES: Final = {
    "1": ("1", "paste a key", "paste", "key"),
    "2": ("2", "local model", "local"),
    "3": ("3", "other endpoint", "endpoint"),
    "4": ("4", "look around", "demo"),
}
MISSING: Final = "No model to send this to yet: choose 1, 2, 3 or 4 (↑ has your message)"
OPENAI_KEYS_BEGIN: Final = "sk-"
SHORTEST_KEY: Final = 16
SHOWN_MODELS: Final = 20


class FirstSteps:
    """What stands between a person without a key and a first answer; with a key it does nothing."""

    def __init__(
        self,
        session: Session,
        say: Callable[[str], None],
        find_servers: Callable[[], list[LocalServer]] = local_servers,
    ) -> None:
        self._session = session
        self._local_servers = find_servers
        self._say = say
        self._looks_around = False
        self._servers: list[LocalServer] = []
        self._scan = threading.Thread(target=self._find_servers, daemon=True, name="local-servers")
        if self._needed:
            self._scan.start()

    def screen(self) -> str:
        """Return the lines that offer the choices; nothing where there is a key."""
        if not self._needed:
            return ""
        self._scan.join(SCAN_SECONDS)
        rows = [
            (
                "1",
                "paste a key",
                f"stored in {f'{KEYRING}, else a 0600 file' if has_keyring() else 'a file that only you can read'}",
            ),
            ("2", "local model", _found(self._servers)),
            ("3", "other endpoint", "interpreter config set base-url URL   (user config only)"),
            ("4", "look around", "the built-in demo, no key, no network"),
        ]
        keyring = "the keyring, " if has_keyring() else ""
        head = f"No API key found (looked at: {self._session.config.api_key_env}, {keyring}api-key-command)."
        width = shutil.get_terminal_size().columns - 1
        lines = [head, *(f"  {number}  {name:<16} {what}" for number, name, what in rows)]
        return "\n".join(_cut(neutralise_line(line), width) for line in lines)

    def chosen(self, text: str) -> str:
        """Return the message to send: the text itself, or nothing when it was a choice or has nobody to go to."""
        choice = next((number for number, names in CHOICES.items() if text.casefold() in names), "")
        if not self._needed or (self._looks_around and not choice):
            return text
        if not choice:
            return text if text.startswith(("/", "%", "!")) else self._explained()
        try:
            return {"1": self._paste_key, "2": self._choose_local, "3": self._endpoint, "4": self._look}[choice]()
        except (KeyboardInterrupt, EOFError):
            self._say("(nothing is changed)")
        except ConfigError as error:
            self._say(str(error))
        return ""

    @property
    def _needed(self) -> bool:
        return self._looks_around or not self._session.has_key

    def _explained(self) -> str:
        self._say(MISSING)
        return ""

    def _paste_key(self) -> str:
        self._answer_no_demo()
        config = self._session.config
        key = _asked_hidden("API key (not shown; Enter for none): ")
        reason = "" if not key else problem_with(key, for_openai=config.base_url is None)
        if not key or reason:
            self._say(reason or "(nothing is changed)")
            return ""
        where = store_key(account_of(config), key)
        self._session.api_key = key
        self._say(f"The key is stored in {where}, and used from here on. What shall be done?")
        return ""

    def _choose_local(self) -> str:
        self._find_servers()
        offers = [(server, model) for server in self._servers for model in server.models]
        if not offers:
            self._say(f"{_found(self._servers)}\nStart a server with a model, then choose 2 again.")
            return ""
        picked = offers[0] if len(offers) == 1 else self._picked(offers)
        if picked is None:
            self._say("(nothing is changed)")
            return ""
        server, model = picked
        self._use(server.address, model)
        if _asked("Keep it for other sessions too? [y/N] ").casefold() in ("y", "yes"):
            self._keep(server.address, model)
        return ""

    def _picked(self, offers: Sequence[tuple[LocalServer, str]]) -> tuple[LocalServer, str] | None:
        """Have one of several models picked, by its number or name."""
        for number, (server, model) in enumerate(offers[:SHOWN_MODELS], 1):
            self._say(f"  {number:>2}  {model}   {server.kind} at {_place(server)}")
        answer = _asked("Which one? (number or name, Enter for none) ")
        if answer.isdecimal() and 1 <= int(answer) <= len(offers):
            return offers[int(answer) - 1]
        return next((offer for offer in offers if offer[1] == answer), None)

    def _endpoint(self) -> str:
        url = _asked("Its address, up to /v1: ").rstrip("/")
        model = _asked("The model's name there: ") if url else ""
        if not url or not model:
            self._say("(nothing is changed)")
            return ""
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f"{url} is not an address", "it begins with http:// or https://")
        key = _asked_hidden("API key (not shown; Enter for none): ")
        self._use(url, model)
        if key:
            store_key(account_of(self._session.config), key)
            self._session.api_key = key
        self._keep(url, model)
        return ""

    def _look(self) -> str:
        self._looks_around = True
        self._session.configure(model=DEMO_MODEL)
        return DEMO_MESSAGE

    def _use(self, address: str, model: str) -> None:
        self._looks_around = False
        self._session.api_key = None  # it was for another server
        self._session.configure(model=model, base_url=address)
        self._say(f"{model} at {address} answers from here on. What shall be done?")

    def _keep(self, address: str, model: str) -> None:
        from oi_core.config import user_config_file

        file = user_config_file()
        write_value(file, ("base-url",), address)
        write_value(file, ("model",), model)
        self._say(f"base-url and model are set in {file}")

    def _answer_no_demo(self) -> None:
        """Go back to the model that the configuration names, after a look around."""
        if self._looks_around:
            self._looks_around = False
            self._session.configure(model=self._session.resolution.config.model)

    def _find_servers(self) -> None:
        self._servers = self._local_servers()


def problem_with(key: str, *, for_openai: bool) -> str:
    """Return why this cannot be a key; nothing when it may be one."""
    if not key.isascii() or not key.isprintable() or " " in key:
        return "That is not a key: it holds spaces, or characters that cannot be sent. Choose 1 to try again."
    if len(key) < SHORTEST_KEY:
        return "That is too short for a key. Choose 1 to try again."
    if for_openai and not key.startswith(OPENAI_KEYS_BEGIN):
        return f"A key of OpenAI begins with {OPENAI_KEYS_BEGIN}; for another server choose 3. Nothing is stored."
    return ""


def _found(servers: Sequence[LocalServer]) -> str:
    with_models = [server for server in servers if server.models]
    if with_models:
        return "; ".join(f"found at {_place(server)}: {', '.join(server.models)}" for server in with_models)
    if servers:
        return f"a server at {_place(servers[0])} offers none" + (" without a key" if servers[0].needs_key else "")
    return f"no server found here (ports {' '.join(map(str, PORTS))})"


def _place(server: LocalServer) -> str:
    return server.address.removeprefix("http://").removesuffix("/v1")


def _asked(question: str) -> str:
    return short_answer(question)


def _asked_hidden(question: str) -> str:
    with interrupt_raises():
        return getpass.getpass(question, sys.stdout).strip()


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"
