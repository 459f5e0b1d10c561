"""Notes in the thread: for staff, in every state, and nowhere that a client could see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desks import ANA, ANA_PHONE, KIM, OURS, World, world

import convokit
from convokit import Conflict, InvalidInput, NotFound

SECRET = "Owner was upset about the bill"


@pytest.fixture(params=["memory:", "sqlite"])
def made(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[World]:
    with world(request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db") as stage:
        yield stage


def _talk(made: World) -> convokit.Conversation:
    made.carrier.phone(ANA_PHONE).text(OURS, "Is Bella ready?")
    return made.desk.inbox().items[0]


def test_a_note_stands_in_the_thread_and_moves_nothing(made: World) -> None:
    talk = _talk(made)
    note = made.desk.note(talk.id, SECRET, by=KIM)
    assert (note.kind, note.side, note.author_id, note.author_name) == ("note", "practice", "u1", "Dr. Kim")
    assert note.indicator is None
    after = made.desk.conversation(talk.id)
    assert (after.last_seq, after.change) == (talk.last_seq + 1, talk.change + 1)
    for name in "unread last_us last_text last_side last_message_seq awaiting_us urgency".split():
        assert getattr(after, name) == getattr(talk, name), name
    assert made.desk.thread(talk.id).items[-1] == note
    assert made.kit.work().performed == 0


def test_a_note_is_possible_after_the_end_and_is_found(made: World) -> None:
    talk = _talk(made)
    made.desk.end(talk.id, by=KIM, mail_to=())
    made.desk.note(talk.id, SECRET, by=KIM)
    assert [hit.conversation.id for hit in made.desk.search("upset bill").items] == [talk.id]


def test_the_same_reference_is_the_same_note(made: World) -> None:
    talk = _talk(made)
    first = made.desk.note(talk.id, SECRET, by=KIM, client_ref="r1")
    assert made.desk.note(talk.id, SECRET, by=KIM, client_ref="r1") == first
    with pytest.raises(Conflict) as other:
        made.desk.note(talk.id, "Another one", by=KIM, client_ref="r1")
    assert other.value.code == "message.client_ref"
    with pytest.raises(Conflict):
        made.desk.send(talk.id, SECRET, by=KIM, client_ref="r1")


def test_what_is_no_note_is_refused(made: World) -> None:
    talk = _talk(made)
    with pytest.raises(InvalidInput, match=r"message\.empty"):
        made.desk.note(talk.id, "  ", by=KIM)
    with pytest.raises(InvalidInput, match=r"message\.too_long"):
        made.desk.note(talk.id, "x" * 20_001, by=KIM)
    with pytest.raises(NotFound, match=r"conversation\.unknown"):
        made.desk.note("c_none", "x", by=KIM)


def test_no_note_leaves_with_a_mail_or_a_text(made: World) -> None:
    talk = _talk(made)
    made.desk.note(talk.id, SECRET, by=KIM)
    made.desk.send(talk.id, "She is.", by=KIM)
    made.settle()
    assert [said.text for said in made.carrier.phone(ANA_PHONE).received] == ["She is."]
    assert made.desk.channels(ANA)


def test_no_transcript_has_a_note_unless_it_is_asked_for(made: World) -> None:
    talk = _talk(made)
    made.desk.note(talk.id, SECRET, by=KIM)
    assert SECRET not in made.desk.transcript(talk.id).text()
    told = made.desk.transcript(talk.id, internal_notes=True)
    assert f"Dr. Kim (internal note)\n           {SECRET}\n" in told.text()
    assert "Contents:     With the internal notes of the staff\n" in told.text()
