"""The store contract: attachments, from the upload to the message, and back to nothing."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.decisions.base import FilesChange
from convokit.domain.attachment import STAGED_FOR, Attachment, Upload
from convokit.errors import Conflict, NotFound, StorageError
from convokit.facts import MediaFetched, TextArrived
from convokit.outcomes import Accepted
from convokit.ports.store import Committed, SeenBefore, Store
from convokit.testing.builders import LEASE, START, Facts, practice
from convokit.testing.store_base import Desk, StoreCases


def upload(file_id: str = "f1", *, name: str = "Labs.pdf", sha256: str = "a" * 64, thumbnail: str = "") -> Upload:
    """A staged PDF."""
    file = Attachment(
        id=file_id,
        name=name,
        kind="pdf",
        media_type="application/pdf",
        size=1234,
        sha256=sha256,
        thumbnail=thumbnail,
        flags=("active_content",),
    )
    return Upload(attachment=file, owner="staff:u1", expires_us=START + STAGED_FOR)


class MediaCases(StoreCases):
    """Uploads, messages with files, links and secrets."""

    def test_an_upload_comes_back_as_it_was(self, desk: Desk) -> None:
        whole = upload()
        desk.store.add_media(desk.id, whole)
        assert desk.store.media(desk.id, "f1") == whole
        assert desk.store.media(desk.id, "f2") is None

    def test_an_id_is_one_uploads(self, desk: Desk) -> None:
        desk.store.add_media(desk.id, upload())
        with pytest.raises(Conflict) as caught:
            desk.store.add_media(desk.id, upload())
        assert caught.value.code == "id.taken"

    def test_a_message_has_its_files(self, desk: Desk) -> None:
        files = tuple(upload(f"f{n}", name=f"{n} ü \u202e.pdf").attachment for n in range(3))
        for file in files:
            desk.store.add_media(desk.id, evolve(upload(), attachment=file))
        fact = evolve(desk.facts.replied(desk.open().id, ""), attachments=files)
        desk.put(fact)
        assert desk.entry(fact.entry_id).attachments == files
        assert desk.conversation(fact.conversation_id).last_text == "[3 PDFs]"
        for file in files:
            assert desk.store.media(desk.id, file.id) == evolve(upload(), attachment=file, entry_id=fact.entry_id)

    def test_p15_an_upload_is_in_one_message_only(self, desk: Desk) -> None:
        desk.store.add_media(desk.id, upload())
        talk, files = desk.open().id, (upload().attachment,)
        first = evolve(desk.facts.replied(talk, client_ref="r"), attachments=files)
        desk.put(first)
        with pytest.raises(Conflict) as caught:
            desk.take(evolve(desk.facts.replied(talk), attachments=files))
        assert caught.value.code == "upload.used"
        assert len(desk.store.entries(desk.id, talk)) == 2
        assert isinstance(desk.take(evolve(first, entry_id="again")), SeenBefore)

    def test_p15_an_upload_of_another_practice_is_unknown(self, store: Store) -> None:
        a, b = (Desk(store, practice(name), Facts()) for name in "ab")
        for desk in (a, b):
            store.put_practice(desk.practice)
        store.add_media(b.id, upload())
        talk = a.open().id
        with pytest.raises(NotFound) as caught:
            a.take(evolve(a.facts.replied(talk), attachments=(upload().attachment,)))
        assert caught.value.code == "upload.unknown"
        assert len(store.entries(a.id, talk)) == 1
        assert store.media(b.id, "f1") == upload()

    def test_what_a_carrier_has_still_to_deliver_is_no_upload(self, desk: Desk) -> None:
        waiting = evolve(upload().attachment, state="waiting", media_type="", size=0, sha256="")
        fact = evolve(desk.facts.arrived(), attachments=(waiting,))
        desk.put(fact)
        assert desk.entry(fact.entry_id).attachments == (waiting,)

    def test_what_was_fetched_takes_its_place(self, desk: Desk) -> None:
        waiting = evolve(upload().attachment, id="w1", state="waiting", media_type="", size=0, sha256="")
        other = evolve(waiting, id="w2")
        fact = evolve(desk.facts.arrived(), attachments=(waiting, other), media=(("w1", "https://x/1", ""),))
        desk.put(fact)
        key, fence = self._begin_fetch(desk)
        came = upload("f9")
        desk.store.add_media(desk.id, came)
        desk.put(self._fetched(desk, fact, key, fence, came.attachment))
        assert desk.entry(fact.entry_id).attachments == (came.attachment, other)
        assert desk.store.media(desk.id, "f9") == evolve(came, entry_id=fact.entry_id)
        assert desk.store.due_jobs(2**60, 10) == ()
        late = desk.take(self._fetched(desk, fact, key, fence, upload("f10").attachment))
        assert late == Committed(change=0)
        assert desk.entry(fact.entry_id).attachments == (came.attachment, other)

    def test_what_was_never_uploaded_takes_nobodys_place(self, desk: Desk) -> None:
        waiting = evolve(upload().attachment, id="w1", state="waiting", media_type="", size=0, sha256="")
        fact = evolve(desk.facts.arrived(), attachments=(waiting,), media=(("w1", "https://x/1", ""),))
        desk.put(fact)
        key, fence = self._begin_fetch(desk)
        with pytest.raises(NotFound) as caught:
            desk.take(self._fetched(desk, fact, key, fence, upload("f9").attachment))
        assert caught.value.code == "upload.unknown"
        assert desk.entry(fact.entry_id).attachments == (waiting,)

    def test_files_of_no_message_cannot_change(self, desk: Desk) -> None:
        fact = desk.facts.arrived()
        before, decision = desk.decided(fact)
        wrong = evolve(decision, files=FilesChange(entry_id="no-such-message", attachments=()))
        with pytest.raises(NotFound) as caught:
            desk.commit(fact, (before, wrong))
        assert caught.value.code == "message.unknown"
        assert desk.store.conversation(desk.id, fact.conversation_id) is None

    def _begin_fetch(self, desk: Desk) -> tuple[str, int]:
        (job,) = desk.store.due_jobs(desk.facts.now_us, 10)
        begun = desk.store.begin_job(desk.id, job.key, desk.facts.now_us, LEASE)
        assert begun is not None
        return job.key, begun.tries

    def _fetched(self, desk: Desk, fact: TextArrived, key: str, tries: int, file: Attachment) -> MediaFetched:
        return MediaFetched(
            key=key,
            tries=tries,
            outcome=Accepted(),
            at_us=desk.facts.now_us,
            conversation_id=fact.conversation_id,
            entry_id=fact.entry_id,
            attachment_id="w1",
            attachment=file,
        )

    def test_links_are_revoked_by_message(self, desk: Desk) -> None:
        desk.store.add_media(desk.id, upload())
        desk.store.add_media(desk.id, upload("f2"))
        fact = evolve(desk.facts.replied(desk.open().id), attachments=(upload().attachment,))
        desk.put(fact)
        assert desk.store.revoke_links(desk.id, fact.entry_id) == 1
        assert desk.store.revoke_links(desk.id, fact.entry_id) == 1
        assert desk.store.revoke_links(desk.id, "no-such-message") == 0
        found = [desk.store.media(desk.id, file) for file in ("f1", "f2")]
        assert [one.revoked for one in found if one is not None] == [2, 0]

    def test_only_what_is_in_no_message_expires(self, desk: Desk) -> None:
        for n in range(3):
            desk.store.add_media(desk.id, evolve(upload(f"f{n}"), expires_us=START - n))
        desk.put(evolve(desk.facts.replied(desk.open().id), attachments=(upload("f1").attachment,)))
        assert [(who, one.id) for who, one in desk.store.expired_media(START, 10)] == [(desk.id, "f2"), (desk.id, "f0")]
        assert [one.id for _, one in desk.store.expired_media(START, 1)] == ["f2"]
        assert desk.store.expired_media(START - 3, 10) == ()

    def test_a_file_is_forgotten_with_its_last_upload(self, desk: Desk) -> None:
        small, other = "b" * 64, "c" * 64
        uploads = [upload("f1", thumbnail=small), upload("f2", thumbnail=small), upload("f3", sha256=other)]
        for one in uploads:
            desk.store.add_media(desk.id, one)
        gone: list[tuple[str, ...]] = []
        for one in uploads:
            assert desk.store.drop_media(desk.id, one, gone.append)
            assert desk.store.media(desk.id, one.id) is None
        assert gone == [(), ("a" * 64, small), (other,)]
        assert not desk.store.drop_media(desk.id, uploads[0], gone.append)

    def test_an_upload_that_was_sent_meanwhile_stays(self, desk: Desk) -> None:
        desk.store.add_media(desk.id, upload())
        ((_, seen),) = desk.store.expired_media(START + STAGED_FOR, 10)
        desk.put(evolve(desk.facts.replied(desk.open().id), attachments=(upload().attachment,)))
        gone: list[tuple[str, ...]] = []
        assert not desk.store.drop_media(desk.id, seen, gone.append)
        assert gone == []
        assert desk.store.media(desk.id, "f1") is not None

    def test_what_cannot_be_forgotten_is_not_dropped(self, desk: Desk) -> None:
        def full(addresses: tuple[str, ...]) -> None:
            raise StorageError("media.failed", "the disk does not answer")

        desk.store.add_media(desk.id, upload())
        with pytest.raises(StorageError):
            desk.store.drop_media(desk.id, upload(), full)
        assert desk.store.media(desk.id, "f1") == upload()

    def test_a_secret_is_made_once(self, store: Store) -> None:
        assert store.secret("media links", b"first") == b"first"
        assert store.secret("media links", b"second") == b"first"
        assert store.secret("others", b"third") == b"third"
