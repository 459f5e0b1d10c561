"""The store contract: jobs, what is owed besides texts; their leases and fences."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.decisions.base import Before, Decision, JobSettlement, Needs
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.effects import FileTranscript, OwedJob, PollCarrier, SendMail
from convokit.errors import Conflict, NotFound
from convokit.ports.store import Committed, Stale, Store
from convokit.testing.builders import LEASE, Facts, practice
from convokit.testing.store_base import Desk, StoreCases


def mail(mail_id: str, **given: object) -> SendMail:
    """A mail with two recipients."""
    made = SendMail(mail_id=mail_id, because="end_of_day", to=("front@example.com", "büro@example.com"))
    return evolve(made, **given)  # type: ignore[arg-type]  # fields of a mail, as the cases name them


def settle(desk: Desk, job: OwedJob, again_us: int | None = None) -> object:
    """Commit the end of an attempt."""
    settlement = JobSettlement(key=job.key, tries=job.tries, again_us=again_us)
    fact = desk.facts.settled("no-such-key")
    return desk.store.commit(desk.id, Before(), fact, Decision(job_settlement=settlement))


class JobCases(StoreCases):
    """A job is done once at a time, and comes back when its worker died."""

    def test_a_job_is_owed_and_due_at_once(self, desk: Desk) -> None:
        job = mail("m1", because="transcript", conversation_id="c1", not_after_us=9)
        owed = desk.owe_job(job)
        assert owed == OwedJob(job=job, practice=desk.id, state="owed", tries=0, owed_us=owed.owed_us, due_us=0)
        assert desk.store.due_jobs(desk.facts.now_us, 10) == (owed,)
        assert desk.store.due_jobs(desk.facts.now_us, 0) == ()
        assert desk.store.due(desk.facts.now_us, 10) == ()  # it is no text
        assert desk.store.load(desk.id, Needs(job_key="unknown")) == Before()

    @pytest.mark.parametrize("ended_us", [None, 1_800_000_000_000_000])
    def test_a_transcript_to_file_is_kept_as_it_was_owed(self, desk: Desk, ended_us: int | None) -> None:
        job = FileTranscript(
            document_id="c1-7",
            conversation_id="c1",
            upto_seq=7,
            ended_us=ended_us,
            format="html",
            because="asked",
            by_id="u1",
            by_name="Dr. Kim \u2713",
        )
        owed = desk.owe_job(job)
        assert owed.job == job
        begun = desk.store.begin_job(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert begun is not None
        settle(desk, begun, desk.facts.now_us + MINUTE)
        (again,) = desk.store.due_jobs(desk.facts.now_us + MINUTE, 10)
        assert (again.job, again.tries) == (job, 1)

    def test_a_job_is_loaded_with_its_conversation(self, desk: Desk) -> None:
        known = desk.open()
        owed = desk.owe_job(mail("m1", conversation_id=known.id))
        before = desk.store.load(desk.id, Needs(job_key=owed.key, conversation_id=known.id))
        assert (before.job, before.conversation) == (owed, known)

    def test_a_job_goes_on_as_another_under_its_key(self, desk: Desk) -> None:
        first = PollCarrier(provider="carrier", first_us=1, since_us=2)
        owed = desk.owe_job(first)
        now = desk.facts.now_us
        begun = desk.store.begin_job(desk.id, owed.key, now, LEASE)
        assert begun is not None
        second = evolve(first, since_us=now)
        settlement = JobSettlement(key=owed.key, tries=begun.tries, again_us=now + MINUTE, instead=second)
        fact = desk.facts.settled("no-such-key")
        decision = Decision(job_settlement=settlement)
        assert isinstance(desk.store.commit(desk.id, Before(), fact, decision), Committed)
        assert desk.store.due_jobs(now, 10) == ()
        (again,) = desk.store.due_jobs(now + MINUTE, 10)
        assert (again.job, again.state, again.tries, again.owed_us) == (second, "owed", 1, owed.owed_us)
        assert desk.store.commit(desk.id, Before(), fact, decision) == Stale()
        assert desk.store.load(desk.id, Needs(job_key=owed.key)).job == again

    def test_the_same_job_is_not_owed_twice(self, desk: Desk) -> None:
        desk.owe_job(mail("m1"))
        with pytest.raises(Conflict) as caught:
            desk.owe_job(mail("m1"))
        assert caught.value.code == "id.taken"
        desk.owe_job(mail("m1", attempt=2))

    def test_jobs_of_all_practices_oldest_first(self, store: Store, desk: Desk) -> None:
        store.put_practice(practice("second"))
        second = Desk(store, practice("second"), Facts())
        made = {(d.id, d.owe_job(mail("same")).key) for d in (desk, second)}
        due = store.due_jobs(desk.facts.now_us, 10)
        assert {(o.practice, o.key) for o in due} == made
        assert len(store.due_jobs(desk.facts.now_us, 1)) == 1
        assert [o.practice for o in store.due_jobs(desk.facts.now_us, 10, ["second"])] == [desk.id]
        assert store.due_jobs(desk.facts.now_us, 10, {"second", desk.id}) == ()
        assert store.due_jobs(desk.facts.now_us - 2 * 24 * HOUR, 10, {"second", desk.id}) == ()

    def test_begin_takes_the_lease_once(self, desk: Desk) -> None:
        owed = desk.owe_job(mail("m1"))
        now = desk.facts.now_us
        begun = desk.store.begin_job(desk.id, owed.key, now, LEASE)
        assert begun == evolve(owed, state="begun", tries=1, begun_us=now, lease_us=now + LEASE)
        assert desk.store.begin_job(desk.id, owed.key, now + 2 * LEASE, LEASE) is None
        assert desk.store.begin_job(desk.id, "unknown.1", now, LEASE) is None
        assert desk.store.due_jobs(now, 10) == ()
        with pytest.raises(NotFound):
            desk.store.begin_job("nobody", owed.key, now, LEASE)

    def test_a_settled_job_is_done(self, desk: Desk) -> None:
        owed = desk.owe_job(mail("m1"))
        begun = desk.store.begin_job(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert begun is not None
        assert isinstance(settle(desk, begun), Committed)
        assert desk.store.load(desk.id, Needs(job_key=owed.key)).job == evolve(begun, state="done", lease_us=None)
        assert desk.store.due_jobs(desk.facts.now_us + HOUR, 10) == ()
        assert desk.store.abandoned_jobs(desk.facts.now_us + HOUR, 10) == ()
        assert settle(desk, begun) == Stale()

    def test_a_job_that_is_tried_again_waits_until_then(self, desk: Desk) -> None:
        owed = desk.owe_job(mail("m1"))
        now = desk.facts.now_us
        begun = desk.store.begin_job(desk.id, owed.key, now, LEASE)
        assert begun is not None
        settle(desk, begun, now + MINUTE)
        assert desk.store.due_jobs(now + MINUTE - 1, 10) == ()
        assert desk.store.begin_job(desk.id, owed.key, now, LEASE) is None
        again = desk.store.due_jobs(now + MINUTE, 10)[0]
        assert again == evolve(begun, state="owed", due_us=now + MINUTE, lease_us=None)
        assert settle(desk, begun) == Stale()
        second = desk.store.begin_job(desk.id, owed.key, now + MINUTE, LEASE)
        assert second is not None
        assert second.tries == 2
        assert settle(desk, begun) == Stale()  # the fence: the first worker woke up late
        assert isinstance(settle(desk, second), Committed)

    @pytest.mark.parametrize("back", [MINUTE + 1, HOUR, 365 * DAY])
    def test_p21_no_job_waits_for_a_clock_that_went_back(self, desk: Desk, back: int) -> None:
        owed = desk.owe_job(mail("m1"))
        now = desk.facts.now_us
        begun = desk.store.begin_job(desk.id, owed.key, now, LEASE)
        assert begun is not None
        assert desk.store.abandoned_jobs(now, 10) == ()
        assert desk.store.abandoned_jobs(now - back, 10) == (begun,)
        settle(desk, begun, now + HOUR)
        assert [job.key for job in desk.store.due_jobs(now - back, 10)] == [owed.key]
        assert desk.store.begin_job(desk.id, owed.key, now - back, LEASE) is not None

    def test_p04_a_job_whose_worker_died_is_abandoned(self, desk: Desk) -> None:
        owed = desk.owe_job(mail("m1"))
        now = desk.facts.now_us
        begun = desk.store.begin_job(desk.id, owed.key, now, LEASE)
        assert begun is not None
        assert desk.store.abandoned_jobs(now + LEASE - 1, 10) == ()
        assert desk.store.abandoned_jobs(now + LEASE, 10) == (begun,)
        assert desk.store.abandoned_jobs(now + LEASE, 0) == ()
