"""The store contract: erasing a person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final, Literal

import pytest
from attrs import evolve

from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.candidates import ClientChoice
from convokit.domain.client_notes import ClientNote
from convokit.domain.delivery import Delivery
from convokit.domain.erasure import ERASED, ERASED_OWNER, Erased, Erasure
from convokit.domain.inbox import InboxQuery
from convokit.domain.number_health import NumberHealth
from convokit.domain.search import terms
from convokit.effects import AskPayment, FetchMedia, FileTranscript, ReleaseText, SendMail, SendText
from convokit.errors import StorageError
from convokit.facts import FilingSettled
from convokit.outcomes import Accepted
from convokit.ports.store import Begun, Committed, GateClosed, SeenBefore, Stale
from convokit.testing.builders import ANA, LEASE, OURS, PROVIDER, START
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_media import upload
from convokit.testing.store_payments import requested
from convokit.testing.store_people import BEN, TWO

ERASURE: Final = Erasure(client_id="c17", at_us=START + 1, by_id="u1", by_name="Dr. Kim", reason="asked", key=b"k" * 32)


def erase(desk: Desk, erasure: Erasure = ERASURE) -> Erased:
    """Erase the client that :meth:`Facts.started` writes to."""
    numbers: Iterator[int] = count()
    before = len(desk.store.changes(desk.id, since=0, limit=500))
    return desk.store.erase_client(desk.id, erasure, lambda: f"m-erased-{erasure.at_us}-{before}-{next(numbers)}")


def known(desk: Desk) -> str:
    """A conversation with the client, with a message of each side, and whatever hangs on it."""
    fact = evolve(
        desk.facts.started(), client_email="ana@example.com", client_phone=ANA, patient_id="p4", patient_name="Bella",
        title="Labs",
    )  # fmt: skip
    desk.put(fact)
    desk.put(desk.facts.arrived("Thank you", provider_id="p-in"))
    desk.store.add_media(desk.id, upload())
    desk.put(evolve(desk.facts.replied(fact.conversation_id, client_ref="of Ana"), attachments=(upload().attachment,)))
    return fact.conversation_id


class ErasingCases(StoreCases):
    """What goes, what stays, and who is not texted again."""

    def test_a_stale_write_is_stale_for_the_number_of_somebody_who_was_erased_too(self, desk: Desk) -> None:
        """Their consent is told by more than one row."""
        known(desk)
        erase(desk)
        again = desk.open(ANA)
        late, newer = (desk.facts.arrived(text, address=ANA) for text in ("late", "newer"))
        decided = desk.decided(late)
        desk.put(newer)
        assert desk.commit(late, decided) == Stale()
        assert [entry.text for entry in desk.store.entries(desk.id, again.id)][-1] == "newer"
        assert isinstance(desk.take(late), Committed)

    def test_p20_the_conversation_is_a_skeleton(self, desk: Desk) -> None:
        talk = known(desk)
        before, entries = desk.conversation(talk), desk.store.entries(desk.id, talk)
        erased = erase(desk)
        after = desk.conversation(talk)
        assert (erased.conversations, erased.entries, erased.changes) == (1, len(entries), ((talk, after.change),))
        assert after.change > before.change
        assert (after.ended, after.ended_us, after.started_us) == (True, ERASURE.at_us, before.started_us)
        assert (after.address, after.client_id, after.client_name, after.client_email) == ("", None, "", "")
        assert (after.client_phone, after.patient_id, after.patient_name, after.title) == ("", None, "", "")
        assert (after.last_text, after.unread, after.failed, after.awaiting_us) == (ERASED, 0, 0, None)
        assert after.is_erased
        *left, event = desk.store.entries(desk.id, talk)
        assert [(e.id, e.seq, e.at_us, e.kind, e.side) for e in left] == [
            (e.id, e.seq, e.at_us, e.kind, e.side) for e in entries
        ]
        assert {(e.text, e.raw, e.provider_id, e.client_ref, e.attachments) for e in left} == {
            (ERASED, "", None, None, ())
        }
        assert (event.event, event.seq, event.text) == (
            "erased", after.last_seq, "Dr. Kim erased what the desk knew of the client: asked"
        )  # fmt: skip

    def test_p20_twice_is_fine_and_nobody_known_is_fine(self, desk: Desk) -> None:
        assert erase(desk) == Erased()
        known(desk)
        first = erase(desk)
        again = erase(desk)
        assert (again.conversations, again.changes, again.files) == (0, (), first.files)
        assert len(first.files) == 1

    def test_p20_what_was_owed_is_not_sent(self, desk: Desk) -> None:
        talk = known(desk)
        desk.owe_job(SendMail(mail_id="mail", because="transcript", to=("ana@example.com",), conversation_id=talk))
        desk.owe_job(FetchMedia(attachment_id="f9", entry_id="m9", conversation_id=talk, url="https://example.com/ana"))
        desk.owe_job(ReleaseText(entry_id="m9", conversation_id=talk, zone="America/Denver"))
        desk.owe_job(FileTranscript(document_id="d", conversation_id=talk, upto_seq=1, by_id="u1", by_name="Dr. Kim"))
        asks: tuple[Literal["open", "close", "expire"], ...] = ("open", "close", "expire")
        _, close, expire = (desk.owe_job(AskPayment(payment_id="p", conversation_id=talk, ask=ask)) for ask in asks)
        erased = erase(desk)
        assert erased.withdrawn == 6
        assert desk.store.due(2**60, 9) == ()
        assert [owed.key for owed in desk.store.due_jobs(2**60, 9)] == [close.key, expire.key]
        held = desk.store.entries(desk.id, talk)[-2]
        assert (held.delivery, held.reason, held.flags) == (Delivery.FAILED, "cancelled", ("left",))
        assert desk.conversation(talk).last_delivery is Delivery.FAILED

    def test_p20_what_the_records_have_taken_is_told_by_its_conversation(self, desk: Desk) -> None:
        talk, other = known(desk), desk.open(BEN)
        for of in (talk, other.id, talk):
            last = desk.conversation(of).last_seq
            job = FileTranscript(
                document_id=f"{of}-{last}", conversation_id=of, upto_seq=last, by_id="u1", by_name="Dr. Kim"
            )
            owed = desk.owe_job(job)
            begun = desk.store.begin_job(desk.id, owed.key, desk.facts.now_us, LEASE)
            assert begun is not None
            desk.put(
                FilingSettled(
                    key=owed.key, tries=begun.tries, outcome=Accepted(provider_id=f"R-{last}"), at_us=START,
                    conversation_id=of, entry_id=f"filed-{of}-{last}", head="ab" * 32, count=last,
                )
            )  # fmt: skip
        assert erase(desk).filed == (talk, talk)
        assert erase(desk).filed == ()

    def test_p20_what_is_being_handed_over_comes_first(self, desk: Desk) -> None:
        talk = known(desk)
        (owed,) = desk.store.due(2**60, 9)
        desk.begin(owed.key)
        before = desk.conversation(talk)
        with pytest.raises(StorageError) as caught:
            erase(desk)
        assert caught.value.code == "erasure.in_flight"
        assert desk.conversation(talk) == before
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="x-1")))
        mail = SendMail(mail_id="mail", because="transcript", to=("ana@example.com",), conversation_id=talk)
        job = desk.owe_job(mail)
        assert desk.store.begin_job(desk.id, job.key, desk.facts.now_us, LEASE) is not None
        with pytest.raises(StorageError):
            erase(desk)

    def test_p20_files_wait_to_be_deleted_in_no_message(self, desk: Desk) -> None:
        known(desk)
        own = evolve(upload("f2"), owner="client:c17")
        other = evolve(upload("f3"), owner="client:c18")
        for one in (own, other):
            desk.store.add_media(desk.id, one)
        files = erase(desk).files
        assert {one.id for one in files} == {"f1", "f2"}
        assert {(one.owner, one.entry_id, one.expires_us, one.attachment.name) for one in files} == {
            (ERASED_OWNER, None, 0, "file")
        }
        assert {one.id for _, one in desk.store.expired_media(1, 9)} == {"f1", "f2"}
        assert desk.store.media(desk.id, "f3") == other
        for one in files:
            assert desk.store.drop_media(desk.id, one, lambda _: None)
        assert erase(desk).files == ()

    def test_p20_what_was_noted_of_the_client_and_the_number_is_gone(self, desk: Desk) -> None:
        talk = known(desk)
        store = desk.store
        choice = ClientChoice(address=ANA, client_id="c17", by_id="u1", by_name="Kim", at_us=1)
        noted = Decision(health=NumberHealth(address=ANA, reason="landline", since_us=1, entry_id="m1"), choice=choice)
        store.commit(desk.id, Before(), desk.facts.settled("no-such-key"), noted)
        store.put_client_note(desk.id, ClientNote(client_id="c17", version=1, text="Shy"))
        store.put_client_note(desk.id, ClientNote(client_id="c18", version=1, text="Loud"))
        desk.put(evolve(requested(desk.facts, talk, "pay", title="Invoice of Ana"), invoice="1042"))
        payment = store.payment(desk.id, "pay")
        erased = erase(desk)
        assert (erased.payments, erased.numbers, erased.shared) == (1, 1, 0)
        assert payment is not None
        assert store.payment(desk.id, "pay") == evolve(payment, title=ERASED, url=None)
        assert store.number_health(desk.id, ANA) == NumberHealth(address=ANA)
        assert store.client_note(desk.id, "c17").version == 0
        assert store.client_note(desk.id, "c18").text == "Loud"
        assert store.load(desk.id, Needs(at=("sms", OURS, ANA), choice=True)).choice is None
        assert store.latest_at(desk.id, "sms", ANA) is None

    def test_p20_search_finds_nothing_of_them(self, desk: Desk) -> None:
        known(desk)
        desk.open(BEN)
        for asked in ("before", "after"):
            while desk.store.index_pending(desk.id, 500):
                pass
            found = [desk.store.search(desk.id, terms(words), after=None, limit=9)[0] for words in ("Ana", "Thank")]
            assert [bool(hits) for hits in found] == [asked == "before"] * 2
            if asked == "before":
                erase(desk)

    def test_p20_reports_and_requests_are_forgotten_and_texts_that_came_in_are_not(self, desk: Desk) -> None:
        talk = known(desk)
        store, inbound = desk.store, f"in:{PROVIDER}:p-in"
        entry = desk.owe(talk).effect.entry_id
        report = evolve(desk.facts.reported(entry, Delivery.FAILED), raw="no Ana")
        desk.put(report)
        store.park(desk.id, "x-9", evolve(report, attempt=0))
        for body in (f"?? {ANA}", "ana@example.com", "somebody else"):
            store.keep_unreadable(desk.id, PROVIDER, body.encode(), 1)
        before = store.seen(desk.id, inbound)
        assert before is not None
        erase(desk)
        assert store.seen(desk.id, report.identity) is None
        assert store.seen(desk.id, "ref:of Ana") is None
        assert store.seen(desk.id, inbound) == SeenBefore(entry_id=before.entry_id, fingerprint=ERASED)
        assert store.parked(desk.id, PROVIDER, "x-9") == ()

    def test_p20_what_the_app_said_is_forgotten_with_the_client_in_its_name(self, desk: Desk) -> None:
        fact = evolve(desk.facts.arrived("Hi", address="c17", channel="app"), provider="app", provider_id="c17:ref")
        desk.put(fact)
        assert erase(desk).conversations == 1
        assert desk.store.seen(desk.id, fact.identity) is None

    def test_p20_a_number_of_theirs_that_nobody_is_known_to_have_is_theirs(self, desk: Desk) -> None:
        early = desk.open()
        given = desk.open(BEN)
        desk.put(desk.facts.ended(early.id))
        talk = known(desk)
        erased = erase(desk, evolve(ERASURE, numbers=(BEN,)))
        assert {id_ for id_, _ in erased.changes} == {early.id, given.id, talk}
        assert erased.numbers == 2

    def test_p20_others_keep_what_is_theirs(self, desk: Desk) -> None:
        talk = known(desk)
        desk.put(desk.facts.ended(talk))
        other = evolve(desk.facts.started(), client_id="c18", client_name="Ben Ruiz")
        desk.put(other)
        asked = evolve(desk.facts.arrived("Hello", address=BEN), candidates=TWO)
        desk.put(asked)
        desk.put(desk.facts.opted_out(other.conversation_id))
        consent, ledger = desk.store.consent(desk.id, ANA), desk.store.ledger(desk.id, ANA)
        before = desk.conversation(other.conversation_id)
        erased = erase(desk, evolve(ERASURE, numbers=(BEN,)))
        assert (erased.conversations, erased.numbers, erased.shared, erased.suppressed) == (1, 0, 2, 0)
        assert desk.conversation(other.conversation_id) == before
        assert (desk.store.consent(desk.id, ANA), desk.store.ledger(desk.id, ANA)) == (consent, ledger)
        named = desk.conversation(asked.conversation_id)
        assert (named.candidates, named.last_text, named.ended) == (TWO[1:], "Hello", False)
        assert (asked.conversation_id, named.change) in erased.changes

    def test_p07_an_opt_out_outlives_the_ledger(self, desk: Desk) -> None:
        talk = known(desk)
        desk.put(desk.facts.opted_out(talk))
        consent = desk.store.consent(desk.id, ANA)
        assert erase(desk).suppressed == 1
        assert desk.store.ledger(desk.id, ANA) == ()
        assert desk.store.consent(desk.id, ANA) == consent
        assert not desk.store.consent(desk.id, BEN).opted_out
        for needs in (
            Needs(at=("sms", OURS, ANA), consent=True, or_ended=True),
            Needs(at=("sms", OURS, ANA), consent=True, recent_us=desk.facts.now_us),
            Needs(address=ANA, consent=True),
        ):
            assert desk.store.load(desk.id, needs).consent == consent
        assert erase(desk, evolve(ERASURE, numbers=(ANA,))).suppressed == 1
        assert desk.store.consent(desk.id, ANA) == consent

    def test_p07_the_gate_knows_an_erased_number(self, desk: Desk) -> None:
        talk = known(desk)
        desk.put(desk.facts.opted_out(talk))
        erase(desk)
        # Decided while the number was free, committed as it is: only the gate can hold it back.
        fact = desk.facts.replied(desk.open(ANA).id)
        before, decision = desk.decided(fact)
        free = evolve(before, consent=None)
        assert before.opted_out
        desk.commit(fact, (free, evolve(decision, effects=self._text_of(fact.conversation_id, fact.entry_id))))
        (owed,) = desk.store.due(2**60, 9)
        found = desk.store.begin(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert isinstance(found, GateClosed)

    @staticmethod
    def _text_of(conversation_id: str, entry_id: str) -> tuple[SendText, ...]:
        return (SendText(entry_id=entry_id, conversation_id=conversation_id, sender=OURS, to=ANA),)

    def test_p07_start_lets_texts_through_again_and_what_follows_counts(self, desk: Desk) -> None:
        talk = known(desk)
        desk.put(desk.facts.opted_out(talk))
        erase(desk)
        desk.put(desk.facts.arrived("START"))
        assert not desk.store.consent(desk.id, ANA).opted_out
        new = desk.store.latest_at(desk.id, "sms", ANA)
        assert new is not None
        owed = desk.owe(new.id)
        assert isinstance(desk.store.begin(desk.id, owed.key, desk.facts.now_us, LEASE), Begun)
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="x-2")))
        assert erase(desk, evolve(ERASURE, numbers=(ANA,))).suppressed == 0
        assert not desk.store.consent(desk.id, ANA).opted_out

    def test_p07_each_practice_has_its_own_list(self, desk: Desk) -> None:
        talk = known(desk)
        desk.put(desk.facts.opted_out(talk))
        other = evolve(desk.practice, id="other", numbers=())
        desk.store.put_practice(other)
        erase(desk)
        assert not desk.store.consent("other", ANA).opted_out

    def test_scrubbing_changes_nothing_and_twice_is_fine(self, desk: Desk) -> None:
        talk = known(desk)
        before = desk.conversation(talk)
        desk.store.scrub()
        desk.store.scrub()
        assert desk.conversation(talk) == before
        inbox, _ = desk.store.inbox(desk.id, InboxQuery(), sort="urgency", after=None, limit=9)
        assert inbox == (before,)
