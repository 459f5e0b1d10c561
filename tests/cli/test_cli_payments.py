"""The command `convokit payments`, and what the doctor and `plugins` say of payments."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner
from desks import ANA, HAPPY_PAWS, KIM

import convokit as api
from convokit.cli import cli
from convokit.cli.doctor_payments import payment_finding
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentsSimulatorSettings
from convokit.plugins import hookimpl
from convokit.ports.payments import PaymentCapabilities, PaymentProviderOffer


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, arguments)
    return done.exit_code, done.stdout_bytes.decode(), done.stderr


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """A database with a paid and an open request, and a practice without any."""
    provider = PaymentsSimulator()
    path = str(tmp_path / "desk.db")
    with api.open(f"sqlite:///{path}", plugins=[provider]) as kit:
        for practice in (HAPPY_PAWS, api.Practice(id="tails", name="Tails")):
            kit.add_practice(practice)
        own = kit.practice("happy-paws")
        talk = own.start(client=ANA, channel="app", by=KIM)
        own.request_payment(talk.id, title="Dental \x1b[31m", invoice="1042", amount="84.50", currency="USD", by=KIM)
        own.request_payment(talk.id, title="=1+1", amount=500, currency="JPY", by=KIM)
    return path


def test_payments_as_a_front_desk_reads_them(desk: str) -> None:
    code, shown, errors = run("payments", "--db", desk)
    assert (code, errors) == (0, "")
    assert "Happy Paws (happy-paws)" in shown
    assert "Tails" not in shown
    assert "84.50 USD" in shown
    assert "requested" in shown
    assert "\x1b" not in shown


def test_payments_for_programs(desk: str) -> None:
    code, shown, _ = run("payments", "--db", desk, "--json")
    rows = json.loads(shown)
    assert code == 0
    assert [(row["practice"], row["amount"], row["currency"], row["state"]) for row in rows] == [
        ("happy-paws", "84.50", "USD", "requested"),
        ("happy-paws", "500", "JPY", "requested"),
    ]
    assert (rows[0]["invoice"], rows[0]["paid_at"], rows[0]["flags"]) == ("1042", None, [])


def test_payments_for_a_spreadsheet(desk: str) -> None:
    code, shown, _ = run("payments", "--db", desk, "--practice", "happy-paws", "--csv")
    assert code == 0
    assert shown.count("\r\n") == 3
    rows = list(csv.DictReader(io.StringIO(shown, newline="")))
    assert [(row["amount"], row["title"]) for row in rows][1] == ("500", "'=1+1")
    code, shown, _ = run("payments", "--db", desk, "--practice", "tails", "--csv")
    assert (code, shown.count("\r\n")) == (3, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--since", "2020-01-01", "--before", "2020-02-01"], 3, "no payments"),
        (["--since", "yesterday"], 2, "--since is a day"),
        (["--csv"], 2, "--csv needs --practice"),
        (["--csv", "--json"], 2, "not both"),
        (["--practice", "nowhere"], 3, "practice.unknown"),
        (["--since", "2020-02-01", "--before", "2020-01-01"], 1, "payments.period"),
    ],
)
def test_what_is_not_found_or_not_understood(desk: str, arguments: list[str], code: int, says: str) -> None:
    ended, _, errors = run("payments", "--db", desk, *arguments)
    assert ended == code
    assert says in errors


def test_the_plugin_says_what_it_offers() -> None:
    code, shown, _ = run("plugins", "--plugin", "payments-simulator", "--json")
    assert code == 0
    offers = {plugin["name"]: plugin["offers"] for plugin in json.loads(shown)}
    assert offers["payments-simulator"] == ["payment provider payments-simulator"]


class Picky:
    """A provider that takes two currencies, for two days at most."""

    name = "picky"
    closes = True

    @hookimpl
    def convokit_payment_providers(self) -> list[PaymentProviderOffer]:
        return [
            PaymentProviderOffer(
                name="picky",
                settings=PaymentsSimulatorSettings,
                build=PaymentsSimulator().convokit_payment_providers()[0].build,
                capabilities=PaymentCapabilities(
                    currencies=frozenset({"USD", "CAD"}), longest_hours=48, closes=self.closes
                ),
            )
        ]


def found(rules: Mapping[str, object], *plugins: object, public_url: str | None = None) -> tuple[str, str]:
    with api.open("memory:", plugins=plugins, public_url=public_url) as kit:
        practice = kit.add_practice(evolve(HAPPY_PAWS, rules=api.rules_from({"payments": rules})))
        finding = payment_finding(kit, practice)
        assert finding.about == "payments happy-paws"
        return finding.state, finding.words


class Endless(Picky):
    """And that cannot close a link."""

    closes = False


URL = "https://host.example/hooks"


def test_the_doctor_says_which_provider_and_which_currencies() -> None:
    assert found({}) == ("off", "no payment provider is enabled: nobody can be asked (--plugin)")
    state, words = found({}, PaymentsSimulator(), public_url=URL)
    assert state == "ok"
    assert words.startswith("provider payments-simulator, settings valid; currencies all; webhook https://host.example")
    state, words_without = found({}, PaymentsSimulator())
    assert state == "warn"
    own = "; clients get the provider's own links, and there is no webhook URL: give --public-url"
    assert words_without.endswith(own)
    assert "currencies CAD, USD;" in found({}, Picky(), public_url=URL)[1]
    assert "its links work 48 hours, not 72 (expiry_hours);" in found({}, Picky())[1]
    another = "; its pages work 48 hours, and our links for 72 have another made;"
    assert another in found({}, Picky(), public_url=URL)[1]
    assert "another" not in found({"expiry_hours": 48}, Picky(), public_url=URL)[1]
    assert (
        "; the worker closes its links when their time is over; webhook"
        in found({"expiry_hours": 48}, Picky(), public_url=URL)[1]
    )
    assert "the worker" not in words
    state, words = found({}, Endless(), public_url=URL)
    assert (state, words.rpartition("; ")[2]) == ("warn", "its links never end, whatever expiry_hours says")
    assert "currencies USD;" in found({"currencies": ["USD", "EUR"]}, Picky(), public_url=URL)[1]
    assert found({"currencies": ["EUR"]}, Picky()) == ("fail", "provider picky takes none of EUR")
    many = found({"currencies": ["USD", "CAD", "EUR", "JPY", "GBP", "CHF", "SEK"]}, PaymentsSimulator())[1]
    assert "currencies CAD, CHF, EUR, GBP, JPY, SEK ...;" in many
    assert "accept_test" in found({"accept_test": True}, PaymentsSimulator(), public_url=URL)[1]
    assert found({}, PaymentsSimulator(), Picky())[0] == "fail"


def test_the_doctor_has_a_line_for_each_practice(desk: str) -> None:
    code, shown, _ = run("doctor", "--db", desk, "--json")
    assert code == 0
    lines = {line["about"]: line["state"] for line in json.loads(shown)}
    assert lines["payments happy-paws"] == lines["payments tails"] == "off"
