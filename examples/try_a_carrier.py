"""A day with a carrier without an account: its API is pretended on this machine, callbacks included.

    python try_a_carrier.py telnyx

It needs the carrier's plugin and `convokit-vet[testing]`. Use it to see what your own software shows for each answer.
"""

from __future__ import annotations

import importlib
import sys

import convokit
from convokit.testing import FAULTS, CarrierApi, FaultProxy

CARRIERS = {
    "bandwidth": "BandwidthApi",
    "plivo": "PlivoApi",
    "sinch": "SinchApi",
    "telnyx": "TelnyxApi",
    "twilio": "TwilioApi",
    "vonage": "VonageApi",
}
OURS = "+13035550100"
ANA = convokit.Client(id="c17", name="Ana Ruiz", phone="+13035550123")
BEN = convokit.Client(id="c18", name="Ben Ortega", phone="+13035550144")
KIM = convokit.Staff(id="u1", name="Dr. Kim")


def pretended(name: str) -> CarrierApi:
    """A carrier that checks what it is sent, and signs what it reports, as the real one does."""
    module = importlib.import_module(f"convokit_sms_{name}.testing")
    made: CarrierApi = getattr(module, CARRIERS[name])()
    return made


def mark(desk: convokit.PracticeDesk, message: convokit.Entry) -> str:
    """What the front desk reads beside a message."""
    shown = desk.message(message.id)
    label = shown.indicator.label if shown.indicator else "no mark"
    return f"{label} ({shown.reason})" if shown.reason else label


def opted_out(carrier: CarrierApi, number: str) -> None:
    """A client has texted STOP: the carrier has it on its own list, or, where it keeps none, convokit on its."""
    try:
        carrier.opt_out(number)
    except NotImplementedError:
        carrier.bring(number, OURS, "STOP")


def main(name: str) -> None:
    """Play it."""
    with (
        pretended(name) as carrier,
        FaultProxy(carrier.port) as network,
        convokit.open(
            "memory:",
            plugins=[name],
            settings={name: carrier.settings(network.url)},
            public_url="https://desk.example/hooks",
        ) as kit,
    ):
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
        carrier.host, carrier.hook = kit.front, kit.webhook_url("happy-paws") or ""
        desk = kit.practice("happy-paws")

        talk = desk.start(client=ANA, channel="sms", title="Lab results", by=KIM)
        first = desk.send(talk.id, "Bella's results are in. All good!", by=KIM)
        kit.work()
        (taken,) = carrier.ledger
        print(f"{name} took it; the front desk sees: {mark(desk, first)}")
        carrier.report(taken, "delivered")
        print(f"it reports; the front desk sees: {mark(desk, first)}")

        carrier.bring("+13035550123", OURS, "Great, thank you!")
        print(f"Ana answers; the inbox shows: {desk.inbox(unread=True).items[0].last_text}")

        network.then(FAULTS["reset before the answer"])
        second = desk.send(talk.id, "See you on Monday.", by=KIM)
        kit.work()
        carrier.report(carrier.ledger.lines()[-1], "delivered")
        print(f"the answer was lost, the report was not: {mark(desk, second)}")
        print(f"it left {sum(left.text == 'See you on Monday.' for left in carrier.ledger)} time")

        ben = desk.start(client=BEN, channel="sms", by=KIM)
        opted_out(carrier, "+13035550144")
        refused = desk.send(ben.id, "Rex may come home.", by=KIM)
        kit.work()
        print(f"Ben had texted STOP: {mark(desk, refused)}")


if __name__ == "__main__":
    if sys.argv[1:] not in [[name] for name in CARRIERS]:
        sys.exit(__doc__)
    main(sys.argv[1])
