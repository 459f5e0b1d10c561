"""Search at the desk: what is found, in pages, for the worker's and the caller's part of indexing."""

import pytest
from desks import ANA, BELLA, KIM, world

import convokit
from convokit.domain.inbox import encode_cursor


@pytest.fixture(params=["memory:", "sqlite"])
def made(request, tmp_path):
    url = f"sqlite:///{tmp_path}/desk.db" if request.param == "sqlite" else "memory:"
    with world(url) as one:
        yield one


def test_a_conversation_is_found_by_everything_that_is_known_of_it(made):
    talk = made.desk.start(client=ANA, patient=BELLA, channel="sms", title="Lab results", by=KIM)
    said = made.desk.send(talk.id, "The blood work looks good.", by=KIM)
    for text, matched in [
        ("ruiz", "client_name"),
        ("BELL", "patient_name"),
        ("lab results", "title"),
        ("ana@example.com", "client_email"),
        ("303-555-0123", "phone"),
        ("+13035550123", "phone"),
    ]:
        (hit,) = made.desk.search(text).items
        assert (hit.conversation.id, hit.matched, hit.entry_id) == (talk.id, matched, None)
    (hit,) = made.desk.search("blood wor").items
    assert (hit.matched, hit.entry_id, hit.snippet) == ("text", said.id, "The blood work looks good.")


def test_a_client_of_the_app_is_found_by_the_number_that_the_host_knows(made):
    talk = made.desk.start(client=ANA, channel="app", by=KIM)
    assert [hit.conversation.id for hit in made.desk.search("(303) 555").items] == [talk.id]


def test_pages_hold_every_hit_once(made):
    talk = made.desk.start(client=ANA, patient=BELLA, channel="app", title="Bella", by=KIM)
    for number in range(7):
        made.desk.send(talk.id, f"Bella, day {number}", by=KIM)
    hits, after = [], None
    while True:
        page = made.desk.search("bella", after=after, limit=3)
        hits += page.items
        after = page.next
        if after is None:
            break
    assert [hit.snippet for hit in hits] == ["Bella", *(f"Bella, day {number}" for number in reversed(range(7)))]


def test_the_worker_leaves_nothing_for_the_search_to_do(made):
    talk = made.desk.start(client=ANA, channel="app", by=KIM)
    made.desk.end(talk.id, by=KIM)
    made.kit.work()
    assert made.kit.store.unindexed(10) == ()
    assert made.kit.store.index_pending("happy-paws", 10) == 0
    assert [hit.conversation.ended for hit in made.desk.search("ana").items] == [True]


def test_a_desk_finds_only_what_its_departments_may_see(made):
    rules = convokit.Rules(departments=[convokit.Department(id="lab", name="Lab")])
    made.kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", rules=rules))
    whole, lab = made.kit.practice("happy-paws"), made.kit.practice("happy-paws", departments=["lab"])
    talk = whole.start(client=ANA, channel="app", by=KIM)
    whole.send(talk.id, "Blood work", by=KIM)
    assert (lab.search("ana").items, lab.search("blood").items) == ((), ())
    whole.move(talk.id, "lab", by=KIM)
    assert [len(lab.search(text).items) for text in ("ana", "blood")] == [1, 1]


@pytest.mark.parametrize("text", ["", " ", "\x00", '"', "*", "AND", "a AND (", "NEAR(a b)", "\ud800", "%_", "\ue0001"])
def test_no_sign_is_an_operator(made, text):
    made.desk.start(client=ANA, channel="app", by=KIM)
    assert made.desk.search(text).items in ((), made.desk.search("a").items)


@pytest.mark.parametrize(
    ("asked", "code", "limit"),
    [
        ({"text": 7}, "search.type", "str"),
        ({"text": "x" * 10_000_000}, "search.too_long", "200 characters"),
        ({"text": "x", "limit": 0}, "page.limit", "1..200"),
        ({"text": "x", "after": "x"}, "page.cursor", None),
        ({"text": "x", "after": encode_cursor("search", (1,))}, "page.cursor", None),
    ],
)
def test_what_cannot_be_searched_for_is_refused(made, asked, code, limit):
    with pytest.raises(convokit.InvalidInput) as refused:
        made.desk.search(**asked)
    assert (refused.value.code, refused.value.limit) == (code, limit)
