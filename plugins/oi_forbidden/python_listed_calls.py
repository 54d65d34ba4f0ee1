"""Functions of Python libraries that a rule judges by what they are for: as data, by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oi_forbidden.names import words

SQL_CALLS: Final = frozenset(
    {"execute", "executescript", "executemany", "raw", "read_sql", "read_sql_query", "query", "text"}
)
"""Methods whose first argument is a statement for a database, where it is one."""


CALLS: Final[Mapping[str, str]] = {
    **{
        f"os.{name}": f"os.{name}"
        for name in ("setuid", "setgid", "seteuid", "setreuid", "setresuid", "chroot", "setgroups", "initgroups")
    },
    **dict.fromkeys(
        words(
            """
            pynput.keyboard.Listener pynput.mouse.Listener keyboard.on_press keyboard.hook keyboard.record
            keyboard.read_key
            """
        ),
        "keyboard",
    ),
    **dict.fromkeys(
        words(
            """
            keyboard.read_event keyboard.on_release pyxhook.HookManager pyHook.HookManager evdev.InputDevice
            keyboard.add_hotkey
            """
        ),
        "keyboard",
    ),
    **dict.fromkeys(
        words(
            """
            PIL.ImageGrab.grab pyautogui.screenshot mss.mss pyscreenshot.grab ImageGrab.grab d3dshot.create
            mss.mss().grab
            """
        ),
        "screen",
    ),
    **dict.fromkeys(
        ("cv2.VideoCapture#0", "picamera.PiCamera", "pygame.camera.Camera", "imageio.get_reader#cam"), "camera"
    ),
    **dict.fromkeys(
        words(
            """
            pyperclip.paste win32clipboard.GetClipboardData tkinter.Tk().clipboard_get pandas.read_clipboard
            clipboard.paste
            """
        ),
        "clipboard",
    ),
    **dict.fromkeys(
        ("sounddevice.rec", "pyaudio.PyAudio().open", "sounddevice.InputStream", "speech_recognition.Microphone"),
        "microphone",
    ),
    **dict.fromkeys(
        words(
            """
            keyring.get_password win32crypt.CryptUnprotectData secretstorage.dbus_init win32cred.CredEnumerate
            keyring.get_credential
            """
        ),
        "passwords",
    ),
    **dict.fromkeys(("pwd.getpwall", "spwd.getspall", "spwd.getspnam", "grp.getgrall", "spwd.getsp"), "accounts"),
    **{
        f"browser_cookie3.{name}": "cookies"
        for name in ("chrome", "firefox", "load", "edge", "brave", "opera", "safari", "chromium")
    },
    **dict.fromkeys(("crypt.crypt", "pikepdf.open#password", "msoffcrypto.OfficeFile().load_key"), "crack"),
    **dict.fromkeys(
        words(
            """
            scapy.all.sniff scapy.all.send scapy.all.sendp scapy.all.srp scapy.all.sr1 scapy.all.sr scapy.all.srp1
            pyshark.LiveCapture pcapy.open_live scapy.sendrecv.sniff scapy.all.AsyncSniffer scapy.all.arping
            scapy.all.wrpcap socket.socket().ioctl scapy.sniff pcap.pcap netfilterqueue.NetfilterQueue().bind
            scapy.all.conf.L3socket
            """
        ),
        "traffic",
    ),
    **dict.fromkeys(
        words(
            """
            nmap.PortScanner().scan nmap3.Nmap().scan_top_ports shodan.Shodan().search nmap.PortScannerAsync().scan
            python_nmap.scan
            """
        ),
        "scan",
    ),
    **dict.fromkeys(
        ("setproctitle.setproctitle", "prctl.set_name", "ctypes.CDLL().prctl"), "setproctitle.setproctitle"
    ),
    **dict.fromkeys(
        ("ctypes.string_at#0", "ctypes.memset#0", "os.abort", "ctypes.CDLL().abort", "faulthandler._sigsegv"), "crash"
    ),
    **dict.fromkeys(
        ("ctypes.windll.shell32.ShellExecuteW", "ctypes.windll.shell32.ShellExecuteA", "elevate.elevate"), "runas"
    ),
}
"""Functions that a rule judges by what they are for. ``#`` and a value after it: only with this first argument."""


PERSISTING: Final = words(
    """
    crontab.CronTab().write crontab.CronTab().new crontab.CronTab().remove_all crontab.CronTab().remove
    crontab.CronTab().write_to_user winreg.SetValueEx winreg.CreateKey winreg.CreateKeyEx winreg.DeleteKey
    winreg.DeleteValue _winreg.SetValueEx winreg.SetValue win32serviceutil.InstallService
    win32com.client.Dispatch().RegisterTaskDefinition daemon.DaemonContext
    """
)
"""Functions that make something start by itself."""


KILLS: Final = frozenset(
    {
        *(
            "os.kill",
            "os.killpg",
            "signal.pidfd_send_signal",
            "ctypes.windll.kernel32.TerminateProcess",
            "ctypes.CDLL().kill",
        ),
        *(
            f"psutil.{start}.{name}"
            for start in (
                "Process()",
                "process_iter()[]",
                "process_iter()",
                "Process().children()[]",
                "pids()[]",
                "Process().parent()",
            )
            for name in ("kill", "terminate", "suspend", "send_signal", "nice")
        ),
        *("psutil.Process().kill()", "wmi.WMI().Win32_Process()[].Terminate"),
    }
)
"""Functions that stop or change processes."""


DESTROYS_ELSEWHERE: Final = words(
    """
    redis.Redis().flushall redis.Redis().flushdb redis.StrictRedis().flushall redis.from_url().flushall
    pymongo.MongoClient().drop_database pymongo.MongoClient()[].drop pymongo.MongoClient()[][].drop
    pymongo.MongoClient()[][].delete_many boto3.resource().Bucket().objects.all().delete
    boto3.client().delete_object boto3.client().delete_bucket boto3.client().delete_objects
    boto3.client().terminate_instances boto3.resource().Bucket().delete boto3.resource().Object().delete
    boto3.client().delete_db_instance docker.from_env().containers.list()[].remove
    docker.from_env().containers.list()[].stop docker.from_env().containers.list()[].kill
    docker.from_env().volumes.prune docker.from_env().containers.prune docker.from_env().images.prune
    sqlalchemy.MetaData().drop_all google.cloud.storage.Client().bucket().delete
    elasticsearch.Elasticsearch().indices.delete docker.from_env().containers.get().remove
    docker.from_env().containers.get().stop docker.from_env().containers.get().kill
    paramiko.SSHClient().open_sftp().remove ftplib.FTP().delete ftplib.FTP().rmd imaplib.IMAP4_SSL().expunge
    git.Repo().git.clean git.Repo().git.reset
    """
)
"""Functions that remove what is kept in databases, clouds and containers."""
