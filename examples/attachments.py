"""A front desk sends a photo and a PDF by text; the client answers with a photo in the app.

    python attachments.py photo.jpg labs.pdf

The photo goes with the text (MMS), the PDF as a link. Both leave through a simulated carrier, and the link is opened
as the client's telephone would open it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import convokit
from convokit.gateways.simulator import Simulator

ANA = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123")
KIM = convokit.Staff(id="u1", name="Dr. Kim")


def open_link(kit: convokit.Convokit, url: str) -> convokit.HttpResponse:
    """What your web server does with a request for a link: ask the kit, and pass the answer on."""
    return kit.front(convokit.HttpRequest(method="GET", url=url))


def main(photo: Path, pdf: Path) -> None:
    """Play it."""
    carrier = Simulator()
    with convokit.open("sqlite:///desk.db", plugins=[carrier], public_url="https://desk.example/hooks") as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
        carrier.connect(kit)
        desk = kit.practice("happy-paws")
        talk = desk.start(client=ANA, channel="sms", title="Lab results", by=KIM)

        with photo.open("rb") as stream:
            upload = desk.upload(photo.name, stream, by=KIM)
        message = desk.send(talk.id, "Here is Bella, and her results.", by=KIM, attachments=[upload, pdf])
        for file in message.attachments:
            print(f"{file.kind:<6} {file.name}: {file.size:,} bytes, goes as {file.via}")

        kit.work()
        taken = carrier.phone("+13035550123").received[0]
        print(f"Ana's phone: {taken.text.splitlines()[0]} ({len(taken.files)} picture)")
        answer = open_link(kit, taken.text.rpartition(" ")[2])
        print(f"the link: {answer.status}, {answer.header('Content-Type')}, {answer.header('Content-Disposition')}")

        desk.revoke_links(message.id)
        print(f"after revoking it: {open_link(kit, taken.text.rpartition(' ')[2]).status}")
        desk.app_message(ANA, "", attachments=[photo])
        print(f"the inbox: {desk.inbox(channel='app').items[0].last_text}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
