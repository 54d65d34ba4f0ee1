"""What Python code fetches from elsewhere, sends there, and listens for."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden import python_network_calls as known
from oi_forbidden.acts import Verb
from oi_forbidden.hosts import labels_of_address
from oi_forbidden.places import HOLE
from oi_forbidden.python_context import PythonCall, PythonContext
from oi_forbidden.python_values import Thing, as_text

_TOLD: Final = frozenset({"file", "secret", "environ", "variable", "command", "host", "clipboard"})
_SENT_KEYWORDS: Final = ("data", "json", "files", "content", "body", "params", "headers", "fields")
_CONNECTIONS: Final = (
    "socket.socket().connect",
    "socket.socket().connect_ex",
    "socket.create_connection",
    "asyncio.open_connection",
)
_LOOKUPS: Final = ("dns.resolver.resolve", "dns.resolver.query", "socket.gethostbyname", "socket.getaddrinfo")


def _add(verb: Verb, address: str, call: PythonCall, context: PythonContext, *tags: str) -> None:
    context.add(verb, address, call, *tags, *labels_of_address(address))


def _told(expressions: list[ast.expr], context: PythonContext) -> frozenset[str]:
    """Return what of the person's goes into expressions; a key named in an authorization header is not told on."""
    found: set[str] = set()
    for expression in expressions:
        found |= context.evaluator.origins(expression) & _TOLD
    if "variable" in found:
        found.add("secret")
    return frozenset(found - {"variable"})


def _fetch(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(known.FETCHES[call.name], "url", "fullurl")
    if expression is None:
        return
    told = _told([expression, *(v for k, v in call.keywords.items() if k == "params")], context) - {"file"}
    body = call.argument(1, "data") if "urlopen" in call.name or "Request" in call.name else None
    method = (
        context.evaluator.texts(call.arguments[0])[0] if known.FETCHES[call.name] == 1 and call.arguments else "GET"
    )
    for address in context.evaluator.texts(expression)[:4]:
        _add(Verb.FETCH, address, call, context)
        if told:
            _add(Verb.SEND, address, call, context, *told)
        if body is not None or method.upper() in ("POST", "PUT", "PATCH"):
            _send_body(address, [body] if body is not None else _body(call), call, context)
    _flood(call, context)
    if call.last in ("urlretrieve", "download"):
        target = call.argument(1, "filename", "out", "output")
        names = (
            context.evaluator.texts(target)
            if target is not None
            else [a.rpartition("/")[2] for a in context.evaluator.texts(expression)]
        )
        context.fetched.update(name.removeprefix("./") for name in names)
        if target is not None:
            context.fetched.add(ast.dump(target))
            for name in names:
                context.add_path(Verb.WRITE, name, call)


def _body(call: PythonCall) -> list[ast.expr]:
    found = [value for name, value in call.keywords.items() if name in _SENT_KEYWORDS and name != "headers"]
    return found or list(call.arguments[1:])


def _send_body(address: str, body: list[ast.expr], call: PythonCall, context: PythonContext) -> None:
    told = _told(body, context)
    files = {"file"} if "files" in call.keywords else set()
    _add(Verb.SEND, address, call, context, *told, *files, "body")


def _send(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(known.SENDS[call.name], "url")
    for address in context.evaluator.texts(expression)[:4] if expression is not None else [HOLE]:
        _send_body(address, _body(call), call, context)
    _flood(call, context)


def _flood(call: PythonCall, context: PythonContext) -> None:
    """Note requests without end, from a loop without end."""
    for loop in context.scope.loops[:32]:
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value:
            calls = [node for node in ast.walk(loop) if isinstance(node, ast.Call)]
            pauses = any(
                getattr(c.func, "attr", getattr(c.func, "id", "")) in ("sleep", "wait", "input") for c in calls
            )
            if (
                call.node in calls
                and not pauses
                and not any(isinstance(n, ast.Break | ast.Return) for n in ast.walk(loop))
            ):
                context.add(Verb.CALL, "flood", call)


def _sent_file(call: PythonCall, context: PythonContext) -> None:
    what = known.SENT_FILES[call.name]
    address = _address_of_maker(call.thing, context)
    _add(Verb.SEND, address, call, context, what)


def _address_of_maker(thing: object, context: PythonContext) -> str:
    """Return the address that the object was made with, of which a method is called."""
    while isinstance(thing, Thing):
        if thing.call is not None and thing.call.args:
            for text in context.evaluator.texts(thing.call.args[0]):
                if re.search(r"\w\.\w", text):
                    return text
        thing = thing.receiver
    return HOLE


def _connect(call: PythonCall, context: PythonContext) -> None:
    target = call.argument(0, "address", "host")
    values = context.evaluator.values(target)
    address = next((as_text(v[0] if isinstance(v, tuple) and v else v) for v in values), HOLE)
    port = next((v[1] for v in values if isinstance(v, tuple) and len(v) > 1), None)
    loops = [loop for loop in context.scope.loops if isinstance(loop, ast.For)]
    if (call.last == "connect_ex" and (loops or not isinstance(port, int))) or (
        loops and not isinstance(port, int) and any(call.node in ast.walk(loop) for loop in loops[:8])
    ):
        context.add(Verb.CALL, "scan", call)
    _add(Verb.SEND, address, call, context, "socket")


def _request(call: PythonCall, context: PythonContext) -> None:
    address = _address_of_maker(call.thing, context)
    method = context.evaluator.texts(call.argument(0, "method"))[0]
    body = [a for a in (call.argument(2, "body"),) if a is not None]
    if body or method.upper() in ("POST", "PUT", "PATCH"):
        _send_body(address, body, call, context)
    if _told([*call.arguments[1:2]], context):
        _add(Verb.SEND, address, call, context, *_told([*call.arguments[1:2]], context))


def _serve(call: PythonCall, context: PythonContext) -> None:
    target = call.argument(0, "server_address", "address", "host")
    value = context.evaluator.values(target)[0]
    host = as_text(value[0]) if isinstance(value, tuple) and value else as_text(value)
    port = as_text(value[1]) if isinstance(value, tuple) and len(value) > 1 else ""
    labels = {"local"} if host in ("127.0.0.1", "localhost", "::1") or "/" in host else set()
    context.add(Verb.LISTEN, f"{host or 'every address'}:{port}" if port else host, call, *labels)


def _run_app(call: PythonCall, context: PythonContext) -> None:
    host = call.keywords.get("host")
    if host is not None and "0.0.0.0" in context.evaluator.texts(host):  # noqa: S104  (looked for, not listened on)
        context.add(Verb.LISTEN, "every address", call)


def _lookup(call: PythonCall, context: PythonContext) -> None:
    expression = call.argument(0)
    told = context.evaluator.origins(expression) & _TOLD
    if told and call.name.startswith("dns"):
        context.add(Verb.SEND, context.evaluator.texts(expression)[0], call, "lookup", *told)


def _raw_socket(call: PythonCall, context: PythonContext) -> None:
    text = " ".join(ast.dump(argument) for argument in call.every_argument())
    if "SOCK_RAW" in text or "AF_PACKET" in text:
        context.add(Verb.CALL, "traffic", call)


def _send_to(call: PythonCall, context: PythonContext) -> None:
    target = call.argument(len(call.arguments) - 1)
    value = context.evaluator.values(target)[0]
    _add(Verb.SEND, as_text(value[0]) if isinstance(value, tuple) and value else HOLE, call, context, "socket")


Reader = Callable[[PythonCall, PythonContext], None]
READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(known.FETCHES, _fetch),
    **dict.fromkeys(known.SENDS, _send),
    **dict.fromkeys(known.SENT_FILES, _sent_file),
    **dict.fromkeys(known.SERVERS, _serve),
    **dict.fromkeys(_CONNECTIONS, _connect),
    **dict.fromkeys(_LOOKUPS, _lookup),
    **dict.fromkeys(("http.client.HTTPConnection().request", "http.client.HTTPSConnection().request"), _request),
    **dict.fromkeys(("flask.Flask().run", "bottle.run", "uvicorn.run", "aiohttp.web.run_app"), _run_app),
    "socket.socket": _raw_socket,
    "socket.socket().sendto": _send_to,
}
"""By function."""
