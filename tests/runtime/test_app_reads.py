"""What the practice's app may show its client, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desks import ANA, BELLA, KIM, World, world

import convokit
from convokit import Client, Conflict, NotFound

BEN = Client(id="c18", name="Ben")


@pytest.fixture(params=["memory:", "sqlite"])
def made(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[World]:
    with world(request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db") as stage:
        yield stage


def test_p10_the_app_is_shown_nothing_between_staff(made: World) -> None:
    desk = made.desk
    desk.app_message(ANA, "Bella limps", patient=BELLA)
    (known,) = desk.inbox().items
    desk.note(known.id, "secret: limps since Monday", by=KIM)
    desk.set_client_note(ANA.id, "secret: pays late", by=KIM)
    desk.set_urgency(known.id, "urgent", by=KIM)
    desk.assign(known.id, KIM, by=KIM)
    desk.send(known.id, "Please come in.", by=KIM)
    page = desk.app_thread(known.id, client_id=ANA.id)
    assert [(one.ours, one.author, one.text) for one in page.items] == [
        (True, "", "Bella limps"),
        (False, "Dr. Kim", "Please come in."),
    ]
    (listed,) = desk.app_conversations(ANA.id)
    assert (listed.patient_name, listed.last_text, listed.has_news) == ("Bella", "Please come in.", True)
    assert listed.department == "Front desk"
    assert not any("secret" in repr(one) for one in (*page.items, listed))
    assert page.items[0].at == made.clock.moment == listed.last_message_at
    desk.app_read(known.id, client_id=ANA.id)
    assert not desk.app_conversations(ANA.id)[0].has_news


def test_the_open_conversation_comes_first_then_those_that_ended(made: World) -> None:
    desk = made.desk
    first = desk.start(client=ANA, by=KIM)
    desk.end(first.id, by=KIM)
    made.clock.pass_(hours=100)
    second = desk.start(client=ANA, by=KIM)
    desk.start(client=ANA, by=KIM, channel="sms")
    desk.start(client=BEN, by=KIM)
    assert [(one.id, one.ended) for one in desk.app_conversations(ANA.id)] == [(second.id, False), (first.id, True)]
    assert [one.id for one in desk.app_conversations(ANA.id, limit=1)] == [second.id]


def test_older_messages_come_by_the_page(made: World) -> None:
    desk = made.desk
    known = desk.start(client=ANA, by=KIM)
    for number in range(5):
        desk.send(known.id, f"message {number}", by=KIM)
    newest = desk.app_thread(known.id, client_id=ANA.id, limit=2)
    assert [one.text for one in newest.items] == ["message 3", "message 4"]
    older = desk.app_thread(known.id, client_id=ANA.id, limit=10, before=newest.next)
    assert [one.text for one in older.items] == ["message 0", "message 1", "message 2"]


def test_another_clients_conversation_and_one_by_text_are_refused(made: World) -> None:
    desk = made.desk
    app, text = desk.start(client=ANA, by=KIM), desk.start(client=ANA, by=KIM, channel="sms")
    with pytest.raises(NotFound):
        desk.app_thread(app.id, client_id=BEN.id)
    with pytest.raises(Conflict) as caught:
        desk.app_thread(text.id, client_id=ANA.id)
    assert caught.value.code == "conversation.channel"


def test_the_newest_change_is_where_a_watcher_begins(made: World) -> None:
    desk = made.desk
    assert desk.newest_change() == 0
    known = desk.start(client=ANA, by=KIM)
    began = desk.newest_change()
    assert began == desk.changes()[-1].number
    desk.send(known.id, "hello", by=KIM)
    assert [one.conversation_id for one in desk.changes(began)] == [known.id]


def test_a_kit_keeps_a_secret_for_its_host(made: World) -> None:
    key = made.kit.secret("forms")
    assert len(key) == 32
    assert made.kit.secret("forms") == key != made.kit.secret("others")
    with pytest.raises(convokit.InvalidInput):
        made.kit.secret("")
