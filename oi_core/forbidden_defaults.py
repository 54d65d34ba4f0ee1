"""The commands that are forbidden unless the person says otherwise: the classic disasters, as data."""

from __future__ import annotations

from typing import Final

UNIX: Final = (
    # Everything, or everything of yours, deleted.
    "rm -rf /",
    "rm -rf /*",
    "rm -rf ~",
    "rm -rf ~/*",
    "rm -rf $HOME",
    "rm -rf $HOME/*",
    "rm -r /",
    "rm -r ~",
    "find / -delete",
    "find ~ -delete",
    "mv / /dev/null",
    "mv ~ /dev/null",
    "mv /* /dev/null",
    "mv ~/* /dev/null",
    # Disks and the boot loader overwritten.
    "dd if=/dev/zero of=/dev/sda",
    "dd if=/dev/random of=/dev/sda",
    "dd if=/dev/urandom of=/dev/sda",
    "dd if=/dev/zero of=/dev/nvme0n1",
    "dd if=/dev/urandom of=/dev/nvme0n1",
    "mkfs /dev/sda",
    "mkfs /dev/sda1",
    "mkfs.ext3 /dev/sda",
    "mkfs.ext4 /dev/sda",
    "mkfs.ext4 /dev/sda1",
    "mkfs.xfs /dev/sda",
    "wipefs -a /dev/sda",
    "shred /dev/sda",
    "> /dev/sda",
    "> /dev/nvme0n1",
    # Permissions and owners of the whole system.
    "chmod -R 777 /",
    "chmod -R 000 /",
    "chmod -R 777 ~",
    "chown -R nobody /",
    "chown -R nobody:nogroup /",
    # The machine stopped or starved.
    ":(){ :|:& };:",
    "kill -9 -1",
    "killall5 -9",
    "shutdown now",
    "shutdown -h now",
    "shutdown -r now",
    "reboot",
    "reboot -f",
    "halt",
    "poweroff",
    "init 0",
    "init 6",
    "telinit 0",
    "systemctl poweroff",
    "systemctl reboot",
    "echo b > /proc/sysrq-trigger",
    "echo c > /proc/sysrq-trigger",
    # The administrator without a password.
    "passwd -d root",
)
"""Disasters of Linux and macOS, as a shell command each."""

WINDOWS: Final = (
    "del /F /S /Q C:\\",
    "del /F /S /Q C:\\*",
    "del /F /S /Q C:\\*.*",
    "del /F /S /Q C:\\Windows",
    "del /F /S /Q C:\\Windows\\System32",
    "rd /S /Q C:\\",
    "rd /S /Q C:\\Windows",
    "rmdir /S /Q C:\\",
    "rmdir /S /Q C:\\Windows",
    "format C:",
    "format C: /q",
    "format C: /y",
    "diskpart",
    "cipher /w:C:\\",
    "shutdown /s /t 0",
    "shutdown /r /t 0",
    "Remove-Item -Recurse -Force C:\\",
    "Format-Volume -DriveLetter C",
    "Stop-Computer -Force",
)
"""Disasters of Windows, for ``cmd`` and PowerShell."""

PYTHON: Final = (
    'os.system("rm -rf /")',
    'os.system("rm -rf ~")',
    'shutil.rmtree("/")',
    'shutil.rmtree("~")',
    'shutil.rmtree(os.path.expanduser("~"))',
    "shutil.rmtree(Path.home())",
    "shutil.rmtree(pathlib.Path.home())",
    'shutil.rmtree("C:\\\\")',
    "os.kill(-1, 9)",
    "os.kill(-1, signal.SIGKILL)",
)
"""Disasters of Python, as an expression each."""

DEFAULT_FORBIDDEN_COMMANDS: Final[tuple[str, ...]] = (*UNIX, *WINDOWS, *PYTHON)
"""Where a session's ``forbidden_commands`` start; the configuration adds to them, a program may also take some out."""
