"""Rules about what is written outside the project."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="write-secret",
        category=Category.PRIVILEGES,
        says="changes {target}, where keys or passwords are kept",
        verbs=(Verb.WRITE, Verb.EMPTY),
        needs=words("secret"),
        some=words("in-home system home"),
        matches=("cp x ~/.aws/credentials", ">>> open('/root/.ssh/id_rsa', 'w').write('x')"),
        leaves=("echo A=b > .env",),
    ),
    Rule(
        name="write-root-folder",
        category=Category.FILES,
        says="writes to {target}, outside the project",
        verbs=(Verb.WRITE, Verb.EMPTY),
        some=words("root"),
        matches=("tar -xf x.tar -C /",),
        leaves=("tar -xf x.tar -C out",),
    ),
    Rule(
        name="write-system",
        category=Category.FILES,
        says="writes to {target}, a part of the system",
        verbs=(Verb.WRITE, Verb.EMPTY),
        needs=words("system"),
        without=words("own plain-device"),
        matches=("echo x > /etc/motd", "cp x /usr/bin/ssh", ">>> open('/etc/hosts', 'a').write('x')"),
        leaves=("echo x > motd", "cat /etc/motd"),
    ),
    Rule(
        name="overwrite-each",
        category=Category.FILES,
        says="overwrites one file after the other in {target}",
        verbs=(Verb.WRITE,),
        needs=words("walked"),
        matches=(
            ">>> import os\nfor r, d, fs in os.walk(p):\n"
            " for f in fs: open(os.path.join(r, f), 'wb').write(encrypt(b''))",
        ),
        leaves=(">>> open('a', 'w').write('x')",),
    ),
)
"""In the order in which they are tried."""
