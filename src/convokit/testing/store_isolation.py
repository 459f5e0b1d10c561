"""The store contract: practice A never sees, changes or infers anything of B, over every method of the port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
import pytest
from attrs import evolve, frozen

from convokit.decisions import decide
from convokit.decisions.base import Needs
from convokit.domain.inbox import InboxQuery
from convokit.effects import OwedEffect
from convokit.errors import ConvokitError
from convokit.facts import TextArrived
from convokit.outcomes import Accepted
from convokit.ports.store import Store
from convokit.testing.builders import ANA, LEASE, OURS, PROVIDER, Facts, practice
from convokit.testing.store_base import Desk, StoreCases

CANARY: Final = "canary-of-b"
PARKED: Final = "x-parked"


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
            Needs(at=("sms", OURS, w.text.address), or_ended=True, consent=True),
            Needs(entry_id=w.text.entry_id, consent=True),
            Needs(effect_key=w.owed.key, consent=True),
            Needs(address=w.text.address, consent=True),
        )
    ],
    "commit": lambda w: [_commit_with_ids_of_b(w, fact) for fact in _facts_of_b(w)],
    "seen": lambda w: w.store.seen(w.a.id, w.text.identity),
    "begin": lambda w: w.store.begin(w.a.id, w.owed.key, w.b.facts.now_us + LEASE, LEASE),
    "reopen_effect": lambda w: w.store.reopen_effect(w.a.id, w.owed.key, 1, w.b.facts.now_us + 2 * LEASE),
    "in_flight": lambda w: w.store.in_flight(w.a.id, w.text.address),
    "attempt_of": lambda w: w.store.attempt_of(w.a.id, PROVIDER, "x-b"),
    "park": lambda w: w.store.park(w.a.id, "x-b", w.a.facts.reported(w.text.entry_id)),
    "parked": lambda w: w.store.parked(w.a.id, PROVIDER, PARKED),
    "forget_parked": lambda w: w.store.forget_parked(w.a.id, w.store.settled_parked(1)[0][1]),
    "conversation": lambda w: w.store.conversation(w.a.id, w.text.conversation_id),
    "latest_at": lambda w: w.store.latest_at(w.a.id, "sms", w.text.address),
    "inbox": lambda w: [
        w.store.inbox(w.a.id, InboxQuery(), by_urgency=by_urgency, after=None, limit=50) for by_urgency in (True, False)
    ],
    "history": lambda w: w.store.history(w.a.id, after=None, limit=50),
    "badges": lambda w: w.store.badges(w.a.id),
    "entries": lambda w: w.store.entries(w.a.id, w.text.conversation_id),
    "newest_entries": lambda w: w.store.newest_entries(w.a.id, w.text.conversation_id),
    "entry": lambda w: w.store.entry(w.a.id, w.text.entry_id),
    "changes": lambda w: w.store.changes(w.a.id, since=0, limit=50),
    "app_waiting": lambda w: w.store.app_waiting(w.a.id, f"{CANARY}-app"),
    "consent": lambda w: w.store.consent(w.a.id, w.text.address),
    "ledger": lambda w: w.store.ledger(w.a.id, w.text.address),
    "endpoint_for": lambda w: w.store.endpoint_for(w.a.id, PROVIDER, "token-of-a"),
    "keep_unreadable": lambda w: w.store.keep_unreadable(w.a.id, PROVIDER, b"of a", 1),
    "practice": lambda w: w.store.practice(w.a.id),
    "put_practice": lambda w: w.store.put_practice(evolve(w.a.practice, name="A again")),
}

ACROSS: Final = {
    "practices": "the host's list of its tenants",
    "due": "the worker serves all practices; each effect names its own",
    "abandoned": "the worker serves all practices; each effect names its own",
    "settled_parked": "the worker serves all practices; each report comes with its own",
    "unsettled": "a number for the host's health page",
    "endpoint": "finds the practice that a webhook belongs to",
    "close": "ends everything",
}
"""Methods that are not about one practice, and why."""

# Answers that A gets although it asked with B's ids: they say nothing of B.
EMPTY: Final[dict[str, object]] = {
    "conversation": None,
    "entries": (),
    "newest_entries": (),
    "entry": None,
    "begin": None,
    "reopen_effect": False,
    "in_flight": 0,
    "attempt_of": None,
    "parked": (),
    "park": None,
    "latest_at": None,
    "app_waiting": (),
    "ledger": (),
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
    app = b.facts.started(address=f"{CANARY}-app", channel="app")
    b.put(app)
    b.put(b.facts.replied(app.conversation_id, CANARY))
    early = evolve(b.facts.reported(""), attempt=0, raw=CANARY)
    for provider_id in (PARKED, "x-b"):
        store.park(b.id, provider_id, early)
    sent = b.owe(b.open("+13035550125").id)
    b.begin(sent.key)
    b.put(b.facts.settled(sent.key, outcome=Accepted(provider_id="x-b")))
    b.put(b.facts.opted_out(text.conversation_id, address=text.address))
    store.endpoint_for(b.id, PROVIDER, f"token-{CANARY}")
    return World(a, b, text, owed)


def everything_of(desk: Desk) -> list[object]:
    """All that a practice can read of itself."""
    store, name = desk.store, desk.id
    inbox, _ = store.inbox(name, InboxQuery(), by_urgency=True, after=None, limit=200)
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
    return {name for name, value in vars(Store).items() if callable(value) and not name.startswith("_")}


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
            inbox, _ = store.inbox(desk.id, InboxQuery(), by_urgency=True, after=None, limit=10)
            texts = [entry.text for entry in store.entries(desk.id, inbox[0].id)]
            assert texts == [f"of {desk.id}", f"reply of {desk.id}"]
            assert store.changes(desk.id, since=0, limit=10)[0].number == 3

    def test_p10_an_opt_out_at_one_practice_does_not_touch_the_other(self, store: Store) -> None:
        made = world(store)
        assert store.consent(made.b.id, ANA).opted_out
        assert not store.consent(made.a.id, ANA).opted_out
        made.a.begin(made.a.owe(made.a.open(ANA).id).key)
