"""The contract of payment providers itself: a good one passes it, and every kind of bad one is found out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from coin import ASKS, CALLBACKS, OFFER, PAID, Coin, CoinContract, event
from contract_runner import failures, variant

from convokit.domain.money import Money
from convokit.outcomes import Accepted, Refused
from convokit.ports.payments import Asking, PaymentCapabilities, PaymentPrompt, PaymentReport
from convokit.ports.wire import HttpRequest
from convokit.testing import CallbackRow, PaymentProviderContract, answered_json


class TestCoin(CoinContract):
    """A payment provider that does everything right."""


class Floats(Coin):
    """Counts money as most programs do."""

    def reports_of(self, event: Any) -> tuple[PaymentReport, ...]:
        found = super().reports_of(event)
        return tuple(
            evolve(one, money=evolve(one.money, minor=int(one.money.minor / 100 * 100.1))) if one.money else one
            for one in found
        )


class DollarsOnly(Coin):
    """Knows of no currency without cents."""

    def reports_of(self, event: Any) -> tuple[PaymentReport, ...]:
        found = super().reports_of(event)
        return tuple(
            evolve(one, money=Money(minor=one.money.minor, currency="USD")) if one.money else one for one in found
        )


class NoAmount(Coin):
    """Asks for a fixed price."""

    def link(self, prompt: PaymentPrompt) -> dict[str, object]:
        return {**super().link(prompt), "minor": 8450, "currency": "USD"}


class OwnKey(Coin):
    """Makes another link each time it is asked."""

    count = 0

    def asked(self, url: str, told: dict[str, object], key: str) -> HttpRequest:
        OwnKey.count += 1
        return super().asked(url, told, f"{key}-{OwnKey.count}")


class OneKey(Coin):
    """Knows one link of a payment, also when its time is over."""

    def ask(self, prompt: PaymentPrompt) -> Asking:
        return super().ask(evolve(prompt, page=1))


class NoReference(Coin):
    """Does not say which payment it is for."""

    def link(self, prompt: PaymentPrompt) -> dict[str, object]:
        return {**super().link(prompt), "ref": "payment"}

    def asked(self, url: str, told: dict[str, object], key: str) -> HttpRequest:
        found = super().asked(url, told, key)
        return evolve(found, headers=found.headers[:-1])


class Everything(Coin):
    """Takes every sale of the account for one of ours."""

    def reports_of(self, event: Any) -> tuple[PaymentReport, ...]:
        return super().reports_of({**event, "ref": "pay_1"} if isinstance(event, dict) else event)


class AnyCurrency(Coin):
    """Asks for what it says it does not take."""

    def ask(self, prompt: PaymentPrompt) -> Asking:
        money = prompt.money if prompt.money.currency == "USD" else Money(minor=prompt.money.minor, currency="USD")
        return super().ask(evolve(prompt, money=money))


class PlayMoney(Coin):
    """Takes play money for real."""

    def reports_of(self, event: Any) -> tuple[PaymentReport, ...]:
        return tuple(evolve(one, test=False) for one in super().reports_of(event))


class TitleInUrl(Coin):
    def asked(self, url: str, told: dict[str, object], key: str) -> HttpRequest:
        return super().asked(f"{url}?title={told.get('title', '')}", told, key)


BROKEN: list[tuple[type[Coin], str]] = [
    (Floats, "test_p08_what_was_paid_is_read_exactly"),
    (DollarsOnly, "test_p08_what_was_paid_is_read_exactly"),
    (NoAmount, "test_p08_two_amounts_are_two_requests"),
    (OwnKey, "test_p08_asking_again_is_the_same_request"),
    (OneKey, "test_p08_another_page_of_a_payment_is_another_request_that_brings_the_same_id_back"),
    (NoReference, "test_p08_our_id_goes_out_so_that_a_report_can_bring_it_back"),
    (Everything, "test_a_callback_is_read"),
    (AnyCurrency, "test_a_currency_that_is_not_taken_is_refused_without_a_request"),
    (PlayMoney, "test_a_callback_is_read"),
    (TitleInUrl, "test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr"),
]


@pytest.mark.parametrize(("broken", "name"), BROKEN, ids=[kind.__name__ for kind, _ in BROKEN])
def test_a_broken_payment_provider_is_found_out(broken: type[Coin], name: str) -> None:
    assert failures(variant(CoinContract, offer=evolve(OFFER, build=broken)), name)


def test_a_provider_whose_links_do_not_live_long_shows_that_another_can_be_made() -> None:
    able = evolve(OFFER, capabilities=evolve(OFFER.capabilities, longest_hours=24))
    name = "test_p08_a_page_that_does_not_live_long_can_be_made_anew"
    assert failures(variant(CoinContract, offer=able), name)
    again = evolve(next(row for row in ASKS if isinstance(row.outcome, Accepted) and row.closes is None), label="again")
    made = Accepted(provider_id="l2", url="https://coin.example/l2")
    body = {"link": "https://coin.example/l2", "id": "l2"}
    later = evolve(
        again, prompt=evolve(again.prompt, page=2), answers=(answered_json(200, body),), outcome=made, asks=None
    )
    assert not failures(variant(CoinContract, offer=able, asks=(*ASKS, later)), name)


def test_the_runner_finds_nothing_wrong_with_a_good_one() -> None:
    assert failures(CoinContract) == {}


MOVED = evolve(CALLBACKS[0], reads=(PaymentReport(payment_id="pay_1", status="paid", event_id="e"),))
NAMELESS = PaymentReport(status="disputed", event_id="e")
WRONG: list[tuple[str, dict[str, object], str]] = [
    ("paid is left out", {"callbacks": CALLBACKS[1:]}, "test_a_required_situation_is_shown_or_waived"),
    (
        "another sale is taken for ours",
        {"callbacks": (*CALLBACKS[:7], evolve(CALLBACKS[0], shows="report: somebody else's sale"), *CALLBACKS[8:])},
        "test_a_required_situation_is_shown_or_waived",
    ),
    (
        "closing is not shown",
        {"asks": tuple(row for row in ASKS if row.closes is None)},
        "test_what_is_declared_is_shown_and_nothing_else_is_used",
    ),
    (
        "closing is not declared",
        {"offer": evolve(OFFER, capabilities=PaymentCapabilities())},
        "test_what_is_declared_is_shown_and_nothing_else_is_used",
    ),
    (
        "a link without a link",
        {"asks": (evolve(ASKS[0], outcome=Accepted(provider_id="abc")),)},
        "test_a_link_that_was_made_can_be_sent_to_a_client",
    ),
    (
        "a link that nobody can open",
        {"asks": (evolve(ASKS[0], outcome=Accepted(provider_id="abc", url="http://pay.coin.example/")),)},
        "test_a_link_that_was_made_can_be_sent_to_a_client",
    ),
    (
        "a link that cannot be closed",
        {"asks": (evolve(ASKS[0], outcome=Accepted(url="https://pay.coin.example/")),)},
        "test_a_link_that_was_made_can_be_sent_to_a_client",
    ),
    ("nothing is said of what is asked", {"asks": (evolve(ASKS[0], asks=None),)}, "test_what_is_asked_for_is_shown"),
    ("money without an id", {"callbacks": (MOVED,)}, "test_p08_money_that_moved_has_an_id_and_an_amount"),
    (
        "a refund of nobody knows what",
        {"callbacks": (*CALLBACKS, evolve(MOVED, reads=(evolve(NAMELESS, charge_id="ch_7"),)))},
        "test_p08_a_report_without_our_id_names_a_payment_that_was_reported",
    ),
    ("money without an id is read", {"callbacks": (MOVED,)}, "test_a_callback_is_read"),
]


@pytest.mark.parametrize(("changed", "name"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_an_author_leaves_out_is_found_out(changed: dict[str, object], name: str) -> None:
    assert failures(variant(CoinContract, **changed), name)


def test_an_author_must_say_how_a_payment_is_reported() -> None:
    class Silent(CoinContract):
        make_paid = PaymentProviderContract.make_paid

    found = failures(Silent, "test_p08_what_was_paid_is_read_exactly")
    assert len(found) == 5
    assert all(why.startswith("NotImplementedError") for why in found.values())


def test_the_rows_are_whole() -> None:
    assert json.loads(event("link.paid", money=PAID).body)["minor"] == 8450
    assert CallbackRow(label="x", request=event("x"), reads=()).shows == ()
    assert isinstance(ASKS[2].outcome, Refused)
