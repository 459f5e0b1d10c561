"""Which conversations and numbers are a person's, and what is left of them."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.domain.attachment import Attachment, Upload
from convokit.domain.candidates import Candidate
from convokit.domain.consent_ledger import Consent
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.erasure import (
    ERASED,
    ERASED_OWNER,
    KEPT,
    Erasure,
    erased_conversation,
    erased_entry,
    erased_upload,
    event_of,
    find,
    held_back,
    key_name,
    numbers_of,
    suppressed,
    traces_of,
    without_candidate,
)

ANA, BEN, CAT = "+13035550123", "+13035550124", "+13035550125"
KEY = b"k" * 32
ERASURE = Erasure(client_id="c17", at_us=9, by_id="u1", by_name="Dr. Kim", reason="asked", key=KEY)
BOTH = (Candidate(client_id="c17", client_name="Ana"), Candidate(client_id="c18", client_name="Ben"))


def talk(id_: str, address: str = ANA, client_id: str | None = None, **more: object) -> Conversation:
    channel = "sms" if address.startswith("+") else "app"
    given = {"id": id_, "channel": channel, "sender": "s", "address": address, "client_id": client_id, **more}
    return Conversation(started_us=1, last_us=1, **given)  # type: ignore[arg-type]  # columns of a table of cases


@pytest.mark.parametrize(
    ("conversations", "numbers", "theirs", "naming", "own", "shared"),
    [
        ([], (), "", "", (), ()),
        ([talk("a", client_id="c17")], (), "a", "", (ANA,), ()),
        ([talk("a", "c17")], (), "a", "", (), ()),
        ([talk("a", "c18", "c18")], (), "", "", (), ()),
        ([talk("a", "c17", "c17", client_phone=BEN), talk("b", BEN)], (), "a b", "", (BEN,), ()),
        ([talk("a", client_id="c17"), talk("b", client_id="c18")], (), "a", "", (), (ANA,)),
        ([talk("a", client_id="c17"), talk("b"), talk("c", client_id="c18")], (), "a", "", (), (ANA,)),
        ([talk("a", client_id="c17"), talk("b", "c18", "c18", client_phone=ANA)], (), "a", "", (), (ANA,)),
        ([talk("a", BEN), talk("b", CAT)], (BEN,), "a", "", (BEN,), ()),
        ([talk("a", BEN, candidates=BOTH)], (BEN,), "", "a", (), (BEN,)),
        ([talk("a", BEN, candidates=BOTH[:1])], (BEN,), "a", "", (BEN,), ()),
        ([talk("a", BEN, "c18", candidates=BOTH)], (), "", "a", (), ()),
        ([talk("a", BEN, "c17", candidates=BOTH)], (), "a", "", (BEN,), ()),
    ],
)
def test_p20_what_is_theirs(
    conversations: list[Conversation],
    numbers: tuple[str, ...],
    theirs: str,
    naming: str,
    own: tuple[str, ...],
    shared: tuple[str, ...],
) -> None:
    erasure = evolve(ERASURE, numbers=numbers)
    found = find(erasure, conversations)
    assert " ".join(c.id for c in found.theirs) == theirs
    assert " ".join(c.id for c in found.naming) == naming
    assert (found.numbers, found.shared) == (own, shared)
    assert numbers_of(erasure, conversations) == {*own, *shared}


def test_p20_a_conversation_ends_and_an_ended_one_keeps_its_end() -> None:
    known = talk("a", client_id="c17", last_text="Hi", unread=2, failed=1, awaiting_us=3, last_seq=4, version=5)
    after = erased_conversation(known, 9, 77)
    assert (after.ended, after.ended_us, after.last_text, after.last_seq) == (True, 9, ERASED, 5)
    assert (after.unread, after.failed, after.awaiting_us, after.version, after.change) == (0, 0, None, 6, 77)
    assert after.is_erased
    assert not known.is_erased
    ended = erased_conversation(evolve(known, ended=True, ended_us=7, last_text=""), 9, 78)
    assert (ended.ended_us, ended.last_text) == (7, "")
    event = event_of(ERASURE, after, "m1")
    assert (event.seq, event.event, event.author_id, event.at_us) == (5, "erased", "u1", 9)
    assert event.text == "Dr. Kim erased what the desk knew of the client: asked"


@pytest.mark.parametrize(("side", "author"), [("client", ""), ("practice", "Dr. Kim"), ("system", "Dr. Kim")])
def test_p20_an_entry_keeps_its_place_and_the_staff(side: str, author: str) -> None:
    entry = Entry(
        id="m1", conversation_id="a", seq=3, at_us=2, kind="message", side=side, channel="sms", text="Hi", raw="r",  # type: ignore[arg-type]  # from the table of cases
        author_name="Dr. Kim", provider_id="p", client_ref="ref", delivery=Delivery.QUEUED, flags=("repaired",),
    )  # fmt: skip
    after = erased_entry(entry)
    assert after == evolve(entry, text=ERASED, raw="", author_name=author, provider_id=None, client_ref=None)
    held = held_back(held_back(entry))
    assert (held.delivery, held.reason, held.flags) == (Delivery.FAILED, "cancelled", ("repaired", "left"))


def test_p20_an_upload_is_nobodys_and_past_its_time() -> None:
    file = Attachment(id="f1", name="Ana.pdf", kind="pdf", media_type="application/pdf", size=1, sha256="a" * 64)
    after = erased_upload(Upload(attachment=file, owner="client:c17", expires_us=5, entry_id="m1"))
    assert after == Upload(attachment=evolve(file, name="file"), owner=ERASED_OWNER, expires_us=0)


def test_p20_another_clients_conversation_no_longer_names_them() -> None:
    after = without_candidate(talk("a", candidates=BOTH, last_text="Hi"), "c17", 8)
    assert (after.candidates, after.version, after.change, after.last_text) == (BOTH[1:], 2, 8, "Hi")


def test_p20_traces_are_digits_and_addresses() -> None:
    known = [talk("a", client_email="ana@example.com"), talk("b")]
    assert traces_of((ANA, ANA), known) == (b"13035550123", b"ana@example.com")


def test_p07_a_number_on_the_list_is_opted_out_since_then() -> None:
    assert suppressed(ANA, 5) == Consent(address=ANA, opted_out=True, since_us=5)
    assert suppressed(ANA, None) == Consent(address=ANA)
    assert key_name("happy-paws") == "suppression:happy-paws"


def test_p20_the_report_names_what_is_kept_and_the_values_hide_the_person() -> None:
    assert len(KEPT) == 5
    shown = repr(evolve(ERASURE, numbers=(ANA,)))
    assert ANA not in shown
    assert "kkk" not in shown
