"""The command `convokit serve`: webhooks, files and the dashboard, from a process of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from command import unmeasured

import convokit as api
from convokit.cli import cli

ANA = api.Client(id="c1", name="Ana Ruiz", phone="+13035550123")
KIM = api.Staff(id="u1", name="Dr. Kim")
PRACTICE = api.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"])

IDENTIFY = """
import convokit
from convokit_dashboard import Visitor

def identify(request):
    if "staff" not in request.cookies:
        return None
    return Visitor(practice_id="happy-paws", staff=convokit.Staff(id="u1", name="Dr. Kim"))
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{(tmp_path / 'desk.db').as_posix()}"
    with api.open(url, plugins=["simulator"]) as kit:
        kit.add_practice(PRACTICE)
        desk = kit.practice("happy-paws")
        desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello Ana", by=KIM)
    return url


@contextmanager
def _served(url: str, *more: str, folder: Path, end: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """A server on a free port; its address. It must end well."""
    command = [sys.executable, "-m", "convokit", "serve", "--db", url, "--plugin", "simulator", "--port", "0", *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=unmeasured(), cwd=folder)
    assert process.stderr is not None
    try:
        found = re.search(r"http://\S+?:\d+", process.stderr.readline())
        assert found is not None
        yield found[0]
        process.send_signal(end)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == 0, said
        assert said.endswith("convokit: ended\n")
        assert "Traceback" not in said
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _status(url: str, **headers: str) -> int:
    for _ in range(100):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:  # it listens, and is not ready yet
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process hears")
def test_webhooks_files_and_the_dashboard_are_served_and_texts_leave(url: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(IDENTIFY)
    with _served(url, "--identify", "mine:identify", "--threads", "2", folder=tmp_path) as at:
        assert _status(f"{at}/hooks/nobody") == 404
        assert _status(f"{at}/hooks/media/nobody") == 404
        assert _status(f"{at}/elsewhere") == 404
        assert _status(f"{at}/desk/active") in (401, 403)
        assert _status(f"{at}/desk/active", Cookie="staff=1") == 200
        with api.open(url, plugins=["simulator"]) as kit:
            for _ in range(100):
                if not kit.store.unsettled():
                    break
                time.sleep(0.1)
            assert kit.store.unsettled() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is another signal there")
def test_it_listens_where_the_public_url_says_and_ends_with_ctrl_c(url: str, tmp_path: Path) -> None:
    public = "https://desk.example/a/b"
    with (
        api.open(url, plugins=["simulator"], public_url=public) as kit,
        _served(url, "--public-url", public, folder=tmp_path, end=signal.SIGINT) as at,
    ):
        path = (kit.webhook_url("happy-paws") or "").removeprefix("https://desk.example")
        assert path.startswith("/a/b/")
        assert _status(at + path) in (400, 401, 403, 405)  # there, and no webhook of the carrier's
        assert _status(f"{at}/hooks/nobody") == 404
        assert kit.store.unsettled() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process hears")
def test_health_counts_and_logs_for_programs(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "convokit", "serve", "--db", url, "--plugin", "simulator", "--port", "0"]
    more = ["--health", "127.0.0.1:0", "--log-format", "json"]
    with subprocess.Popen([*command, *more], stderr=subprocess.PIPE, text=True, env=unmeasured(), cwd=tmp_path) as run:
        assert run.stderr is not None
        said = [json.loads(run.stderr.readline()) for _ in range(2)]
        page = said[1]["message"].removeprefix("health page: ")
        with urllib.request.urlopen(page, timeout=10) as answer:
            assert answer.read().startswith(b"state: ok\n")
        with urllib.request.urlopen(f"{page}metrics", timeout=10) as answer:
            assert b"\nconvokit_texts_owed 1\n" in answer.read()
        public = said[0]["message"].removeprefix("webhooks and files at ")
        assert _status(public.removesuffix("/hooks") + "/metrics") == 404  # that is not for the internet
        run.send_signal(signal.SIGTERM)
        assert [json.loads(line)["message"] for line in run.stderr] == ["ended"]
    assert run.returncode == 0
    assert {line["logger"] for line in said} == {"convokit.serve"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--identify", "no_such_module:who"), "serve.identify"),
        (("--identify", "json:no_such_name"), "serve.identify"),
        (("--identify", "json:__name__"), "not callable"),
        (("--identify", ":"), "serve.identify"),
        (("--host", "192.0.2.1"), "serve.address"),
        (("--public-url", "https://desk.example/desk/hooks"), "serve.path"),
    ],
)
def test_what_cannot_be_served_says_why(url: str, arguments: tuple[str, ...], words: str) -> None:
    done = CliRunner().invoke(cli, ["serve", "--db", url, "--port", "0", *arguments])
    assert done.exit_code == 1
    assert words in done.stderr


def test_a_port_that_is_taken_is_named(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = CliRunner().invoke(cli, ["serve", "--db", url, "--port", str(port)])
    assert done.exit_code == 1
    assert f"port {port}" in done.stderr


@pytest.mark.parametrize(("hidden", "words"), [("uvicorn", "serve.uvicorn"), ("convokit_dashboard", "serve.identify")])
def test_what_is_not_installed_is_named(url: str, monkeypatch: pytest.MonkeyPatch, hidden: str, words: str) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    done = CliRunner().invoke(cli, ["serve", "--db", url, "--port", "0", "--identify", "json:dumps"])
    assert done.exit_code == 1
    assert words in done.stderr
