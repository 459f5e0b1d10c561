"""The store contract: practice A never sees, changes or infers anything of B, over every method of the port."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import attrs
import pytest
from attrs import evolve, frozen

from convokit.decisions import decide
from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.candidates import ClientChoice
from convokit.domain.client_notes import ClientNote
from convokit.domain.departments import Department
from convokit.domain.end_of_day import DayReport
from convokit.domain.erasure import Erased, Erasure
from convokit.domain.inbox import SORTS, InboxQuery
from convokit.domain.number_health import NumberHealth
from convokit.domain.planned_work import WorkPlan
from convokit.domain.search import terms
from convokit.effects import OwedEffect, SendMail
from convokit.errors import ConvokitError
from convokit.facts import TextArrived
from convokit.outcomes import Accepted
from convokit.ports.push import PushToken
from convokit.ports.store import Store
from convokit.testing.builders import ANA, LEASE, OURS, PROVIDER, Facts, practice, take
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_media import upload
from convokit.testing.store_payments import reported, requested

CANARY: Final = "canary-of-b"
PARKED: Final = "x-parked"
MARKED: Final = "+13035550127"
KNOWN: Final = Decision(
    health=NumberHealth(address=MARKED, reason="landline", since_us=1, entry_id=CANARY),
    choice=ClientChoice(address=ANA, client_id=CANARY, by_id="u1", by_name="Kim", at_us=1),
)
UPLOAD: Final = evolve(upload("f-of-b", name=CANARY), entry_id="m-of-b", owner=CANARY)
MAIL: Final = SendMail(mail_id="mail-of-b", because="end_of_day", to=(f"{CANARY}@example.com",))
PAYMENT: Final = "pay-of-b"
APP_TALK: Final = "c-app-of-b"
APP: Final = PushToken(id="app-of-b", transport="bell", value=CANARY, app=CANARY, keys={"k": CANARY}, registered_us=1)
PLAN: Final = WorkPlan(kind="end_of_day", due_us=2**50, planned_us=1)
DAY: Final = DayReport(
    day=date(2026, 3, 2), until=date(2026, 3, 2), state="not_sent", due_us=1, at_us=1, refused=(CANARY,), raw=CANARY
)
ERASURE: Final = Erasure(
    client_id=f"{CANARY}-app", numbers=(ANA, MARKED), at_us=1, by_id="u1", by_name="Kim", reason="asked", key=b"k" * 32
)


@frozen
class World:
    """Practices A and B with look-alike rows; B's carry canaries. ``text`` is B's inbound text, ``owed`` its reply."""

    a: Desk
    b: Desk
    text: TextArrived
    owed: OwedEffect

    @property
    def store(self) -> Store:
        """The store under test."""
        return self.a.store


Call = Callable[[World], object]

# For every method that is called for one practice: what A does with B's ids.
CALLS: Final[dict[str, Call]] = {
    "load": lambda w: [
        w.store.load(w.a.id, needs)
        for needs in (
            Needs(conversation_id=w.text.conversation_id, consent=True, beside=True),
            Needs(at=("sms", OURS, w.text.address), or_ended=True, consent=True, recent_us=w.b.facts.now_us),
            Needs(entry_id=w.text.entry_id, consent=True),
            Needs(effect_key=w.owed.key, consent=True),
            Needs(at=("sms", OURS, w.text.address), choice=True),
            Needs(job_key=MAIL.key, conversation_id=w.text.conversation_id),
            Needs(payment_id=PAYMENT, job_key=MAIL.key, consent=True),
            Needs(address=w.text.address, consent=True),
            Needs(conversation_id=APP_TALK, reach=True),
        )
    ],
    "commit": lambda w: [_commit_with_ids_of_b(w, fact) for fact in _facts_of_b(w)],
    "together": lambda w: _together_with_ids_of_b(w),  # noqa: PLW0108 - it stands below, for it looks into this table
    "load_for": lambda w: w.store.load_for(
        w.a.id, Needs(at=("sms", OURS, w.text.address), or_ended=True, consent=True), w.text.identity
    ),
    "seen": lambda w: w.store.seen(w.a.id, w.text.identity),
    "begin": lambda w: w.store.begin(w.a.id, w.owed.key, w.b.facts.now_us + LEASE, LEASE),
    "begin_job": lambda w: w.store.begin_job(w.a.id, MAIL.key, w.b.facts.now_us + LEASE, LEASE),
    "planned_work": lambda w: w.store.planned_work(w.a.id, PLAN.kind),
    "plan_work": lambda w: w.store.plan_work(w.a.id, evolve(PLAN, due_us=None, instead_of=PLAN.due_us)),
    "day_reports": lambda w: w.store.day_reports(w.a.id, 50),
    "in_flight": lambda w: w.store.in_flight(w.a.id, w.text.address),
    "attempt_of": lambda w: w.store.attempt_of(w.a.id, PROVIDER, "x-b"),
    "park": lambda w: w.store.park(w.a.id, "x-b", w.a.facts.reported(w.text.entry_id)),
    "parked": lambda w: w.store.parked(w.a.id, PROVIDER, PARKED),
    "forget_parked": lambda w: w.store.forget_parked(w.a.id, w.store.settled_parked(1)[0][1]),
    "orphans": lambda w: w.store.orphans(w.a.id, 2**62),
    "payment": lambda w: w.store.payment(w.a.id, PAYMENT),
    "payment_charged": lambda w: w.store.payment_charged(w.a.id, PROVIDER, f"{PAYMENT}-ev1"),
    "payments": lambda w: w.store.payments(w.a.id, w.text.conversation_id),
    "payments_between": lambda w: w.store.payments_between(w.a.id, 0, 2**62, after=None, limit=50),
    "conversation": lambda w: w.store.conversation(w.a.id, w.text.conversation_id),
    "latest_at": lambda w: w.store.latest_at(w.a.id, "sms", w.text.address),
    "inbox": lambda w: [
        w.store.inbox(w.a.id, InboxQuery(visible=visible), sort=sort, after=None, limit=50)
        for sort in SORTS
        for visible in (None, ("", CANARY))
    ],
    "history": lambda w: w.store.history(w.a.id, after=None, limit=50),
    "badges": lambda w: w.store.badges(w.a.id),
    "entries": lambda w: w.store.entries(w.a.id, w.text.conversation_id),
    "newest_entries": lambda w: w.store.newest_entries(w.a.id, w.text.conversation_id),
    "entry": lambda w: w.store.entry(w.a.id, w.text.entry_id),
    "changes": lambda w: w.store.changes(w.a.id, since=0, limit=50),
    "search": lambda w: [
        *(w.store.index_pending(name, 500) for name in (w.b.id, w.a.id)),
        *(w.store.search(w.a.id, terms(asked), after=None, limit=50) for asked in (CANARY, CANARY[:5], w.text.address)),
    ],
    "index_pending": lambda w: w.store.index_pending(w.a.id, 50),
    "app_waiting": lambda w: w.store.app_waiting(w.a.id, f"{CANARY}-app"),
    "app_conversations": lambda w: w.store.app_conversations(w.a.id, f"{CANARY}-app", limit=50),
    "newest_change": lambda w: w.store.newest_change(w.a.id),
    "consent": lambda w: w.store.consent(w.a.id, w.text.address),
    "ledger": lambda w: w.store.ledger(w.a.id, w.text.address),
    "add_media": lambda w: w.store.add_media(w.a.id, evolve(UPLOAD, owner="staff:u1")),
    "media": lambda w: w.store.media(w.a.id, UPLOAD.id),
    "revoke_links": lambda w: w.store.revoke_links(w.a.id, UPLOAD.entry_id or ""),
    "drop_media": lambda w: w.store.drop_media(w.a.id, UPLOAD, lambda _: None),
    "endpoint_for": lambda w: w.store.endpoint_for(w.a.id, PROVIDER, "token-of-a"),
    "keep_unreadable": lambda w: w.store.keep_unreadable(w.a.id, PROVIDER, b"of a", 1),
    "erase_client": lambda w: w.store.erase_client(w.a.id, ERASURE, lambda: "m-erased-at-a"),
    "practice": lambda w: w.store.practice(w.a.id),
    "number_health": lambda w: w.store.number_health(w.a.id, MARKED),
    "client_note": lambda w: w.store.client_note(w.a.id, "c17"),
    "put_client_note": lambda w: w.store.put_client_note(w.a.id, ClientNote(client_id="c17", version=1, text="of a")),
    "open_in_department": lambda w: w.store.open_in_department(w.a.id, "surgery"),
    "push_token": lambda w: w.store.push_token(w.a.id, APP.id),
    "push_tokens": lambda w: w.store.push_tokens(w.a.id, f"{CANARY}-app"),
    "put_push_token": lambda w: w.store.put_push_token(w.a.id, "c17", evolve(APP, id="app-of-a"), most=1),
    "drop_push_token": lambda w: w.store.drop_push_token(w.a.id, f"{CANARY}-app", APP.id),
    "put_practice": lambda w: w.store.put_practice(evolve(w.a.practice, name="A again")),
}

ACROSS: Final = {
    "practices": "the host's list of its tenants",
    "due": "the worker serves all practices; each effect names its own",
    "abandoned": "the worker serves all practices; each effect names its own",
    "due_work": "the worker serves all practices; each plan names its own",
    "due_jobs": "the worker serves all practices; each job names its own",
    "abandoned_jobs": "the worker serves all practices; each job names its own",
    "expired_media": "the worker serves all practices; each upload comes with its own",
    "secret": "a key of the whole database",
    "within": "lends the host's connection; what is asked inside names its practice",
    "listen": "hears of which practices there is news, and nothing of what it is",
    "carry": "is given the names of what a commit owes, which say the practice, for the engine's own tables",
    "settled_parked": "the worker serves all practices; each report comes with its own",
    "unsettled": "a number for the host's health page",
    "scrub": "cleans what lies beside the database; it reads no rows",
    "unindexed": "the worker serves all practices; it only learns which of them have something to do",
    "endpoint": "finds the practice that a webhook belongs to",
    "close": "ends everything",
}
"""Methods that are not about one practice, and why."""

# Answers that A gets although it asked with B's ids: they say nothing of B.
EMPTY: Final[dict[str, object]] = {
    "payment": None,
    "payment_charged": None,
    "payments": (),
    "payments_between": ((), None),
    "conversation": None,
    "entries": (),
    "newest_entries": (),
    "entry": None,
    "begin": None,
    "begin_job": None,
    "planned_work": None,
    "day_reports": (),
    "in_flight": 0,
    "attempt_of": None,
    "parked": (),
    "orphans": 0,
    "park": None,
    "media": None,
    "revoke_links": 0,
    "drop_media": False,
    "latest_at": None,
    "app_waiting": (),
    "app_conversations": (),
    "ledger": (),
    "number_health": NumberHealth(address=MARKED),
    "client_note": ClientNote(client_id="c17"),
    "put_client_note": True,
    "open_in_department": 0,
    "push_token": None,
    "push_tokens": (),
    "put_push_token": "app-of-a",
    "drop_push_token": False,
    "erase_client": Erased(numbers=2),
}


def _facts_of_b(w: World) -> list[TextArrived]:
    """A text at A that looks in every way like one that B has: same ids, same number, same provider's id."""
    return [evolve(w.text, text="of a"), evolve(w.text, text="of a", flags=("same_id_other_content",))]


def _commit_with_ids_of_b(w: World, fact: TextArrived) -> object:
    before, decision = w.a.decided(fact)
    try:
        stored = w.store.commit(w.a.id, before, fact, decision)
        late = w.a.facts.settled(w.owed.key, outcome=Accepted(provider_id="x-b"))
        theirs = w.store.load(w.b.id, Needs(effect_key=w.owed.key, consent=True))
        return stored, w.store.commit(w.a.id, theirs, late, decide(theirs, late, w.a.practice))
    except ConvokitError as error:
        return error


def _together_with_ids_of_b(w: World) -> list[object]:
    with w.store.together(w.a.id):
        return [CALLS[method](w) for method in ("commit", "load", "seen", "entries", "entry", "park")]


def world(store: Store) -> World:
    """A with one open conversation; B with texts, a reply in flight, an opt-out, a parked report and an endpoint."""
    desks = [Desk(store, practice(name), Facts()) for name in ("a", "b")]
    for desk in desks:
        store.put_practice(desk.practice)
    a, b = desks
    a.put(a.facts.arrived("of a", address="+13035550999"))
    text = evolve(b.facts.arrived(CANARY, address=ANA), conversation_id=f"c-{CANARY}", entry_id=f"m-{CANARY}")
    b.put(text)
    owed = b.owe(text.conversation_id)
    b.begin(owed.key)
    app = evolve(b.facts.started(address=f"{CANARY}-app", channel="app"), conversation_id=APP_TALK)
    b.put(app)
    store.put_push_token(b.id, f"{CANARY}-app", APP, most=1)
    b.put(b.facts.replied(app.conversation_id, CANARY))
    early = evolve(b.facts.reported(""), attempt=0, raw=CANARY)
    for provider_id in (PARKED, "x-b"):
        store.park(b.id, provider_id, early)
    b.owe_job(MAIL)
    b.plan(PLAN, DAY)
    b.put(requested(b.facts, text.conversation_id, PAYMENT, title=CANARY))
    b.put(reported(b.facts, PAYMENT))
    store.add_media(b.id, UPLOAD)
    store.commit(b.id, Before(), b.facts.settled("no-such-key"), KNOWN)
    store.put_client_note(b.id, ClientNote(client_id="c17", version=1, text=CANARY))
    surgery = evolve(b.practice, rules=evolve(b.practice.rules, departments=(Department(id="surgery", name="S"),)))
    store.put_practice(surgery)
    take(store, surgery, evolve(b.facts.started(address="+13035550128"), department="surgery"))
    sent = b.owe(b.open("+13035550125").id)
    b.begin(sent.key)
    b.put(b.facts.settled(sent.key, outcome=Accepted(provider_id="x-b")))
    b.put(b.facts.opted_out(text.conversation_id, address=text.address))
    store.endpoint_for(b.id, PROVIDER, f"token-{CANARY}")
    return World(a, b, text, owed)


def everything_of(desk: Desk) -> list[object]:
    """All that a practice can read of itself."""
    store, name = desk.store, desk.id
    inbox, _ = store.inbox(name, InboxQuery(), sort="urgency", after=None, limit=200)
    history, _ = store.history(name, after=None, limit=200)
    return [
        store.practice(name),
        inbox,
        history,
        store.badges(name),
        store.changes(name, since=0, limit=200),
        [store.entries(name, c.id) for c in (*inbox, *history)],
        [(store.consent(name, c.address), store.ledger(name, c.address)) for c in (*inbox, *history)],
        store.parked(name, PROVIDER, PARKED),
        [report for practice_id, report in store.settled_parked(200) if practice_id == name],
        store.attempt_of(name, PROVIDER, "x-b"),
        store.payments_between(name, 0, 2**62, after=None, limit=200),
        (store.planned_work(name, PLAN.kind), store.day_reports(name, 50)),
        store.media(name, UPLOAD.id),
        store.push_tokens(name, f"{CANARY}-app"),
        (store.number_health(name, MARKED), store.client_note(name, "c17"), store.open_in_department(name, "surgery")),
        store.load(name, Needs(at=("sms", OURS, ANA), choice=True)).choice,
        [job for job in (*store.due_jobs(2**60, 200), *store.abandoned_jobs(2**60, 200)) if job.practice == name],
        [owed for owed in (*store.due(2**60, 200), *store.abandoned(2**60, 200)) if owed.practice == name],
        store.endpoint_for(name, PROVIDER, "unused"),
    ]


def seen(value: object) -> str:
    """Everything in a value as text, hidden fields and errors included."""
    if isinstance(value, ConvokitError):
        return f"{value!r} {value.message} {value.field} {value.limit}"
    if isinstance(value, (tuple, list)):
        return " ".join(map(seen, value))
    kind = type(value)
    if attrs.has(kind):
        return " ".join(seen(getattr(value, cell.name)) for cell in attrs.fields(kind))
    return repr(value)


def methods_of_the_port() -> set[str]:
    """Every method of the protocol."""
    members = {name: value for kind in reversed(Store.__mro__) for name, value in vars(kind).items()}
    return {name for name, value in members.items() if callable(value) and not name.startswith("_")}


class IsolationCases(StoreCases):
    """Every method, called by A with B's ids."""

    def test_p10_the_table_names_every_method(self) -> None:
        assert methods_of_the_port() == CALLS.keys() | ACROSS.keys()

    @pytest.mark.parametrize("method", sorted(CALLS))
    def test_p10_a_with_the_ids_of_b_sees_and_changes_nothing_of_b(self, store: Store, method: str) -> None:
        made = world(store)
        before = everything_of(made.b)
        assert CANARY in seen(before)
        answer = CALLS[method](made)
        asked = seen(answer)
        # A's own request carries B's ids; what it did not know must not come back.
        for known in (made.text.conversation_id, made.text.entry_id):
            asked = asked.replace(known, "")
        assert CANARY not in asked
        if method in EMPTY:
            assert answer == EMPTY[method]
        assert everything_of(made.b) == before

    def test_p10_the_same_ids_at_two_practices_are_two_things(self, store: Store) -> None:
        desks = [Desk(store, practice(name), Facts()) for name in ("a", "b")]
        for desk in desks:
            store.put_practice(desk.practice)
            fact = desk.facts.arrived(f"of {desk.id}", provider_id="same")
            desk.put(fact)
            desk.put(desk.facts.replied(fact.conversation_id, f"reply of {desk.id}", client_ref="same"))
            begun = desk.begin(store.due(desk.facts.now_us, 10)[0].key)
            assert begun.practice == desk.id
            desk.put(desk.facts.settled(begun.key, outcome=Accepted(provider_id="same")))
            assert store.endpoint_for(desk.id, PROVIDER, f"token-{desk.id}").token == f"token-{desk.id}"
        for desk in desks:
            inbox, _ = store.inbox(desk.id, InboxQuery(), sort="urgency", after=None, limit=10)
            texts = [entry.text for entry in store.entries(desk.id, inbox[0].id)]
            assert texts == [f"of {desk.id}", f"reply of {desk.id}"]
            assert store.changes(desk.id, since=0, limit=10)[0].number == 3

    def test_p10_an_opt_out_at_one_practice_does_not_touch_the_other(self, store: Store) -> None:
        made = world(store)
        assert store.consent(made.b.id, ANA).opted_out
        assert not store.consent(made.a.id, ANA).opted_out
        made.a.begin(made.a.owe(made.a.open(ANA).id).key)
