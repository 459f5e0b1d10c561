"""A payment through Square without an account: its links are pretended on this machine, its signed events included.

    python try_square.py

It needs `convokit-pay-square` and `convokit-vet[testing]`. No money moves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from convokit_pay_square.testing import SquareApi

import convokit
from convokit.testing import FAULTS, FaultProxy

KIM = convokit.Staff(id="u1", name="Dr. Kim")
ANA = convokit.Client(id="c17", name="Ana Ruiz")
RULES = convokit.Rules(payments=convokit.PaymentRules(accept_test=True))  # the pretended account is in the sandbox

today = [datetime(2026, 3, 2, 15, 0, tzinfo=UTC)]  # a clock of our own: three days pass in this example


def seen(desk: convokit.PracticeDesk, payment_id: str) -> str:
    """What the front desk sees of a payment."""
    payment = desk.payment(payment_id)
    return " ".join((payment.state, payment.received.text, *payment.flags))


def main() -> None:
    """Play it."""
    with (
        SquareApi() as square,
        FaultProxy(square.port) as network,
        convokit.open(
            "memory:",
            plugins=["square"],
            settings={"square": square.settings(network.url)},
            public_url="https://desk.example/hooks",
            clock=lambda: today[0],
        ) as kit,
    ):
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=RULES))
        square.host, square.hook = kit.front, kit.payment_webhook_url("happy-paws") or ""
        desk = kit.practice("happy-paws")

        talk = desk.start(client=ANA, title="Dental cleaning", by=KIM)
        payment = desk.request_payment(talk.id, invoice="1042", amount="84.50", currency="USD", by=KIM)
        kit.work()
        page = square.link(payment.id)
        print(f"Ana opens {page.url} and is asked for {page.amount} {page.currency}")

        square.decline(page)
        print(f"her first card is declined: {seen(desk, payment.id)}")
        square.pay(page)
        print(f"her second card is not: {seen(desk, payment.id)}")
        square.refund(page, 1000)
        print(f"ten dollars go back: {seen(desk, payment.id)}")
        square.fail_refund(page, 1000)
        print(f"they do not arrive: {seen(desk, payment.id)}")

        network.then(FAULTS["reset before the answer"])
        second = desk.request_payment(talk.id, title="Toothbrush", amount="5.00", currency="USD", by=KIM)
        kit.work()
        today[0] += timedelta(minutes=1)
        kit.work()
        print(f"the answer with the link was lost, and Square made {len(square.ledger)} links for two requests")
        for _ in range(73):
            today[0] += timedelta(hours=1)
            kit.work()
        print(f"nobody pays for three days: {seen(desk, second.id)}, deleted: {square.link(second.id).deleted}")


if __name__ == "__main__":
    main()
