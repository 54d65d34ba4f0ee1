"""Rules about keys, passwords and people who are watched."""

from __future__ import annotations

from typing import Final

from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="read-secret",
        category=Category.SECRETS,
        says="reads {target}, where keys or passwords are kept",
        verbs=(Verb.READ, Verb.MOVE),
        needs=words("secret"),
        without=words("own"),
        matches=(
            "cat ~/.ssh/id_rsa",
            "cp /etc/shadow /tmp",
            ">>> open('/etc/shadow').read()",
            "k=~/.aws/credentials; cat $k",
        ),
        leaves=("ls ~/.ssh", "cat ~/.ssh/id_rsa.pub", ">>> import os; os.path.exists('/etc/shadow')"),
    ),
    Rule(
        name="read-accounts",
        category=Category.SECRETS,
        says="reads {target}, the list of this machine's accounts",
        verbs=(Verb.READ,),
        needs=words("accounts"),
        matches=("cut -d: -f1 /etc/passwd", ">>> print(open('/etc/passwd').read())"),
        leaves=("ls -l /etc/passwd",),
    ),
    Rule(
        name="read-history",
        category=Category.SECRETS,
        says="reads the record of your commands in {target}",
        verbs=(Verb.READ,),
        needs=words("history"),
        matches=("cat ~/.bash_history",),
        leaves=("ls -la ~",),
    ),
    Rule(
        name="read-sign-ins",
        category=Category.SECRETS,
        says="reads {target}, the record of who signed in",
        verbs=(Verb.READ,),
        needs=words("sign-ins"),
        matches=("tail /var/log/auth.log",),
        leaves=("tail /var/log/nginx/access.log",),
    ),
    Rule(
        name="read-defences",
        category=Category.SECRETS,
        says="reads {target}, settings of what guards this machine",
        verbs=(Verb.READ,),
        needs=words("defences"),
        matches=("cat /etc/ssh/sshd_config",),
        leaves=("cat /etc/os-release", "ls /etc/ssh"),
    ),
    Rule(
        name="read-system-by-code",
        category=Category.SECRETS,
        says="reads {target}, a file of the system",
        verbs=(Verb.READ,),
        needs=words("by-code system"),
        without=words("harmless"),
        matches=(">>> open('/etc/hosts').read()",),
        leaves=(">>> open('/proc/cpuinfo').read()", "cat /etc/hosts"),
    ),
    Rule(
        name="read-root-by-code",
        category=Category.SECRETS,
        says="reads {target}, in the administrator's own folder",
        verbs=(Verb.READ,),
        needs=words("by-code administrators"),
        matches=(">>> open('/root/notes.txt').read()",),
        leaves=(">>> open('/home/me/notes.txt').read()",),
    ),
    Rule(
        name="secret-variables",
        category=Category.SECRETS,
        says="shows or stores environment variables that may hold keys ({target})",
        verbs=(Verb.REVEAL,),
        without=words("looking"),
        matches=(
            "echo $AWS_SECRET_ACCESS_KEY",
            ">>> import os; print(os.environ)",
            ">>> import os; print(os.environ['API_TOKEN'])",
        ),
        leaves=(
            "echo $HOME",
            ">>> import os; key = os.environ['API_TOKEN']",
            ">>> import os; print(os.environ['HOME'])",
        ),
    ),
    Rule(
        name="environment",
        category=Category.SECRETS,
        says="shows all environment variables, keys among them: {target} {arguments}",
        targets=words("env printenv export declare"),
        arguments=r"^(?:-0)?$|^-p$|(?i:SECRET|TOKEN|PASSW|API_?KEY)(?!.*=)",
        without=words("reduced"),
        matches=("env", "printenv | grep KEY", "export -p"),
        leaves=("printenv PATH", "env LANG=C ls", "export A=b"),
    ),
    Rule(
        name="search-secrets",
        category=Category.SECRETS,
        says="searches for keys and passwords: {target} {arguments}",
        targets=words("find locate fd"),
        arguments=(
            r"(?i)(?:^|[ */'])(?:id_[rd]sa|id_ecdsa|id_ed25519|\.aws|\.pgpass|\.netrc|\.git-credentials|\.htpasswd|"
            r"wallet\.dat|"
            r"authorized_keys|\.ssh|\.gnupg|\.bash_history|shadow|\.env|credentials\S*|passwords?\S*|"
            r"secrets?\S*)(?: |$|\*)|\.(?:pem|key|kdbx?|p12|pfx|ppk|jks|keytab|ovpn)\b"
        ),
        matches=("find / -name id_rsa", "find / -name '*.pem'"),
        leaves=("find . -name '*.py'", "find . -name keyboard.txt"),
    ),
    Rule(
        name="grep-secrets",
        category=Category.SECRETS,
        says="searches files for keys and passwords: {target} {arguments}",
        targets=words("grep egrep rg ag zgrep fgrep trufflehog gitleaks"),
        arguments=(
            r"(?is)^(?=.*(?:-\w*[rR]|--recursive|^\S+ [/~]))(?=.*(?:passw|secret|api.?key|token|credential|"
            r"private.key|aws_))"
            r"(?=.* (?:/|~|\.\./))"
        ),
        matches=("grep -ri password /etc", "grep -rni 'api_key' ~/"),
        leaves=("grep -n password README.md", "grep -rn TODO src"),
    ),
    Rule(
        name="grep-shown-secrets",
        category=Category.SECRETS,
        says="looks for keys and passwords in what was typed or set before: {arguments}",
        targets=words("grep egrep rg fgrep awk"),
        arguments=r"(?i)passw|secret|api.?key|token|credential|key\b",
        needs=words("piped system"),
        matches=("env | grep TOKEN", "history | grep passw"),
        leaves=("cat a.txt | grep token", "ps aux | grep nginx"),
    ),
    Rule(
        name="credential-tools",
        category=Category.SECRETS,
        says="takes passwords, keys or other people's data from this machine: {target} {arguments}",
        targets=words(
            "mimipenguin.sh mimipenguin mimikatz lazagne laZagne secretsdump.py unshadow john hashcat ophcrack "
            "fcrackzip pdfcrack "
            "chntpw logkeys showkey keylogger swipe xspy evtest kdestroy pypykatz impacket-secretsdump dumpkeychain "
            "hashdump "
            "linikatz bloodhound-python rubeus procdump"
        ),
        matches=("john hashes", "hashcat -m 0 h w"),
        leaves=("man john",),
    ),
    Rule(
        name="credential-stores",
        category=Category.SECRETS,
        says="asks a store of keys for what is in it: {target} {arguments}",
        targets=words(
            "security gpg secret-tool kwallet-query pass op bw vault kubectl gcloud az aws getent klist keyctl git"
        ),
        arguments=(
            r"\b(?:find-(?:generic|internet)-password|dump-keychain|export-secret\S*|find-certificate|export -t|"
            r"lookup|print-access-token|"
            r"get-access-token|get secrets?|kv get|get-secret-value|get-session-token|credential fill|"
            r"config --get-all credential)\b|"
            r"^(?:passwd|shadow|gshadow)\b|--export-secret|^-k |-r password|get item"
        ),
        matches=("security dump-keychain", "gpg --export-secret-keys", "kubectl get secrets -o yaml", "getent passwd"),
        leaves=("gpg --verify a b", "kubectl get pods", "getent hosts x"),
    ),
    Rule(
        name="watch-person",
        category=Category.SECRETS,
        says="records keys, screen, camera, sound or clipboard: {target} {arguments}",
        targets=words(
            "xinput screencapture scrot import xwd gnome-screenshot xclip xsel pbpaste wl-paste arecord ffmpeg "
            "fswebcam "
            "streamer imagesnap script xdotool grim maim spectacle tlog ttyrec asciinema"
        ),
        arguments=(
            r"^test\b|x11grab|-f (?:v4l2|alsa|pulse|avfoundation)|^-root|-window root|-o\b|^(?!-qe?c|-c|-in|"
            r"--version|-i ).*\.(?:png|jpg|xwd|log|wav)$|^$|rec|/tmp|-q"
        ),
        without=words("own"),
        matches=("xinput test 10", "screencapture x.png", "pbpaste"),
        leaves=("ffmpeg -i in.mp4 out.mp3", "xclip -version"),
    ),
    Rule(
        name="watch-person-by-code",
        category=Category.SECRETS,
        says="records what you type, show, say or copy ({target})",
        verbs=(Verb.CALL,),
        targets=words("keyboard screen camera clipboard microphone"),
        matches=(">>> from pynput import keyboard\nkeyboard.Listener(on_press=f).start()",),
        leaves=(">>> import cv2; cv2.imread('a.png')",),
    ),
    Rule(
        name="credentials-by-code",
        category=Category.SECRETS,
        says="asks for passwords or accounts kept on this machine ({target})",
        verbs=(Verb.CALL,),
        targets=words("passwords accounts cookies crack"),
        matches=(">>> import keyring; keyring.get_password('a', 'b')", ">>> import pwd; pwd.getpwall()"),
        leaves=(">>> import getpass; getpass.getuser()",),
    ),
    Rule(
        name="sniff",
        category=Category.SECRETS,
        says="listens in on network traffic: {target} {arguments}",
        targets=words(
            "tcpdump tshark wireshark dumpcap ettercap bettercap arpspoof dsniff responder mitmproxy mitmdump "
            "sslstrip ngrep kismet airodump-ng"
        ),
        without=words("looking"),
        matches=("tcpdump -i any", "sudo tshark -i eth0"),
        leaves=("tcpdump --version", "man tcpdump"),
    ),
    Rule(
        name="sniff-by-code",
        category=Category.SECRETS,
        says="listens in on network traffic, or makes packets of its own ({target})",
        verbs=(Verb.CALL,),
        targets=words("traffic"),
        matches=(">>> from scapy.all import sniff; sniff(count=1)",),
        leaves=(">>> import socket; socket.gethostname()",),
    ),
    Rule(
        name="machine-credentials",
        category=Category.SECRETS,
        says="asks the cloud for this machine's own credentials ({target})",
        verbs=(Verb.FETCH, Verb.SEND),
        needs=words("metadata"),
        matches=(
            "curl http://169.254.169.254/latest/meta-data/",
            ">>> import requests; requests.get('http://169.254.169.254/x')",
        ),
        leaves=("curl https://x.example",),
    ),
)
"""In the order in which they are tried."""
