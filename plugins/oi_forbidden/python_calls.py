"""What functions of Python's library, and of well-known others, do: as data, by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from oi_forbidden.acts import Verb
from oi_forbidden.names import words


class PathCall(NamedTuple):
    """A function that does something to a path: its place among the arguments (-1: what the method is bound to)."""

    verb: Verb
    place: int = 0
    keyword: str = ""
    tags: str = ""


_DELETE = PathCall(Verb.DELETE, 0, "path")
_DELETE_TREE = PathCall(Verb.DELETE, 0, "path", "recursive")

PATH_CALLS: Final[Mapping[str, tuple[PathCall, ...]]] = {
    **dict.fromkeys(
        ("os.remove", "os.unlink", "send2trash.send2trash", "os.removedirs", "send2trash", "winshell.delete_file"),
        (_DELETE,),
    ),
    **dict.fromkeys(
        words(
            """
            shutil.rmtree distutils.dir_util.remove_tree setuptools._distutils.dir_util.remove_tree
            test.support.rmtree
            """
        ),
        (_DELETE_TREE,),
    ),
    **dict.fromkeys(("pathlib.Path().unlink", "?.unlink"), (PathCall(Verb.DELETE, -1),)),
    "os.truncate": (PathCall(Verb.EMPTY, 0, "path"),),
    **dict.fromkeys(
        ("os.rename", "os.renames", "os.replace", "shutil.move"),
        (PathCall(Verb.MOVE, 0, "src"), PathCall(Verb.WRITE, 1, "dst")),
    ),
    **dict.fromkeys(
        ("pathlib.Path().rename", "pathlib.Path().replace"),
        (PathCall(Verb.MOVE, -1), PathCall(Verb.WRITE, 0, "target")),
    ),
    **dict.fromkeys(
        ("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "distutils.file_util.copy_file"),
        (PathCall(Verb.READ, 0, "src"), PathCall(Verb.WRITE, 1, "dst")),
    ),
    **dict.fromkeys(("os.symlink", "os.link"), (PathCall(Verb.READ, 0, "src", "link"), PathCall(Verb.WRITE, 1, "dst"))),
    **dict.fromkeys(
        ("pathlib.Path().symlink_to", "pathlib.Path().hardlink_to"),
        (PathCall(Verb.READ, 0, "target", "link"), PathCall(Verb.WRITE, -1)),
    ),
    **dict.fromkeys(
        ("pathlib.Path().write_text", "pathlib.Path().write_bytes", "pathlib.Path().touch"), (PathCall(Verb.WRITE, -1),)
    ),
    **dict.fromkeys(
        ("pathlib.Path().read_text", "pathlib.Path().read_bytes"), (PathCall(Verb.READ, -1, "", "by-code"),)
    ),
    **dict.fromkeys(("os.makedirs", "os.mkdir"), (PathCall(Verb.WRITE, 0, "name", "append folder"),)),
    "pathlib.Path().mkdir": (PathCall(Verb.WRITE, -1, "", "append folder"),),
    "pathlib.Path().rmdir": (),
    **dict.fromkeys(("os.chown", "os.lchown", "shutil.chown"), (PathCall(Verb.OWNER, 0, "path"),)),
    **dict.fromkeys(("linecache.getlines", "linecache.getline"), (PathCall(Verb.READ, 0, "", "by-code"),)),
    "sqlite3.connect": (PathCall(Verb.READ, 0, "database", "by-code"),),
    "zipfile.ZipFile().write": (PathCall(Verb.READ, 0, "filename"),),
    "tarfile.open().add": (PathCall(Verb.READ, 0, "name"),),
    "shutil.make_archive": (PathCall(Verb.READ, 2, "root_dir"),),
    "dotenv.load_dotenv": (),
    "dotenv.dotenv_values": (PathCall(Verb.READ, 0, "dotenv_path"),),
}
"""By function: what it does to which of its arguments."""

SHELL_CALLS: Final = frozenset(
    {
        *("os.system", "os.popen", "os.popen2", "os.popen3", "os.startfile"),
        *(
            f"subprocess.{name}"
            for name in ("run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput")
        ),
        *(
            "asyncio.create_subprocess_shell",
            "asyncio.subprocess.create_subprocess_shell",
            "pty.spawn",
            "pexpect.run",
            "pexpect.spawn",
        ),
        *(
            "pexpect.runu",
            "pexpect.spawnu",
            "get_ipython().system",
            "get_ipython().getoutput",
            "get_ipython().system_raw",
        ),
        *(
            "commands.getoutput",
            "popen2.popen2",
            "platform.popen",
            "ctypes.CDLL().system",
            "ctypes.cdll.LoadLibrary().system",
        ),
        *(
            "ctypes.CDLL().popen",
            "fabric.Connection().run",
            "fabric.Connection().local",
            "fabric.Connection().sudo",
            "invoke.run",
        ),
        *(
            "invoke.task().run",
            "paramiko.SSHClient().exec_command",
            "os.execv().x",
            "trio.run_process",
            "anyio.run_process",
            "delegator.run",
        ),
        *(
            "envoy.run",
            "plumbum.cmd.bash",
            "psutil.Popen",
            "IPython.get_ipython().system",
            "google.colab._system_commands._run_command",
        ),
        *("docker.from_env().containers.run().exec_run", "ctypes.windll.msvcrt.system", "ctypes.CDLL().execve"),
    }
)
"""Functions whose first argument is a command: source for a shell, or a list of words."""

WORD_CALLS: Final = frozenset(
    {f"os.{stem}{ending}" for stem in ("exec", "spawn") for ending in ("l", "le", "lp", "lpe", "v", "ve", "vp", "vpe")}
    | {
        "os.posix_spawn",
        "os.posix_spawnp",
        "asyncio.create_subprocess_exec",
        "asyncio.subprocess.create_subprocess_exec",
    }
)
"""Functions that take a program's words one by one, or as a list, perhaps after its path and a mode."""

CODE_CALLS: Final = words(
    """
    exec eval execfile code.InteractiveInterpreter().runsource code.InteractiveInterpreter().runcode
    code.InteractiveConsole().push code.InteractiveConsole().runsource get_ipython().run_cell get_ipython().ex
    timeit.timeit timeit.repeat cProfile.run types.FunctionType builtins.exec builtins.eval pandas.eval().x
    """
)
"""Functions that run Python source."""

UNPICKLERS: Final = words(
    """
    pickle.loads pickle.load pickle.Unpickler().load marshal.loads jsonpickle.decode shelve.open joblib.load
    torch.load
    """
)
"""Functions that turn bytes into objects, and can run any code while they do."""

FETCHES: Final[Mapping[str, int]] = {
    **{f"requests.{name}": 0 for name in ("get", "head", "options")},
    **{f"httpx.{name}": 0 for name in ("get", "head", "stream", "Client().get", "AsyncClient().get")},
    **dict.fromkeys(
        words(
            """
            requests.Session().get requests.session().get urllib.request.urlopen urllib.request.urlretrieve
            urllib.urlopen urllib.urlretrieve wget.download aiohttp.ClientSession().get http.client.HTTPConnection
            http.client.HTTPSConnection urllib.request.Request gdown.download webbrowser.open
            selenium.webdriver.Chrome().get selenium.webdriver.Firefox().get
            """
        ),
        0,
    ),
    **dict.fromkeys(("requests.request", "httpx.request", "urllib3.PoolManager().request", "urllib3.request"), 1),
}
"""Functions that get something from an address, by the place of the address."""

SENDS: Final[Mapping[str, int]] = {
    **{f"{client}.{name}": 0 for client in ("requests", "httpx") for name in ("post", "put", "patch", "delete")},
    **{
        f"{client}().{name}": 0
        for client in (
            "requests.Session",
            "requests.session",
            "httpx.Client",
            "httpx.AsyncClient",
            "aiohttp.ClientSession",
        )
        for name in ("post", "put", "patch")
    },
}
"""Functions that send something to an address."""

SENT_FILES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        words(
            """
            ftplib.FTP().storbinary ftplib.FTP().storlines ftplib.FTP_TLS().storbinary
            paramiko.SSHClient().open_sftp().put
            """
        ),
        "file",
    ),
    **dict.fromkeys(
        words(
            """
            paramiko.SFTPClient.from_transport().put pysftp.Connection().put scp.SCPClient().put
            fabric.Connection().put
            """
        ),
        "file",
    ),
    **dict.fromkeys(
        words(
            """
            boto3.client().upload_file boto3.client().upload_fileobj boto3.client().put_object
            boto3.resource().Bucket().upload_file boto3.resource().meta.client.upload_file
            google.cloud.storage.Client().bucket().blob().upload_from_filename dropbox.Dropbox().files_upload
            boto3.Session().client().upload_file pydrive.drive.GoogleDrive().CreateFile().Upload
            boto3.resource().Object().upload_file minio.Minio().fput_object boto3.resource().Bucket().put_object
            """
        ),
        "file",
    ),
    **dict.fromkeys(
        words(
            """
            smtplib.SMTP().sendmail smtplib.SMTP().send_message smtplib.SMTP_SSL().sendmail
            smtplib.SMTP_SSL().send_message yagmail.SMTP().send
            """
        ),
        "mail",
    ),
    **dict.fromkeys(
        words(
            """
            telegram.Bot().send_document telegram.Bot().send_message slack_sdk.WebClient().files_upload
            discord_webhook.DiscordWebhook
            """
        ),
        "file",
    ),
    **dict.fromkeys(
        words(
            """
            paramiko.SSHClient().connect telnetlib.Telnet paramiko.Transport pysftp.Connection fabric.Connection
            """
        ),
        "socket",
    ),
    **dict.fromkeys(
        words(
            """
            smb.SMBConnection.SMBConnection().storeFile pexpect.pxssh.pxssh().login
            websocket.create_connection().send
            """
        ),
        "file",
    ),
}
"""Functions that send files or mail, or open a connection, by what they send."""

SERVERS: Final = words(
    """
    http.server.HTTPServer socketserver.TCPServer socketserver.ThreadingTCPServer http.server.ThreadingHTTPServer
    socket.socket().bind socket.create_server asyncio.start_server xmlrpc.server.SimpleXMLRPCServer
    pyngrok.ngrok.connect SocketServer.TCPServer BaseHTTPServer.HTTPServer wsgiref.simple_server.make_server
    http.server.test pyftpdlib.servers.FTPServer
    """
)
"""Functions that let others connect."""

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
