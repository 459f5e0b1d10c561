"""Departments: where a conversation begins, moves, comes back to, and who is kept from it."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import NOW, OURS, PRACTICE, arrived, conversation, started

from convokit.decisions import NOTHING, Before, decide
from convokit.decisions.departments import refuse_hidden
from convokit.domain.department_rules import all_departments, department, dropped, home
from convokit.domain.departments import FRONT_DESK, Department
from convokit.domain.instant import HOUR
from convokit.domain.rules import Practice, Rules
from convokit.errors import Conflict, InvalidInput, NotFound
from convokit.facts import ConsentRecorded, ConversationMoved, ConversationRestarted, Fact, MarkedUnread

SURGERY = Department(id="surgery", name="Surgery", in_app=False)
DENTAL = Department(id="dental", name="Dental")
WITH = evolve(PRACTICE, rules=Rules(departments=(SURGERY, DENTAL)))


def moved(goal: str = "surgery") -> ConversationMoved:
    return ConversationMoved(
        conversation_id="c_1", entry_id="m_e", at_us=NOW, department=goal, by_id="u1", by_name="Dr. Kim"
    )


def restarted() -> ConversationRestarted:
    return ConversationRestarted(conversation_id="c_1", entry_id="m_e", at_us=NOW, by_id="u1", by_name="Dr. Kim")


def test_the_default_department_comes_first_whatever_the_rules_say() -> None:
    assert all_departments(Rules()) == (FRONT_DESK,)
    assert all_departments(WITH.rules) == (FRONT_DESK, SURGERY, DENTAL)
    named = Department(id="", name="Reception")
    assert all_departments(Rules(departments=(SURGERY, named))) == (named, SURGERY)
    assert department(WITH.rules, "dental") == DENTAL
    assert department(WITH.rules, "gone") is None


def test_what_new_rules_drop() -> None:
    named = evolve(WITH.rules, departments=(Department(id="", name="Reception"), SURGERY, DENTAL))
    assert dropped(named, Rules(departments=(DENTAL,))) == (SURGERY,)
    assert dropped(Rules(), WITH.rules) == ()


def test_home_is_the_default_department_where_the_own_one_is_gone() -> None:
    assert (home(WITH.rules, "dental"), home(WITH.rules, "gone"), home(WITH.rules, "")) == ("dental", "", "")


def test_a_conversation_starts_in_its_department() -> None:
    after = decide(Before(), started(department="surgery"), WITH).conversation
    assert after is not None
    assert after.department == "surgery"
    with pytest.raises(InvalidInput) as caught:
        decide(Before(), started(department="gone"), WITH)
    assert caught.value.code == "department.unknown"


@pytest.mark.parametrize("ended", [False, True])
def test_a_move_is_told_in_the_timeline_in_every_state(ended: bool) -> None:
    decision = decide(Before(conversation=conversation(ended=ended)), moved(), WITH)
    after = decision.conversation
    assert after is not None
    assert (after.department, after.version, after.last_seq, after.ended) == ("surgery", 2, 2, ended)
    assert [(e.event, e.text, e.author_id) for e in decision.entries] == [
        ("moved", "Dr. Kim moved the conversation to Surgery.", "u1")
    ]


def test_a_move_to_where_it_is_changes_nothing() -> None:
    assert decide(Before(conversation=conversation(department="surgery")), moved(), WITH) == NOTHING


def test_a_move_to_nowhere_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        decide(Before(conversation=conversation()), moved("gone"), WITH)
    assert caught.value.code == "department.unknown"
    with pytest.raises(NotFound):
        decide(Before(), moved(), WITH)


@pytest.mark.parametrize(("practice", "department"), [(WITH, "surgery"), (PRACTICE, "")])
def test_what_is_opened_again_is_in_its_department_or_in_the_default_one(practice: Practice, department: str) -> None:
    ended = Before(conversation=conversation(ended=True, ended_us=NOW - HOUR, department="surgery"))
    for fact in (restarted(), arrived()):
        after = decide(ended, fact, practice).conversation
        assert after is not None
        assert (after.id, after.department) == ("c_1", department)


def test_a_text_of_a_client_who_writes_first_goes_to_the_default_department() -> None:
    for before in (Before(), Before(conversation=conversation(ended=True, ended_us=1, department="surgery"))):
        after = decide(before, arrived(), WITH).conversation
        assert after is not None
        assert (after.id, after.department) == ("c_new", "")


@pytest.mark.parametrize(
    ("found", "goal"),
    [
        (None, ("c_new", "dental")),
        (conversation(channel="app", department="surgery"), ("c_1", "surgery")),
        (conversation(channel="app", ended=True, ended_us=NOW - HOUR, department="surgery"), ("c_new", "dental")),
        (conversation(channel="app", ended=True, ended_us=NOW - HOUR, department="dental"), ("c_1", "dental")),
    ],
)
def test_the_department_that_a_client_chose_in_the_app(found: object, goal: tuple[str, str]) -> None:
    before = Before(conversation=found)  # type: ignore[arg-type]  # a table of states
    after = decide(before, arrived(channel="app", sender="app", address="c17", department="dental"), WITH).conversation
    assert after is not None
    assert (after.id, after.department) == goal


HIDDEN = conversation(department="surgery")
SEEN = conversation(department="dental")
CONSENT = ConsentRecorded(
    address="+13035550123", entry_id="m", at_us=NOW, action="opt_out", by_id="u1", by_name="Kim", reason="asked"
)
UNREAD = MarkedUnread(conversation_id="c_1", at_us=NOW)


@pytest.mark.parametrize(
    ("before", "fact"),
    [
        (Before(conversation=SEEN), UNREAD),
        (Before(), UNREAD),
        (Before(), started(sender=OURS)),
        (Before(conversation=SEEN, open_beside=evolve(SEEN, id="c_2")), restarted()),
        (Before(conversation=HIDDEN), CONSENT),
    ],
)
def test_p10_a_desk_may_do_what_concerns_no_hidden_conversation(before: Before, fact: Fact) -> None:
    refuse_hidden(before, fact, frozenset({"dental"}))


def test_p10_a_hidden_conversation_is_not_there() -> None:
    with pytest.raises(NotFound) as caught:
        refuse_hidden(Before(conversation=HIDDEN), UNREAD, frozenset({"dental"}))
    with pytest.raises(NotFound) as unknown:
        _ = Before().found
    assert (caught.value.code, str(caught.value)) == (unknown.value.code, str(unknown.value))


@pytest.mark.parametrize(
    ("before", "fact"),
    [
        (Before(conversation=HIDDEN), started()),
        (Before(conversation=SEEN, open_beside=evolve(HIDDEN, id="c_2")), restarted()),
    ],
)
def test_p10_a_taken_address_is_told_without_the_conversation(before: Before, fact: Fact) -> None:
    with pytest.raises(Conflict) as caught:
        refuse_hidden(before, fact, frozenset({"dental"}))
    assert caught.value.code == "conversation.already_open"
    assert not {"c_1", "c_2", "surgery"} & set(str(caught.value).replace(",", " ").split())


def test_p10_a_hidden_conversation_that_ended_does_not_keep_a_client_out() -> None:
    ended = evolve(HIDDEN, ended=True, ended_us=NOW)
    refuse_hidden(Before(conversation=ended), arrived("Hello"), frozenset({"dental"}))
    with pytest.raises(NotFound):
        refuse_hidden(Before(conversation=HIDDEN), arrived("Hello"), frozenset({"dental"}))


def test_p10_an_open_one_beside_tells_nothing_of_a_hidden_one() -> None:
    with pytest.raises(NotFound):
        refuse_hidden(Before(conversation=HIDDEN, open_beside=HIDDEN), UNREAD, frozenset({"dental"}))
