"""Bad input gets a clear error that names the field and the limit, and nothing is stored."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import datetime

import pytest
from desks import ANA, HAPPY_PAWS, KIM, World

import convokit
from convokit import Client, ConvokitError, Patient, Practice, Staff
from convokit.domain.inbox import decode_cursor, encode_cursor
from convokit.domain.instant import to_datetime, to_micros

LONG = "x" * 10_000_000

Act = Callable[[World], object]


def start(**changes: object) -> Act:
    given = {"client": ANA, "by": KIM, "channel": "sms", **changes}
    return lambda w: w.desk.start(**given)  # type: ignore[arg-type]


def send(text: object, channel: str = "sms", **more: object) -> Act:
    def act(w: World) -> object:
        c = w.desk.start(client=ANA, by=KIM, channel=channel)  # type: ignore[arg-type]
        return w.desk.send(c.id, text, **{"by": KIM, **more})  # type: ignore[arg-type]

    return act


def phone(number: object) -> Act:
    return start(client=Client(id="c1", name="A", phone=number))  # type: ignore[arg-type]


def practice(**changes: object) -> Act:
    given = {"id": "new", "name": "New", "region": "US", **changes}
    return lambda w: w.kit.add_practice(Practice(**given))  # type: ignore[arg-type]


ROWS: list[tuple[str, Act, str, str | None]] = [
    (
        "phone: hostile context",
        phone("tel:1;phone-context=" + "aa." * 25 + "aa!"),
        "address.characters",
        "client.phone",
    ),
    ("phone: ten megabytes", phone("1" * 10_000_000), "address.too_long", "client.phone"),
    ("phone: letters", phone("+353ks.123456789"), "address.characters", "client.phone"),
    ("phone: emergency", phone("999"), "address.not_mobile", "client.phone"),
    ("phone: premium", phone("+1 900 555 0123"), "address.premium", "client.phone"),
    ("phone: another country", phone("+44 7700 900123"), "address.country", "client.phone"),
    ("phone: NUL", phone("303555\x000123"), "address.characters", "client.phone"),
    ("phone: bytes", phone(b"3035550123"), "address.characters", "client.phone"),
    ("phone: number", phone(3035550123), "address.characters", "client.phone"),
    ("phone: none", phone(None), "client.phone", "client.phone"),
    ("text: empty", send("   \n"), "message.empty", "text"),
    ("text: bytes", send(b"hi"), "message.type", "text"),
    ("text: none", send(None), "message.type", "text"),
    ("text: eleven segments", send("a" * 1531), "message.too_long", "text"),
    ("text: eleven segments of emoji", send("🐶" * 331), "message.too_long", "text"),
    ("text: ten megabytes", send(LONG), "message.too_long", "text"),
    ("app: 20,001 characters", send("a" * 20_001, "app"), "message.too_long", "text"),
    ("by: a name", send("hi", by="Dr. Kim"), "by.type", "by"),
    ("by: none", start(by=None), "by.type", "by"),
    ("by: no id", start(by=Staff(id="", name="Kim")), "staff.id.type", "staff.id"),
    ("by: no name", start(by=Staff(id="u", name=" ")), "staff.name.empty", "staff.name"),
    ("by: name of ten megabytes", start(by=Staff(id="u", name=LONG)), "staff.name.too_long", "staff.name"),
    ("client: a name", start(client="Ana"), "client.type", "client"),
    ("client: id of ten megabytes", start(client=Client(id=LONG, name="A")), "client.id.too_long", "client.id"),
    ("client: id with NUL", start(client=Client(id="a\x00", name="A")), "client.id.type", "client.id"),
    ("client: id with a surrogate", start(client=Client(id="a\ud83d", name="A")), "client.id.type", "client.id"),
    ("patient: a name", start(patient="Bella"), "patient.type", "patient"),
    ("patient: no id", start(patient=Patient(id="", name="B")), "patient.id.type", "patient.id"),
    ("title: bytes", start(title=b"x"), "title.type", "title"),
    ("title: too long", start(title="x" * 201), "title.too_long", "title"),
    ("channel", start(channel="fax"), "conversation.channel", "channel"),
    ("urgency", start(urgency="panic"), "urgency.unknown", "urgency"),
    ("sender: another practice's", start(sender="+13035550199"), "sender.unknown", "sender"),
    ("client_ref: empty", send("hi", client_ref=""), "client_ref.type", "client_ref"),
    ("conversation id: none", lambda w: w.desk.thread(None), "conversation_id.type", "conversation_id"),  # type: ignore[arg-type]
    ("conversation id: long", lambda w: w.desk.thread(LONG), "conversation_id.too_long", "conversation_id"),
    ("conversation id: unknown", lambda w: w.desk.thread("c_0"), "conversation.unknown", "conversation_id"),
    ("message id: unknown", lambda w: w.desk.message("m_0"), "message.unknown", "message_id"),
    ("limit: 0", lambda w: w.desk.inbox(limit=0), "page.limit", "limit"),
    ("limit: 201", lambda w: w.desk.history(limit=201), "page.limit", "limit"),
    ("limit: true", lambda w: w.desk.inbox(limit=True), "page.limit", "limit"),
    ("cursor: rubbish", lambda w: w.desk.inbox(after="!!!"), "page.cursor", "after"),
    ("cursor: long", lambda w: w.desk.inbox(after=LONG), "page.cursor", "after"),
    (
        "cursor: of another list",
        lambda w: w.desk.history(after=encode_cursor("active.urgency", (1, 2, 3))),
        "page.cursor",
        "after",
    ),
    ("cursor: not numbers", lambda w: w.desk.history(after=encode_cursor("history", (1, "2"))), "page.cursor", "after"),  # type: ignore[arg-type]
    (
        "cursor: huge number",
        lambda w: w.desk.history(after=encode_cursor("history", (1, 2**80))),
        "page.cursor",
        "after",
    ),
    ("cursor: number", lambda w: w.desk.history(after=5), "page.cursor", "after"),  # type: ignore[arg-type]
    ("filter: unread", lambda w: w.desk.inbox(unread="yes"), "inbox.filter", "unread"),  # type: ignore[arg-type]
    ("filter: initiator", lambda w: w.desk.inbox(initiated_by="vendor"), "inbox.filter", "initiated_by"),  # type: ignore[arg-type]
    ("filter: channel", lambda w: w.desk.inbox(channel="fax"), "inbox.filter", "channel"),  # type: ignore[arg-type]
    ("changes: negative", lambda w: w.desk.changes(-1), "changes.since", "since"),
    ("opt-out: no reason", lambda w: w.desk.opt_out("3035550123", by=KIM, reason=""), "reason.empty", "reason"),
    ("opt-out: nonsense", lambda w: w.desk.opt_out("call me", by=KIM, reason="x"), "address.characters", "number"),
    ("practice: id", practice(id="a b"), "practice.id", "practice.id"),
    ("practice: name", practice(name=""), "practice.name.empty", "practice.name"),
    ("practice: not one", lambda w: w.kit.add_practice("happy"), "practice.type", "practice"),  # type: ignore[arg-type]
    ("practice: number", practice(numbers=["call"]), "address.characters", "practice.numbers"),
    (
        "practice: number without region",
        practice(numbers=["07700900123"], region=None),
        "address.region_missing",
        "practice.numbers",
    ),
    ("practice: unknown", lambda w: w.kit.practice("nobody"), "practice.unknown", "practice_id"),
    ("practice: none", lambda w: w.kit.practice(None), "practice.unknown", "practice_id"),  # type: ignore[arg-type]
    ("zone: path", practice(time_zone="../../etc/passwd"), "time.zone", "time_zone"),
    ("zone: empty", practice(time_zone=""), "time.zone", "time_zone"),
    ("zone: NUL", practice(time_zone="UTC\x00"), "time.zone", "time_zone"),
    ("zone: unknown", practice(time_zone="Mars/Olympus"), "time.zone", "time_zone"),
    ("zone: none", practice(time_zone=None), "time.zone", "time_zone"),
]


@pytest.mark.parametrize(("act", "code", "field"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_p18_refused_with_code_and_field(w: World, act: Act, code: str, field: str | None) -> None:
    with pytest.raises(ConvokitError) as caught:
        act(w)
    error = caught.value
    assert (error.code, error.field) == (code, field)
    assert len(str(error)) < 500
    assert all(e.kind == "event" for row in w.desk.inbox().items for e in w.desk.thread(row.id).items)
    assert w.kit.store.unsettled() == 0


def test_a_practice_without_numbers_cannot_text(w: World) -> None:
    w.kit.add_practice(Practice(id="new", name="New", region="US"))
    with pytest.raises(convokit.InvalidInput) as caught:
        w.kit.practice("new").start(client=ANA, by=KIM, channel="sms")
    assert caught.value.field == "practice.numbers"


def test_a_practice_texts_from_toll_free_numbers_and_short_codes(w: World) -> None:
    saved = w.kit.add_practice(Practice(id="new", name="New", region="US", numbers=["800 555 0199", "24365"]))
    assert saved.numbers == ("+18005550199", "24365")
    assert (
        w.kit.practice("new").start(client=ANA, by=KIM, channel="sms", sender="800-555-0199").sender == "+18005550199"
    )
    assert Practice(id="x", name="X", numbers="+13035550100").numbers == ("+13035550100",)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://public.example/hooks", "public_url.scheme"),
        ("ftp://public.example", "public_url.scheme"),
        ("nonsense", "public_url.scheme"),
        ("https://public.example/?a=1", "public_url.query"),
        ("https://public.example/#x", "public_url.query"),
    ],
)
def test_case_67_the_public_url_is_https(url: str, code: str) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", public_url=url)
    assert (caught.value.code, caught.value.field) == (code, "public_url")


def test_case_31_a_naive_time_is_refused() -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the bad input
    with pytest.raises(convokit.InvalidInput) as caught:
        to_micros(naive)
    assert caught.value.code == "time.naive"
    with convokit.open("memory:", clock=lambda: naive) as kit:
        kit.add_practice(HAPPY_PAWS)
        with pytest.raises(convokit.InvalidInput):
            kit.practice("happy-paws").start(client=ANA, by=KIM)


def test_times_survive_the_round_trip() -> None:
    moment = to_datetime(1_234_567_890_123_456)
    assert to_micros(moment) == 1_234_567_890_123_456
    assert moment.utcoffset() is not None


def test_pairs_of_surrogates_are_the_character_they_stand_for(w: World) -> None:
    c = w.desk.start(client=ANA, by=KIM)
    assert w.desk.send(c.id, "\ud83d\udc36", by=KIM).text == "🐶"
    assert w.desk.send(c.id, "x\ud83d", by=KIM).text == "x\ufffd"


def test_errors_pickle_whole() -> None:
    error = convokit.Conflict("a.b", "words", field="f", limit="1")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.code, again.message, again.field, again.limit) == (
        convokit.Conflict,
        "a.b",
        "words",
        "f",
        "1",
    )


def test_a_cursor_is_only_good_for_its_own_list() -> None:
    cursor = encode_cursor("history", (5, 6))
    assert decode_cursor("history", cursor, 2) == (5, 6)
    assert convokit.Badges.shown(99) == "99"
    assert convokit.Badges.shown(100) == "99+"


def test_names_that_are_not_promised_do_not_exist() -> None:
    with pytest.raises(AttributeError):
        _ = convokit.nothing_of_the_kind  # type: ignore[attr-defined]
    assert set(convokit.__all__) <= set(dir(convokit))
    assert sorted(convokit.__all__) == list(convokit.__all__)
    assert all(getattr(convokit, name) is not None for name in convokit.__all__)
