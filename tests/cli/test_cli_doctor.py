"""The doctor on good and broken set-ups."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from command import KANNEL
from convokit_push_apns.testing import KEY_ID, TEAM, TOPIC, fresh_pem
from convokit_push_fcm.testing import service_pem

import convokit as api
from convokit.cli import cli
from convokit.gateways.simulator import Simulator

PRACTICE = api.Practice(
    id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=["+13035550100"]
)


def _desk(tmp_path: Path, *practices: api.Practice) -> str:
    url = f"sqlite:///{(tmp_path / 'desk.db').as_posix()}"
    with api.open(url) as kit:
        for practice in practices:
            kit.add_practice(practice)
    return url


def _doctor(*arguments: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """The exit code, and state and words by what they are about."""
    done = CliRunner().invoke(cli, ["doctor", *arguments, "--json"])
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["about"], []).append((finding["state"], finding["words"]))
    return done.exit_code, found


def test_a_good_set_up_is_good_and_keeps_its_secrets(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(KANNEL, encoding="utf-8")
    url = _desk(tmp_path, PRACTICE)
    given = [
        "--db",
        url,
        "--plugin",
        "kannel",
        "--settings",
        str(settings),
        "--public-url",
        "https://example.com/hooks",
    ]
    code, found = _doctor(*given)
    assert code == 0
    assert {state for name, lines in found.items() for state, _ in lines if name != "sqlite"} == {"ok", "off"}
    assert "schema 0003, journal WAL, synchronous FULL" in found["store"][0][1]
    facts, carrier = found["practice happy-paws"]
    assert "America/Denver, region US, numbers +13035550100" in facts[1]
    assert "carrier kannel, settings valid, webhook https://example.com/hooks/hook_" in carrier[1]
    with api.open(url, plugins=["simulator"]) as kit:
        token = kit.store.endpoint_for("happy-paws", "kannel", "unused").token
    shown = CliRunner().invoke(cli, ["doctor", *given]).stdout
    assert not any(secret in shown for secret in ("hidden", token))
    assert "0 fail" in shown.splitlines()[-1]


def test_what_is_missing_is_a_warning(tmp_path: Path) -> None:
    bare = evolve(PRACTICE, id="bare", region=None, numbers=[])
    url = _desk(tmp_path, bare, PRACTICE)
    code, found = _doctor("--db", url)
    assert code == 0
    assert found["practice bare"][0] == (
        "warn",
        "Happy Paws: America/Denver, region none (numbers need a country code), numbers none, so it cannot text",
    )
    assert "no carrier is enabled" in found["practice happy-paws"][1][1]
    assert "no webhook URL" in _doctor("--db", url, "--plugin", "simulator")[1]["practice happy-paws"][1][1]
    local = _doctor("--db", url, "--plugin", "simulator", "--public-url", "http://127.0.0.1:8000")[1]
    assert local["practice happy-paws"][1][0] == "warn"
    assert local["practice happy-paws"][1][1].endswith("(only on this machine)")


def test_a_desk_without_practices(tmp_path: Path) -> None:
    assert _doctor("--db", _desk(tmp_path))[1]["practice"][0][0] == "warn"
    assert _doctor("--db", "memory:")[1]["store"] == [("ok", "it opens")]


def test_reports_on_texts_of_somebody_else_are_told_after_a_day(tmp_path: Path) -> None:
    carrier, told = Simulator(), list[list[str]]()
    now = datetime.fromtimestamp(time.time(), UTC)
    database = f"sqlite:///{(tmp_path / 'desk.db').as_posix()}"
    for number, moment in enumerate((now, now - timedelta(days=2), now - timedelta(days=3))):
        with api.open(database, plugins=[carrier], clock=lambda moment=moment: moment) as kit:
            kit.add_practice(PRACTICE)
            event = {"kind": "report", "attempt": "?", "id": f"other-{number}", "word": "delivered", "why": ""}
            body = json.dumps(event).encode()
            url = f"https://host.example/hooks/{kit.webhook_path('happy-paws')}"
            headers = (("X-Simulator-Signature", carrier.sign(body)),)
            assert kit.webhook(api.HttpRequest(method="POST", url=url, headers=headers, body=body)).status == 200
        found = _doctor("--db", database)[1]["practice happy-paws"]
        told.append([words for _, words in found if "this desk has not sent" in words])
    assert told == [
        [],
        ["1 delivery report is on a text that this desk has not sent"],
        ["2 delivery reports are on texts that this desk has not sent"],
    ]


def test_owed_texts_are_counted(tmp_path: Path) -> None:
    url = _desk(tmp_path, PRACTICE)
    kim = api.Staff(id="u", name="Kim")
    assert _doctor("--db", url)[1]["worker"] == [("ok", "0 texts wait to be handed over")]
    assert _doctor("--db", url)[1]["engine"] == [("ok", "no worker runs in this process")]
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    with api.open(url, clock=lambda: moment) as kit:
        desk = kit.practice("happy-paws")
        for number in ("+13035550123", "+13035550144"):
            known = desk.start(client=api.Client(id=number, name="Ana", phone=number), channel="sms", by=kim)
            desk.send(known.id, "hello", by=kim)
            (line,) = _doctor("--db", url)[1]["worker"]
            if number.endswith("23"):
                one = "1 text waits to be handed over, since 2026-03-02 09:30 UTC, not tried yet; is a worker running?"
                assert line == ("ok", one)
        assert line[1].startswith(
            "2 texts wait to be handed over, the oldest since 2026-03-02 09:30 UTC, not tried yet"
        )
        for tried in ("once", "2 times"):
            kit.work()
            moment += timedelta(hours=1)
            assert f"tried {tried} in vain; the worker's log says why" in _doctor("--db", url)[1]["worker"][0][1]
    assert _doctor("--db", url)[1]["worker"][0][0] == "warn"


def test_settings_of_nobody_are_named(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(KANNEL.replace("[kannel]", "[kanel]"), encoding="utf-8")
    url = _desk(tmp_path, PRACTICE)
    code, found = _doctor("--db", url, "--plugin", "kannel", "--settings", str(settings))
    assert code == 1
    assert "did you mean 'kannel'" in found["desk"][0][1]


@pytest.mark.parametrize(
    ("arguments", "about", "words"),
    [
        (["--plugin", "simulatr"], "plugin", "did you mean 'simulator'"),
        (["--plugin", "kannel"], "desk", "needs the setting 'send_url'"),
        (["--plugin", "kannel", "--plugin", "simulator", "--settings", "SETTINGS"], "practice happy-paws", "no_choice"),
        (["--public-url", "http://example.com"], "desk", "[public_url.scheme]"),
    ],
)
def test_what_is_wrong_fails_and_is_named(tmp_path: Path, arguments: list[str], about: str, words: str) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(KANNEL, encoding="utf-8")
    given = [str(settings) if one == "SETTINGS" else one for one in arguments]
    code, found = _doctor("--db", _desk(tmp_path, PRACTICE), *given)
    assert code == 1
    assert any(state == "fail" and words in text for state, text in found[about])


TWILIO = f"""
[twilio]
account_sid = "AC{"0123456789abcdef" * 2}"
auth_token = "hidden-{"0" * 25}"
"""
TELNYX = """
[telnyx]
api_key = "hidden"
public_key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""
PLIVO = """
[plivo]
auth_id = "MA0123456789ABCDEFGH"
auth_token = "hidden-0123456789"
accept_v2 = true
"""
BANDWIDTH = """
[bandwidth]
account_id = "9900000"
api_user = "clinic"
api_password = "hidden-1"
application_id = "93de2206-9669-4e07-948d-329f4b722ee2"
webhook_user = "bandwidth"
webhook_password = "hidden-0123456789"
"""
SINCH = """
[sinch]
service_plan_id = "jd63jf88477ll123ab4567cd89012ef3"
api_token = "hidden-1"
webhook_secret = "hidden-0123456789"
"""
VONAGE = f"""
[vonage]
api_key = "abcd1234"
api_secret = "hidden-1"
signature_secret = "hidden-{"0" * 25}"
"""


@pytest.mark.parametrize(
    ("carrier", "good", "old", "new", "words"),
    [
        ("twilio", TWILIO, "[twilio]", '[twilio]\napi_key_sid = "SK1"', "api_key_sid"),
        ("twilio", TWILIO, "auth_token", "previous_auth_token", "needs the setting 'auth_token'"),
        ("twilio", TWILIO, '"AC', '"SK', "account_sid"),
        ("telnyx", TELNYX, "public_key", "public_kye", "did you mean 'public_key'"),
        ("telnyx", TELNYX, "public_key", "previous_public_key", "needs the setting 'public_key'"),
        ("telnyx", TELNYX, "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", "A" * 43, "anybody could sign"),
        ("plivo", PLIVO, '"MA', '"AC', "auth_id must be MA or SA"),
        ("plivo", PLIVO, "accept_v2", "accept_v3", "did you mean 'accept_v2'"),
        ("bandwidth", BANDWIDTH, "9900000", "u-be8d", "account_id must be the digits"),
        ("bandwidth", BANDWIDTH, "hidden-0123456789", "hidden", "webhook_password must be a random secret"),
        ("sinch", SINCH, "api_token", 'webhook_password = "hidden-9876543210"\napi_token', "and not both"),
        ("sinch", SINCH, "webhook_secret", "previous_webhook_secret", "needs webhook_secret"),
        ("sinch-mms", SINCH.replace("sinch", "sinch-mms"), "jd63", "!", "service_plan_id must be 4 to 64"),
        ("vonage", VONAGE, "abcd1234", "abcd", "api_key must be 8 letters and digits"),
        ("vonage", VONAGE, "signature_secret", "signature_sercet", "did you mean 'signature_secret'"),
        ("vonage-sms", VONAGE.replace("vonage", "vonage-sms"), "abcd1234", "abcd", "api_key must be 8"),
    ],
)
def test_the_settings_of_carriers_are_checked(
    tmp_path: Path, carrier: str, good: str, old: str, new: str, words: str
) -> None:
    settings = tmp_path / "settings.toml"
    given = ["--db", _desk(tmp_path, PRACTICE), "--plugin", carrier, "--settings", str(settings)]
    settings.write_text(good, encoding="utf-8")
    code, found = _doctor(*given, "--public-url", "https://desk.example/hooks")
    assert code == 0
    assert (
        f"carrier {carrier}, settings valid, webhook https://desk.example/hooks/" in found["practice happy-paws"][1][1]
    )
    settings.write_text(good.replace(old, new), encoding="utf-8")
    code, found = _doctor(*given)
    failed = [text for lines in found.values() for state, text in lines if state == "fail"]
    assert code == 1
    assert [words in text for text in failed] == [True]
    assert "hidden" not in str(found)


SMPP = """
[smpp]
host = "smsc.example"
system_id = "desk"
password = "hidden-1"
"""


@pytest.mark.parametrize(
    ("old", "new", "state", "words"),
    [
        ("", "", "ok", "the worker opens: smsc.example:3550, TLS, not open in this process"),
        ("[smpp]", "[smpp]\ntls = false\nallow_plaintext = true", "warn", "; the connection is not encrypted"),
        ("[smpp]", "[smpp]\ntls = false", "fail", "tls may be off for this machine only"),
        ("system_id", "sytem_id", "fail", "did you mean 'system_id'"),
        ("[smpp]", '[smpp]\nmessage_ids = "octal"', "fail", "message_ids is unknown"),
        ("smsc.example", "smsc.example:2775", "fail", "without a port"),
    ],
)
def test_a_connection_of_a_carrier_is_described_and_not_opened(
    tmp_path: Path, old: str, new: str, state: str, words: str
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SMPP.replace(old, new, 1), encoding="utf-8")
    code, found = _doctor("--db", _desk(tmp_path, PRACTICE), "--plugin", "smpp", "--settings", str(settings))
    assert code == (1 if state == "fail" else 0)
    told = [text for lines in found.values() for known, text in lines if known == state]
    assert [text for text in told if words in text]
    assert "hidden" not in str(found)


STRIPE = """
[stripe]
api_key = "rk_live_hidden0hidden"
signing_secret = "whsec_hidden0hidden0hidden"
success_url = "https://clinic.example/thank-you"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rk_live", "pk_live", "not a publishable one"),
        ("whsec_", "", "signing_secret must be"),
        ("https://clinic", "http://clinic", "success_url must be https"),
        ("success_url", "succes_url", "did you mean 'success_url'"),
    ],
)
def test_the_settings_of_stripe_are_checked(tmp_path: Path, old: str, new: str, words: str) -> None:
    settings = tmp_path / "settings.toml"
    given = ["--db", _desk(tmp_path, PRACTICE), "--plugin", "stripe", "--plugin", "simulator"]
    given += ["--settings", str(settings), "--public-url", "https://desk.example/hooks"]
    settings.write_text(STRIPE, encoding="utf-8")
    code, found = _doctor(*given)
    ((state, good),) = found["payments happy-paws"]
    assert (code, state) == (0, "ok")
    assert good.startswith("provider stripe, settings valid; currencies AED, ")
    another = "its pages work 23 hours, and our links for 72 have another made; webhook https://desk.example/hooks/"
    assert another in good
    settings.write_text(STRIPE.replace(old, new), encoding="utf-8")
    code, found = _doctor(*given)
    failed = [text for lines in found.values() for state, text in lines if state == "fail"]
    assert (code, [words in text for text in failed]) == (1, [True])
    assert "hidden" not in str(found)


WEBPUSH = """
[webpush]
private_key = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
subject = "mailto:it@vet.example"
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("yfWPiYE", "yfW", "private_key must be"),
        ("mailto:", "", "subject must be"),
        ("subject", "sujbect", "did you mean 'subject'"),
    ],
)
def test_the_settings_of_web_push_are_checked(tmp_path: Path, old: str, new: str, words: str) -> None:
    settings = tmp_path / "settings.toml"
    url = _desk(tmp_path, PRACTICE)
    assert _doctor("--db", url)[1]["push happy-paws"][0][0] == "off"
    given = ["--db", url, "--plugin", "webpush", "--settings", str(settings)]
    settings.write_text(WEBPUSH, encoding="utf-8")
    good = ("ok", "transport webpush, settings valid; tells that something waits, for 24 hours")
    assert _doctor(*given)[1]["push happy-paws"] == [good]
    settings.write_text(WEBPUSH.replace(old, new), encoding="utf-8")
    code, found = _doctor(*given)
    failed = [text for lines in found.values() for state, text in lines if state == "fail"]
    assert (code, [words in text for text in failed]) == (1, [True])
    assert "PiYE" not in str(found)


def test_every_push_transport_has_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apns = {"team_id": TEAM, "key_id": KEY_ID, "topic": TOPIC, "private_key": fresh_pem()}
    fcm = {"project_id": "happy-paws-app", "client_email": "a@b.example", "private_key": service_pem()}
    written = [f"[{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in told.items())
               for name, told in (("apns", apns), ("fcm", fcm))]  # fmt: skip
    settings = tmp_path / "settings.toml"
    settings.write_text("\n".join([*written, WEBPUSH]), encoding="utf-8")
    url = _desk(tmp_path, evolve(PRACTICE, rules=api.Rules(push=api.PushRules(says="message", hours=2))))
    given = ["--db", url, "--settings", str(settings)]
    given += [word for name in ("webpush", "fcm", "apns") for word in ("--plugin", name)]
    lines = _doctor(*given)[1]["push happy-paws"]
    told = "settings valid; tells the beginning of the message (says), for 2 hours"
    assert lines == [("ok", f"transport {name}, {told}") for name in ("apns", "fcm", "webpush")]
    monkeypatch.setattr("convokit.cli.doctor_push.find_spec", lambda name: None)
    code, found = _doctor(*given)
    assert (code, [state for state, _ in found["push happy-paws"]]) == (1, ["fail", "ok", "ok"])
    assert "httpx2[http2]" in found["push happy-paws"][0][1]


def _truncated(file: Path) -> None:
    file.write_bytes(b"this is no database" * 100)


def _newer(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%version_num%'").fetchone()
        connection.execute(f"UPDATE {table} SET version_num = '9999'")  # noqa: S608
    connection.close()


@pytest.mark.parametrize(
    ("harm", "code"),
    [(_truncated, "storage.not_a_database"), (_newer, "storage.newer"), (Path.unlink, "storage.missing")],
)
def test_a_broken_store_is_explained(tmp_path: Path, harm: object, code: str) -> None:
    url = _desk(tmp_path, PRACTICE)
    assert callable(harm)
    harm(tmp_path / "desk.db")
    exit_code, found = _doctor("--db", url)
    assert exit_code == 1
    ((state, words),) = found["store"]
    assert state == "fail"
    assert code in words
    assert "practice happy-paws" not in found


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_a_read_only_store_is_explained(tmp_path: Path) -> None:
    url = _desk(tmp_path, PRACTICE)
    (tmp_path / "desk.db").chmod(0o400)
    assert "storage.read_only" in _doctor("--db", url)[1]["store"][0][1]


def test_a_practice_whose_time_zone_is_gone_fails(tmp_path: Path) -> None:
    url = _desk(tmp_path, PRACTICE)
    with api.open(url) as kit:
        kit.store.put_practice(evolve(PRACTICE, time_zone="Mars/Base"))
    code, found = _doctor("--db", url)
    assert code == 1
    assert "[time.zone]" in found["practice happy-paws"][0][1]


def test_the_report_fits_a_terminal(tmp_path: Path) -> None:
    shown = CliRunner().invoke(cli, ["doctor", "--db", _desk(tmp_path, PRACTICE), "--plugin", "nope"]).stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert f"CPython {sys.version_info.major}." in shown or "python:" in shown
    assert "  fail  plugin: [plugin.not_installed]" in shown


def test_the_doctor_says_where_files_are_and_whether_one_could_be_kept(tmp_path: Path) -> None:
    url = _desk(tmp_path, PRACTICE)
    ((state, words),) = _doctor("--db", url)[1]["files"]
    folder = tmp_path / "desk.db.media"
    assert (state, words) == ("ok", f"folder {folder}, which is not there: the first file makes it")
    assert not folder.exists()
    folder.mkdir()
    ((state, words),) = _doctor("--db", url)[1]["files"]
    assert (state, words) == ("ok", f"folder {folder}, 0 files, 0 KB")
    (tmp_path / "desk.db.media").rmdir()
    (tmp_path / "desk.db.media").write_text("a file stands where the folder should be", encoding="utf-8")
    code, found = _doctor("--db", url)
    ((state, words),) = found["files"]
    assert (code, state) == (1, "fail")
    assert "media.failed" in words
