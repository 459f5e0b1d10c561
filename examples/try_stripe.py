"""A payment through Stripe without an account: Checkout is pretended on this machine, its signed events included.

    python try_stripe.py

It needs `convokit-pay-stripe` and `convokit-vet[testing]`. No money moves.
"""

from __future__ import annotations

from convokit_pay_stripe.testing import StripeApi

import convokit
from convokit.testing import FAULTS, FaultProxy

KIM = convokit.Staff(id="u1", name="Dr. Kim")
ANA = convokit.Client(id="c17", name="Ana Ruiz")
RULES = convokit.Rules(payments=convokit.PaymentRules(accept_test=True))  # the pretended account is in test mode


def seen(desk: convokit.PracticeDesk, payment_id: str) -> str:
    """What the front desk sees of a payment."""
    payment = desk.payment(payment_id)
    return " ".join((payment.state, payment.received.text, *payment.flags))


def main() -> None:
    """Play it."""
    with (
        StripeApi() as stripe,
        FaultProxy(stripe.port) as network,
        convokit.open(
            "memory:",
            plugins=["stripe"],
            settings={"stripe": stripe.settings(network.url)},
            public_url="https://desk.example/hooks",
        ) as kit,
    ):
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=RULES))
        stripe.host, stripe.hook = kit.front, kit.payment_webhook_url("happy-paws") or ""
        desk = kit.practice("happy-paws")

        talk = desk.start(client=ANA, title="Dental cleaning", by=KIM)
        payment = desk.request_payment(talk.id, invoice="1042", amount="84.50", currency="USD", by=KIM)
        kit.work()
        page = stripe.session(payment.id)
        print(f"Ana opens {page.url.partition('#')[0][:37]} and is asked for {page.amount} {page.currency}")

        stripe.decline(page)
        print(f"her first card is declined: {seen(desk, payment.id)}")
        stripe.pay(page)
        print(f"her second card is not: {seen(desk, payment.id)}")
        stripe.refund(page, 1000)
        print(f"ten dollars go back: {seen(desk, payment.id)}")

        network.then(FAULTS["reset before the answer"])
        second = desk.request_payment(talk.id, title="Toothbrush", amount="500", currency="JPY", by=KIM)
        kit.work()
        stripe.pay(stripe.session(second.id))
        print(f"the answer with the link was lost, the payment was not: {seen(desk, second.id)}")
        print(f"Stripe made {len(stripe.ledger)} sessions for two requests")

        third = desk.request_payment(talk.id, title="Collar", amount="12.00", currency="EUR", by=KIM)
        kit.work()
        desk.cancel_payment(third.id, by=KIM)
        kit.work()
        print(f"Kim takes a request back: {seen(desk, third.id)}, its page is {stripe.session(third.id).status}")


if __name__ == "__main__":
    main()
