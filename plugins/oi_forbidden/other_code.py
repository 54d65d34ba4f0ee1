"""Code of languages without a reader of their own: what can be recognised in it, call by call."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from oi_forbidden.acts import Acts, Readers, Verb
from oi_forbidden.hosts import labels_of_address
from oi_forbidden.places import HOLE, labels_of

_STRING: Final = r"(?P<quote>[\"'`])(?P<text>(?:(?!(?P=quote))[^\\]|\\.)*)(?P=quote)"
_COMMANDS: Final = re.compile(
    r"(?:\b(?:system|exec\w*|popen\d?|spawn\w*|shell_exec|passthru|proc_open|pcntl_exec|pty_spawn|callCommand|"
    r"readProcess|shell_out"
    r"|term|getRuntime\(\)\.exec|do shell script|exec\.Command)(?:Sync)?|os\.execute|"
    r"io\.popen|IO\.popen|Kernel\.\w+|%x|\$)"
    r"\s*[\(\{\[]*\s*(?:\[\s*)?" + _STRING
)
_PIPED: Final = re.compile(
    r"\bprint\w*\s+" + _STRING + r"\s*\|\s*\"(?P<program>[^\"]*)\"|" + r"\"(?P<source>[^\"]*)\"\s*\|&?\s*getline"
)
_BACKTICKS: Final = re.compile(r"`([^`]+)`|\bqx\s*[\{(/]([^)}/]*)")
_BARE: Final = re.compile(r"(?:^|[\s;{])(?:exec|spawn|system)\s+(?P<text>[\w/.-][^;\n\"']*)")
_DELETES: Final = re.compile(
    r"\b(?:unlink\w*|rmtree|remove_tree|remove_entry\w*|rm_rf?|rm_r|FileUtils\.rm\w*|File\.delete|Dir\.\w*delete|"
    r"Dir\.rmdir|rmdir\w*|rmSync|rm"
    r"|rimraf|removeSync|emptyDirSync|remove|deleteFile|RemoveAll)\w*\s*\(?\s*(?:glob\s*\(?\s*|\[\s*)?" + _STRING
)
_DELETES_UNKNOWN: Final = re.compile(
    r"\b(?:fs(?:\.promises)?\.(?:rm|unlink|rmdir)\w*|fsp\.\w*(?:rm|unlink)\w*|rimraf(?:\.sync)?|File\.delete|"
    r"FileUtils\.rm\w*|os\.RemoveAll"
    r"|Deno\.remove\w*|shutil\.rmtree)\s*\(\s*(?![\"'`)])"
)
_WRITES: Final = re.compile(
    r"\b(?:writeFile\w*|appendFile\w*|createWriteStream|copyFile\w*|File\.write|file_put_contents|fputs|symlink\w*|"
    r"outputFile\w*)\s*\(\s*" + _STRING
)
_PATHS: Final = re.compile(
    r"[\"'`\s(<](?P<path>(?:/(?:etc|root|home|var|proc|dev|boot|usr)|~|[\w$.{}]*/?\.(?:ssh|aws|env|bash_history|gnupg))[\w./*-]*)"
)
_SOCKETS: Final = re.compile(
    r"TCPSocket|UDPSocket|TCPServer|fsockopen|stream_socket_client|IO::Socket|use\s+Socket|\bsocket\s*\(|"
    r"net\.(?:connect|createConnection|Socket)"
    r"|require\([\"'](?:net|dgram|tls)[\"']\)|/inet/(?:tcp|udp)/|socket\.tcp|new\s+Socket\("
)
_HOSTS: Final = re.compile(r"[\"'/@]((?:\d{1,3}\.){3}\d{1,3}|[\w-]+(?:\.[\w-]+)+)[\"'/:,]")
_SENDS: Final = re.compile(
    r"\b(?:fetch|axios(?:\.post|\.put)?|request(?:\.post)?|got(?:\.post)?|Net::HTTP\.post\w*|HTTParty\.post|"
    r"XMLHttpRequest|sendBeacon)\s*\(?[^;]{0,300}"
    r"(?:method:\s*[\"'](?:POST|PUT)|\.post|post_form|body:|sendBeacon)",
    re.DOTALL,
)
_FILES_READ: Final = re.compile(
    r"readFile|createReadStream|File\.read|file_get_contents|process\.env\b(?!\.\w)|\$_ENV|ENV\.to_h"
)
_FETCHED: Final = re.compile(
    r"\b(?:eval|Function|exec|load|instance_eval)\s*\(?[^;]{0,300}(?:fetch|https?\.get|axios|open-uri|URI\.open|Net::HTTP|file_get_contents\([\"']http)",
    re.DOTALL,
)
_DECODED: Final = re.compile(
    r"(?:atob|Buffer\.from|base64_decode|decode_base64|Base64\.\w*decode64|unpack1?)\s*\(\s*[\"'`]([A-Za-z0-9+/=_-]{8,})[\"'`]"
)
_LIBRARIES: Final = re.compile(
    r"Fiddle\.dlopen|DynaLoader|dl_open_file|process\.dlopen|package\.loadlib|ffi\.load|\bdyn\.load"
)
_ENVIRONMENT: Final = re.compile(
    r"(?:console\.log|print|puts|p|echo|JSON\.stringify)\s*\(?\s*(?:JSON\.stringify\()?(?:process\.env|ENV|%ENV|"
    r"\$_ENV|os\.environ)\b(?![\[.]\w)"
)
_KILLS: Final = re.compile(r"\bprocess\.kill\s*\(|\bProcess\.kill\s*\(?|\bposix_kill\s*\(")
_ROOT: Final = re.compile(r"\bset(?:re)?s?[ug]id\s*\(?\s*(?:0|:?root)|POSIX::setuid|posix_setuid")
_STATEMENTS: Final[tuple[tuple[str, str], ...]] = (
    (r"\bDROP\s+(?:TABLE|DATABASE|SCHEMA|VIEW|INDEX|USER|ROLE)\b", "drop"),
    (r"\bTRUNCATE\s+(?:TABLE\s+)?\w", "empty"),
    (r"\bDELETE\s+FROM\s+[\w.\"`\[\]]+\s*(?:;|$)", "empty"),
    (r"\bUPDATE\s+[\w.\"`]+\s+SET\b(?![\s\S]*\bWHERE\b)", "overwrite"),
    (r"\bALTER\s+TABLE\b[\s\S]*\bDROP\b", "drop"),
    (r"\bATTACH\s+(?:DATABASE\s+)?['\"]", "attach"),
    (r"\bGRANT\s+\w+|\bCREATE\s+(?:USER|ROLE)\b|\bALTER\s+(?:USER|ROLE)\b", "grant"),
    (r"^\s*\.(?:shell|system)\b|\\!|\bCOPY\b[\s\S]*\bPROGRAM\b|\bxp_cmdshell\b|\bsys_exec\b", "shell"),
    (r"\bINTO\s+(?:OUT|DUMP)FILE\b|^\s*\.(?:output|once|save|backup)\s+[/~]|\blo_export\b", "file"),
    (r"\bload_extension\b|^\s*\.load\b|\bCREATE\s+FUNCTION\b[\s\S]*\bSONAME\b", "library"),
    (r"\bLOAD_FILE\b|\bpg_read_file\b|\breadfile\(|LOAD\s+DATA", "read"),
    (r"\bFLUSH(?:ALL|DB)\b|\bdropDatabase\b|\.drop\(\)|\bdeleteMany\(\s*\{\s*\}\s*\)", "drop"),
)


def read_sql(source: str, line: int, acts: Acts) -> None:
    """Note the statements that destroy, and those that reach outside the database."""
    text = re.sub(r"--[^\n]*|/\*[\s\S]*?\*/", " ", source[:200_000])
    text = re.sub(r"'(?:[^']|'')*'", lambda m: "'" + "x" * min(len(m[0]) - 2, 8) + "'", text)
    for pattern, what in _STATEMENTS:
        match = re.search(pattern, text, re.IGNORECASE | re.MULTILINE)
        if match is not None:
            acts.add(Verb.QUERY, what, line + text.count("\n", 0, match.start()))


def read_other(language: str, source: str, line: int, readers: Readers, depth: int) -> None:
    """Note what code of a language would do, as far as single calls tell."""
    acts = readers.acts
    acts.spend(1 + len(source) // 30)
    source = source[:100_000]
    if language in ("sql", "ed"):
        read_sql(source, line, acts)
        if language == "ed" and source.lstrip().startswith("!"):
            readers.shell(source.lstrip()[1:], line, depth)
        return
    for match in _COMMANDS.finditer(source):
        at = line + source.count("\n", 0, match.start())
        readers.shell(_whole_command(match, source), at, depth)
    for match in _PIPED.finditer(source):
        text = match["source"] if match["source"] is not None else match["text"]
        readers.shell(text, line, depth)
    if language in ("perl", "ruby", "php"):
        for match in _BACKTICKS.finditer(source):
            readers.shell(match[1] or match[2] or "", line, depth)
    if language in ("tcl", "ruby", "perl"):
        for match in _BARE.finditer(source):
            readers.shell(match["text"], line, depth)
    for match in _DELETES.finditer(source):
        acts.add_path(Verb.DELETE, match["text"], line + source.count("\n", 0, match.start()), frozenset({"recursive"}))
    for match in _DELETES_UNKNOWN.finditer(source):
        acts.add_path(Verb.DELETE, HOLE, line + source.count("\n", 0, match.start()))
    for match in _WRITES.finditer(source):
        acts.add_path(Verb.WRITE, match["text"], line + source.count("\n", 0, match.start()))
    _note_signs(source, line, readers, depth)


def _whole_command(match: re.Match[str], source: str) -> str:
    """Return a command with the list of arguments that follows it: ``spawn("sh", ["-c", "…"])``."""
    text = re.sub(r"\\([\"'`\\])", r"\1", match["text"])
    after = re.match(r"\s*,\s*\[([^\]]*)\]|((?:\s*,\s*(?:\"[^\"]*\"|'[^']*'))+)", source[match.end() :])
    if after is None:
        return text
    words = re.findall(r"\"([^\"]*)\"|'([^']*)'", after[1] or after[2] or "")
    return " ".join([text, *("'" + (a or b).replace("'", "'\\''") + "'" for a, b in words)])


def _note_signs(source: str, line: int, readers: Readers, depth: int) -> None:
    acts = readers.acts
    if _SOCKETS.search(source):
        host = _HOSTS.search(source)
        address = host[1] if host else HOLE
        acts.add(Verb.SEND, address, line, labels_of_address(address) | {"socket"})
    if _SENDS.search(source) and (_FILES_READ.search(source)):
        host = _HOSTS.search(source)
        acts.add(Verb.SEND, host[1] if host else HOLE, line, frozenset({"file"}))
    if _FETCHED.search(source):
        acts.add(Verb.CODE, "eval", line, frozenset({"network"}))
    for match in _DECODED.finditer(source):
        _read_decoded(match[1], source, line, readers, depth)
    if _LIBRARIES.search(source):
        acts.add(Verb.CODE, "dlopen", line, frozenset({"library"}))
    if _ENVIRONMENT.search(source):
        acts.add(Verb.REVEAL, "environment", line)
    if _KILLS.search(source):
        acts.add(Verb.KILL, HOLE, line)
    if _ROOT.search(source):
        acts.add(Verb.CALL, "os.setuid", line)
    for match in _PATHS.finditer(source):
        if labels_of(match["path"], acts.folder) & {"secret", "accounts", "history"}:
            acts.add_path(Verb.READ, match["path"], line)


def _read_decoded(text: str, source: str, line: int, readers: Readers, depth: int) -> None:
    if not re.search(r"\b(?:eval|exec|Function|system|spawn)\w*", source):
        return
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_").decode()
    except (ValueError, binascii.Error):
        readers.acts.add(Verb.CODE, "eval", line, frozenset({"decoded"}))
        return
    readers.shell(decoded, line, depth)
    if depth < 8:
        readers.other("javascript", decoded, line, depth + 1)
