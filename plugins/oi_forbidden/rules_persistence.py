"""Rules about what starts or takes effect by itself later on."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="starts-by-itself",
        category=Category.PERSISTENCE,
        says="changes {target}, which runs or takes effect by itself later on",
        verbs=(Verb.WRITE, Verb.EMPTY, Verb.DELETE, Verb.MOVE, Verb.MODE),
        needs=words("startup"),
        without=words("own"),
        matches=(
            "echo x >> ~/.bashrc",
            "cp x.service /etc/systemd/system/",
            ">>> open('/etc/cron.d/x', 'w').write('x')",
        ),
        leaves=("cat ~/.bashrc", "ls /etc/cron.d"),
    ),
    Rule(
        name="schedule",
        category=Category.PERSISTENCE,
        says="changes what runs by itself at set times: {target} {arguments}",
        targets=words("crontab at batch schtasks anacron fcron launchctl systemd-run"),
        arguments=r"^(?!-l\b|-T\b|-q\b|list\b|print\b|/query).*\S|^$",
        matches=("crontab x", "crontab -r", "echo id | at now"),
        leaves=("crontab -l", "launchctl list"),
    ),
    Rule(
        name="services",
        category=Category.PERSISTENCE,
        says="starts, stops or installs services: {target} {arguments}",
        targets=words(
            "systemctl service update-rc.d chkconfig rc-update initctl rc-service sv sc sc.exe invoke-rc.d "
            "supervisorctl"
        ),
        arguments=(
            r"\b(?:start|stop|restart|reload|enable|disable|mask|unmask|edit|link|kill|daemon-reload|daemon-reexec|"
            r"set-default|"
            r"isolate|defaults|remove|on|off|add|del|delete|create|config|try-restart|force-reload|condrestart|"
            r"revert|set-property)\b|^$"
        ),
        matches=("systemctl enable --now x", "service mysql stop", "chkconfig x on"),
        leaves=("systemctl status x", "service --status-all"),
    ),
    Rule(
        name="desktop-start",
        category=Category.PERSISTENCE,
        says="changes what runs when you sign in, or what your desktop allows: {target} {arguments}",
        targets=words(
            "defaults osascript systemsetup reg reg.exe profiles kcpassword networksetup scutil nvram gsettings"
        ),
        arguments=(
            r"(?i)(?:write|delete)\b.*(?:login|hook|launch|safari|finder|quarantine|firewall|gatekeeper)|login item|"
            r"setremote|\\run|\badd\b|\bdelete\b|^import|-set|shell script|administrator|--set|install"
        ),
        matches=("defaults write com.apple.loginwindow LoginHook x", "systemsetup -setremotelogin on"),
        leaves=("defaults read", "defaults write com.x y -int 3"),
    ),
    Rule(
        name="git-hooks",
        category=Category.PERSISTENCE,
        says="makes git run other programs: git {arguments}",
        targets=words("git"),
        arguments=r"(?i)^config\b.*(?:hookspath|core\.(?:pager|editor|sshcommand|fsmonitor)|alias\.\S+ ['\"]?!|"
        r"filter\.|credential\.helper \S|include\.path)",
        matches=("git config --global core.hooksPath /tmp/h",),
        leaves=("git config user.name", "git config --get credential.helper"),
    ),
    Rule(
        name="alias-hides",
        category=Category.PERSISTENCE,
        says="makes a familiar command do something else: alias {arguments}",
        targets=words("alias"),
        needs=words("hides"),
        matches=("alias cd='rm -rf'", "alias ls='x; ls'"),
        leaves=("alias ll='ls -la'", "alias ls='ls --color'", "alias gs='git status'"),
    ),
    Rule(
        name="unalias",
        category=Category.PERSISTENCE,
        says="removes your shell's aliases: unalias {arguments}",
        targets=words("unalias"),
        matches=("unalias -a",),
        leaves=("alias",),
    ),
    Rule(
        name="kernel-modules",
        category=Category.PERSISTENCE,
        says="loads or removes parts of the kernel: {target} {arguments}",
        targets=words("insmod modprobe rmmod kldload kldunload kextload kextunload depmod dkms"),
        matches=("insmod x.ko", "modprobe -r x"),
        leaves=("lsmod", "modprobe --help"),
    ),
    Rule(
        name="preload",
        category=Category.PERSISTENCE,
        says="makes programs load or run code of its own ({target})",
        verbs=(Verb.VARIABLE,),
        targets=words(
            "LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV PROMPT_COMMAND PYTHONSTARTUP PERL5OPT NODE_OPTIONS"
        ),
        without=words("unset"),
        matches=("export LD_PRELOAD=/tmp/x.so", ">>> import os; os.environ['LD_PRELOAD'] = '/tmp/x.so'"),
        leaves=("unset LD_PRELOAD", "export PATH=$PATH:~/bin"),
    ),
    Rule(
        name="path-first",
        category=Category.PERSISTENCE,
        says="puts a folder that anyone can write to before the system's programs",
        verbs=(Verb.VARIABLE,),
        targets=words("PATH"),
        arguments=r"^(?:/tmp|/var/tmp|/dev/shm|\.(?::|$))",
        matches=("export PATH=/tmp/bin:$PATH",),
        leaves=("export PATH=$PATH:~/bin", "export PATH=~/bin:$PATH"),
    ),
)
"""In the order in which they are tried."""
