"""The active list at the desk: filters, orders, assignment, and what is refused."""

import pytest
from attrs import evolve
from desks import ANA, BELLA, KIM, OURS, world

import convokit
from convokit.domain.inbox import SORTS
from convokit.testing.builders import Facts, practice, take

LEE = convokit.Staff(id="u2", name="Lee")
BEN = convokit.Client(id="c18", name="Ben Diaz", phone="(303) 555-0124")
CLEO = convokit.Client(id="c19", name="Cleo Marsh", phone="(303) 555-0125")
RULES = convokit.Rules(departments=[convokit.Department(id="lab", name="Lab")])


@pytest.fixture
def desk():
    with world() as made:
        made.kit.add_practice(
            convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS], rules=RULES)
        )
        own = made.kit.practice("happy-paws")
        ana = own.start(client=ANA, patient=BELLA, channel="sms", by=KIM, urgency="low")
        own.move(ana.id, "lab", by=KIM)
        own.assign(ana.id, LEE, by=KIM)
        made.clock.pass_(minutes=1)
        own.opt_out(own.start(client=BEN, channel="sms", by=KIM).address, by=KIM, reason="at the desk")
        own.send(own.inbox().items[0].id, "Are you there?", by=KIM)
        made.clock.pass_(minutes=1)
        own.app_message(CLEO, "May I come in?")
        yield own


def names(page):
    return [row.client_name.split()[0] for row in page.items]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Cleo", "Ben", "Ana"]),
        ({"unread": True}, ["Cleo"]),
        ({"initiated_by": "practice"}, ["Ben", "Ana"]),
        ({"urgency": "low"}, ["Ana"]),
        ({"channel": "sms"}, ["Ben", "Ana"]),
        ({"department": "lab"}, ["Ana"]),
        ({"department": ""}, ["Cleo", "Ben"]),
        ({"assignee": "u2"}, ["Ana"]),
        ({"assignee": ""}, ["Cleo", "Ben"]),
        ({"awaiting_reply": True}, ["Cleo"]),
        ({"awaiting_reply": False}, ["Ben", "Ana"]),
        ({"failed": True}, ["Ben"]),
        ({"failed": False, "channel": "sms"}, ["Ana"]),
        ({"sort": "newest"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "urgency", "assignee": "u2"}, ["Ana"]),
        ({"sort": "unread"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "initiated_by"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "channel"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "department"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "assignee"}, ["Ana", "Cleo", "Ben"]),
        ({"sort": "awaiting_reply"}, ["Cleo", "Ben", "Ana"]),
        ({"sort": "failed"}, ["Ben", "Cleo", "Ana"]),
    ],
    ids=str,
)
def test_p09_filters_and_orders(desk, asked, found):
    assert names(desk.inbox(**asked)) == found
    one_by_one, after = [], None
    while page := desk.inbox(**asked, after=after, limit=1):
        one_by_one += names(page)
        after = page.next
        if after is None:
            break
    assert one_by_one == found


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_belongs_to_one_order(desk, sort):
    cursor = desk.inbox(sort=sort, limit=1).next
    for other in SORTS:
        if other == sort:
            assert len(desk.inbox(sort=other, after=cursor).items) == 2
        else:
            with pytest.raises(convokit.InvalidInput) as refused:
                desk.inbox(sort=other, after=cursor)
            assert refused.value.code == "page.cursor"


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"department": 7}, "inbox.filter", "department"),
        ({"department": "x" * 129}, "inbox.filter", "department"),
        ({"department": "\x00"}, "inbox.filter", "department"),
        ({"assignee": "\ud800"}, "inbox.filter", "assignee"),
        ({"assignee": KIM}, "inbox.filter", "assignee"),
        ({"awaiting_reply": 1}, "inbox.filter", "awaiting_reply"),
        ({"failed": "yes"}, "inbox.filter", "failed"),
        ({"sort": "size"}, "inbox.sort", "sort"),
        ({"sort": ["newest"]}, "inbox.sort", "sort"),
        ({"sort": ""}, "inbox.sort", "sort"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(desk, asked, code, field):
    with pytest.raises(convokit.InvalidInput) as refused:
        desk.inbox(**asked)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_assignment_is_told_in_the_thread_and_moves_nothing(desk):
    ana = desk.inbox(assignee="u2").items[0]
    before = names(desk.inbox())
    again = desk.assign(ana.id, LEE, by=KIM)
    assert again == desk.conversation(ana.id)
    assert (again.assignee_id, again.assignee_name) == ("u2", "Lee")
    nobody = desk.assign(ana.id, None, by=KIM)
    assert (nobody.assignee_id, nobody.assignee_name, nobody.last_us) == (None, "", ana.last_us)
    said = [(e.event, e.text, e.author_id) for e in desk.entries(ana.id) if e.event == "assigned"]
    assert said == [("assigned", "Assigned to Lee.", "u1"), ("assigned", "Nobody is assigned any more.", "u1")]
    assert names(desk.inbox()) == before
    ended = desk.end(ana.id, by=KIM)
    assert desk.assign(ended.id, KIM, by=KIM).assignee_id == "u1"


def test_who_has_something_assigned_is_named_once_and_by_the_newest_name(desk):
    assert desk.assignees() == (LEE,)
    ana, cleo, ben = (one.id for one in desk.inbox(sort="assignee").items)
    desk.assign(ben, LEE, by=KIM)
    desk.assign(cleo, KIM, by=KIM)
    assert desk.assignees() == (KIM, LEE)
    desk.end(cleo, by=KIM)
    desk.assign(ben, evolve(LEE, name="Dr. Lee"), by=KIM)
    assert desk.assignees() == (evolve(LEE, name="Dr. Lee"),)
    desk.assign(ana, None, by=KIM)
    desk.assign(ben, None, by=KIM)
    assert desk.assignees() == ()


def test_at_most_a_hundred_are_named(desk):
    for number in range(101):
        whom = convokit.Staff(id=f"s{number:03}", name=f"Number {number}")
        started = desk.start(client=convokit.Client(id=f"n{number}", name="Some"), by=KIM)
        desk.assign(started.id, whom, by=KIM)
    assert [one.id for one in desk.assignees()] == [f"s{number:03}" for number in range(100)]


@pytest.mark.parametrize("whom", ["u1", 7, convokit.Staff(id="", name="Lee"), convokit.Staff(id="u2", name="")])
def test_only_staff_can_be_assigned(desk, whom):
    with pytest.raises(convokit.InvalidInput):
        desk.assign(desk.inbox().items[0].id, whom, by=KIM)


@pytest.mark.parametrize(
    ("email", "kept"),
    [(None, ""), ("", ""), ("ana@example.com", "ana@example.com"), ("e\u0301@example.com", "é@example.com")],
)
def test_a_clients_address_and_number_are_kept(email, kept):
    with world() as made:
        talk = made.desk.start(client=evolve(ANA, email=email), channel="app", by=KIM)
        assert (talk.client_email, talk.client_phone) == (kept, "+13035550123")


@pytest.mark.parametrize("email", ["ana", "a@b@c", "ana@example.com, x@y.z", 7, "x" * 300, "Ana <ana@example.com>"])
def test_a_wrong_address_is_refused_where_the_host_gives_it(email):
    with world() as made:
        for act in (
            lambda: made.desk.start(client=evolve(ANA, email=email), channel="app", by=KIM),
            lambda: made.desk.app_message(evolve(ANA, email=email), "Hello"),
        ):
            with pytest.raises(convokit.InvalidInput) as refused:
                act()
            assert (refused.value.code.partition(".")[0], refused.value.field) == ("email", "client.email")


def test_writing_into_a_conversation_leaves_the_columns_of_other_indexes_alone(tmp_path):
    """A second text of a client who waits already is news, and nobody's turn changes."""
    from convokit.stores.sql import open_sqlite, rows, writing

    assert not {"awaiting_us", "failed", "department", "assignee_id", "urgency", "ended"} & set(rows.MESSAGE)
    assert not {"last_us", "unread"} & set(rows.QUIET_TURN)
    store, facts = open_sqlite(f"sqlite:///{tmp_path}/desk.db"), Facts()
    store.put_practice(practice())
    first = facts.arrived("one")
    take(store, practice(), first)
    before = store.conversation(practice().id, first.conversation_id)
    take(store, practice(), facts.arrived("two"))
    after = store.conversation(practice().id, first.conversation_id)
    store.close()
    moved = rows.news_of(before) != rows.news_of(after), rows.turn_of(before) != rows.turn_of(after)
    assert moved == (True, False)
    assert writing._SET[moved][0] is writing.sql.SET_MESSAGE
