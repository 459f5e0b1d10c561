"""A day over SMPP without a carrier: its message centre is pretended on this machine, receipts included.

    python try_smpp.py

It needs `convokit-sms-smpp`. Use it to see what your own software shows for each answer.
"""

from __future__ import annotations

from convokit_sms_smpp.testing import PretendedCentre

import convokit

OURS = "+13035550100"
ANA = convokit.Client(id="c17", name="Ana Ruiz", phone="+13035550123")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
LONG = "Bella's results are in. All good! " * 8


def mark(desk: convokit.PracticeDesk, message: convokit.Entry) -> str:
    """What the front desk reads beside a message."""
    shown = desk.message(message.id)
    return shown.indicator.label if shown.indicator else "no mark"


def main() -> None:
    """Play it."""
    with (
        PretendedCentre() as centre,
        convokit.open("memory:", plugins=["smpp"], settings={"smpp": centre.settings()}) as kit,
    ):
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
        desk = kit.practice("happy-paws")
        kit.work()  # opens the connection, as `kit.run` does
        centre.bring("+13035550123", OURS, "How is Bella? It has been two days, and I worry...", parts=2)
        (row,) = desk.inbox().items
        print(f"Ana writes in two parts; the inbox shows: {row.last_text}")

        first = desk.send(row.id, LONG, by=KIM)
        kit.work()
        (text,) = centre.texts()
        print(f"the centre took {len(text.parts)} parts; the front desk sees: {mark(desk, first)}")
        centre.report(text, "DELIVRD")
        print(f"its receipt comes; the front desk sees: {mark(desk, first)}")

        centre.then("hang up")
        second = desk.send(row.id, "See you on Monday.", by=KIM)
        kit.work()
        print(f"the connection breaks before the answer: {mark(desk, second)}")
        centre.report(centre.texts()[-1], "DELIVRD")
        left = sum(text.text == "See you on Monday." for text in centre.texts())
        print(f"it is made again, and the receipt settles it: {mark(desk, second)}; it left {left} time")
    print(f"the centre was bound to {centre.count('bind')} times, and taken leave of {centre.count('unbind')} time")


if __name__ == "__main__":
    main()
