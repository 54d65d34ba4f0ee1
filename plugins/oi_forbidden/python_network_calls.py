"""What functions of Python's library and others fetch, send and listen for: as data, by their dotted names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from oi_forbidden.names import words

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
