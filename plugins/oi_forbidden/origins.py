"""Where data in Python code comes from, by the function that gives it, and which functions only pass data on.

``network``, ``file``, ``secret`` (a file with keys), ``environ`` (all environment variables), ``variable`` (one that is
named like a key), ``command`` (what a program prints), ``host`` (about this machine and its people), ``decoded``,
``input`` (typed), ``temp`` (made for a short time), ``clipboard``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oi_forbidden.names import words
from oi_forbidden.parameters import SECRET_NAME

ORIGINS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *(
                f"requests.{method}"
                for method in ("get", "post", "put", "request", "head", "Session().get", "Session().post")
            ),
            *(
                f"{client}.{method}"
                for client in ("httpx", "urllib3")
                for method in ("get", "post", "request", "Client().get")
            ),
            *("urllib.request.urlopen", "urllib.urlopen", "urllib.request.urlretrieve", "wget.download"),
            *(
                "socket.socket().recv",
                "socket.socket().recvfrom",
                "socket.socket().makefile",
                "http.client.HTTPConnection().getresponse",
            ),
            *(
                "http.client.HTTPSConnection().getresponse",
                "urllib3.PoolManager().request",
                "aiohttp.ClientSession().get",
            ),
            *(
                "socket.socket().accept",
                "flask.request.args",
                "flask.request.form",
                "flask.request.data",
                "flask.request.json",
            ),
            *(
                "flask.request",
                "socket.create_connection().recv",
                "ftplib.FTP().retrbinary",
                "telnetlib.Telnet().read_all",
            ),
        ),
        "network",
    ),
    **dict.fromkeys(
        words(
            """
            open io.open codecs.open pathlib.Path().read_text pathlib.Path().read_bytes pathlib.Path().open
            zipfile.ZipFile shutil.make_archive sqlite3.connect os.read fileinput.input os.walk glob.glob
            """
        ),
        "file",
    ),
    **dict.fromkeys(("os.environ", "os.environ.items", "os.environ.copy", "os.environ.values", "environ"), "environ"),
    **dict.fromkeys(
        words(
            """
            subprocess.check_output subprocess.run subprocess.getoutput subprocess.getstatusoutput subprocess.Popen
            os.popen get_ipython().getoutput
            """
        ),
        "command",
    ),
    **dict.fromkeys(
        words(
            """
            platform.node platform.platform platform.uname platform.system platform.version platform.processor
            getpass.getuser socket.gethostname socket.gethostbyname os.getlogin os.uname uuid.getnode
            psutil.process_iter psutil.net_if_addrs psutil.users psutil.pids pwd.getpwall pwd.getpwuid
            """
        ),
        "host",
    ),
    **dict.fromkeys(("input", "sys.argv", "sys.stdin", "sys.stdin.read", "raw_input"), "input"),
    **dict.fromkeys(
        words(
            """
            tempfile.mkstemp tempfile.mkdtemp tempfile.mktemp tempfile.NamedTemporaryFile
            tempfile.TemporaryDirectory tempfile.TemporaryFile tempfile.SpooledTemporaryFile tmp_path tmpdir
            tempfile.gettempdir
            """
        ),
        "temp",
    ),
    **dict.fromkeys(("pyperclip.paste", "PIL.ImageGrab.grab", "pyautogui.screenshot", "mss.mss"), "clipboard"),
    "keyring.get_password": "secret",
    "getpass.getpass": "variable",
    "dotenv.dotenv_values": "environ",
    "google.colab.userdata.get": "variable",
}
"""By the dotted name of a function, or of a thing."""

PASSING: Final = words(
    """
    str repr bytes bytearray dict list tuple set sorted json.dumps json.dump json.loads base64.b64encode
    base64.b32encode base64.urlsafe_b64encode base64.encodebytes binascii.hexlify zlib.compress gzip.compress
    urllib.parse.quote urllib.parse.urlencode urllib.parse.quote_plus pickle.dumps format io.BytesIO io.StringIO map
    filter zip enumerate reversed os.path.join os.path.abspath pathlib.Path next iter compile ascii int print
    contextlib.closing functools.partial shlex.split os.fsencode sum min max copy.copy copy.deepcopy pprint.pformat
    textwrap.dedent codecs.encode marshal.loads types.CodeType
    """
)
"""Functions whose result carries what went into them."""

CARRIES: Final = words(
    """
    read readline readlines read_text read_bytes decode encode strip join format replace split splitlines items
    values copy text content json getvalue hex lower upper data body get stdout recv rstrip lstrip output
    communicate fetchall fetchone popleft iterdir glob rglob with_suffix joinpath resolve iter_content iter_lines
    getbuffer
    """
)
"""Methods whose result carries what they are called on."""


def is_secret_name(name: str) -> bool:
    """Whether an environment variable is named like one that holds a key."""
    return SECRET_NAME.search(name) is not None
