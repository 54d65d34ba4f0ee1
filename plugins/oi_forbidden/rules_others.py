"""Rules about what belongs to others: their processes, and the packages of the machine."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="kill-all",
        category=Category.PROCESSES,
        says="stops every process it can",
        verbs=(Verb.KILL,),
        needs=words("everything"),
        matches=("kill -9 -1",),
        leaves=("kill -l",),
    ),
    Rule(
        name="kill",
        category=Category.PROCESSES,
        says="stops processes it may not have started ({target})",
        verbs=(Verb.KILL,),
        matches=(
            "kill -9 1234",
            "pkill nginx",
            ">>> import os; os.kill(1, 9)",
            ">>> import psutil\nfor p in psutil.process_iter(): p.kill()",
        ),
        leaves=("kill -0 $!", "sleep 9 & kill $!", ">>> import subprocess\np = subprocess.Popen(['ls'])\np.kill()"),
    ),
    Rule(
        name="trace-process",
        category=Category.PROCESSES,
        says="reads or changes the memory of another process: {target} {arguments}",
        targets=words("gdb gcore strace ltrace ptrace lldb reptyr"),
        arguments=r"(?:^| )(?:-p ?|--pid[ =]|attach )\d*\S|^-?\d+$|-p$",
        matches=("gdb -p 1", "gcore 1234"),
        leaves=("gdb ./prog", "strace ls"),
    ),
    Rule(
        name="install-from-elsewhere",
        category=Category.PACKAGES,
        says="installs {target} from a place that is not the usual index",
        verbs=(Verb.INSTALL,),
        needs=words("elsewhere"),
        matches=("pip install git+https://x.example/y", "pip install --index-url http://x y"),
        leaves=("pip install numpy",),
    ),
    Rule(
        name="install",
        category=Category.PACKAGES,
        says="installs {target}",
        verbs=(Verb.INSTALL,),
        without=words("familiar project listed"),
        matches=(
            "pip install obscure",
            "apt-get install -y nmap",
            "npm install -g x",
            ">>> import pip; pip.main(['install', 'x'])",
        ),
        leaves=("pip install numpy", "pip list", "npm install", "pip install -r requirements.txt"),
    ),
    Rule(
        name="install-listed",
        category=Category.PACKAGES,
        says="installs or upgrades {target} on the whole system",
        verbs=(Verb.INSTALL,),
        needs=words("listed system-wide"),
        matches=("apt-get upgrade", "pacman -Syu"),
        leaves=("npm ci",),
    ),
    Rule(
        name="uninstall",
        category=Category.PACKAGES,
        says="uninstalls {target}",
        verbs=(Verb.UNINSTALL,),
        matches=("pip uninstall -y numpy", "apt-get purge x"),
        leaves=("pip list",),
    ),
    Rule(
        name="install-by-program",
        category=Category.PACKAGES,
        says="installs or removes software: {target} {arguments}",
        targets=words(
            "make installer installer.exe softwareupdate alternatives update-alternatives msiexec gem easy_install"
        ),
        arguments=r"(?:^| )(?:install|uninstall|-pkg|--install|--remove|--set|/i)\b",
        needs=words("administrator"),
        matches=("sudo make install",),
        leaves=("make install", "make"),
    ),
)
"""In the order in which they are tried."""
