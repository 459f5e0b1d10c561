"""Notes that only staff see, and numbers that several clients share."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, BELLA, HAPPY_PAWS, KIM, OURS, World, world

import convokit
from convokit import Client, Conflict, InvalidInput, Patient, Staff
from convokit.domain.candidates import MOST_CANDIDATES
from convokit.domain.client_notes import NOTE_LENGTH
from convokit.plugins import hookimpl
from convokit.ports.directory import Match

LEE = Staff(id="u2", name="Lee")
NOTE = "Shy of phones.\nAna works nights."


@pytest.fixture(params=["memory:", "sqlite"])
def made(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[World]:
    with world(request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db") as stage:
        yield stage


# --- client notes -----------------------------------------------------------------------------------------------------


def test_a_note_has_a_version_an_author_and_a_time(made: World) -> None:
    desk = made.desk
    assert desk.client_note("c17") == convokit.ClientNote(client_id="c17")
    assert desk.client_note("c17").at is None
    first = desk.set_client_note("c17", f"  {NOTE}\n", by=KIM)
    assert (first.text, first.version, first.author_id, first.author_name) == (NOTE, 1, "u1", "Dr. Kim")
    assert first.at == made.clock.moment
    made.clock.pass_(hours=1)
    second = desk.set_client_note("c17", "Prefers mornings.", by=LEE, expected_version=1)
    assert (second.version, second.author_name, second.at) == (2, "Lee", made.clock.moment)
    assert desk.client_note("c17") == second
    assert desk.set_client_note("c17", "Prefers mornings.", by=KIM) == second
    assert desk.set_client_note("c17", "", by=KIM).text == ""
    assert desk.client_note("c17").version == 3


def test_a_note_that_somebody_changed_meanwhile_is_not_overwritten(made: World) -> None:
    with pytest.raises(Conflict) as none_yet:
        made.desk.set_client_note("c17", "x", by=KIM, expected_version=1)
    assert (none_yet.value.code, none_yet.value.limit) == ("client_note.changed", "0")
    made.desk.set_client_note("c17", "of Kim", by=KIM, expected_version=0)
    with pytest.raises(Conflict) as caught:
        made.desk.set_client_note("c17", "of Lee", by=LEE, expected_version=0)
    assert caught.value.limit == "1"
    assert "Dr. Kim" in str(caught.value)
    assert made.desk.client_note("c17").text == "of Kim"


@pytest.mark.parametrize(
    ("text", "code"), [(None, "client_note.type"), (b"x", "client_note.type"), ("x" * 4001, "client_note.too_long")]
)
def test_a_note_is_a_text_of_bounded_length(text: object, code: str) -> None:
    with world() as made, pytest.raises(InvalidInput) as caught:
        made.desk.set_client_note("c17", text, by=KIM)  # type: ignore[arg-type]  # the wrong thing on purpose
    assert caught.value.code == code
    assert NOTE_LENGTH == 4_000


def test_many_writers_of_a_note_lose_no_version(made: World) -> None:
    def write(who: int) -> None:
        for turn in range(5):
            made.desk.set_client_note("c17", f"{who}.{turn}", by=KIM)

    writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert made.desk.client_note("c17").version == 20


def test_p10_a_note_is_in_no_transcript_and_nothing_that_the_app_is_shown(made: World) -> None:
    desk = made.desk
    desk.set_client_note("c17", "canary-note", by=KIM)
    talk = desk.start(client=ANA, patient=BELLA, by=KIM)
    desk.send(talk.id, "Hello", by=KIM)
    shown = [
        desk.app_message(ANA, "Hi"),
        desk.app_read(talk.id, client_id="c17"),
        desk.app_opened("c17"),
        desk.app_departments(),
        desk.inbox(),
        list(desk.entries(talk.id)),
        desk.transcript(talk.id).text(),
    ]
    assert "canary-note" not in repr(shown)
    assert "canary-note" not in repr(desk.client_note("c17"))


# --- shared numbers ---------------------------------------------------------------------------------------------------

BEN = Client(id="c18", name="Ben Ruiz", email="ben@example.com")


class Host:
    """The host's clients by number; a test changes them."""

    def __init__(self, *matches: Match) -> None:
        self.matches: tuple[Match, ...] = matches

    @hookimpl
    def convokit_directory(self) -> Host:
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        return self.matches


def shared() -> Host:
    return Host(Match(client=ANA, patient=BELLA), Match(client=BEN))


def test_candidates_are_shown_staff_choose_and_the_choice_is_remembered() -> None:
    with world(plugins=(shared(),)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        assert (talk.client_id, [one.client_name for one in talk.candidates]) == (None, ["Ana Ruiz", "Ben Ruiz"])
        chosen = made.desk.choose_client(talk.id, "c17", by=KIM)
        assert (chosen.client_id, chosen.client_name, chosen.patient_name) == ("c17", "Ana Ruiz", "Bella")
        corrected = made.desk.choose_client(talk.id, "c18", by=LEE)
        assert (corrected.client_id, corrected.client_email, corrected.patient_id) == ("c18", "ben@example.com", None)
        assert corrected.address == ANA_PHONE
        made.desk.end(talk.id, by=KIM)
        made.clock.pass_(days=30)
        made.carrier.phone(ANA_PHONE).text(OURS, "Hello again")
        (later,) = made.desk.inbox().items
        assert (later.previous_id, later.client_id, later.client_name) == (talk.id, "c18", "Ben Ruiz")
        assert [e.event for e in made.desk.entries(later.id)] == [None]


def test_a_merge_of_clients_never_changes_where_replies_go() -> None:
    host = shared()
    with world(plugins=(host,)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        made.desk.choose_client(talk.id, "c18", by=KIM)
        # The host merges both into one client, who has another number besides.
        host.matches = (Match(client=Client(id="c99", name="Ana and Ben", phone="+13035550198")),)
        made.carrier.phone(ANA_PHONE).text(OURS, "Hello?")
        made.desk.send(talk.id, "She is.", by=KIM)
        made.settle()
        assert [taken.text for taken in made.carrier.phone(ANA_PHONE).received] == ["She is."]
        assert made.carrier.phone("+13035550198").received == []
        kept = made.desk.conversation(talk.id)
        assert (kept.address, kept.client_id) == (ANA_PHONE, "c18")
        made.desk.end(talk.id, by=KIM)
        made.clock.pass_(days=30)
        made.carrier.phone(ANA_PHONE).text(OURS, "And now?")
        (later,) = made.desk.inbox().items
        assert (later.client_id, later.address) == ("c99", ANA_PHONE)


def test_a_choice_that_was_merged_away_is_asked_for_again() -> None:
    host = shared()
    with world(plugins=(host,)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        made.desk.choose_client(talk.id, "c18", by=KIM)
        made.desk.end(talk.id, by=KIM)
        made.clock.pass_(days=30)
        host.matches = (Match(client=ANA), Match(client=evolve(BEN, id="c99")))
        made.carrier.phone(ANA_PHONE).text(OURS, "Hello again")
        (later,) = made.desk.inbox().items
        assert later.client_id is None
        assert [one.client_id for one in later.candidates] == ["c17", "c99"]


def test_one_client_named_twice_is_one_client() -> None:
    host = Host(Match(client=ANA, patient=BELLA), Match(client=ANA, patient=Patient(id="p5", name="Rex")))
    with world(plugins=(host,)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        assert (talk.client_id, talk.patient_name, talk.candidates) == ("c17", "Bella", ())


def test_of_very_many_clients_the_first_few_are_shown() -> None:
    host = Host(*(Match(client=Client(id=f"c{n}", name=f"Client {n}")) for n in range(200)))
    with world(plugins=(host,)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        assert len(talk.candidates) == MOST_CANDIDATES


def test_nobody_can_be_chosen_who_is_no_candidate(made: World) -> None:
    made.kit.add_practice(HAPPY_PAWS)
    talk = made.desk.start(client=ANA, by=KIM, channel="sms")
    with pytest.raises(InvalidInput) as caught:
        made.desk.choose_client(talk.id, "c18", by=KIM)
    assert caught.value.code == "client.not_candidate"


# --- unknown numbers, and the pet that is selected --------------------------------------------------------------------


def test_a_number_that_nobody_knew_gets_its_client_and_keeps_it() -> None:
    with world() as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Do you see rabbits too?")
        (talk,) = made.desk.inbox().items
        assert talk.client_id is None
        known = made.desk.set_client(talk.id, BEN, by=KIM)
        assert (known.client_id, known.client_name, known.client_email) == ("c18", "Ben Ruiz", "ben@example.com")
        assert known.address == ANA_PHONE
        pet = made.desk.set_patient(talk.id, Patient(id="p5", name="Rex"), by=KIM)
        assert (pet.patient_id, pet.patient_name) == ("p5", "Rex")
        assert [hit.conversation.id for hit in made.desk.search("ben rex").items] == [talk.id]
        assert [row.patient_name for row in made.desk.inbox().items] == ["Rex"]
        made.desk.end(talk.id, by=KIM, mail_to=())
        made.clock.pass_(days=30)
        made.carrier.phone(ANA_PHONE).text(OURS, "Hello again")
        (later,) = made.desk.inbox().items
        assert (later.previous_id, later.client_id, later.patient_name) == (talk.id, "c18", "Rex")


def test_a_client_who_was_set_is_remembered_where_several_have_the_number() -> None:
    host = shared()
    with world(plugins=(host,)) as made:
        made.carrier.phone(ANA_PHONE).text(OURS, "Is she ready?")
        (talk,) = made.desk.inbox().items
        made.desk.set_client(talk.id, BEN, by=KIM)
        made.desk.end(talk.id, by=KIM, mail_to=())
        made.clock.pass_(days=30)
        made.carrier.phone(ANA_PHONE).text(OURS, "Hello again")
        (later,) = made.desk.inbox().items
        assert later.client_id == "c18"


def test_in_the_app_the_client_stays_and_the_pet_is_selected(made: World) -> None:
    made.kit.add_practice(HAPPY_PAWS)
    wrote = made.desk.app_message(ANA, "She limps")
    with pytest.raises(Conflict) as caught:
        made.desk.set_client(wrote.conversation_id, BEN, by=KIM)
    assert caught.value.code == "conversation.channel"
    assert made.desk.set_patient(wrote.conversation_id, BELLA, by=KIM).patient_name == "Bella"
    assert made.desk.set_patient(wrote.conversation_id, None, by=KIM).patient_id is None
    for given in ("c18", None):
        with pytest.raises(InvalidInput):
            made.desk.set_client(wrote.conversation_id, given, by=KIM)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        made.desk.set_patient(wrote.conversation_id, "p4", by=KIM)  # type: ignore[arg-type]
