"""Where a path leads: the labels of a place, from the project's own files to disks and other people's secrets."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import Final

HOLE: Final = "\ue000"
"""Stands in text for a part that only shows at run time."""

_HOME: Final = re.compile(
    r"^(?:/root|/home/[^/]+|/Users/[^/]+|/private/var/root|/var/root|[A-Za-z]:/Users/[^/]+)(?=/|$)"
)
_ANY_HOME: Final = re.compile(r"^(?:/home|/Users)(?:/\*+)?$")
_SYSTEM: Final = re.compile(
    r"^(?:/(?:bin|sbin|lib\w*|usr|etc|boot|var|opt|sys|proc|dev|run|srv|System|Library|Applications|private|efi)"
    r"|[A-Za-z]:/(?:Windows|Program ?Files|ProgramData))(?=/|$)"
)
_SYSTEM_TOP: Final = re.compile(
    r"^(?:/(?:bin|sbin|lib\w*|usr(?:/(?:bin|sbin|lib\w*))?|etc|boot|var(?:/lib)?|opt|sys|proc|dev"
    r"|run|System|Library|Applications)|[A-Za-z]:/(?:Windows(?:/System32)?|Program ?Files))(?:/\*+|/\.\*)?$"
)
_ROOT: Final = re.compile(r"^(?:/|/\*+|/\.\*|/[?*\[\]]+|[A-Za-z]:/?\*?(?:\.\*)?)$")
_DISK: Final = re.compile(
    r"^(?:/dev/(?:[shv]d[a-zX]|xvd[a-z]|nvme|mmcblk|r?disk\d|mapper/|md\d|dm-|loop\d|zd\d|vg\w*/|disk/)|"
    r"\\\\\.\\physicaldrive)",
    re.IGNORECASE,
)
_FIRST_DISK: Final = re.compile(r"^(?:/dev/(?:[shv]da\d*|xvda\d*|nvme0n1(?:p\d+)?|mmcblk0(?:p\d+)?|r?disk0(?:s\d+)?))$")
_PLAIN_DEVICE: Final = re.compile(
    r"^/dev/(?:null|zero|u?random|tty|std(?:in|out|err)|fd(?:/\d+)?|full|ptmx|pts/.*|shm(?:/.*)?)$"
)
_TEMPORARY: Final = re.compile(r"^(?:/tmp|/var/tmp|/dev/shm|/private/tmp|/var/folders)(?=/|$)")
_HARMLESS: Final = re.compile(
    r"^/(?:etc/(?:os-release|lsb-release|issue|debian_version|redhat-release|timezone|localtime|hostname|mime\.types"
    r"|shells|protocols|services|fonts/.*|ssl/certs/.*|ssl/cert\.pem|machine-id|alpine-release|locale\.\w+|"
    r"default/locale)"
    r"|proc/(?:cpuinfo|meminfo|version|uptime|loadavg|stat|mounts|filesystems|partitions|devices|interrupts|swaps|"
    r"vmstat"
    r"|net/dev|self/(?:status|cgroup|mountinfo|limits|stat|statm)|mdstat|diskstats)"
    r"|sys/(?:class|devices|block|bus|fs)/.*|var/(?:lib|cache|www)/.*|var/log/dpkg\.log.*|usr/.*|opt/.*|run/.*|"
    r"lib\w*/.*|s?bin/.*"
    r"|srv/.*|dev/.*|System/.*|Library/.*|Applications/.*)$"
)
_DEFENCES: Final = re.compile(
    r"^/etc/(?:ssh/|security/|pam|krb5|openvpn/|wireguard/|NetworkManager/|wpa_supplicant|cron|hosts\.(?:allow|deny)|"
    r"exports|selinux"
    r"|iptables|nftables|audit|ldap|samba|mysql|postgresql|ssl/private|ipsec|polkit|apparmor|fail2ban|opendkim|"
    r"letsencrypt)"
)
_SIGN_INS: Final = re.compile(
    r"^/var/log/(?:auth\.log|secure|audit|btmp|wtmp|lastlog|faillog|tallylog)|/(?:utmp|wtmp|btmp)$"
)
_HISTORY: Final = re.compile(
    r"(?:^|/)\.(?:bash|zsh|sh|ash|python|mysql|psql|node_repl|sqlite|rediscli|irb|lua)_history$|(?:^|/)\.(?:lesshst|"
    r"viminfo|zhistory|histfile)$"
    r"|fish_history$|ConsoleHost_history\.txt$",
)
_SECRET: Final = re.compile(
    r"(?:^|/)\.ssh(?:/(?!known_hosts|config$|authorized_keys|[^/]*\.pub$)|/?\*?$)|(?:^|/)id_(?:rsa|dsa|ecdsa|"
    r"ed25519)(?:_sk)?$"
    r"|(?:^|/)\.(?:aws|gnupg|azure|password-store|mozilla|thunderbird)(?:/|$)"
    r"|(?:^|/)\.(?:netrc|pgpass|my\.cnf|git-credentials|vault-token|npmrc|pypirc|s3cfg|boto|htpasswd)$"
    r"|(?:^|/)\.docker/config\.json|(?:^|/)\.kube(?:/config)?$|(?:^|/)\.config/(?:gcloud|gh|google-chrome|chromium|"
    r"BraveSoftware)(?:/|$)"
    r"|^/etc/(?:shadow|gshadow|sudoers|krb5\.keytab|master\.passwd|security/opasswd|ssl/private|sudoers\.d|"
    r"ssh/ssh_host_\w+_key$)"
    r"|(?:^|/)\.env(?:\.(?!example|sample|template|dist)[\w.]+)?$"
    r"|(?:^|/)(?:logins\.json|key[34]\.db|cookies(?:\.sqlite)?|login data|web data|wallet\.dat|ntds\.dit)$"
    r"|/keychains?(?:/|$)|login\.keychain|com\.apple\.tcc/|tcc\.db$|(?:^|/)user data/"
    r"|\.(?:p12|pfx|kdbx?|keytab|jks|ppk|ovpn)$|(?:key|priv)[^/]*\.pem$|(?:^|/)[\w.-]+\.key$|(?:^|/)(?:credentials|"
    r"secrets?)(?:\.(?:json|db|ya?ml|toml|ini|xml))?$"
    r"|^/(?:var/)?run/secrets/|serviceaccount/token|^/proc/(?:(?:\d+|self|[^a-z]+)/)(?:environ|mem|maps|fd)(?:/|$)"
    r"|^/dev/k?mem$|^/dev/port$|^/proc/kcore$|config/sam$|ssh_host_(?:rsa|dsa|ecdsa|ed25519)_key$",
    re.IGNORECASE,
)
_STARTUP: Final = re.compile(
    r"(?:^|/)\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zprofile|zshenv|zlogin|"
    r"zlogout|kshrc|cshrc"
    r"|tcshrc|login|inputrc|vimrc|exrc|xinitrc|xprofile|xsession(?:rc)?|pam_environment|envrc|tmux\.conf|gitconfig|"
    r"pythonrc(?:\.py)?)$"
    r"|(?:^|/)\.config/(?:fish|autostart|systemd|environment\.d|nvim|plasma-workspace|git)(?:/|$)"
    r"|(?:^|/)\.ssh/(?:authorized_keys2?|rc|config|environment)$|(?:^|/)\.git/(?:hooks/|config$)"
    r"|^/etc/(?:profile|bash\.?bashrc|bashrc|zsh|environment|rc\.|rc\d|init|cron|anacrontab|systemd|ld\.so|modules|"
    r"modprobe|udev|pam"
    r"|xdg/autostart|apt/apt\.conf|skel|update-motd|sudoers|emond|periodic|launchd|at\.|inittab|X11/Xsession)"
    r"|/(?:systemd/(?:system|user)|udev/rules\.d|security/pam_\w+)|^/(?:usr/)?lib/[\w/-]*security(?:/|$)|"
    r"^/var/(?:spool|at)/(?:cron|at|jobs|anacron|tabs)"
    r"|Library/(?:Launch(?:Agents|Daemons)|StartupItems|LoginItems)|/Start Menu/Programs/Startup"
    r"|/site-packages/[^/]*\.pth$|(?:^|/)(?:site|user)customize\.py$|^\\\\?HK(?:CU|LM)",
)
_ACCOUNTS: Final = re.compile(
    r"^/etc/(?:passwd|group|shadow|gshadow|sudoers|subuid|subgid|login\.defs|doas\.conf|nsswitch\.conf|security/)"
)
_LOG: Final = re.compile(r"^(?:/private)?/var/(?:log|run/utmp|adm|audit)(?:/|$)|/(?:w|u|b)tmpx?$|/Library/Logs(?:/|$)")


def normal(path: str, inside: str = ".") -> str:
    """Return one spelling of a path: ``~`` for any home folder, no ``..`` and no doubled slashes as far as known."""
    path = path.replace("\\", "/") if path[1:3] == ":\\" else path
    if path.startswith("file://"):
        path = path[7:]
    if not path.startswith(("/", "~", HOLE)) and path[1:2] != ":":
        path = f"{inside}/{path}"
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    path = posixpath.normpath(path) if path else "."
    return _HOME.sub("~", path)


@lru_cache(maxsize=4096)
def labels_of(path: str, folder: str, inside: str = ".") -> frozenset[str]:
    """Return the labels of a path; a relative one is in ``inside``, which is the project's ``folder`` when it is ``.``.

    ``unknown``: it shows only at run time. ``project``, ``temporary``, ``outside`` are about the whole path; ``root``,
    ``home``, ``system``, ``top`` (a whole folder of the system), ``disk``, ``device``, ``secret``, ``startup``,
    ``accounts``, ``defences`` (settings of what guards the machine), ``log``, ``sign-ins``, ``history``, ``harmless``
    about what is there; ``all`` is everything in a folder.
    """
    if len(path) > 4096:
        path = path[:4096]
    whole = normal(path, inside)
    labels: set[str] = set()
    if folder not in ("/", "") and (whole + "/").startswith(normal(folder) + "/") and normal(folder) != "~":
        whole = "./" + whole[len(normal(folder)) :].lstrip("/")
    if whole.startswith(HOLE):
        labels.add("unknown")
    elif whole.startswith(("/", "~")) or whole[1:2] == ":":
        labels |= _absolute(whole)
    else:
        labels.add("outside" if whole.startswith("..") else "project")
    if whole.rpartition("/")[2] in ("*", ".*", "**", ".", "..", "*.*", HOLE + "*"):
        labels.add("all")
    for name, pattern in (("secret", _SECRET), ("startup", _STARTUP), ("history", _HISTORY)):
        if pattern.search(whole):
            labels.add(name)
    return frozenset(labels)


def _absolute(whole: str) -> set[str]:
    if _TEMPORARY.match(whole):
        return {"temporary", "hidden"} if "/." in whole else {"temporary"}
    labels = {"outside"}
    if _ROOT.match(whole):
        labels.add("root")
    elif whole in ("~", "~/*", "~/.*", "~/.", "~/**") or _ANY_HOME.match(whole) or re.fullmatch(r"~[\w-]*", whole):
        labels.add("home")
    elif whole.startswith("~"):
        labels.add("in-home")
    elif _PLAIN_DEVICE.match(whole):
        labels = {"plain-device"}
    elif _SYSTEM.match(whole):
        labels |= _system(whole)
    return labels


def _system(whole: str) -> set[str]:
    labels = {"system"}
    if whole.startswith("/dev/"):
        labels.add("device")
    for name, pattern in (
        ("top", _SYSTEM_TOP),
        ("disk", _DISK),
        ("first-disk", _FIRST_DISK),
        ("harmless", _HARMLESS),
        ("accounts", _ACCOUNTS),
        ("log", _LOG),
        ("defences", _DEFENCES),
        ("sign-ins", _SIGN_INS),
    ):
        if pattern.search(whole):
            labels.add(name)
    if whole.startswith(("/boot", "/efi")):
        labels.add("boot")
    if whole.startswith(("/proc", "/sys/")):
        labels.add("kernel")
    return labels
