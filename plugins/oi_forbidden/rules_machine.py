"""Rules about the machine: what changes its disks, and what stops or starves it."""

from __future__ import annotations

from typing import Final

from oi_core.plugin_api import Verdict
from oi_forbidden.acts import Verb
from oi_forbidden.names import words
from oi_forbidden.rule import Category, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="format-first-disk",
        category=Category.DISKS,
        says="formats or repartitions the disk this machine most likely runs from: {arguments}",
        targets=words(
            "mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.ntfs mke2fs wipefs blkdiscard "
            "mkswap "
            "shred badblocks"
        ),
        arguments=r"/dev/(?:[shv]da\d*|xvda\d*|nvme0n1(?:p\d+)?|mmcblk0(?:p\d+)?|r?disk0(?:s\d+)?)(?:\s|$)",
        verdict=Verdict.BLOCK,
        entry="mkfs.ext4 /dev/sda",
        matches=("mkfs.ext4 -F /dev/sda1", "wipefs -a /dev/nvme0n1", ">>> import os; os.system('mke2fs /dev/sda')"),
        leaves=("mkfs.ext4 disk.img", "man mkfs.ext4"),
    ),
    Rule(
        name="format-disk",
        category=Category.DISKS,
        says="formats, wipes or repartitions {arguments}",
        targets=words(
            "mkfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.xfs mkfs.btrfs mkfs.vfat mkfs.ntfs mkfs.exfat mkfs.fat "
            "mkfs.f2fs mke2fs "
            "wipefs blkdiscard mkswap badblocks newfs format mkdosfs mkntfs"
        ),
        arguments=r"/dev/|[A-Za-z]:",
        matches=("mkfs.ext4 /dev/sdc1", "wipefs --all /dev/sdb"),
        leaves=("mkfs.ext4 -V", "mkfs.ext4 disk.img"),
    ),
    Rule(
        name="remove-volume",
        category=Category.DISKS,
        says="removes or shrinks a disk's volume, or changes how the machine starts: {target} {arguments}",
        targets=words("lvremove vgremove pvremove lvreduce grub-install update-grub efibootmgr bootctl luksErase"),
        without=words("looking"),
        matches=("lvremove -f vg/data", "grub-install /dev/sda"),
        leaves=("lvs", "lvremove --help"),
    ),
    Rule(
        name="repartition",
        category=Category.DISKS,
        says="changes the disk's partitions, volumes or boot loader: {target} {arguments}",
        targets=words(
            "fdisk sfdisk cfdisk gdisk sgdisk parted partprobe cryptsetup zpool "
            "zfs mdadm "
            "hdparm nvme diskutil diskpart tune2fs resize2fs dmsetup bootctl "
            "bcdedit"
        ),
        arguments=(
            r"\b(?:destroy|rm|delete|erase\w*|luksErase|luksFormat|zap-all|Zap|mklabel|mkpart|resizepart|wipe\w*|"
            r"remove|zero-superblock|"
            r"security-erase\S*|format|eraseDisk|sanitize|-f|--delete|--zap-all|-B|-o|set)\b|--(?:zap|zero|security|"
            r"delete|create)|(?:^| )/dev/\S+$"
        ),
        without=words("looking"),
        matches=("sgdisk --zap-all /dev/sdb", "parted /dev/sda rm 1"),
        leaves=("fdisk -l", "parted -l", "zpool status"),
    ),
    Rule(
        name="bomb",
        category=Category.MACHINE,
        says="starts copies of itself without end, until the machine stops answering",
        verbs=(Verb.LOOP,),
        targets=words("bomb"),
        matches=("b() { b | b & }; b", ">>> import os\nwhile True: os.fork()"),
        leaves=("f() { ls; }; f",),
    ),
    Rule(
        name="processes-without-end",
        category=Category.MACHINE,
        says="starts processes or threads without end",
        verbs=(Verb.LOOP,),
        targets=words("processes"),
        matches=("while true; do yes & done",),
        leaves=("for f in a b; do gzip $f & done; wait",),
    ),
    Rule(
        name="fill-disk",
        category=Category.MACHINE,
        says="writes without end, until the disk is full",
        verbs=(Verb.LOOP,),
        targets=words("disk"),
        matches=("dd if=/dev/zero of=x", ">>> f = open('x', 'w')\nwhile True: f.write('a')"),
        leaves=("dd if=/dev/zero of=x bs=1M count=10",),
    ),
    Rule(
        name="fill-memory",
        category=Category.MACHINE,
        says="takes memory without end",
        verbs=(Verb.LOOP,),
        targets=words("memory"),
        matches=(">>> a = []\nwhile True: a.append('x' * 10**6)", ">>> x = 'a' * 10**12"),
        leaves=(">>> a = []\nwhile len(a) < 5: a.append(1)",),
    ),
    Rule(
        name="run-without-end",
        category=Category.MACHINE,
        says="never ends, and keeps a processor busy",
        verbs=(Verb.LOOP,),
        targets=words("processor forever"),
        matches=(">>> while True: pass", "while :; do :; done"),
        leaves=(">>> while True:\n    if input() == 'q': break",),
    ),
    Rule(
        name="yes-without-end",
        category=Category.MACHINE,
        says="writes without end: yes {arguments}",
        targets=words("yes"),
        needs=words("stored"),
        without=words("background"),
        matches=("yes > big.txt",),
        leaves=("yes | head -3", "yes | make config"),
    ),
    Rule(
        name="load",
        category=Category.MACHINE,
        says="loads the machine on purpose: {target} {arguments}",
        targets=words("stress stress-ng sysbench memtester cpuburn burnMMX"),
        matches=("stress --cpu 64",),
        leaves=("stress --help",),
    ),
    Rule(
        name="allocate-much",
        category=Category.MACHINE,
        says="takes a large part of the disk: {target} {arguments}",
        targets=words("fallocate truncate"),
        arguments=r"(?:-l|-s|--length|--size)[ =]?\d{2,}\s?[GTPE]|(?:-l|-s) ?\d{12,}|(?:-l|-s) ?\d+[TPE]",
        matches=("fallocate -l 500G x",),
        leaves=("fallocate -l 10M x",),
    ),
    Rule(
        name="shut-down",
        category=Category.MACHINE,
        says="shuts down or restarts the machine: {target} {arguments}",
        targets=words("shutdown reboot halt poweroff telinit pm-suspend pm-hibernate"),
        matches=("shutdown -h now", "sudo reboot", ">>> import os; os.system('poweroff')"),
        leaves=("shutdown --help", "last reboot"),
    ),
    Rule(
        name="change-runlevel",
        category=Category.MACHINE,
        says="shuts down, restarts or suspends the machine: {target} {arguments}",
        targets=words("init systemctl loginctl xset"),
        arguments=(
            r"^(?:0|1|6|S)$|^(?:-\S+ )*(?:poweroff|reboot|halt|suspend|hibernate|kexec|rescue\S*|emergency\S*|"
            r"isolate)\b|dpms force"
        ),
        matches=("systemctl poweroff", "init 0"),
        leaves=("systemctl status reboot.target", "git init"),
    ),
    Rule(
        name="swap-off",
        category=Category.MACHINE,
        says="takes memory away from the machine, or its limits: {target} {arguments}",
        targets=words("swapoff"),
        matches=("swapoff -a",),
        leaves=("swapoff --help", "free -m"),
    ),
    Rule(
        name="no-limits",
        category=Category.MACHINE,
        says="reads without end, or lifts limits: {target} {arguments}",
        targets=words("ulimit tail sort"),
        arguments=r"^-u unlimited|(?:^|\s)/dev/(?:zero|u?random)$",
        matches=("tail /dev/zero", "ulimit -u unlimited"),
        leaves=("ulimit -a", "tail -f app.log"),
    ),
    Rule(
        name="crash",
        category=Category.MACHINE,
        says="makes the running program crash",
        verbs=(Verb.LOOP,),
        targets=words("crash"),
        matches=(">>> import ctypes; ctypes.string_at(0)",),
        leaves=(">>> import ctypes; ctypes.string_at(b)",),
    ),
    Rule(
        name="mine",
        category=Category.MACHINE,
        says="mines a currency with this machine: {target} {arguments}",
        targets=words(
            "xmrig minerd cpuminer ethminer cgminer bfgminer nbminer t-rex lolMiner ccminer xmr-stak srbminer"
        ),
        matches=("./xmrig -o stratum+tcp://x:1",),
        leaves=("man xmrig",),
    ),
)
"""In the order in which they are tried."""
