"""What a shell does with one command: aliases, functions, redirections, wrappers, and the program's own reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from oi_forbidden import shell_builtins
from oi_forbidden.acts import DEPTH_LIMIT, NOTHING, Acts, Readers, TooMuch, Verb
from oi_forbidden.command import FLOWS, Command
from oi_forbidden.places import HOLE, normal
from oi_forbidden.programs import asks_for_help, output_tags, perform, perform_known, program_of
from oi_forbidden.shell_filters import output_of
from oi_forbidden.shell_pieces import pieces
from oi_forbidden.shell_redirects import OUTPUTS, Redirect, input_of, redirect_input, redirect_output
from oi_forbidden.shell_state import EMPTY, UNKNOWN, Function, ShellState, Stream
from oi_forbidden.shell_words import WordExpander
from oi_forbidden.wrappers import command_starts

if TYPE_CHECKING:
    from oi_forbidden.shell_walker import ShellWalker

LONGEST: Final = 120_000
"""Characters of shell source that are parsed; the parser's time grows faster than some sources' length."""

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?)=(.*)", re.DOTALL)


class ShellRunner:
    """Follows commands with what is known so far; one for each shell, with one walker for each source it reads."""

    def __init__(self, readers: Readers, state: ShellState, depth: int) -> None:
        if depth > DEPTH_LIMIT:
            raise TooMuch
        self.readers = readers
        self.acts: Acts = readers.acts
        self.state = state
        self.depth = depth
        self.loops = 0
        self.pipes = 0
        self.background = False
        self.context: frozenset[str] = NOTHING
        self._running: set[str] = set()
        self._called: set[str] = set()
        self._descriptors = 0

    def read(self, source: str, line: int, stdin: Stream | None = None) -> Stream:
        """Follow source in this very shell, as ``eval`` and ``source`` do; return what it prints."""
        self.acts.spend(1 + len(source) // 60)
        if len(source) > LONGEST:
            raise TooMuch
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise TooMuch
        self.acts.deeper()
        try:
            outputs = [self._walker(piece, line + before).walk(stdin) for piece, before in pieces(source)]
            return outputs[0] if len(outputs) == 1 else UNKNOWN
        finally:
            self.depth -= 1
            self.acts.level -= 1

    def read_apart(
        self, source: str, line: int, stdin: Stream | None = None, positional: Sequence[str] | None = None
    ) -> Stream:
        """Follow source in a shell of its own, as ``bash -c`` and ``$(…)`` do."""
        inner = ShellRunner(self.readers, self.state.inner(positional), self.depth + 1)
        inner.context, inner.loops = self.context, self.loops
        inner.pipes = self.pipes
        inner._running = self._running
        inner._called = self._called
        return inner.read(source, line, stdin)

    def finish(self) -> None:
        """Follow the functions that nothing called, with arguments that are not known."""
        for name, function in list(self.state.functions.items()):
            if name not in self._called:
                self._call(name, function, None, None)

    def _walker(self, source: str, line: int) -> ShellWalker:
        from oi_forbidden.shell_walker import ShellWalker

        return ShellWalker(self, source, line)

    def expander(self, line: int) -> WordExpander:
        """Return what works out words on a line."""

        def substitute(source: str) -> Stream:
            if source.strip().startswith("<"):
                return input_of(self, self.expander(line).text(source.strip()[1:].strip()), line)
            return self.read_apart(source, line)

        def process(kind: str, source: str) -> str:
            self._descriptors += 1
            path = f"/dev/fd/{62 + self._descriptors}"
            if kind == "<":
                self.state.files[path] = self.read_apart(source, line)
            else:
                self.state.files[path + ">"] = Stream(source)
            return path

        return WordExpander(self.state, substitute, process)

    def define(self, name: str, function: Function) -> None:
        """Note a function."""
        self.state.functions[name] = function
        self._called.discard(name)

    def assign(self, raw: str, line: int, keyword: str = "") -> None:
        """Follow ``name=value``, ``name+=value``, ``name=(…)``, ``name[i]=value``."""
        match = _ASSIGNMENT.fullmatch(raw)
        if match is None:
            return
        name, index, plus, text = match.groups()
        expander = self.expander(line)
        value: str | tuple[str, ...]
        if text.startswith("(") and text.endswith(")"):
            pieces = re.findall(r"(?:\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"|\$\([^)]*\)|[^\s\\'\"])+", text[1:-1])
            value = tuple(word for piece in pieces for word in expander.words(piece))
        else:
            value = expander.text(text)
        old = self.state.value(name)
        if plus and old is not None:
            value = (*old, *value) if isinstance(old, tuple) and isinstance(value, tuple) else f"{old}{value}"
        if index is not None and isinstance(value, str):
            value = (*(old if isinstance(old, tuple) else ()), value)
        self.state.assign(name, value, frozenset(expander.tags))
        self._note_variable(name, value if isinstance(value, str) else " ".join(value), line, keyword)

    def _note_variable(self, name: str, value: str, line: int, keyword: str = "") -> None:
        self.acts.add(Verb.VARIABLE, name, line, frozenset({"set", keyword or "plain"}), value)
        if name in ("PROMPT_COMMAND", "PS0", "BASH_ENV", "PAGER", "GIT_PAGER", "EDITOR", "MANPAGER"):
            self.read_apart(value, line)

    def declare(self, keyword: str, words: Sequence[str], assignments: Sequence[str], line: int) -> Stream:
        """Follow ``export``, ``declare``, ``local``, ``readonly``, ``typeset``."""
        for assignment in assignments:
            if "-n" in words and (match := _ASSIGNMENT.fullmatch(assignment)):
                self.state.references[match[1]] = self.expander(line).text(match[4])
            else:
                self.assign(assignment, line, keyword)
        self.acts.add(Verb.RUN, keyword, line, self.situation(), " ".join([*words, *assignments]))
        return Stream(HOLE, frozenset({"system"})) if not assignments and words else EMPTY

    def _call(self, name: str, function: Function, positional: Sequence[str] | None, stdin: Stream | None) -> Stream:
        if name in self._running:
            return UNKNOWN
        self._called.add(name)
        self._running.add(name)
        before, self.state.positional = self.state.positional, None if positional is None else tuple(positional)
        self.depth += 1
        self.acts.deeper()
        if self.depth > DEPTH_LIMIT:
            raise TooMuch
        try:
            walker = self._walker("", function.line)
            walker._source = function.source
            return walker.walk_body(function.body, stdin)
        finally:
            self.depth -= 1
            self.acts.level -= 1
            self._running.discard(name)
            self.state.positional = before

    def run(
        self,
        raw: Sequence[str],
        line: int,
        stdin: Stream | None,
        redirects: Sequence[Redirect] = (),
        assignments: Sequence[str] = (),
    ) -> Stream:
        """Follow one command, its words still raw; return what it prints to where its output goes."""
        self.acts.spend()
        for assignment in assignments:
            self.assign(assignment, line, "command")
        expander = self.expander(line)
        words = [word for piece in raw for word in expander.words(piece)]
        flowing = redirect_input(self, redirects, stdin, line)
        tags = self._tags(frozenset(expander.tags), flowing)
        if any(redirect.operator in OUTPUTS for redirect in redirects):
            tags |= {"stored"}
        output = self.run_words(words, line, flowing, tags) if words else EMPTY
        return redirect_output(self, redirects, output, line)

    def situation(self) -> frozenset[str]:
        """Return the tags that say where a command stands: in a loop, in the background, behind ``sudo``."""
        loop = {"loop"} if self.loops else NOTHING
        background = {"background"} if self.background else NOTHING
        return self.context | loop | background

    def _tags(self, tags: frozenset[str], stdin: Stream | None) -> frozenset[str]:
        flowing = {"piped", *(stdin.tags & FLOWS)} if stdin is not None else NOTHING
        return tags | flowing | self.situation()

    def run_words(self, words: Sequence[str], line: int, stdin: Stream | None, tags: frozenset[str]) -> Stream:
        """Follow a command whose words are worked out."""
        self.acts.spend(1 + len(words) // 40)
        words = [word for word in words if word] if words and not words[0] else list(words)
        if not words:
            return EMPTY
        name = words[0]
        if name in self.state.aliases:
            alias = self.state.aliases.pop(name)  # a shell does not expand it again in what it stands for
            try:
                return self.read(" ".join([alias, *map(_quoted, words[1:])]), line, stdin)
            finally:
                self.state.aliases[name] = alias
        if name in self._running and (self.pipes or name == ":"):
            self.acts.add(Verb.LOOP, "bomb", line)
        if name in self.state.functions:
            return self._call(name, self.state.functions[name], words[1:], stdin)
        builtin = shell_builtins.BUILTINS.get(name)
        command = Command.of(words, line, stdin, tags, self)
        if builtin is not None:
            return builtin(command)
        inner = self._unwrapped(words)
        if inner is not None:
            return self._run_wrapped(words, inner, command)
        return self._run_program(command)

    def _unwrapped(self, words: Sequence[str]) -> int | None:
        """Return where the command inside a wrapper begins; None when the first word is no wrapper."""
        starts = list(command_starts(words[:64]))
        if len(starts) > 1 and starts[0] == 0:
            return starts[1]
        return starts[0] if starts and starts[0] > 0 else None

    def _run_wrapped(self, words: Sequence[str], start: int, command: Command) -> Stream:
        if command.name == "xargs":
            perform(command)
            return UNKNOWN
        if command.name == "env" and re.search(r"\s", words[start]):
            return self.read(" ".join(words[start:]), command.line, command.stdin)
        if command.name not in ("sudo", "doas", "pkexec"):  # their own reader notes these
            arguments = " ".join(command.arguments)
            self.acts.add(Verb.RUN, command.name, command.line, command.tags | {"wraps"}, arguments[:4_000])
        for word in words[1:start]:
            match = _ASSIGNMENT.fullmatch(word)
            if match is not None:
                self._note_variable(match[1], match[4], command.line, "command")
        self.acts.deeper()
        before = self.context
        if command.name in ("sudo", "doas", "pkexec"):
            perform(command)
            self.context |= {"administrator"}
        try:
            return self.run_words(words[start:], command.line, command.stdin, command.tags | self.context)
        finally:
            self.context = before
            self.acts.level -= 1

    def _run_program(self, command: Command) -> Stream:
        written = self.written(command.path) if "/" in command.path else None
        if written is not None:
            return self.run_text(written, command, command.arguments)
        command = program_of(command)
        arguments = " ".join(command.arguments)
        if not asks_for_help(command):
            self.acts.add(Verb.RUN, command.name, command.line, command.tags, arguments[:4_000])
            perform_known(command)
        tags = output_tags(command)
        stdin = command.stdin.text if command.stdin is not None else ""
        text = output_of(command.name, command.arguments, stdin)
        return Stream(HOLE if text is None else text, tags)

    def written(self, path: str) -> Stream | None:
        """Return what the code itself wrote to a file, where that is known."""
        return self.state.files.get(normal(path, self.state.folder))

    def run_text(self, stream: Stream, command: Command, arguments: Sequence[str] = ()) -> Stream:
        """Follow a script that the code itself brought here, by writing, downloading or piping it."""
        if HOLE in stream.text or "decoded" in stream.tags:
            self.acts.add(Verb.CODE, command.name, command.line, command.tags | stream.tags)
            if stream.text.strip(HOLE + " \n") == "":
                return UNKNOWN
        if re.match(r"#!.*python", stream.text):
            self.readers.python(stream.text, command.line, self.depth + 1)
            return UNKNOWN
        return self.read_apart(stream.text, command.line, None, arguments)


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"
