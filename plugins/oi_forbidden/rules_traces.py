"""Rules about what hides, and what turns off those who watch."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="guard-off",
        category=Category.TRACES,
        says="switches off what guards this machine: {target} {arguments}",
        targets=words(
            "setenforce aa-teardown aa-disable aa-complain csrutil spctl tccutil auditctl fdesetup Set-MpPreference "
            "amtrack "
            "apparmor_parser"
        ),
        arguments=r"^0$|Permissive|disable|^-[DeR]\b|-e ?0|reset|remove|--master|--global|^$|-Disable|\S",
        matches=("setenforce 0", "auditctl -e 0", "spctl --master-disable"),
        leaves=("getenforce",),
    ),
    Rule(
        name="no-history",
        category=Category.TRACES,
        says="stops your shell from remembering commands ({target})",
        verbs=(Verb.VARIABLE,),
        targets=words("HISTFILE HISTSIZE HISTFILESIZE HISTCONTROL HISTIGNORE SAVEHIST"),
        matches=("unset HISTFILE", "export HISTSIZE=0"),
        leaves=("echo $HISTFILE",),
    ),
    Rule(
        name="clear-record",
        category=Category.TRACES,
        says="clears the record of your commands: history {arguments}",
        targets=words("history"),
        arguments=r"-[cdw]\b",
        matches=("history -c",),
        leaves=("history", "history 20"),
    ),
    Rule(
        name="history-off",
        category=Category.TRACES,
        says="stops your shell from remembering commands: set {arguments}",
        targets=words("set"),
        arguments=r"\+o history",
        matches=("set +o history",),
        leaves=("set -e", "set -o pipefail"),
    ),
    Rule(
        name="clear-journal",
        category=Category.TRACES,
        says="clears or changes what the system writes down: {target} {arguments}",
        targets=words("journalctl dmesg logrotate wevtutil utmpdump last lastb ausearch faillock log"),
        arguments=r"--vacuum|--rotate|--flush|^-[cC]\b|--clear|^cl\b|clear-log|-w\b|-r\b|--reset|^erase",
        matches=("journalctl --vacuum-time=1s", "dmesg -C"),
        leaves=("journalctl -u nginx", "dmesg", "last"),
    ),
    Rule(
        name="backdate",
        category=Category.TRACES,
        says="makes files look older or newer than they are: {target} {arguments}",
        targets=words("touch os.utime"),
        verbs=(Verb.RUN, Verb.CALL),
        needs=words("backdates"),
        matches=("touch -r /bin/ls x", "touch -t 197001010000 x", ">>> import os; os.utime('x', (0, 0))"),
        leaves=("touch x",),
    ),
    Rule(
        name="clock",
        category=Category.TRACES,
        says="changes the machine's clock: {target} {arguments}",
        targets=words("date timedatectl hwclock ntpdate"),
        arguments=r"(?:^| )(?:-s\b|--set\b|set-\w+|-w\b|--systohc|\d{8,})",
        matches=("date -s '1970-01-01'",),
        leaves=("date +%F", "timedatectl"),
    ),
    Rule(
        name="disguise",
        category=Category.TRACES,
        says="hides a file or itself: {target} {arguments}",
        targets=words("xattr chflags attrib prctl setproctitle.setproctitle upx steghide"),
        verbs=(Verb.RUN, Verb.CALL),
        arguments=r"-[dwc]\b|hidden|\+h|^$|-\d|embed",
        matches=("xattr -d com.apple.quarantine x", ">>> import setproctitle; setproctitle.setproctitle('x')"),
        leaves=("xattr x",),
    ),
    Rule(
        name="hidden-folder",
        category=Category.TRACES,
        says="puts files in {target}, a hidden place in a folder that anyone can write to",
        verbs=(Verb.WRITE,),
        needs=words("temporary hidden"),
        matches=("mkdir /var/tmp/.hidden",),
        leaves=("mkdir /tmp/x", "mkdir .cache"),
    ),
    Rule(
        name="backups-off",
        category=Category.TRACES,
        says="removes or switches off backups: {target} {arguments}",
        targets=words("tmutil vssadmin wbadmin wmic"),
        arguments=r"(?i)disable|delete|resize",
        matches=("vssadmin delete shadows /all",),
        leaves=("tmutil listbackups",),
    ),
)
"""In the order in which they are tried."""
