"""A front desk asks for money, the client pays, and the practice's books learn of it. No money moves."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import convokit
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather
from convokit.plugins import hookimpl


class Books:
    """The practice software: it posts what is settled, each payment once."""

    name = "books"

    def __init__(self) -> None:
        self.posted: dict[str, str] = {}

    @hookimpl
    def convokit_payment_settled(self, payment: convokit.Payment) -> None:
        self.post(payment)

    def post(self, payment: convokit.Payment) -> None:
        """By the payment's id: told twice is posted once."""
        if payment.settled:
            self.posted[payment.id] = f"invoice {payment.invoice}: {payment.state}, {payment.received.text} received"

    def catch_up(self, desk: convokit.PracticeDesk, since: int) -> int:
        """After a stop: what changed meanwhile, from the change feed. Returns where to go on."""
        for change in desk.changes(since):
            for payment in desk.payments(change.conversation_id):
                self.post(payment)
            since = change.number
        return since


def main() -> None:
    provider = PaymentsSimulator(seed=7, weather=PaymentWeather(delay_seconds=(0, 0)))
    books = Books()
    with convokit.open("memory:", plugins=[provider, books]) as kit:
        rules = convokit.Rules(payments=convokit.PaymentRules(currencies={"USD"}, expiry_hours=24))
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", time_zone="America/Denver", rules=rules))
        provider.connect(kit)
        desk = kit.practice("happy-paws")
        kim = convokit.Staff(id="u1", name="Dr. Kim")
        talk = desk.start(client=convokit.Client(id="c17", name="Ana Ruiz"), title="Dental cleaning", by=kim)

        print(desk.can_request_payment(talk.id, currency="EUR").reason)
        payment = desk.request_payment(talk.id, invoice="1042", amount="84.50", currency="USD", by=kim)
        kit.work()  # the provider makes the link; the client's app shows the message with it

        link = provider.link(payment.id)
        link.decline()
        provider.step()
        link.pay()
        provider.step()
        for entry in desk.entries(talk.id):
            print(f"{entry.kind:9} {entry.text.partition(' https:')[0]}")

        print(*books.posted.values())
        Books().catch_up(desk, since=0)  # what a process would do that had been away

        link.refund("10.00")
        provider.step()
        now = kit.now()
        report = desk.payments_report(now - timedelta(days=1), now + timedelta(days=1))
        for row in csv.DictReader(io.StringIO(report.csv(), newline="")):
            print(row["invoice"], row["state"], row["received"], row["refunded"], row["currency"])


if __name__ == "__main__":
    main()
