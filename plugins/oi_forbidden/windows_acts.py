"""What ``cmd`` and PowerShell code would do, as far as single commands tell."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from oi_forbidden.acts import Verb
from oi_forbidden.hosts import labels_of_address
from oi_forbidden.places import HOLE

if TYPE_CHECKING:
    from oi_forbidden.acts import Readers

_SIGNS: Final[tuple[tuple[Verb, str, frozenset[str], str], ...]] = (
    (
        Verb.CODE,
        "powershell",
        frozenset({"network"}),
        r"\b(?:iex|invoke-expression)\b.*(?:downloadstring|\biwr\b|invoke-webrequest|irm\b|invoke-restmethod)|"
        r"(?:downloadstring|\biwr\b|\birm\b|invoke-webrequest|invoke-restmethod)[^|\n]*\|\s*(?:iex|"
        r"invoke-expression)|\b(?:mshta|regsvr32|rundll32|msiexec)\b.*https?://",
    ),
    (Verb.CODE, "powershell", frozenset({"decoded"}), r"-e(?:nc\w*|c)?\s+[A-Za-z0-9+/=]{16,}|frombase64string"),
    (
        Verb.CODE,
        "powershell",
        frozenset(),
        r"\b(?:iex|invoke-expression)\b|start-process\b.*-verb\s+runas|\bwmic\b.*process call create|"
        r"\bmshta\b|\bcscript\b|\bwscript\b",
    ),
    (
        Verb.FETCH,
        "",
        frozenset({"program"}),
        r"\bcertutil\b.*-urlcache|\bbitsadmin\b.*/transfer|start-bitstransfer|downloadfile\(|\b(?:invoke-webrequest|"
        r"iwr|wget|curl)\b.*-outfile.*\.(?:exe|ps1|dll|bat|msi)",
    ),
    (Verb.RUN, "schtasks", frozenset(), r"\bschtasks\b.*/(?:create|change)|register-scheduledtask|new-scheduledtask"),
    (
        Verb.RUN,
        "reg",
        frozenset(),
        r"\breg(?:\.exe)?\s+(?:add|delete|import|save)|(?:set|new|remove)-item(?:property)?\b.*hk(?:lm|cu)",
    ),
    (
        Verb.RUN,
        "net",
        frozenset(),
        r"\bnet1?\s+(?:user|localgroup|group)\b.*/(?:add|delete|active)|new-localuser|add-localgroupmember|"
        r"disable-localuser",
    ),
    (
        Verb.RUN,
        "sc",
        frozenset(),
        r"\bsc(?:\.exe)?\s+(?:create|config|stop|delete|start)|new-service\b|stop-service\b|set-service\b|"
        r"\bnet\s+stop\b",
    ),
    (
        Verb.RUN,
        "vssadmin",
        frozenset(),
        r"\bvssadmin\b.*(?:delete|resize)|\bwbadmin\b.*delete|bcdedit\b.*/set|shadowcopy.*delete|win32_shadowcopy",
    ),
    (
        Verb.RUN,
        "wevtutil",
        frozenset(),
        r"\bwevtutil\b.*\bcl\b|clear-eventlog|remove-eventlog|clear-history|\bfsutil\b.*usn|auditpol\b.*(?:clear|"
        r"disable|remove)",
    ),
    (
        Verb.RUN,
        "setenforce",
        frozenset(),
        r"set-mppreference|add-mppreference|disable-windowsoptionalfeature|windefend|amsiutils|set-executionpolicy|"
        r"uninstall-windowsfeature|sophos|\bamsi",
    ),
    (
        Verb.RUN,
        "netsh",
        frozenset(),
        r"\bnetsh\b.*(?:firewall|portproxy|wlan.*key=clear|trace)|set-netfirewallprofile|new-netfirewallrule",
    ),
    (
        Verb.RUN,
        "mimikatz",
        frozenset(),
        r"mimikatz|sekurlsa|invoke-mimi|lsass|procdump|comsvcs\.dll|\bntdsutil\b|hklm\\(?:sam|security|system)|"
        r"cmdkey\s+/list|vaultcmd|laz?agne|get-credential",
    ),
    (Verb.RUN, "screencapture", frozenset(), r"copyfromscreen|get-clipboard|getasynckeystate|\bpsr(?:\.exe)?\b"),
    (Verb.KILL, HOLE, frozenset(), r"\btaskkill\b|stop-process\b|\bspps\b|\.kill\(\)"),
    (Verb.RUN, "shutdown", frozenset(), r"\bshutdown\b\s+[/-]|stop-computer|restart-computer|\blogoff\b"),
    (
        Verb.DELETE,
        HOLE,
        frozenset({"recursive"}),
        r"\b(?:remove-item|ri|rmdir|rd|del|erase|rm)\b(?=.*(?:\s/s|-recurse|-r\b|\*))|\bcipher\b\s+/w|\bsdelete\b",
    ),
    (
        Verb.DELETE,
        HOLE,
        frozenset(),
        r"\b(?:remove-item|ri|del|erase|rm)\b\s+\S|\.delete\(|clear-content|clear-recyclebin",
    ),
    (
        Verb.RUN,
        "mkfs",
        frozenset(),
        r"\bformat(?:\.com)?\s+[a-z]:|format-volume|clear-disk|initialize-disk|diskpart|remove-partition",
    ),
    (
        Verb.SEND,
        HOLE,
        frozenset({"socket"}),
        r"net\.sockets\.tcpclient|tcplistener|udpclient|\bnc(?:at)?(?:\.exe)?\s+-|powercat",
    ),
    (
        Verb.SEND,
        HOLE,
        frozenset({"file"}),
        r"-method\s+(?:post|put)\b|uploadfile\(|uploadstring\(|-infile\b|send-mailmessage|\bftp\b\s+-s",
    ),
    (Verb.RUN, "chmod", frozenset({"world"}), r"\bicacls\b.*/grant|\btakeown\b|set-acl\b|\battrib\b\s+[+-][hsr]"),
    (
        Verb.INSTALL,
        HOLE,
        frozenset({"system-wide"}),
        r"\b(?:choco|winget|scoop)\s+(?:install|uninstall)|install-module|install-package|add-windowsfeature|"
        r"\bmsiexec\b.*/i",
    ),
    (
        Verb.READ,
        "secret",
        frozenset({"secret"}),
        r"\\\.ssh\\|\\\.aws\\|login data|cookies\.sqlite|\bunattend\.xml|findstr\b.*passw|"
        r"select-string\b.*passw|get-childitem\s+env:|consolehost_history",
    ),
)
_ENCODED: Final = re.compile(r"-e(?:nc\w*|c)?\s+([A-Za-z0-9+/=]{16,})", re.IGNORECASE)
_COMMENT: Final = re.compile(r"^\s*(?:rem\b|::|#)", re.IGNORECASE)
_JUST_TEXT: Final = re.compile(r"^\s*@?(?:echo|write-(?:host|output))\b(?!.*[|>])", re.IGNORECASE)


def read_windows(code: str, line: int, readers: Readers, depth: int = 0) -> None:
    """Note what each line would do."""
    acts = readers.acts
    for number, text in enumerate(code.splitlines(), start=line):
        acts.spend()
        if _COMMENT.match(text) or _JUST_TEXT.match(text):
            continue
        plain = text.replace("^", "").replace("`", "")[:4000]
        for verb, target, tags, pattern in _SIGNS:
            match = re.search(pattern, plain, re.IGNORECASE)
            if match is not None:
                address = re.search(r"https?://[^\s'\")]+", plain)
                where = address.group() if address and verb in (Verb.FETCH, Verb.SEND) else target or HOLE
                labels = labels_of_address(where) if verb in (Verb.FETCH, Verb.SEND) else frozenset()
                acts.add(verb, where, number, tags | labels, _arguments(plain))
                if verb is Verb.DELETE:
                    break
        encoded = _ENCODED.search(plain)
        if encoded is not None and depth < 4:
            _read_encoded(encoded[1], number, readers, depth)


def _arguments(text: str) -> str:
    return text.strip().partition(" ")[2]


def _read_encoded(text: str, line: int, readers: Readers, depth: int) -> None:
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-le", "replace")
    except (ValueError, binascii.Error):
        return
    read_windows(decoded, line, readers, depth + 1)
