"""Rules about who may do what: permissions, owners, accounts, other identities."""

from __future__ import annotations

from typing import Final

from oi_core.plugin_api import Verdict
from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="permissions-of-everything",
        category=Category.PRIVILEGES,
        says="changes the permissions of everything in {target}",
        verbs=(Verb.MODE,),
        needs=words("recursive"),
        some=words("root top"),
        verdict=Verdict.BLOCK,
        entry="chmod -R 777 /",
        matches=("chmod -R 777 /", "chmod --recursive 000 /etc"),
        leaves=("chmod -R 755 public", "ls -lR /"),
    ),
    Rule(
        name="owner-of-everything",
        category=Category.PRIVILEGES,
        says="gives everything in {target} to another owner",
        verbs=(Verb.OWNER,),
        needs=words("recursive"),
        some=words("root top"),
        verdict=Verdict.BLOCK,
        entry="chown -R nobody /",
        matches=("chown -R me /", "chown -R nobody:nogroup /usr"),
        leaves=("chown -R me ./x", "ls -l /"),
    ),
    Rule(
        name="setuid",
        category=Category.PRIVILEGES,
        says="lets whoever starts {target} act as its owner (setuid)",
        verbs=(Verb.MODE,),
        needs=words("setuid"),
        matches=("chmod u+s x", "chmod 4755 /tmp/x", ">>> import os; os.chmod('x', 0o4755)"),
        leaves=("chmod u+x x", "chmod 0755 x"),
    ),
    Rule(
        name="open-to-all",
        category=Category.PRIVILEGES,
        says="lets everybody change {target}",
        verbs=(Verb.MODE,),
        needs=words("world"),
        matches=("chmod 777 x", "chmod a+w x", ">>> import os; os.chmod('x', 0o666)"),
        leaves=("chmod 755 x", "chmod a+r x"),
    ),
    Rule(
        name="lock-out",
        category=Category.PRIVILEGES,
        says="takes the right to read {target} away from its owner",
        verbs=(Verb.MODE,),
        needs=words("locks"),
        matches=("chmod 000 x", ">>> import os; os.chmod('x', 0)"),
        leaves=("chmod 400 x",),
    ),
    Rule(
        name="permissions-of-system",
        category=Category.PRIVILEGES,
        says="changes the permissions of {target}, a part of the system",
        verbs=(Verb.MODE,),
        some=words("system root home kernel accounts"),
        matches=("chmod 644 /etc/hosts",),
        leaves=("chmod 644 a.html",),
    ),
    Rule(
        name="owner",
        category=Category.PRIVILEGES,
        says="gives {target} to another owner",
        verbs=(Verb.OWNER,),
        matches=("chown me:me x", ">>> import shutil; shutil.chown('x', 'nobody')"),
        leaves=("ls -l x",),
    ),
    Rule(
        name="accounts-file",
        category=Category.PRIVILEGES,
        says="changes {target}, which says who may use this machine and how",
        verbs=(Verb.WRITE, Verb.EMPTY, Verb.DELETE, Verb.MOVE),
        needs=words("accounts"),
        matches=("echo x >> /etc/passwd", ">>> open('/etc/sudoers', 'a').write('x')"),
        leaves=("ls /etc/passwd",),
    ),
    Rule(
        name="administrator",
        category=Category.PRIVILEGES,
        says="runs as the administrator: {arguments}",
        targets=words("sudo doas pkexec"),
        without=words("looking"),
        matches=("sudo make install", "sudo -i", "sudo vim x"),
        leaves=("sudo ls /srv", "sudo systemctl status nginx", "sudo --version"),
    ),
    Rule(
        name="become",
        category=Category.PRIVILEGES,
        says="becomes another user: su {arguments}",
        targets=words("su runuser newgrp sg"),
        matches=("su -", "su -c id root"),
        leaves=("su --help",),
    ),
    Rule(
        name="accounts",
        category=Category.PRIVILEGES,
        says="adds, changes or removes accounts: {target} {arguments}",
        targets=words(
            "useradd usermod userdel groupadd groupmod groupdel gpasswd chpasswd newusers vipw vigr visudo pwconv "
            "chage addgroup "
            "delgroup dscl sysadminctl dseditgroup chsh chfn passwd smbpasswd htpasswd pw dsenableroot"
        ),
        matches=("useradd -m eve", "passwd -d root", "visudo", "echo a:b | chpasswd"),
        leaves=("passwd --help", "groups"),
    ),
    Rule(
        name="windows-accounts",
        category=Category.PRIVILEGES,
        says="adds or changes accounts: net {arguments}",
        targets=words("net"),
        arguments=r"(?i)^(?:user|localgroup|group|accounts)\b.*(?:/add|/delete|/active|\S+ \S+)",
        matches=("net user eve pw /add",),
        leaves=("net user",),
    ),
    Rule(
        name="capabilities",
        category=Category.PRIVILEGES,
        says="gives a program or file special rights: {target} {arguments}",
        targets=words("setcap setfacl chattr chflags capsh setpriv icacls takeown chcon semanage"),
        matches=("setcap cap_setuid+ep x", "chattr +i x"),
        leaves=("getfacl x", "lsattr x"),
    ),
    Rule(
        name="namespace",
        category=Category.PRIVILEGES,
        says="steps out of, or into, another part of the machine: {target} {arguments}",
        targets=words("nsenter chroot unshare pivot_root mount umount losetup swapon kexec"),
        arguments=r"(?:^|\s)(?!-h|--help|-l$|-V)\S+\s+\S|^/\S+$|-a$",
        matches=("mount /dev/sdb1 /mnt", "umount -f /home", "chroot / sh"),
        leaves=("mount", "mount -l"),
    ),
    Rule(
        name="container-host",
        category=Category.PRIVILEGES,
        says="gives a container the run of this machine: docker {arguments}",
        targets=words("docker"),
        arguments=(
            r"--privileged|--pid[ =]host|--cap-add|(?:-v|--volume)[ =]?(?:/|~|/etc|/root|/var/run/docker\.sock)\S*:|"
            r"--mount[^-]*(?:source|src)=/(?:,|etc|root)"
        ),
        matches=("docker run -v /:/host -it alpine sh", "docker run --privileged x"),
        leaves=("docker run -v data:/data x", "docker ps"),
    ),
    Rule(
        name="identity",
        category=Category.PRIVILEGES,
        says="takes on another user's identity, or asks for more rights ({target})",
        verbs=(Verb.CALL,),
        targets=words(
            "os.setuid os.setgid os.seteuid os.setreuid os.setresuid os.chroot os.setgroups os.initgroups runas"
        ),
        matches=(">>> import os; os.setuid(0)",),
        leaves=(">>> import os; os.getuid()",),
    ),
    Rule(
        name="look-for-holes",
        category=Category.PRIVILEGES,
        says="looks for ways to more rights: {target} {arguments}",
        targets=words(
            "find getcap linpeas.sh linenum.sh lse.sh pspy64 pspy linux-exploit-suggester.sh unix-privesc-check"
        ),
        arguments=r"-perm [-/]?(?:u=s|g=s|\+s|[46][0-7]{3}|-?u\+s)|-r|-\w*uid 0 .*-perm|\.sh|^$",
        without=words("own"),
        matches=("find / -perm -4000", "getcap -r /"),
        leaves=("find . -perm 644", "find . -name '*.py'"),
    ),
    Rule(
        name="kernel-settings",
        category=Category.PRIVILEGES,
        says="changes a setting of the kernel or a device: {target}",
        verbs=(Verb.WRITE, Verb.EMPTY),
        some=words("kernel device"),
        without=words("plain-device disk"),
        matches=("echo 1 > /proc/sys/net/ipv4/ip_forward", ">>> open('/sys/power/state', 'w').write('mem')"),
        leaves=("cat /proc/meminfo", "ls > /dev/null"),
    ),
    Rule(
        name="sysctl",
        category=Category.PRIVILEGES,
        says="changes settings of the kernel: sysctl {arguments}",
        targets=words("sysctl"),
        arguments=r"-w|=|-p|--system",
        matches=("sysctl -w net.ipv4.ip_forward=1",),
        leaves=("sysctl kernel.hostname", "sysctl -a"),
    ),
)
"""In the order in which they are tried."""
