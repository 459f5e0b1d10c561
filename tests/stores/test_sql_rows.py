"""A conversation made of a row is what the initialiser makes of its fields."""

from __future__ import annotations

import attrs

from convokit.domain.conversation import Conversation
from convokit.domain.delivery import Delivery
from convokit.stores.sql import rows

ROW = {name: number for number, name in enumerate(rows.CONVERSATION)}


def test_every_field_is_there_and_nothing_else() -> None:
    cells = {**ROW, "ended": 1, "last_delivery": int(Delivery.READ), "candidates": ""}
    made = rows.conversation_of((*cells.values(), "what is joined", "to it"))
    names = {one.name for one in attrs.fields(Conversation)}
    assert vars(made).keys() == names
    wanted = {name: ROW["public_id" if name == "id" else name] for name in names}
    wanted |= {"ended": True, "last_delivery": Delivery.READ, "candidates": ()}
    assert made == Conversation(**wanted)
