"""Programs that run code they are given: shells, interpreters, editors, and the many that run a command for others."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.names import words
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
        return _from_stdin(command)
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


def _from_stdin(command: Command) -> Stream:
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
        return _from_stdin(command)
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
                _read_language("python", arguments[0], command)
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
        _read_language("python", rest[-1] if rest else "", command)
    elif module == "pty":
        command.add(Verb.SHELL, "python")


def _read_stream(language: str, stream: Stream, command: Command) -> None:
    if HOLE in stream.text:
        command.add(Verb.CODE, command.name, "stdin", *stream.tags)
        if not stream.text.strip(HOLE + " \n"):
            return
    _read_language(language, stream.text, command)


def _read_language(language: str, source: str, command: Command) -> None:
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
            _read_language(language, source, command)
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
        _read_language("awk", operands[0], command)


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
            _read_language("python" if language[1].startswith("py") else language[1], language[2], command)
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


def _runs_option(*options: str) -> Callable[[Command], None]:
    """Return a reader for programs that run what an option holds as a shell command."""

    def read(command: Command) -> None:
        for script in command.values(*options):
            script = script.removeprefix("exec=")
            command.shell.read_apart(script.lstrip("!"), command.line)

    return read


def _runs_rest(valued: str = "", skip: int = 0) -> Callable[[Command], None]:
    """Return a reader for programs that run their operands as a command, after ``skip`` of their own."""
    takes = frozenset(valued.split())

    def read(command: Command) -> None:
        arguments = list(command.arguments)
        while arguments and arguments[0].startswith("-"):
            option = arguments.pop(0)
            if option == "--":
                break
            if option in takes and arguments:
                arguments.pop(0)
        rest = arguments[skip:]
        if len(rest) == 1:
            command.shell.read_apart(rest[0], command.line)
        elif rest:
            command.shell.run_words(rest, command.line, None, command.tags)

    return read


def _xargs(command: Command) -> None:
    arguments = list(command.arguments)
    mark, takes = (
        "",
        words("-a -d -E -L -n -P -s --arg-file --delimiter --max-args --max-procs --max-lines"),
    )
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-I", "--replace") and arguments:
            mark = arguments.pop(0)
        elif option[:2] in ("-I", "-i"):
            mark = option[2:] or "{}"
        elif option in takes and arguments:
            arguments.pop(0)
        elif option == "--":
            break
    if arguments and arguments[0].rpartition("/")[2] in SHELLS and len(arguments) == 1:
        command.add(Verb.SHELL, "xargs")
    stdin = command.stdin.text if command.stdin is not None else HOLE
    items = stdin.replace("\0", "\n").splitlines() if mark else stdin.replace("\0", " ").split()
    items = items or [HOLE]
    if mark:
        for item in items[:6]:
            command.shell.run_words([a.replace(mark, item) for a in arguments], command.line, None, command.tags)
    else:
        command.shell.run_words([*arguments, *items[:40]], command.line, None, command.tags)


def _parallel(command: Command) -> None:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-"):
        arguments.pop(0)
    if ":::" in arguments:
        cut = arguments.index(":::")
        words, items = arguments[:cut], arguments[cut + 1 :]
    else:
        words, items = arguments, command.stdin.text.splitlines() if command.stdin is not None else [HOLE]
    for item in items[:6]:
        line = " ".join(words)
        command.shell.read_apart(line.replace("{}", item) if "{}" in line else f"{line} {item}", command.line)


def _watch(command: Command) -> None:
    arguments = list(command.arguments)
    while arguments and arguments[0].startswith("-"):
        option = arguments.pop(0)
        if option in ("-n", "--interval") and arguments:
            arguments.pop(0)
    command.shell.read_apart(" ".join(arguments), command.line)


def _ssh(command: Command) -> None:
    for option in command.values("-o"):
        name, _, value = option.partition("=")
        if name.casefold() in ("proxycommand", "localcommand", "knownhostscommand"):
            command.shell.read_apart(value.lstrip(";"), command.line)
    operands: list[str] = []
    arguments = list(command.arguments)
    while arguments:
        argument = arguments.pop(0)
        if not operands and argument.startswith("-"):
            if argument in words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w") and arguments:
                arguments.pop(0)
        else:
            operands.append(argument)
    if not operands:
        return
    if command.has("-R", "-D", "-L", "-w"):
        command.add_address(Verb.LISTEN, operands[0], "tunnel")
    if len(operands) > 1:
        command.add_address(Verb.RUN, "ssh", "remote")
        command.shell.read_apart(" ".join(operands[1:]), command.line, command.stdin)
    if command.stdin is not None:
        command.add_address(Verb.SEND, operands[0], *command.stdin.tags)


def _su(command: Command) -> None:
    for script in command.values("-c", "--command"):
        command.shell.read_apart(script, command.line)
    if command.name == "runuser" and "--" in command.arguments:
        rest = command.arguments[command.arguments.index("--") + 1 :]
        if rest:
            command.shell.run_words(rest, command.line, None, command.tags)


def _at(command: Command) -> None:
    if command.has("-l", "-r", "-c") or command.name in ("atq",):
        return
    command.add(Verb.RUN, "at", "schedules")
    if command.stdin is not None:
        _from_stdin(command)


def _git(command: Command) -> None:
    for setting in command.values("-c"):
        _, _, value = setting.partition("=")
        if value.startswith("!") or re.match(r"core\.(?:pager|editor|sshcommand|fsmonitor)=", setting, re.IGNORECASE):
            command.shell.read_apart(value.lstrip("!"), command.line)
    if "clean" in command.arguments[:4] and any(re.match(r"-\w*f|--force", a) for a in command.arguments):
        command.add_path(Verb.DELETE, ".", "recursive", "untracked")


def _debugger(command: Command) -> None:
    for script in command.values("-ex", "--ex", "-eval-command", "--eval-command", "-iex"):
        match = re.match(r"(?:!|shell\s+)(.*)|python\s+(.*)|call\b.*system\(\"(.*?)\"", script)
        if match is None:
            continue
        if match[2]:
            _read_language("python", match[2], command)
        else:
            command.shell.read_apart(match[1] or match[3] or "sh", command.line)


def _make(command: Command) -> None:
    sources = [*command.values("--eval", "-E")]
    if command.stdin is not None and "-" in command.values("-f", "--file", "--makefile"):
        sources.append(command.stdin.text)
    for source in sources:
        for recipe in re.findall(r"^\t[-@+]*(.*)$", source, re.MULTILINE):
            command.shell.read_apart(recipe, command.line)


def _split(command: Command) -> None:
    for script in command.values("--filter"):
        command.shell.read_apart(script, command.line)


def _database(command: Command) -> None:
    sources = [*command.values("-c", "-e", "--command", "--execute", "--eval", "-cmd", "-Q", "-q")]
    if command.name in ("sqlite3", "duckdb"):
        sources += command.operands("-cmd -separator -init")[1:]
    if command.name in ("redis-cli", "mongo"):
        sources.append(" ".join(command.operands("-h -p -a -n -u")))
    if command.stdin is not None and command.stdin.is_known:
        sources.append(command.stdin.text)
    for source in sources:
        command.shell.readers.other("sql", source, command.line, command.shell.depth + 1)


def _start_stop(command: Command) -> None:
    programs = [*command.values("-x", "--exec", "-a", "--startas")]
    rest = command.arguments[command.arguments.index("--") + 1 :] if "--" in command.arguments else ()
    if programs and command.has("-S", "--start"):
        command.shell.run_words([programs[0], *rest], command.line, None, command.tags)


def _socat(command: Command) -> None:
    for operand in command.operands():
        kind, _, rest = operand.partition(":")
        if kind.casefold() in ("exec", "system", "shell"):
            command.shell.read_apart(
                shlex.split(rest.split(",")[0])[0] if "'" in rest[:1] else rest.split(",")[0], command.line
            )
        elif "listen" in kind.casefold() or kind.casefold().endswith(("-l", "recv")):
            command.add(Verb.LISTEN, rest.split(",")[0])
        elif re.match(r"(?:tcp|udp|openssl|ssl|sctp|socks)", kind, re.IGNORECASE):
            command.add_address(Verb.SEND, rest.split(",")[0], "socket", *command.flow())


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
    "xargs": _xargs,
    "parallel": _parallel,
    "watch": _watch,
    "entr": _runs_rest(),
    "ssh": _ssh,
    "su": _su,
    "runuser": _su,
    "sg": _runs_option("-c"),
    "script": _runs_option("-c", "--command", "-qc", "-qec"),
    "flock": _runs_option("-c", "--command"),
    "env": _runs_option("-S", "--split-string"),
    "man": _runs_option("-P", "--pager", "-H"),
    "openvpn": _runs_option("--up", "--down", "--client-connect"),
    "mail": _runs_option("--exec"),
    "hg": _runs_option("--pager"),
    "screen": _runs_rest("-S -t -c -D -r -x -p -h"),
    "at": _at,
    "batch": _at,
    "git": _git,
    "gdb": _debugger,
    "lldb": _debugger,
    "make": _make,
    "gmake": _make,
    "split": _split,
    "start-stop-daemon": _start_stop,
    "socat": _socat,
    **dict.fromkeys(
        ("sqlite3", "psql", "mysql", "mongo", "redis-cli", "duckdb", "sqlcmd", "clickhouse-client", "cqlsh"), _database
    ),
}
"""By program."""
