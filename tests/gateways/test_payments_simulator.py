"""The simulated payment provider: seeded, signed, and of use without a kit that listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from attrs import evolve
from desks import ANA, HAPPY_PAWS, KIM, Clock, world

import convokit
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentsSimulatorSettings, PaymentWeather
from convokit.outcomes import Accepted, Outcome, Refused
from convokit.ports.payments import Asking, PaymentPrompt

ROUGH = PaymentWeather(delay_seconds=(0, 90), repeat=0.5, no_answer=0.4, throttle=0.3)


@contextmanager
def day(seed: int, weather: PaymentWeather) -> Iterator[list[object]]:
    """What a day with this seed looks like."""
    provider = PaymentsSimulator(seed=seed, weather=weather)
    with world(plugins=(provider,)) as w:
        provider.connect(w.kit)
        talk = w.desk.start(client=ANA, by=KIM)
        asked = [w.desk.request_payment(talk.id, title="x", amount=n, currency="USD", by=KIM) for n in (1, 2, 3)]
        for number in range(40):
            w.kit.work()
            w.clock.pass_(seconds=30)
            if number == 20:
                for link in provider.links:
                    link.open()
                    link.pay()
            provider.step()
        story = [(entry.event, entry.text, entry.at_us) for entry in w.desk.entries(talk.id)]
        yield [story, [w.desk.payment(payment.id) for payment in asked], [link.url for link in provider.links]]


def test_one_seed_is_one_day() -> None:
    with day(5, ROUGH) as one, day(5, ROUGH) as other, day(6, ROUGH) as third:
        assert one == other
        assert one != third


def outcome_of(asking: Asking) -> Outcome:
    with pytest.raises(StopIteration) as stopped:
        next(asking)
    found: Outcome = stopped.value.value
    return found


def test_it_is_enabled_by_name_and_makes_links_for_whoever_does_not_listen() -> None:
    clock = Clock()
    with convokit.open("memory:", plugins=["payments-simulator"], clock=clock) as kit:
        plugin = kit.plugin("payments-simulator")
        assert isinstance(plugin, PaymentsSimulator)
        plugin.connect(kit)
        kit.add_practice(HAPPY_PAWS)  # after the provider learned where reports go
        desk = kit.practice("happy-paws")
        talk = desk.start(client=ANA, by=KIM)
        payment = desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        kit.work()
        plugin.link(payment.id).pay()
        assert plugin.next_due() is not None
        clock.pass_(minutes=1)
        assert plugin.step() == 1
        assert plugin.next_due() is None
        assert desk.payment(payment.id).state == "requested"


def test_what_the_host_does_not_take_is_reported_again() -> None:
    provider = PaymentsSimulator()
    with world(plugins=(provider,)) as w:
        provider.connect(w.kit)
        talk = w.desk.start(client=ANA, by=KIM)
        payment = w.desk.request_payment(talk.id, title="x", amount=1, currency="USD", by=KIM)
        w.kit.work()
        provider.link(payment.id).pay()
        w.clock.pass_(minutes=1)
        known = w.kit.payment_providers._built["happy-paws"]
        w.kit.payment_providers._built["happy-paws"] = evolve(known, name="another")  # answered with 404
        provider.step()
        assert w.desk.payment(payment.id).state == "requested"
        w.kit.payment_providers._built["happy-paws"] = known
        w.clock.pass_(minutes=1)
        provider.step()
        assert w.desk.payment(payment.id).state == "paid"


def test_links_that_are_not_there() -> None:
    provider = PaymentsSimulator()
    (offer,) = provider.convokit_payment_providers()
    account = offer.build(PaymentsSimulatorSettings())
    with pytest.raises(LookupError):
        provider.link("pay_unknown")
    assert isinstance(outcome_of(account.close("pay_unknown", "link_unknown")), Refused)
    assert offer.capabilities.closes


def test_a_connected_host_may_have_no_payment_provider() -> None:
    provider = PaymentsSimulator()
    with world() as w:
        provider.connect(w.kit)
    assert provider.links == []


def test_without_a_host_there_is_no_clock() -> None:
    from convokit.domain.money import Money

    provider = PaymentsSimulator()
    (offer,) = provider.convokit_payment_providers()
    prompt = PaymentPrompt(
        id="pay_1", title="x", money=Money(minor=1, currency="USD"), practice="Happy Paws", expires_at=1
    )
    made = outcome_of(offer.build(PaymentsSimulatorSettings()).ask(prompt))
    assert made == Accepted(provider_id="link_0_1", url="https://pay.example/link_0_1")
