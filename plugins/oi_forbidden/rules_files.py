"""Rules about what is stored: what deletes, empties, moves and encrypts it, on a disk or elsewhere."""

from __future__ import annotations

from typing import Final

from oi_core.plugin_api import Verdict
from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="overwrite-first-disk",
        category=Category.DISKS,
        says="overwrites the disk {target}, which this machine most likely runs from",
        verbs=(Verb.WRITE, Verb.EMPTY, Verb.DELETE),
        needs=words("first-disk"),
        verdict=Verdict.BLOCK,
        entry="dd if=/dev/zero of=/dev/sda",
        matches=("dd if=x.iso of=/dev/sda", "cat x > /dev/nvme0n1", ">>> open('/dev/sda', 'wb').write(b'0')"),
        leaves=("dd if=/dev/sda of=copy.img", "lsblk /dev/sda"),
    ),
    Rule(
        name="overwrite-disk",
        category=Category.DISKS,
        says="overwrites the disk {target}",
        verbs=(Verb.WRITE, Verb.EMPTY, Verb.DELETE),
        needs=words("disk"),
        matches=("dd if=x.iso of=/dev/sdc", "shred -v /dev/sdb", ">>> open('/dev/sdb', 'wb')"),
        leaves=("dd if=/dev/sdc of=copy.img",),
    ),
    Rule(
        name="delete-everything",
        category=Category.FILES,
        says="deletes everything on this machine",
        verbs=(Verb.DELETE,),
        needs=words("recursive root"),
        without=words("filtered own"),
        verdict=Verdict.BLOCK,
        entry="rm -rf /",
        matches=("rm -r --no-preserve-root -f /", "find / -delete", ">>> import shutil; shutil.rmtree('/')"),
        leaves=("rm -rf ./build", "ls /"),
    ),
    Rule(
        name="delete-home",
        category=Category.FILES,
        says="deletes your home folder",
        verbs=(Verb.DELETE,),
        needs=words("recursive home"),
        without=words("filtered own"),
        verdict=Verdict.BLOCK,
        entry="rm -rf ~",
        matches=("rm -rf ~", 'cd; rm -rf "$HOME"/*', ">>> import shutil, pathlib; shutil.rmtree(pathlib.Path.home())"),
        leaves=("rm -rf ~/build", "du -sh ~"),
    ),
    Rule(
        name="delete-system-folder",
        category=Category.FILES,
        says="deletes the system's folder {target}",
        verbs=(Verb.DELETE,),
        needs=words("recursive top"),
        without=words("filtered own"),
        verdict=Verdict.BLOCK,
        entry="rm -rf /",
        matches=("rm -rf /usr", "cd / && rm -rf etc/", ">>> import shutil; shutil.rmtree('/usr/lib')"),
        leaves=("ls /usr", "rm -rf usr"),
    ),
    Rule(
        name="delete-boot",
        category=Category.DISKS,
        says="deletes {target}, which this machine starts from",
        verbs=(Verb.DELETE, Verb.EMPTY, Verb.WRITE),
        needs=words("boot"),
        without=words("own"),
        matches=("rm /boot/vmlinuz", ">>> import os; os.remove('/boot/grub/grub.cfg')"),
        leaves=("ls /boot",),
    ),
    Rule(
        name="clear-history",
        category=Category.TRACES,
        says="removes the record of commands in {target}",
        verbs=(Verb.DELETE, Verb.EMPTY, Verb.WRITE, Verb.MOVE),
        needs=words("history"),
        matches=("rm ~/.bash_history", "ln -sf /dev/null ~/.zsh_history", ">>> open('/root/.bash_history', 'w')"),
        leaves=("wc -l src/history.py",),
    ),
    Rule(
        name="clear-logs",
        category=Category.TRACES,
        says="removes or changes the log {target}",
        verbs=(Verb.DELETE, Verb.EMPTY, Verb.WRITE, Verb.MOVE),
        needs=words("log"),
        without=words("own"),
        matches=("rm -rf /var/log/nginx", "> /var/log/auth.log", ">>> open('/var/log/syslog', 'w').close()"),
        leaves=("ls /var/log", "rm_log=1"),
    ),
    Rule(
        name="delete-all-here",
        category=Category.FILES,
        says="deletes everything in the folder {target}",
        verbs=(Verb.DELETE,),
        needs=words("recursive all"),
        without=words("own filtered untracked"),
        matches=("rm -rf *", "rm -rf ."),
        leaves=("ls *",),
    ),
    Rule(
        name="delete-untracked",
        category=Category.FILES,
        says="deletes every file that git does not keep",
        verbs=(Verb.DELETE,),
        needs=words("untracked"),
        matches=("git clean -fdx",),
        leaves=("git clean -n",),
    ),
    Rule(
        name="delete-folder-outside",
        category=Category.FILES,
        says="deletes the folder {target} with all that is in it, outside the project",
        verbs=(Verb.DELETE,),
        needs=words("recursive outside"),
        without=words("own"),
        matches=("rm -rf /srv/data", ">>> import shutil; shutil.rmtree('/srv/data')"),
        leaves=("ls /srv/data",),
    ),
    Rule(
        name="delete-folder",
        category=Category.FILES,
        says="deletes the folder {target} with all that is in it",
        verbs=(Verb.DELETE,),
        needs=words("recursive"),
        without=words("own"),
        matches=("rm -rf build", 'rm -rf "$1"'),
        leaves=("rmdir build",),
    ),
    Rule(
        name="delete-outside",
        category=Category.FILES,
        says="deletes {target}, outside the project",
        verbs=(Verb.DELETE,),
        needs=words("outside"),
        without=words("own"),
        matches=("rm /srv/a.db", ">>> import os; os.remove('/srv/a.db')"),
        leaves=("cat /srv/a.db",),
    ),
    Rule(
        name="delete-file",
        category=Category.FILES,
        says="deletes {target}",
        verbs=(Verb.DELETE,),
        without=words("own"),
        matches=("rm notes.txt", "ls *.o | xargs rm", ">>> import os; os.unlink(path)"),
        leaves=(
            "echo x > t; rm t",
            ">>> import os\nwith open('t', 'w') as f: f.write('x')\nos.remove('t')",
            ">>> import tempfile, os\nf = tempfile.mkstemp()[1]\nos.remove(f)",
        ),
    ),
    Rule(
        name="empty-file",
        category=Category.FILES,
        says="empties {target}: what is in it is lost",
        verbs=(Verb.EMPTY,),
        without=words("temporary plain-device own"),
        matches=(": > notes.md", "truncate -s 0 a.db", "cp /dev/null a.db", ">>> import os; os.truncate('/srv/a', 0)"),
        leaves=("truncate -s 10M disk.img", "> /dev/null ls", "echo x > out.txt"),
    ),
    Rule(
        name="move-away",
        category=Category.FILES,
        says="moves {target} away, a place the system or your account needs",
        verbs=(Verb.MOVE,),
        some=words("root home top accounts startup secret kernel boot defences"),
        matches=("mv /etc/passwd /tmp/p", ">>> import os; os.rename('/etc/passwd', '/etc/passwd.bak')"),
        leaves=("mv a.txt b.txt", "mv ~/Downloads/a.pdf ."),
    ),
    Rule(
        name="move-system",
        category=Category.FILES,
        says="moves {target} away, a part of the system",
        verbs=(Verb.MOVE,),
        needs=words("system"),
        matches=("mv /usr/share/x /tmp", ">>> import shutil; shutil.move('/etc/nginx', '/tmp')"),
        leaves=("mv build dist",),
    ),
    Rule(
        name="discard-work",
        category=Category.FILES,
        says="throws away work that is not committed, or rewrites what others have: git {arguments}",
        targets=words("git"),
        arguments=(
            r"\breset\b.*--hard|\bpush\b.*(?: --force\b(?!-with)| -f\b| --force-with-lease| --delete| --mirror)|"
            r"\bcheckout\b.* (?:--|\.)(?: |$)|"
            r"\bbranch\b.* -D\b|\bstash (?:drop|clear)\b|\bfilter-(?:branch|repo)\b|\breflog expire\b|"
            r"\bupdate-ref -d\b|\brestore \.(?: |$)"
        ),
        matches=("git reset --hard HEAD~5", "git push --force origin main"),
        leaves=("git push origin main", "git reset HEAD file", "git checkout -b x"),
    ),
    Rule(
        name="discard-containers",
        category=Category.FILES,
        says="removes containers, volumes or images: docker {arguments}",
        targets=words("docker docker-compose"),
        arguments=(
            r"\b(?:system|volume|image|container|builder|network) prune\b|\bvolume rm\b|\brm\b.*(?:-f|\ue000)|"
            r"\brmi\b|\bdown\b.* (?:-v|--volumes|--rmi)"
        ),
        matches=("docker system prune -af", "docker rm -f web"),
        leaves=("docker ps", "docker run --rm hello-world"),
    ),
    Rule(
        name="destroy-cloud",
        category=Category.FILES,
        says="destroys what runs or is stored elsewhere: {target} {arguments}",
        targets=words(
            "kubectl terraform tofu pulumi aws gcloud az gsutil helm heroku doctl vagrant virsh gh eksctl oc ansible "
            "s3cmd mc "
            "rclone flyctl vercel firebase"
        ),
        arguments=(
            r"\b(?:destroy|delete\S*|rm|rb|purge|terminate-instances|drain|uninstall|undefine|deletefile|dispose|"
            r"remove|empty)\b|(?:^| )(?:sync).* --delete"
        ),
        matches=("kubectl delete namespace prod", "terraform destroy", "aws s3 rm s3://b --recursive"),
        leaves=("kubectl get pods", "aws s3 ls", "terraform plan"),
    ),
    Rule(
        name="drop-data",
        category=Category.FILES,
        says="removes tables, rows or databases ({target})",
        verbs=(Verb.QUERY,),
        targets=words("drop empty overwrite"),
        matches=("psql -c 'DROP TABLE users'", ">>> import sqlite3\nsqlite3.connect('a').execute('DELETE FROM t')"),
        leaves=("psql -c 'SELECT 1'", "sqlite3 a.db 'DELETE FROM t WHERE id = 3'"),
    ),
    Rule(
        name="drop-database",
        category=Category.FILES,
        says="removes a database: {target} {arguments}",
        targets=words("dropdb dropuser mysqladmin"),
        matches=("dropdb prod",),
        leaves=("createdb x",),
    ),
    Rule(
        name="encrypt-files",
        category=Category.FILES,
        says="encrypts files of yours ({target} {arguments})",
        targets=words("encrypt ccrypt"),
        some=words("in-home home each"),
        matches=("openssl enc -aes-256-cbc -in ~/a.doc -out a.enc -k x",),
        leaves=("openssl enc -d -aes-256-cbc -in a.enc -out a", "openssl enc -aes-256-cbc -in a -out a.enc"),
    ),
    Rule(
        name="encrypt-files-by-program",
        category=Category.FILES,
        says="encrypts files of yours: {target} {arguments}",
        targets=words("ccrypt gpg"),
        arguments=(
            r"(?:-c|--symmetric)\b.*--passphrase|--passphrase.*(?: -c| --symmetric)|(?:^| )-e\b.* -K|--batch.*(?:-c|"
            r"--symmetric)"
        ),
        matches=("gpg --batch --yes --passphrase x -c a.pdf",),
        leaves=("gpg --verify a.sig a", "gpg -c a.txt"),
    ),
)
"""In the order in which they are tried."""
