"""A real Kannel 1.4 (bearerbox and smsbox) on loopback, for tests.

>>> with Kannel(callback="http://user:secret@127.0.0.1:8080/hooks/t") as kannel:  # doctest: +SKIP
...     kannel.fake.say("+15550001111", "+15559990000", "hello")
...     kannel.fake.wait_for(lambda text: "hi" in text.text)
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from fake_smsc import FakeSmsc
from needs import need
from smpp_process import SmppPeer

PASSWORD = "test-send"
USERNAME = "convokit"
_STATUS_PASSWORD = "test-status"
_READY = 20.0
_CODES = "from=%p&to=%P&id=%I&smsc=%i&ts=%T&coding=%c&charset=%C"

TEMPLATE = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = test-admin
status-password = {status_password}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = spool
dlr-spool = "{run}/spool"
store-type = file
store-location = "{run}/kannel.store"
store-dump-freq = 1
sms-resend-freq = {resend_freq}
sms-resend-retry = {resend_retry}
log-file = "{run}/bearerbox.log"
log-level = 1

group = smsc
smsc = fake
smsc-id = fake1
port = {fake}
our-host = 127.0.0.1
connect-allow-ip = 127.0.0.1
allowed-smsc-id = fake1
{smpp}
group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789+"
mo-recode = true
http-request-retry = {http_retry}
http-queue-delay = 1
log-file = "{run}/smsbox.log"
log-level = 1

group = sendsms-user
username = {username}
password = {password}
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
max-messages = 10
concatenation = true
default-smsc = fake1

group = sms-service
keyword = default
catch-all = true
post-url = "{post_url}"
send-sender = true
max-messages = 0
omit-empty = true
"""

_SMPP = """
group = smsc
smsc = smpp
smsc-id = smpp1
host = 127.0.0.1
port = {port}
transceiver-mode = true
smsc-username = kan
smsc-password = pw
system-type = ""
interface-version = 34
source-addr-autodetect = true
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 10
reconnect-delay = 1
wait-ack = 5
wait-ack-expire = 0x01
allowed-smsc-id = smpp1
"""


def free_ports(count: int) -> list[int]:
    """Loopback TCP ports that nobody listened on a moment ago; all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def inbound_service(callback: str) -> str:
    """The ``post-url`` for texts from phones. A literal percent sign is doubled: ``%C3`` would be Kannel's ``%C``."""
    joint = "&" if "?" in callback else "?"
    return callback.replace("%", "%%") + f"{joint}event=mo&{_CODES}"


class Kannel:
    """Use as a context manager.

    Args:
        callback: URL with user and password to which texts from phones are posted; ``None`` posts to a closed port.
        post_url: the whole ``post-url`` instead, with Kannel's escape codes.
        smpp: also start the scripted SMPP peer as ``smsc-id`` ``smpp1`` (:attr:`peer`).
        http_retry: how often a callback that failed is repeated, one second apart.
        resend_retry: how often a text that the SMSC refused for now is repeated, one second apart.
        template: another configuration, with the field names of :data:`TEMPLATE`; without a fake SMSC there is no
            :attr:`fake`.
    """

    fake: FakeSmsc
    peer: SmppPeer

    def __init__(
        self,
        *,
        callback: str | None = None,
        post_url: str | None = None,
        smpp: bool = False,
        http_retry: int = 5,
        resend_retry: int = 2,
        template: str | None = None,
    ) -> None:
        if post_url is None:
            post_url = inbound_service(callback or "http://127.0.0.1:9/")
        self._values = {"post_url": post_url, "http_retry": str(http_retry), "resend_retry": str(resend_retry)}
        self._with_smpp = smpp
        self._template = template or TEMPLATE
        self._boxes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Kannel:
        self._bearerbox, self._smsbox = need("bearerbox", "smsbox", package="kannel")
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="convokit-kannel-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            (self.folder / "spool").mkdir()
            if self._with_smpp:
                self.peer = stack.enter_context(SmppPeer())
            self._write_configuration()
            stack.callback(self._stop, "bearerbox")
            stack.callback(self._stop, "smsbox")
            self._start("bearerbox", self._bearerbox, self._admin_port)
            self.start_smsbox()
            if "smsc = fake" in self._template:
                self.connect_fake()
                stack.callback(self.disconnect_fake)
            if self._with_smpp:
                self.peer.wait_for(lambda event: event["event"] == "bind")
                self._wait_for_status("SMPP")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def send_url(self) -> str:
        """Where ``sendsms`` listens."""
        return f"http://127.0.0.1:{self._sendsms_port}/cgi-bin/sendsms"

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        """POST to :attr:`send_url`; status and answer."""
        request = urllib.request.Request(self.send_url, data=body, headers=dict(headers), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def admin(self, page: str, **arguments: str) -> str:
        """A page of bearerbox's admin server: ``status.txt``, ``store-status.txt``; it uses the status password."""
        query = urllib.parse.urlencode({"password": _STATUS_PASSWORD, **arguments})
        with urllib.request.urlopen(f"http://127.0.0.1:{self._admin_port}/{page}?{query}", timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def status(self) -> str:
        """What bearerbox says about itself, its boxes and its SMSC connections."""
        return self.admin("status.txt")

    def wait_for_admin(self, page: str, words: str) -> None:
        """Wait until an admin page contains ``words``."""
        self._wait(f"{words!r} is not on {page}", lambda: words in self.admin(page))

    def wait_for_log(self, name: str, words: str) -> None:
        """Wait until the log file ``bearerbox.log`` or ``smsbox.log`` contains ``words``."""
        self._wait(f"{words!r} is not in {name}", lambda: words in (self.folder / name).read_text(errors="replace"))

    def logs(self) -> str:
        """Both log files, for a failed assertion."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def connect_fake(self) -> None:
        """Connect the phone network; texts that were queued arrive."""
        self.fake = FakeSmsc(self._fake_port)
        self._wait_for_status("FAKE")

    def disconnect_fake(self) -> None:
        """Cut the phone network off; texts are queued from now on."""
        self.fake.close()

    def start_smsbox(self) -> None:
        """Start (again) the half of Kannel that speaks HTTP."""
        self._start("smsbox", self._smsbox, self._sendsms_port)
        self._wait("smsbox did not connect", lambda: "smsbox:" in self.status())

    def stop_smsbox(self) -> None:
        """Stop the half of Kannel that speaks HTTP; bearerbox keeps texts and reports for it."""
        self._stop("smsbox")

    def _write_configuration(self) -> None:
        self._admin_port, self._boxes_port, self._fake_port, self._sendsms_port = free_ports(4)
        peer_port = str(self.peer.port) if self._with_smpp else ""
        values = {
            "run": str(self.folder),
            "admin": str(self._admin_port),
            "boxes": str(self._boxes_port),
            "fake": str(self._fake_port),
            "sendsms": str(self._sendsms_port),
            "status_password": _STATUS_PASSWORD,
            "username": USERNAME,
            "password": PASSWORD,
            "resend_freq": "1",
            "peer": peer_port,
            "smpp": _SMPP.format(port=peer_port) if self._with_smpp else "",
            **self._values,
        }
        self._conf = self.folder / "kannel.conf"
        self._conf.write_text(self._template.format(**values))
        self._conf.chmod(0o600)

    def _start(self, name: str, program: str, port: int) -> None:
        command = [program, "-v", "4", str(self._conf)]
        quiet = subprocess.DEVNULL
        self._boxes[name] = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, cwd=self.folder)
        self._wait(f"{name} does not listen", lambda: self._listens(name, port))

    def _listens(self, name: str, port: int) -> bool:
        code = self._boxes[name].poll()
        assert code is None, f"{name} ended with {code}\n{self.logs()}"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    def _stop(self, name: str) -> None:
        process = self._boxes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _wait_for_status(self, kind: str) -> None:
        self._wait(
            f"no {kind} connection is online",
            lambda: any(f"{kind}:" in line and "(online" in line for line in self.status().splitlines()),
        )

    def _wait(self, complaint: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _READY
        while not ready():
            assert time.monotonic() < deadline, f"{complaint}\n{self.logs()}"
            time.sleep(0.05)
