"""The commands of every day: inbox, transcript, plugins, worker, and how each of them ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from click.testing import CliRunner
from command import KANNEL, convokit, environment, install

import convokit as api
from convokit.cli import cli
from convokit.cli.options import url_of
from convokit.cli.worker import Watch

ANA = api.Client(id="c1", name="Ana Ruiz", phone="+13035550123")
KIM = api.Staff(id="u1", name="Dr. Kim")
PRACTICE = api.Practice(
    id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=["+13035550100"]
)


def _url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """A desk with three conversations, one of them ended, in two practices; its URL."""
    url = _url(tmp_path / "desk.db")
    with api.open(url) as kit:
        for practice in (PRACTICE, api.Practice(id="tails", name="Tails", time_zone="UTC")):
            kit.add_practice(practice)
        own = kit.practice("happy-paws")
        lab = own.start(client=ANA, patient=api.Patient(id="p", name="Bella"), channel="sms", title="Lab", by=KIM)
        own.send(lab.id, "The results are in.", by=KIM)
        own.app_message(api.Client(id="c2", name="Ben \x1b[31mRed"), "Max \x07is ill \u202eback")
        own.app_message(api.Client(id="c3", name="Chloe 馬場"), "done")
        own.end(own.inbox().items[0].id, by=KIM)
    return url


def _run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_inbox_reads_like_a_front_desk(desk: str) -> None:
    code, shown, errors = _run("inbox", "--db", desk)
    assert (code, errors) == (0, "")
    assert "Happy Paws (happy-paws)" in shown
    assert "Lab: The results are in." in shown
    assert "◷  waiting" in shown
    assert "Tails" not in shown
    assert "Active 2 · Unread 1 · History 1" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_a_database_may_be_a_plain_file(desk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _run("inbox", "--db", desk)
    monkeypatch.chdir(tmp_path)
    for given in ("desk.db", "./desk.db", str(tmp_path / "desk.db"), "sqlite:///desk.db"):
        assert _run("inbox", "--db", given) == expected
    assert _run("doctor", "--db", "desk.db")[0] == 0


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("desk.db", "sqlite:///desk.db"),
        ("/var/lib/desk.db", "sqlite:////var/lib/desk.db"),
        ("~/desk.db", "sqlite:///~/desk.db"),
        ("C:/desk.db", "sqlite:///C:/desk.db"),
        ("sqlite:///desk.db", "sqlite:///desk.db"),
        ("postgresql://host/desk", "postgresql://host/desk"),
        ("memory:", "memory:"),
    ],
)
def test_what_is_a_url_and_what_a_file(given: str, url: str) -> None:
    assert url_of(given) == url


@pytest.mark.parametrize("given", ["oracle:x", "sqlite:desk.db", "sqlite:///"])
@pytest.mark.parametrize("command", ["inbox", "doctor"])
def test_no_command_proposes_a_store_that_forgets(command: str, given: str) -> None:
    code, shown, errors = _run(command, "--db", given)
    assert code == 1
    assert "[store.url]" in shown + errors
    assert "desk.db" in shown + errors
    assert "memory:" not in shown + errors


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    code, _, errors = _run("inbox", "--db", str(tmp_path))
    assert code == 1
    assert "[storage.not_a_database] this is a folder" in errors


def test_an_id_that_inbox_shows_exports_the_transcript(desk: str, tmp_path: Path) -> None:
    assert _run("inbox", "--db", desk)[1].splitlines()[-1].endswith("· ids: --ids")
    shown = _run("inbox", "--db", desk, "--ids")[1]
    assert max(map(len, shown.splitlines())) <= 100
    assert "--ids" not in shown
    (known,) = (line.split()[-1] for line in shown.splitlines() if "Lab: The results" in line)
    out = str(tmp_path / "bella.txt")
    assert _run("transcript", "export", known, "--db", desk, "--practice", "happy-paws", "--out", out)[0] == 0


def test_inbox_for_programs(desk: str) -> None:
    code, shown, _ = _run("inbox", "--db", desk, "--practice", "happy-paws", "--json", "--channel", "sms")
    assert code == 0
    (found,) = json.loads(shown)
    assert (found["title"], found["channel"], found["last_delivery"]) == ("Lab", "sms", "queued")
    assert found["practice"] == "happy-paws"


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (["--unread"], 1),
        (["--read"], 1),
        (["--initiated-by", "client"], 1),
        (["--urgency", "urgent"], 0),
        (["--history"], 1),
        (["--limit", "1"], 1),
    ],
)
def test_inbox_filters(desk: str, filters: list[str], count: int) -> None:
    code, shown, _ = _run("inbox", "--db", desk, "--json", *filters)
    assert len(json.loads(shown)) == count
    assert code == (0 if count else 3)


def test_inbox_says_that_there_is_more(desk: str) -> None:
    assert "more rows: --limit" in _run("inbox", "--db", desk, "--limit", "1")[1]


@pytest.mark.parametrize("practices", [0, 1])
def test_an_empty_desk_is_nothing_found(tmp_path: Path, practices: int) -> None:
    url = _url(tmp_path / "empty.db")
    with api.open(url) as kit:
        for _ in range(practices):
            kit.add_practice(PRACTICE)
    code, shown, errors = _run("inbox", "--db", url)
    assert (code, shown) == (3, "")
    assert errors.startswith("convokit: ")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["inbox"], 2, "CONVOKIT_DB"),
        (["inbox", "--db", "DB", "--history", "--unread"], 2, "--history has no filters"),
        (["inbox", "--db", "DB", "--limit", "0"], 2, "--limit"),
        (["inbox", "--db", "DB", "--practice", "nobody"], 3, "[practice.unknown]"),
        (["inbox", "--db", "sqlite:///nowhere/no.db"], 1, "convokit: [storage.missing]"),
        (["inbox", "--db", "oracle:x"], 1, "convokit: [store.url]"),
        (["inbox", "--db", "DB", "--plugin", "nope"], 1, "[plugin.not_installed]"),
        (["inbox", "--db", "DB", "--public-url", "http://example.com"], 1, "(field public_url)"),
        (["inbox", "--db", "DB", "--media", "ftp://files"], 1, "media"),
        (["inbox", "--db", "DB", "--settings", "missing.toml"], 2, "missing.toml"),
        (["transcript", "export", "c_1", "--db", "DB", "--practice", "happy-paws", "--out", "x.pdf"], 3, "unknown"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(desk: str, arguments: list[str], code: int, words: str) -> None:
    done = _run(*[desk if argument == "DB" else argument for argument in arguments])
    assert done[:2] == (code, "")
    assert words in done[2]
    assert len(done[2].splitlines()) == 1 or code == 2


def test_a_mistyped_database_is_not_made(tmp_path: Path) -> None:
    assert _run("inbox", "--db", _url(tmp_path / "typo.db"))[0] == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".pdf", ".txt"])
def test_transcript_export(desk: str, tmp_path: Path, suffix: str) -> None:
    known = json.loads(_run("inbox", "--db", desk, "--json", "--channel", "sms")[1])[0]["id"]
    out = tmp_path / f"bella{suffix}"
    given = ["transcript", "export", known, "--db", desk, "--practice", "happy-paws", "--out", str(out)]
    code, shown, _ = _run(*given)
    assert code == 0
    assert shown.startswith(f"{out}: 2 entries")
    assert out.read_bytes().startswith(b"%PDF-" if suffix == ".pdf" else b"Happy Paws")
    told = json.loads(_run(*given, "--json")[1])
    assert told["entries"] == 2
    assert told["head"] in shown


def test_transcript_of_another_format(desk: str, tmp_path: Path) -> None:
    known = json.loads(_run("inbox", "--db", desk, "--json", "--channel", "sms")[1])[0]["id"]
    given = ["transcript", "export", known, "--db", desk, "--practice", "happy-paws", "--out", str(tmp_path / "x.doc")]
    code, _, errors = _run(*given)
    assert code == 1
    assert errors.endswith("(field path, limit .pdf, .html, .json, .txt, .zip)\n")


SECRET = "a-very-secret-word"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'send_url = "{SECRET}"', "not in a table"),
        (f'[kannel]\nsend_url = "{SECRET}', "cannot be read as TOML"),
        (f'[kannel]\nsend_url = "http://127.0.0.1/"\npasword = "{SECRET}"', "did you mean 'password'"),
    ],
)
def test_settings_errors_never_quote_the_file(desk: str, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    code, shown, errors = _run("doctor", "--db", desk, "--plugin", "kannel", "--settings", str(file))
    assert code == 1
    assert words in " ".join((shown + errors).split())
    assert SECRET not in shown + errors


def test_plugins_lists_enabled_and_installed() -> None:
    code, shown, errors = _run("plugins", "--plugin", "simulator")
    assert (code, errors) == (0, "")
    states = [line.split()[:2] for line in shown.splitlines()[2:]]
    assert states[0] == ["simulator", "enabled"]
    assert ["kannel", "installed"] in states
    assert "carrier simulator" in shown


@pytest.mark.skipif(not entry_points(group="convokit", name="smtp"), reason="convokit-mail-smtp is not installed")
def test_plugins_lists_mailers_too() -> None:
    assert "mailer smtp" in _run("plugins", "--plugin", "smtp")[1]


def test_plugins_names_the_broken_one(tmp_path: Path) -> None:
    path = install(tmp_path / "site", "cracked", "raise RuntimeError('boom')")
    done = convokit("plugins", "--json", PYTHONPATH=path, CONVOKIT_PLUGINS="cracked, simulator")
    assert done.returncode == 1
    cracked, simulator = json.loads(done.stdout)[:2]
    assert (cracked["state"], cracked["distribution"], cracked["version"]) == ("broken", "made-cracked", "1.0")
    assert "RuntimeError: boom" in cracked["problem"]
    assert simulator["state"] == "enabled"
    plain = convokit("plugins", PYTHONPATH=path)
    assert plain.returncode == 0
    assert "cracked             installed" in plain.stdout


GREETER = """
import click
from convokit.plugins import hookimpl

@hookimpl
def convokit_cli(commands):
    @commands.command("{name}")
    def greet():
        "Say hello."
        click.echo("hello")
    {then}
"""


def test_a_plugin_adds_a_command(tmp_path: Path) -> None:
    path = install(tmp_path / "site", "greeter", GREETER.format(name="greet", then=""))
    assert convokit("--plugin", "greeter", "greet", PYTHONPATH=path).stdout == "hello\n"
    assert convokit("greet", PYTHONPATH=path, CONVOKIT_PLUGINS="greeter").stdout == "hello\n"
    assert "Say hello." in convokit("--help", PYTHONPATH=path, CONVOKIT_PLUGINS="greeter").stdout
    assert convokit("greet", PYTHONPATH=path).returncode == 2


@pytest.mark.parametrize(
    ("name", "then", "words"),
    [
        ("inbox", "", "'inbox', which exists already"),
        ("greet", "raise ValueError(1)", "convokit_cli raised ValueError"),
    ],
)
def test_a_bad_plugin_is_named_and_costs_no_command_of_ours(tmp_path: Path, name: str, then: str, words: str) -> None:
    path = install(tmp_path / "site", "greeter", GREETER.format(name=name, then=then))
    done = convokit("greet", PYTHONPATH=path, CONVOKIT_PLUGINS="greeter")
    assert done.returncode == 1
    assert "greeter" in done.stderr
    assert words in done.stderr
    helped = convokit("--help", PYTHONPATH=path, CONVOKIT_PLUGINS="greeter")
    assert helped.returncode == 0
    assert words in helped.stderr
    assert "transcript" in helped.stdout
    assert convokit("plugins", PYTHONPATH=path, CONVOKIT_PLUGINS="greeter").returncode == 0


def test_a_closed_pipe_ends_quietly(desk: str) -> None:
    command = [sys.executable, "-m", "convokit", "inbox", "--db", desk]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), errors) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_worker_hands_over_and_ends_gracefully(desk: str, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "convokit", "worker", "--db", desk, "--plugin", "simulator"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    warnings = [process.stderr.readline() for _ in range(3)]
    assert warnings[0].startswith("convokit: warn: practice happy-paws: carrier simulator, settings valid; no webhook")
    assert warnings[1].startswith("convokit: warn: practice tails: ")
    assert warnings[2].startswith("convokit: worker started")
    with api.open(desk) as kit:
        while kit.store.unsettled() and process.poll() is None:
            pass
        assert process.poll() is None
        process.send_signal(number)
        shown, errors = process.communicate(timeout=60)
        assert kit.practice("happy-paws").inbox(channel="sms").items[0].last_delivery is api.Delivery.SENT
    assert (process.returncode, shown) == (0, "")
    assert errors == "convokit: worker ended; owed: 0\n"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("plugins", "words"),
    [
        ([], "warn: practice happy-paws: no carrier is enabled"),
        (["--plugin", "simulator", "--plugin", "kannel"], "fail: practice happy-paws: [sms.no_choice]"),
    ],
)
def test_worker_warns_as_the_doctor_does(desk: str, tmp_path: Path, plugins: list[str], words: str) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(KANNEL if plugins else "", encoding="utf-8")
    command = [sys.executable, "-m", "convokit", "worker", "--db", desk, *plugins, "--settings", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    said = [process.stderr.readline()]
    while said[-1] and "worker started" not in said[-1]:
        said.append(process.stderr.readline())
    process.send_signal(signal.SIGTERM)
    assert words in said[0]
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_worker_does_not_start_without_the_settings_of_its_carrier(desk: str) -> None:
    done = convokit("worker", "--db", desk, "--plugin", "kannel")
    assert done.returncode == 1
    assert "[settings.missing] kannel needs the setting 'send_url'" in done.stderr


def test_worker_says_each_minute_that_nothing_moves(desk: str) -> None:
    now = 0.0
    with api.open(desk) as kit:
        watch = Watch(kit.store, lambda: now)

        def at(seconds: float) -> str | None:
            nonlocal now
            now = seconds
            return watch.look()

        assert at(59) is None
        assert at(61) is None  # it cannot know yet since when that text waits
        assert at(100) is None
        news = at(122)
        assert news is not None
        assert news.startswith("nothing was handed over in the last minute: 1 text waits to be handed over, since 20")
        kit.work()  # there is no carrier that could take it
        assert str(at(190)).endswith("tried once in vain")
    assert at(260) is None  # the store is away, which the worker itself says


def test_help_and_version_are_light() -> None:
    assert "Exit codes: 0 done" in " ".join(_run("--help")[1].split())
    assert _run("--version")[1].startswith("convokit, version ")
    slow = ("sqlalchemy", "fpdf", "phonenumbers", "pluggy", "alembic", "zoneinfo", "attrs")
    probe = f"import sys, convokit.cli; print([m for m in {slow} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout == "[]\n"
