"""Programs that run code they are given: shells, interpreters, editors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.places import HOLE, normal
from oi_forbidden.shell_state import UNKNOWN, Stream

SHELLS: Final = frozenset(
    {"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "rbash", "csh", "tcsh", "yash", "oksh"}
)


_SHELL_VALUED: Final = frozenset({"-o", "-O", "+o", "+O", "--rcfile", "--init-file"})


def _shell(command: Command) -> Stream | None:
    arguments = list(command.arguments)
    if any(a in ("--version", "--help") for a in arguments):
        return None
    takes_code = interactive = takes_stdin = False
    while arguments and arguments[0][:1] in "-+" and len(arguments[0]) > 1:
        option = arguments.pop(0)
        if option == "--":
            break
        takes_code = takes_code or (not option.startswith("--") and "c" in option)
        interactive = interactive or (not option.startswith("--") and "i" in option)
        takes_stdin = takes_stdin or (not option.startswith("--") and "s" in option)
        if option in _SHELL_VALUED and arguments:
            arguments.pop(0)
    if takes_code:
        return _code(arguments[0], command, arguments[1:]) if arguments else None
    if arguments and arguments[0] != "-" and not takes_stdin:
        return _script_file(arguments[0], command, arguments[1:])
    if command.stdin is not None:
        return from_stdin(command)
    command.add(Verb.SHELL, command.name, *(("interactive",) if interactive else ()))
    return None


def _code(source: str, command: Command, positional: Sequence[str] = ()) -> Stream:
    if "decoded" in command.tags and HOLE not in source:
        command.add(Verb.CODE, command.name, "decoded")
    if HOLE in source:
        partly = ("partly",) if source.strip(HOLE + " \n;") and not source.startswith(HOLE) else ()
        command.add(Verb.CODE, command.name, *partly, *(command.tags & {"network", "decoded"}))
        if not partly:
            return UNKNOWN
    return command.shell.read_apart(source, command.line, command.stdin, list(positional)[1:] or None)


def from_stdin(command: Command) -> Stream:
    """Read what flows into a shell as its source."""
    stdin = command.stdin or UNKNOWN
    if HOLE in stdin.text or "decoded" in stdin.tags:
        command.add(Verb.CODE, command.name, "stdin", *stdin.tags)
        if not stdin.text.strip(HOLE + " \n"):
            return UNKNOWN
    return command.shell.read_apart(stdin.text, command.line)


def _script_file(path: str, command: Command, arguments: Sequence[str]) -> Stream | None:
    state = command.shell.state
    known = state.files.get(normal(path, state.folder)) or state.files.get(path)
    _note_script(path, command)
    if path in ("/dev/stdin", "/dev/fd/0") and command.stdin is not None:
        return from_stdin(command)
    return command.shell.run_text(known, command, arguments) if known is not None else None


def _note_script(path: str, command: Command) -> None:
    """Note a script by its name, which may be that of a well-known tool."""
    name = path.rpartition("/")[2].rpartition(".")[0]
    if name:
        command.shell.acts.add(Verb.RUN, name, command.line, command.tags)


def _python(command: Command) -> None:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-") and arguments[0] != "-":
        option = arguments.pop(0)
        if re.fullmatch(r"-[a-zA-Z]*c", option):
            if arguments:
                read_language("python", arguments[0], command)
            return
        if re.fullmatch(r"-[a-zA-Z]*m", option):
            _python_module(arguments, command)
            return
        if option in ("-W", "-X") and arguments:
            arguments.pop(0)
    state = command.shell.state
    if arguments and arguments[0] != "-":
        _note_script(arguments[0], command)
        known = state.files.get(normal(arguments[0], state.folder)) or state.files.get(arguments[0])
        if known is not None:
            _read_stream("python", known, command)
    elif command.stdin is not None:
        _read_stream("python", command.stdin, command)


def _python_module(arguments: list[str], command: Command) -> None:
    if not arguments:
        return
    module, *rest = arguments
    if module in ("pip", "ensurepip", "pipx"):
        command.shell.run_words(["pip", *rest], command.line, None, command.tags)
    elif module in ("http.server", "SimpleHTTPServer", "pyftpdlib", "uploadserver", "smtpd"):
        command.add(Verb.LISTEN, " ".join(rest) or "8000", "files")
    elif module in ("timeit",):
        read_language("python", rest[-1] if rest else "", command)
    elif module == "pty":
        command.add(Verb.SHELL, "python")


def _read_stream(language: str, stream: Stream, command: Command) -> None:
    if HOLE in stream.text:
        command.add(Verb.CODE, command.name, "stdin", *stream.tags)
        if not stream.text.strip(HOLE + " \n"):
            return
    read_language(language, stream.text, command)


def read_language(language: str, source: str, command: Command) -> None:
    """Read source that a command runs in a language, or note that it cannot be seen."""
    if source.strip(HOLE + " \n") == "" and HOLE in source:
        command.add(Verb.CODE, command.name, *(command.tags & {"network", "decoded"}))
        return
    readers = command.shell.readers
    if language == "python":
        readers.python(source.replace(HOLE, "_"), command.line, command.shell.depth + 1)
    else:
        readers.other(language, source, command.line, command.shell.depth + 1)


def _evaluates(language: str, *options: str) -> Callable[[Command], None]:
    def read(command: Command) -> None:
        sources = list(command.values(*options))
        sources += [
            command.arguments[i + 1]
            for i, a in enumerate(command.arguments[:-1])
            if re.fullmatch(r"-[a-zA-Z0-9]+", a)
            and a not in options
            and a[-1] in "".join(o[-1] for o in options if len(o) == 2)
        ]
        for source in dict.fromkeys(sources):
            read_language(language, source, command)
        if language in ("perl", "ruby") and any(re.match(r"-[a-zA-Z]*i", a) for a in command.arguments):
            empties = bool(sources) and not sources[0].strip()
            for path in command.operands(" ".join(options))[: None if sources else 0]:
                if path not in sources:
                    command.add_path(Verb.EMPTY if empties else Verb.WRITE, path, "edit")
        if not sources and not command.operands() and command.stdin is not None:
            _read_stream(language, command.stdin, command)
        if command.name == "php" and command.has("-S"):
            command.add(Verb.LISTEN, next(command.values("-S"), ""), "files")
        if command.name == "ruby" and "httpd" in command.arguments:
            command.add(Verb.LISTEN, "8080", "files")

    return read


def _awk(command: Command) -> None:
    operands = command.operands("-F -v -f --field-separator --assign --file")
    if operands and not command.has("-f", "--file"):
        read_language("awk", operands[0], command)


def _editor(command: Command) -> None:
    """``vim -c ':!cmd'``, and its ways into Python and Lua."""
    scripts = [*command.values("-c", "--cmd", "-C"), *(a[1:] for a in command.arguments if a.startswith("+"))]
    scripts += [a.partition("c")[2] for a in command.arguments if re.fullmatch(r"-\w*sc", a)]
    for index, argument in enumerate(command.arguments[:-1]):
        if re.fullmatch(r"-\w+c", argument):
            scripts.append(command.arguments[index + 1])
    for script in scripts:
        text = script.lstrip(": ")
        run = re.match(r"(?:silent\s*)?!+\s*(.*)", text, re.DOTALL)
        language = re.match(r"(py\w*|lua|ruby|perl)\s+(.*)", text, re.DOTALL)
        if run is not None:
            command.shell.read_apart(run[1], command.line)
        elif language is not None:
            read_language("python" if language[1].startswith("py") else language[1], language[2], command)
        elif re.match(r"(?:set\s+shell|shell|term)", text):
            command.add(Verb.SHELL, command.name)
        elif re.match(r"(?:%|1,\$)d\b", text):
            for path in command.operands("-c --cmd -sc -es"):
                command.add_path(Verb.EMPTY, path)


def _line_editor(command: Command) -> None:
    text = command.stdin.text if command.stdin is not None else ""
    for line in text.splitlines():
        if line.lstrip().startswith("!"):
            command.shell.read_apart(line.lstrip()[1:], command.line)
    if re.search(r"^(?:1,\$|,|%)d", text, re.MULTILINE):
        for path in command.operands("-p"):
            command.add_path(Verb.EMPTY, path)


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    **dict.fromkeys(SHELLS, _shell),
    "python": _python,
    "perl": _evaluates("perl", "-e", "-E"),
    "ruby": _evaluates("ruby", "-e"),
    "irb": _evaluates("ruby", "-e"),
    "jruby": _evaluates("ruby", "-e"),
    "php": _evaluates("php", "-r", "-R", "-B"),
    "lua": _evaluates("lua", "-e"),
    "node": _evaluates("javascript", "-e", "-p", "--eval", "--print"),
    "jjs": _evaluates("javascript", "-e"),
    "osascript": _evaluates("applescript", "-e"),
    "tclsh": _evaluates("tcl", "-c"),
    "wish": _evaluates("tcl", "-c"),
    "expect": _evaluates("tcl", "-c"),
    "octave": _evaluates("octave", "--eval"),
    "Rscript": _evaluates("r", "-e"),
    "R": _evaluates("r", "-e"),
    "ghc": _evaluates("haskell", "-e"),
    "emacs": _evaluates("lisp", "--eval", "-eval"),
    "puppet": _evaluates("ruby", "-e"),
    "knife": _evaluates("ruby", "-E", "-e"),
    "rake": _evaluates("ruby", "-p", "-e"),
    "bpftrace": _evaluates("awk", "-e"),
    "groovy": _evaluates("javascript", "-e"),
    "elixir": _evaluates("ruby", "-e"),
    "julia": _evaluates("julia", "-e"),
    "dc": _evaluates("ed", "-e"),
    "awk": _awk,
    "vim": _editor,
    "ed": _line_editor,
    "red": _line_editor,
}
"""By program."""
