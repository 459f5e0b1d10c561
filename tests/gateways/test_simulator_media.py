"""A client texts a photo through the simulated carrier: it is fetched where the carrier says that it is."""

from __future__ import annotations

from desks import ANA_PHONE, HAPPY_PAWS, OURS

import convokit
from convokit.gateways.simulator import Simulator


def test_a_photo_comes_with_a_text_as_an_address() -> None:
    carrier = Simulator(seed=3, media_hosts=("files.example",))
    with convokit.open("memory:", plugins=[carrier]) as kit:
        kit.add_practice(HAPPY_PAWS)
        carrier.connect(kit)
        carrier.phone(ANA_PHONE).text(OURS, "", media=("https://files.example/1", "https://files.example/2"))
        carrier.phone(ANA_PHONE).text(OURS, "and no photo")
        desk = kit.practice("happy-paws")
        first, second = (entry for entry in desk.thread(desk.inbox().items[0].id).items if entry.kind == "message")
        assert [(file.state, file.via) for file in first.attachments] == [("waiting", "mms")] * 2
        assert (second.text, second.attachments) == ("and no photo", ())
