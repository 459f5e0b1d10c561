"""Scenes of the day about money: asked for, declined and paid, cancelled, expired, given back and disputed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from convokit.cli.demo.cast import BEN, CHLOE, INES, KARL, SAM
from convokit.cli.demo.stage import ZONE
from convokit.cli.demo.telling import Telling
from convokit.domain.payment import Payment
from convokit.domain.people import Client
from convokit.ports.wire import HttpRequest

_LINK: Final = re.compile(r"https://\S+")


class MoneyScenes(Telling):
    """Payments, by links of a simulated provider."""

    def payment(self) -> None:
        """A client is asked for money, and pays."""
        stage, desk = self.stage, self.desk
        stage.at("12:00")
        known = stage.of(BEN)
        asked = desk.request_payment(
            known.id, title="Max: treatment", invoice="1042", amount="184.50", currency="USD", by=SAM
        )
        stage.wait(5)
        sent = _LINK.findall(desk.thread(known.id).items[-1].text)[-1]
        page = stage.kit.payment_page(HttpRequest(method="GET", url=sent))
        link = stage.payments.link(asked.id)
        link.open()
        stage.at("12:03")
        link.decline()
        stage.at("12:04")
        link.pay()
        stage.at("12:05")
        today = stage.clock().astimezone(ZONE).replace(hour=0, minute=0)
        paid = [p for p in desk.payments_report(today, today + timedelta(days=1)).rows if p.state == "paid"]
        told = ", ".join(f"invoice {one.invoice}, {one.money.text}" for one in paid)
        self.tell(
            "Sam asks Ben for invoice 1042. Ben opens the desk's own link, which leads on to the provider's page "
            f"({page.status}); his card is declined, so he takes another one and pays; both sides see it. "
            f"Paid today: {told}. No card number ever comes near the desk."
        )
        self.thread(BEN, newest=5)

    def second_thoughts_on_money(self) -> None:
        """A request with a slip of the pen is taken back; another client pays in the app."""
        stage, desk = self.stage, self.desk
        stage.at("12:10")
        wrong = self._ask(CHLOE, "Mochi's pills", "420.00")
        desk.cancel_payment(wrong.id, by=SAM)
        right = self._ask(CHLOE, "Mochi's pills", "42.00")
        paid = self._ask(INES, "Nala's ear drops", "18.00")
        desk.app_payment_opened(paid.id, client_id=INES.id)
        stage.payments.link(paid.id).pay()
        stage.wait(30)
        states = "; ".join(
            f"{one.money.text} for {one.title}, {desk.payment(one.id).state}" for one in (wrong, right, paid)
        )
        self.tell(
            "Sam asks Chloe for 420 dollars, sees the slip, cancels it and asks for 42. Ines opens hers in the app and "
            f"pays. Now they say: {states}."
        )
        self.thread(CHLOE, newest=4)

    def _ask(self, client: Client, title: str, amount: str) -> Payment:
        asked = self.desk.request_payment(self.stage.of(client).id, title=title, amount=amount, currency="USD", by=SAM)
        self.stage.wait(10)
        return asked

    def late_money(self) -> None:
        """What becomes of money later: a part comes back, a bank disputes, a link's time is over."""
        stage, desk = self.stage, self.desk
        stage.at("15:40")
        stage.payments.link(self._newest(BEN).id).refund("30.00")
        stage.wait(10)
        state = self._newest(BEN).state.replace("_", " ")
        self.tell(f"Max needed less than was thought: 30 dollars go back to Ben. The payment now says: {state}.")
        self.thread(BEN, newest=2)
        stage.at("15:44")
        stage.payments.link(self._newest(INES).id).dispute()
        stage.wait(10)
        why = desk.can_request_payment(stage.of(KARL).id).reason
        self.tell(
            f"Ines's bank disputes her payment: it is {self._newest(INES).state}, in a conversation that has ended. "
            f"Chloe had three hours, and her request is {self._newest(CHLOE).state}. Where nobody can be asked, the "
            f"button is gray and says why: {why}"
        )
        self.thread(INES, newest=1)
        self.thread(CHLOE, newest=1)

    def _newest(self, client: Client) -> Payment:
        return self.desk.payments(self.stage.of(client).id)[-1]
