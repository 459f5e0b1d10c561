"""Transcripts are filed in the medical record, by themselves and when staff ask for it, on both stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import attrs
import pytest
from desks import ANA, BELLA, HAPPY_PAWS, KIM, World, world
from scripted_mailer import ScriptedMailer, mailing
from scripted_records import ScriptedRecords

import convokit
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.transcripts.record import check_json
from convokit.transcripts.verifying import Expected, verify

CANARY = "the secret of a plugin"
SAM = convokit.Staff(id="u2", name="Sam")


def ruled(**rules: object) -> convokit.Practice:
    records = convokit.RecordRules(**rules)  # type: ignore[arg-type]  # as the tests name them
    return attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(records=records))


@pytest.fixture
def records() -> ScriptedRecords:
    return ScriptedRecords()


@pytest.fixture
def w(store_url: str, records: ScriptedRecords) -> Iterator[World]:
    with world(store_url, plugins=(records,)) as made:
        use(made, format="json")
        yield made


def use(w: World, **rules: object) -> None:
    w.kit.add_practice(ruled(**rules))
    w.desk = w.kit.practice("happy-paws")


def begun(w: World, channel: str = "sms") -> convokit.Conversation:
    found = w.desk.start(client=ANA, patient=BELLA, channel=channel, title="Lab results", by=KIM)  # type: ignore[arg-type]
    w.desk.send(found.id, "Bella's results are in.", by=KIM)
    w.settle()
    return found


def told(w: World, conversation_id: str) -> list[convokit.Entry]:
    entries = w.desk.thread(conversation_id).items
    return [entry for entry in entries if (entry.event or "").startswith("transcript")]


def test_ending_files_the_transcript_once_and_the_thread_says_so(w: World, records: ScriptedRecords) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    assert records.given == []
    w.settle()
    (document,) = records.given
    assert document.id == f"{found.id}-3"
    assert (document.practice_id, document.conversation_id) == ("happy-paws", found.id)
    assert (document.client_id, document.patient_id) == ("c17", "p4")
    assert document.title == "Conversation with Ana Ruiz, Monday, March 2, 2026: Lab results"
    assert document.file_name == "2026-03-02-0801_Bella_Ana-Ruiz.json"
    assert document.content_type == "application/json"
    ended = w.desk.conversation(found.id).ended_at
    assert (document.began, document.ended) == (datetime(2026, 3, 2, 15, tzinfo=UTC), ended)
    assert check_json(document.content, head=document.head, count=document.count).whole
    (entry,) = told(w, found.id)
    assert (entry.event, entry.raw) == ("transcript_filed", "R-1")
    assert (entry.author_id, entry.author_name) == ("u1", "Dr. Kim")
    assert entry.text == f"The transcript was filed in the medical record (3 entries, SHA-256 {document.head[:12]})."
    assert w.kit.work().performed == 0
    assert "SHA-256" not in document.content.decode()


@pytest.mark.parametrize(
    ("form", "begins", "content_type"),
    [
        ("pdf", b"%PDF-", "application/pdf"),
        ("html", b"<!DOCTYPE html>", "text/html; charset=utf-8"),
        ("json", b"{", "application/json"),
        ("txt", b"Happy Paws", "text/plain; charset=utf-8"),
    ],
)
def test_the_rules_choose_the_format(
    w: World, records: ScriptedRecords, form: str, begins: bytes, content_type: str
) -> None:
    use(w, format=form)
    w.desk.end(begun(w).id, by=KIM)
    w.settle()
    (document,) = records.given
    assert document.content.startswith(begins)
    assert (document.content_type, document.file_name.rpartition(".")[2]) == (content_type, form)


def test_staff_file_it_in_every_state_and_are_named(w: World, records: ScriptedRecords) -> None:
    use(w, on_end=False, format="json")
    found = begun(w)
    w.desk.file_transcript(found.id, by=SAM)
    w.settle()
    w.desk.end(found.id, by=KIM)
    w.settle()
    assert len(records.given) == 1
    w.desk.file_transcript(found.id, by=SAM)
    w.settle()
    first, second = records.given
    assert first.id != second.id
    assert (first.ended, second.ended is not None) == (None, True)
    assert second.count == first.count + 2  # it was filed, it was ended
    assert [entry.text.partition(" (")[0] for entry in told(w, found.id)] == [
        "The transcript was filed in the medical record, as Sam asked"
    ] * 2


def test_asked_twice_with_nothing_new_it_is_filed_once(w: World, records: ScriptedRecords) -> None:
    found = begun(w)
    ended = w.desk.end(found.id, by=KIM)
    for _ in range(2):
        assert w.desk.file_transcript(found.id, by=SAM).version == ended.version
    w.settle()
    assert len(records.given) == 1
    w.desk.note(found.id, "Bring the x-rays", by=SAM)
    w.desk.file_transcript(found.id, by=SAM)
    w.settle()
    assert len(records.given) == 2


def test_what_came_after_it_is_not_in_it(w: World, records: ScriptedRecords) -> None:
    records.answers = [TryLater(raw="503")]
    found = begun(w)
    ended = w.desk.end(found.id, by=KIM)
    w.kit.work()
    w.desk.restart(found.id, by=KIM)
    w.desk.send(found.id, "One more thing.", by=KIM)
    w.settle()
    assert not w.desk.conversation(found.id).ended
    first, again = records.given
    assert first == again
    assert again.ended == ended.ended_at
    assert "One more thing" not in again.content.decode()


def test_two_ends_are_two_documents(w: World, records: ScriptedRecords) -> None:
    found = begun(w)
    for _ in range(2):
        w.desk.end(found.id, by=KIM)
        w.settle()
        w.desk.restart(found.id, by=KIM)
    assert len(records.kept) == len(records.given) == 2


def test_without_records_nothing_is_owed_and_staff_are_told(store_url: str) -> None:
    with world(store_url) as w:
        found = begun(w)
        w.desk.end(found.id, by=KIM)
        assert w.kit.store.due_jobs(2**60, 10) == ()
        with pytest.raises(convokit.Conflict) as caught:
            w.desk.file_transcript(found.id, by=KIM)
        assert (caught.value.code, caught.value.field) == ("records.none", "records")


def test_a_worker_without_records_leaves_it_to_one_that_has_them(
    tmp_path_factory: pytest.TempPathFactory, records: ScriptedRecords
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('desk')}/desk.db"
    with world(url, plugins=(records,)) as w:
        found = begun(w)
        w.desk.end(found.id, by=KIM)
        with convokit.open(url, clock=w.clock) as other:
            assert other.work().performed == 1
        assert (records.given, told(w, found.id)) == ([], [])
        w.clock.pass_(minutes=1)
        w.settle()
        assert len(records.given) == 1


def test_it_waits_for_the_last_text_as_the_mail_does(w: World, records: ScriptedRecords) -> None:
    found = begun(w)
    w.desk.send_and_end(found.id, "Take care!", by=KIM)
    (job,) = w.kit.jobs.due(10)
    assert w.kit.jobs.perform(w.kit.known_practice("happy-paws"), job)  # faster than the text
    assert records.given == []
    w.settle()
    (document,) = records.given
    last = json.loads(document.content)["lines"][-2]
    assert (last["text"], last["delivery"] in ("sent", "delivered")) == ("Take care!", True)


def test_mail_and_record_are_both_served_and_the_record_has_no_address_of_the_staff(
    store_url: str, records: ScriptedRecords
) -> None:
    mailer = ScriptedMailer()
    with world(store_url, plugins=(records, mailer)) as w:
        w.kit.add_practice(mailing(HAPPY_PAWS, records=convokit.RecordRules(format="txt")))
        w.desk = w.kit.practice("happy-paws")
        found = begun(w)
        w.desk.end(found.id, by=KIM)
        w.settle()
        assert len(mailer.sent) == len(records.given) == 1
        assert {entry.event for entry in told(w, found.id)} == {"transcript_mailed", "transcript_filed"}
        assert b"@happy-paws" not in records.given[0].content


@pytest.mark.parametrize(
    "answer", [TryLater(raw="503"), Unsure(why="hung up"), RuntimeError(CANARY), SystemExit(CANARY), "done", None, 7]
)
def test_p03_what_nobody_knows_the_end_of_is_filed_again_under_the_same_id(
    w: World, records: ScriptedRecords, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    records.answers = [answer] * 2
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    for _ in range(5):
        w.kit.work()
        w.clock.pass_(minutes=2)
    assert len(records.given) == 3
    assert len(records.kept) == 1
    assert [entry.event for entry in told(w, found.id)] == ["transcript_filed"]
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (Refused(reason="content_rejected", raw="no patient p4"), "content_rejected", "did not take this document"),
        (Refused(reason="made up"), "unknown", "did not say why"),
    ],
)
def test_what_is_refused_is_told_and_not_repeated(
    w: World, records: ScriptedRecords, answer: Outcome, reason: str, words: str
) -> None:
    records.answers = [answer]
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.settle()
    (entry,) = told(w, found.id)
    assert (entry.event, entry.reason) == ("transcript_not_filed", reason)
    assert words in entry.text
    assert len(records.given) == 1


def test_p04_it_is_given_up_after_a_week(w: World, records: ScriptedRecords) -> None:
    records.answers = [TryLater(raw="maintenance")] * 1_000
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    for _ in range(24 * 8):
        w.kit.work()
        w.clock.pass_(hours=1)
    (entry,) = told(w, found.id)
    assert (entry.event, entry.reason, entry.raw) == ("transcript_not_filed", "expired", "maintenance")
    assert 24 * 7 - 2 < len(records.given) <= 24 * 7 + 1
    assert w.kit.store.due_jobs(2**60, 10) == ()


def test_p04_a_worker_that_died_leaves_it_to_the_next(w: World, records: ScriptedRecords) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    (job,) = w.kit.jobs.due(10)
    assert w.kit.store.begin_job("happy-paws", job.key, w.kit.world.now_us(), 60_000_000) is not None
    w.kit.work()
    assert records.given == []
    for _ in range(3):
        w.clock.pass_(minutes=5)
        w.kit.work()
    assert len(records.given) == 1
    assert [entry.event for entry in told(w, found.id)] == ["transcript_filed"]


def test_observers_hear_of_its_end_and_of_nothing_before(store_url: str, records: ScriptedRecords) -> None:
    heard: list[tuple[str, str]] = []

    class Observer:
        name = "observer"

        @hookimpl
        def convokit_settled(self, effect: object, outcome: Outcome) -> None:
            heard.append((type(effect).__name__, type(outcome).__name__))

    records.answers = [TryLater(), Unsure(why="?")]
    with world(store_url, plugins=(records, Observer())) as w:
        use(w, format="txt")
        w.desk.end(begun(w).id, by=KIM)
        for _ in range(5):
            w.kit.work()
            w.clock.pass_(minutes=2)
    assert [one for one in heard if one[0] == "FileTranscript"] == [("FileTranscript", "Accepted")]


def test_a_veto_is_told(store_url: str, records: ScriptedRecords) -> None:
    class Strict:
        name = "strict"

        @hookimpl
        def convokit_veto(self, effect: object) -> str | None:
            return "under review" if type(effect).__name__ == "FileTranscript" else None

    with world(store_url, plugins=(records, Strict())) as w:
        found = begun(w)
        w.desk.end(found.id, by=KIM)
        w.settle()
        (entry,) = told(w, found.id)
        assert (entry.event, entry.reason, entry.raw) == ("transcript_not_filed", "cancelled", "veto: under review")
        assert records.given == []


def test_p20_what_is_owed_of_an_erased_client_is_withdrawn_and_what_was_filed_is_named(
    w: World, records: ScriptedRecords
) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.settle()
    w.desk.note(found.id, "Once more", by=KIM)
    w.desk.file_transcript(found.id, by=KIM)
    report = w.desk.erase_client("c17", by=KIM, reason="request of 2 March")
    assert report.withdrawn == 1
    assert report.kept[-1].what == f"1 transcript in the medical record, of: {found.id}"
    w.settle()
    assert len(records.given) == 1
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.file_transcript(found.id, by=KIM)
    assert caught.value.code == "conversation.erased"


def test_p10_a_desk_of_another_department_cannot_file_it(store_url: str, records: ScriptedRecords) -> None:
    with world(store_url, plugins=(records,)) as w:
        surgery = convokit.Department(id="surgery", name="Surgery")
        w.kit.add_practice(attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(departments=[surgery])))
        found = begun(w)
        narrow = w.kit.practice("happy-paws", departments=["surgery"])
        for call in (narrow.file_transcript, narrow.transcript):
            with pytest.raises(convokit.NotFound):
                call(found.id, by=KIM)  # type: ignore[operator]  # both take these


def test_a_pdf_in_the_record_can_be_verified_against_what_was_kept(w: World, records: ScriptedRecords) -> None:
    use(w, format="pdf")
    w.desk.end(begun(w).id, by=KIM)
    w.settle()
    (document,) = records.given
    kept = Expected(head=document.head, count=document.count)
    assert verify(BytesIO(document.content), kept).whole


def test_accepted_ids_that_are_no_text_are_not_believed(w: World, records: ScriptedRecords) -> None:
    records.answers = [Accepted(provider_id=7)]  # type: ignore[arg-type]
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.settle()
    w.clock.pass_(minutes=1)
    w.settle()
    assert len(records.kept) == 1
    assert [entry.event for entry in told(w, found.id)] == ["transcript_filed"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("pdf", "rules.records"),
        (convokit.RecordRules(on_end=1), "rules.records.on_end"),  # type: ignore[arg-type]
        (convokit.RecordRules(format="zip"), "rules.records.format"),  # type: ignore[arg-type]
    ],
)
def test_p18_rules_that_cannot_be(w: World, given: object, field: str) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.add_practice(attrs.evolve(HAPPY_PAWS, rules=convokit.Rules(records=given)))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("rules.records", field)


# --- who took it ------------------------------------------------------------------------------------------------------


def test_a_download_stands_in_the_thread_and_not_in_the_document(w: World) -> None:
    found = begun(w)
    before = w.desk.changes()[-1].number
    document = w.desk.transcript(found.id, by=SAM)
    assert "downloaded" not in document.text()
    (entry,) = told(w, found.id)
    assert (entry.event, entry.author_id, entry.raw) == ("transcript_downloaded", "u2", document.transcript.head)
    assert entry.text == f"Sam downloaded the transcript (2 entries, SHA-256 {document.transcript.head[:12]})."
    assert w.desk.changes()[-1].number == before + 1
    assert "Sam downloaded the transcript" in w.desk.transcript(found.id).text()
    assert len(told(w, found.id)) == 1


def test_a_redacted_download_says_so(w: World) -> None:
    found = begun(w)
    w.desk.end(found.id, by=KIM)
    w.desk.transcript(
        found.id, by=SAM, internal_notes=True, redact=convokit.Redaction(phone_numbers=True, client_name=True)
    )
    (entry,) = told(w, found.id)
    assert entry.text.startswith(
        "Sam downloaded the transcript, with the internal notes, without client's name and phone numbers (3 entries, "
    )


@pytest.mark.parametrize("by", ["Sam", 7])
def test_p18_who_takes_it_is_a_member_of_staff(w: World, by: object) -> None:
    found = begun(w)
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.transcript(found.id, by=by)  # type: ignore[arg-type]
    assert caught.value.code == "by.type"
    assert told(w, found.id) == []
