"""Redirections of a shell command: what flows in from files, text and sockets, and where its output goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from oi_forbidden.acts import NOTHING, Verb
from oi_forbidden.command import FLOWS
from oi_forbidden.hosts import labels_of_address
from oi_forbidden.places import HOLE, labels_of, normal
from oi_forbidden.shell_state import EMPTY, UNKNOWN, Stream
from oi_forbidden.shell_tree import WORD_TYPES, text_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from oi_forbidden.shell_runner import ShellRunner

_SOCKET: Final = re.compile(r"/dev/(?:tcp|udp)/([^/]*)/(.*)")
OUTPUTS: Final = frozenset({">", ">>", ">|", "&>", "&>>", ">&", "<>"})
"""Operators that write."""


class Redirect(NamedTuple):
    """A redirection: its operator, the raw word after it (a here-document's body for ``<<``), its descriptor."""

    operator: str
    target: str
    descriptor: str = ""


def read_redirect(node: Node, source: bytes) -> tuple[list[Redirect], list[Node]]:
    """Return what a redirection in the tree says, and words after its target, which belong to the command."""
    descriptor, operator, words = "", "", []
    for child in node.children:
        if child.type == "file_descriptor":
            descriptor = text_of(child, source)
        elif child.type in WORD_TYPES:
            words.append(child)
        elif not child.is_named and not operator:
            operator = child.type
    if node.type == "heredoc_redirect":
        return [_document_of(node, source, descriptor)], []
    if not words:
        return [], []
    end = words[0].end_byte
    count = 1
    while count < len(words) and words[count].start_byte == end:
        end = words[count].end_byte
        count += 1
    target = source[words[0].start_byte : end].decode("utf-8", "replace")
    if node.type == "herestring_redirect":
        operator = "<<<"
    return [Redirect(operator, target, descriptor)], words[count:]


def _document_of(node: Node, source: bytes, descriptor: str) -> Redirect:
    start = next((text_of(c, source) for c in node.children if c.type == "heredoc_start"), "")
    body = next((text_of(c, source) for c in node.children if c.type == "heredoc_body"), "")
    literal = any(mark in start for mark in "'\"\\")
    if any(c.type == "<<-" for c in node.children):
        body = re.sub(r"^\t+", "", body, flags=re.MULTILINE)
    return Redirect("<<" if literal else "<<$", body, descriptor)


def redirect_input(
    runner: ShellRunner, redirects: Sequence[Redirect], stdin: Stream | None, line: int
) -> Stream | None:
    """Return what flows into a command after its redirections."""
    for redirect in redirects:
        if redirect.operator in ("<<", "<<$", "<<-"):
            body = redirect.target
            stdin = Stream(runner.expander(line).text(body, quoted=True) if redirect.operator == "<<$" else body)
        elif redirect.operator == "<<<":
            expander = runner.expander(line)
            text = expander.text(redirect.target)
            stdin = Stream(text + "\n", frozenset(expander.tags))
        elif redirect.operator == "<":
            stdin = input_of(runner, runner.expander(line).text(redirect.target), line)
        elif redirect.operator == "<&" and redirect.target not in ("0", "1", "2", "-"):
            stdin = UNKNOWN
    return stdin


def input_of(runner: ShellRunner, path: str, line: int) -> Stream:
    """Return the contents of a file that is read."""
    socket = _SOCKET.fullmatch(path)
    if socket is not None:
        runner.acts.add(Verb.FETCH, socket[1], line, labels_of_address(socket[1]) | {"socket"} | runner.situation())
        return Stream(HOLE, frozenset({"network"}))
    known = runner.written(path)
    if known is not None:
        return known
    runner.acts.add_path(Verb.READ, path, line, inside=runner.state.folder)
    labels = labels_of(path, runner.acts.folder, runner.state.folder)
    if path == "/dev/null":
        return EMPTY
    return Stream(HOLE, frozenset({"file"} | ({"secret"} if labels & {"secret", "accounts"} else NOTHING)))


def redirect_output(runner: ShellRunner, redirects: Sequence[Redirect], output: Stream, line: int) -> Stream:
    """Note what a command's output is written to; return what still flows on."""
    for redirect in redirects:
        if redirect.operator not in OUTPUTS:
            continue
        path = runner.expander(line).text(redirect.target)
        if path.isdigit() or path == "-":
            continue
        socket = _SOCKET.fullmatch(path)
        if socket is not None:
            tags = labels_of_address(socket[1]) | {"socket"} | (output.tags & FLOWS) | runner.situation()
            runner.acts.add(Verb.SEND, socket[1], line, tags)
        elif path + ">" in runner.state.files:
            runner.read_apart(runner.state.files[path + ">"].text, line, output)
        else:
            _write(runner, path, redirect, output, line)
        if redirect.descriptor != "2":
            output = Stream("", output.tags)
    return output


def _write(runner: ShellRunner, path: str, redirect: Redirect, output: Stream, line: int) -> None:
    appends = redirect.operator in (">>", "&>>")
    empties = not appends and output.text.strip() == "" and redirect.descriptor != "2" and output.tags <= {"file"}
    tags = runner.situation() | ({"append"} if appends else NOTHING) | (output.tags & FLOWS)
    verb = Verb.EMPTY if empties else Verb.WRITE
    runner.acts.add_path(verb, path, line, tags, inside=runner.state.folder)
    if redirect.descriptor != "2":
        place = normal(path, runner.state.folder)
        old = runner.state.files.get(place) if appends else None
        runner.state.files[place] = Stream((old.text if old else "") + output.text, output.tags)
