"""A client opens the link to pay days later: the provider's page is over, and is made anew. No money moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import convokit
from convokit.gateways.payments_simulator import PaymentsSimulator, PaymentWeather


class Clock:
    """A clock that an example can move."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def browser(kit: convokit.Convokit, url: str, method: str = "GET") -> str:
    """What a browser gets from your web server, which gives every request to ``kit.front``."""
    answer = kit.front(convokit.HttpRequest(method=method, url=url))
    heading = answer.body.decode().partition("<h1>")[2].partition("</h1>")[0]
    return f"{answer.status} {'to ' + (answer.header('Location') or '')[:20] if answer.status == 303 else heading}"


def main() -> None:
    clock = Clock()
    provider = PaymentsSimulator(seed=7, weather=PaymentWeather(delay_seconds=(0, 0)), longest_hours=24)
    with convokit.open("memory:", plugins=[provider], public_url="https://desk.example/hooks", clock=clock) as kit:
        rules = convokit.Rules(payments=convokit.PaymentRules(expiry_hours=7 * 24))
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", rules=rules))
        provider.connect(kit)
        desk = kit.practice("happy-paws")
        kim = convokit.Staff(id="u1", name="Dr. Kim")
        talk = desk.start(client=convokit.Client(id="c17", name="Ana Ruiz"), title="Dental cleaning", by=kim)
        asked = desk.request_payment(talk.id, invoice="1042", amount="84.50", currency="USD", by=kim)
        kit.work()  # the provider makes its first page; the message has the link

        link = desk.payment(asked.id).url or ""
        print(f"the link is ours: {link.partition('/pay/')[0]}/pay/...")
        print(f"within a day: {browser(kit, link)}")

        clock.now += timedelta(days=3)
        print(f"a messenger fetches a preview: {browser(kit, link)}")
        print(f"pages so far: {len(provider.links)}")
        print(f"Ana presses the button: {browser(kit, link, 'POST')}")
        print(f"her daughter does too: {browser(kit, link, 'POST')}")
        kit.work()  # the worker has the page made
        print(f"their browsers ask again: {browser(kit, link)}")
        print(f"pages so far: {len(provider.links)}")

        provider.link(asked.id).pay()
        provider.step()
        print(f"later: {browser(kit, link)}, and the desk shows {desk.payment(asked.id).state}")


if __name__ == "__main__":
    main()
