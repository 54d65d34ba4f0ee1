"""The walk through a shell's syntax tree, in the order in which the shell would run it, along every branch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from oi_forbidden.acts import Verb
from oi_forbidden.places import HOLE
from oi_forbidden.shell_commands import Script
from oi_forbidden.shell_loops import check_loop, is_endless
from oi_forbidden.shell_reader import read_shell
from oi_forbidden.shell_redirects import Redirect, read_redirect, redirect_input, redirect_output
from oi_forbidden.shell_runner import ShellRunner
from oi_forbidden.shell_state import EMPTY, UNKNOWN, Function, Stream
from oi_forbidden.shell_tree import WORD_TYPES, listed, parse_shell, raw_words, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

_REDIRECTS: Final = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
_MOST_ROUNDS: Final = 6
"""Values of a loop's variable that are followed; every further one differs little."""


class ShellWalker:
    """Walks one source; commands go to the runner, which knows programs."""

    def __init__(self, runner: ShellRunner, source: str, line: int) -> None:
        self._runner = runner
        self._source = source.encode("utf-8", "replace")
        self._line = line
        self._state = runner.state
        self._acts = runner.acts
        self._steps: dict[str, Callable[[Node, Stream | None], Stream]] = {
            "command": self._command,
            "pipeline": self._pipeline,
            "redirected_statement": self._redirected,
            "subshell": self._subshell,
            "for_statement": self._for,
            "while_statement": self._while,
            "c_style_for_statement": self._counted,
            "function_definition": self._function,
            "declaration_command": self._declaration,
            "unset_command": self._unset,
            "variable_assignment": self._assignment,
            "test_command": self._expression,
            "compound_statement": self._compound,
            "case_statement": self._case,
            "ERROR": self._error,
        }

    def walk(self, stdin: Stream | None = None) -> Stream:
        """Follow the whole source; return what it prints."""
        root = parse_shell(self._source).root_node
        if root.type == "ERROR":
            return self._error(root, stdin)
        if root.has_error:
            self._acts.unread.append("")
        return self._all(root.children, stdin)

    def walk_body(self, body: Node, stdin: Stream | None) -> Stream:
        """Follow a function's body, a node of this source."""
        return self._statement(body, stdin)

    def _at(self, node: Node) -> int:
        return self._line + node.start_point[0]

    def _all(self, nodes: Iterable[Node], stdin: Stream | None) -> Stream:
        texts: list[str] = []
        tags: set[str] = set()
        for outer in nodes:
            for node in listed(outer):
                if not node.is_named:
                    continue
                output = self._statement(node, stdin)
                texts.append(output.text)
                tags |= output.tags
        text = "".join(texts)
        return Stream(text if len(text) <= 200_000 else HOLE, frozenset(tags))

    def _statement(self, node: Node, stdin: Stream | None) -> Stream:
        step = self._steps.get(node.type)
        if step is None and node.type in ("comment", "heredoc_body", "heredoc_end", "word", "file_descriptor"):
            return EMPTY
        self._acts.deeper()
        try:
            if step is not None:
                return step(node, stdin)
            return self._all(node.named_children, stdin) if node.named_child_count else EMPTY
        finally:
            self._acts.level -= 1

    def _command(self, node: Node, stdin: Stream | None) -> Stream:
        following = node.next_sibling or (node.parent.next_sibling if node.parent is not None else None)
        self._runner.background = following is not None and following.type == "&"
        words, redirects, assignments = self._parts(node)
        return self._runner.run(words, self._at(node), stdin, redirects, assignments)

    def _parts(self, node: Node) -> tuple[list[str], list[Redirect], list[str]]:
        nodes: list[Node] = []
        redirects: list[Redirect] = []
        assignments: list[str] = []
        for child in node.children:
            if child.type == "variable_assignment":
                assignments.append(text_of(child, self._source))
            elif child.type in _REDIRECTS:
                redirect, extra = read_redirect(child, self._source)
                redirects += redirect
                nodes += extra
            else:
                nodes.append(child)
        return list(raw_words(nodes, self._source)), redirects, assignments

    def _redirected(self, node: Node, stdin: Stream | None) -> Stream:
        redirects: list[Redirect] = []
        extra: list[Node] = []
        following: list[Node] = []
        body: Node | None = None
        for child in node.children:
            if child.type not in _REDIRECTS:
                body = body or child
                continue
            found, words = read_redirect(child, self._source)
            redirects += found
            extra += words
            if child.type == "heredoc_redirect":
                for inner in child.named_children:
                    if inner.type == "file_redirect":
                        found, words = read_redirect(inner, self._source)
                        redirects += found
                        extra += words
                    elif inner.type not in ("heredoc_start", "heredoc_body", "heredoc_end", "file_descriptor"):
                        following.append(inner)
        output = self._with_redirects(body, redirects, extra, stdin)
        for follower in following:
            if follower.type in WORD_TYPES or follower.type == "ERROR":
                self._error(follower, output)
            else:
                output = self._statement(follower, output)
        return output

    def _with_redirects(
        self, body: Node | None, redirects: list[Redirect], extra: list[Node], stdin: Stream | None
    ) -> Stream:
        if body is not None and body.type == "command":
            following = body.parent.next_sibling if body.parent is not None else None
            self._runner.background = following is not None and following.type == "&"
            words, own, assignments = self._parts(body)
            words += raw_words(extra, self._source)
            return self._runner.run(words, self._at(body), stdin, [*own, *redirects], assignments)
        line = self._at(body) if body is not None else self._line
        flowing = redirect_input(self._runner, redirects, stdin, line)
        output = self._statement(body, flowing) if body is not None else EMPTY
        return redirect_output(self._runner, redirects, output, line)

    def _pipeline(self, node: Node, stdin: Stream | None) -> Stream:
        flowing = stdin
        for child in node.named_children:
            if child.type in ("comment",):
                continue
            self._runner.pipes += 1
            try:
                flowing = self._statement(child, flowing)
            finally:
                self._runner.pipes -= 1
        return flowing or EMPTY

    def _compound(self, node: Node, stdin: Stream | None) -> Stream:
        if node.children and node.children[0].type == "((":
            return self._expression(node, stdin)
        return self._all(node.children, stdin)

    def _subshell(self, node: Node, stdin: Stream | None) -> Stream:
        folder, folders = self._state.folder, list(self._state.folders)
        output = self._all(node.children, stdin)
        self._state.folder, self._state.folders = folder, folders
        return output

    def _expression(self, node: Node, _stdin: Stream | None) -> Stream:
        text = text_of(node, self._source)
        if "$" in text or "`" in text:
            self._runner.expander(self._at(node)).text(text, quoted=True)
        return EMPTY

    def _case(self, node: Node, stdin: Stream | None) -> Stream:
        value = node.child_by_field_name("value")
        if value is not None:
            self._expression(value, stdin)
        outputs = [
            self._all([c for c in item.children if c.type not in WORD_TYPES], stdin)
            for item in node.named_children
            if item.type == "case_item"
        ]
        return outputs[0] if len(outputs) == 1 else UNKNOWN

    def _for(self, node: Node, stdin: Stream | None) -> Stream:
        name = next((text_of(c, self._source) for c in node.children if c.type == "variable_name"), "")
        body = node.child_by_field_name("body")
        nodes = [c for c in node.children if c.type in WORD_TYPES and c.type != "variable_name"]
        expander = self._runner.expander(self._at(node))
        values = [value for raw in raw_words(nodes, self._source) for value in expander.words(raw)] or [HOLE]
        heading = self._source[node.start_byte : body.start_byte if body else node.end_byte].decode("utf-8", "replace")
        self._check_loop(node, body, endless=False, heading=heading)
        return self._rounds(name, values, frozenset(expander.tags), body, stdin)

    def _rounds(
        self, name: str, values: list[str], tags: frozenset[str], body: Node | None, stdin: Stream | None
    ) -> Stream:
        outputs: list[Stream] = []
        self._runner.loops += 1
        try:
            for value in list(dict.fromkeys(values))[:_MOST_ROUNDS]:
                self._state.assign(name, value, tags)
                outputs.append(self._statement(body, stdin) if body is not None else EMPTY)
        finally:
            self._runner.loops -= 1
        text = "".join(output.text for output in outputs)
        return Stream(text if len(values) <= _MOST_ROUNDS else HOLE, frozenset().union(*(o.tags for o in outputs)))

    def _while(self, node: Node, stdin: Stream | None) -> Stream:
        body = node.child_by_field_name("body")
        heading = self._source[node.start_byte : body.start_byte if body else node.end_byte].decode("utf-8", "replace")
        self._check_loop(node, body, endless=is_endless(heading), heading=heading)
        reading = re.match(r"(?:while|until)\s+(?:\w*=\S*\s+)*read\b([^;\n|]*)", heading)
        if reading is not None and body is not None:
            names = [word for word in reading[1].split() if re.fullmatch(r"[A-Za-z_]\w*", word)] or ["REPLY"]
            lines = stdin.text.splitlines() if stdin is not None else [HOLE]
            for name in names[1:]:
                self._state.assign(name, HOLE)
            return self._rounds(names[0], lines or [HOLE], stdin.tags if stdin else frozenset(), body, stdin)
        self._runner.loops += 1
        try:
            return self._all([c for c in node.children if c.is_named], stdin)
        finally:
            self._runner.loops -= 1

    def _counted(self, node: Node, stdin: Stream | None) -> Stream:
        body = node.child_by_field_name("body")
        name = re.search(r"\(\(\s*(\w+)", text_of(node, self._source))
        heading = self._source[node.start_byte : body.start_byte if body else node.end_byte].decode("utf-8", "replace")
        endless = re.search(r"\(\(\s*;\s*;\s*\)\)", heading) is not None
        self._check_loop(node, body, endless=endless, heading=heading)
        return self._rounds(name[1] if name else "_", [HOLE], frozenset(), body, stdin)

    def _check_loop(self, node: Node, body: Node | None, *, endless: bool, heading: str) -> None:
        text = text_of(body, self._source) if body is not None else ""
        check_loop(self._acts, body, text, self._at(node), endless=endless, heading=heading)

    def _function(self, node: Node, _stdin: Stream | None) -> Stream:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is not None and body is not None:
            self._runner.define(text_of(name, self._source), Function(body, self._source, self._line))
        return EMPTY

    def _declaration(self, node: Node, _stdin: Stream | None) -> Stream:
        keyword = node.children[0].type if node.children else "declare"
        words: list[str] = []
        assignments: list[str] = []
        for child in node.children[1:]:
            (assignments if child.type == "variable_assignment" else words).append(text_of(child, self._source))
        return self._runner.declare(keyword, words, assignments, self._at(node))

    def _unset(self, node: Node, _stdin: Stream | None) -> Stream:
        for child in node.children[1:]:
            self._acts.add(Verb.VARIABLE, text_of(child, self._source), self._at(node), frozenset({"unset"}))
        return EMPTY

    def _assignment(self, node: Node, _stdin: Stream | None) -> Stream:
        self._runner.assign(text_of(node, self._source), self._at(node))
        return EMPTY

    def _error(self, node: Node, stdin: Stream | None) -> Stream:
        """Read what the parser could not, with the simpler reader that never gives up."""
        line = self._at(node)
        source = text_of(node, self._source)
        self._acts.unread.append(source[:2000])
        self._acts.spend(1 + len(source) // 200)
        for command in read_shell(Script(source, line)).commands[:500]:
            redirects = [Redirect(r.operator, r.target, "") for r in command.redirections]
            self._runner.run(list(command.words), command.line, stdin, redirects, [])
        return UNKNOWN
