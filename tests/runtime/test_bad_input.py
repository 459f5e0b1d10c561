"""Bad input gets a clear error that names the field and the limit, and nothing is stored."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from attrs import evolve
from desks import ANA, HAPPY_PAWS, KIM, OURS, World

import convokit
from convokit import Client, ConvokitError, HttpRequest, Patient, Practice, Rules, Staff
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


def rules(**changes: object) -> Act:
    return lambda w: w.kit.add_practice(Practice(id="new", name="New", rules=Rules(**changes)))  # type: ignore[arg-type]


def webhook(**changes: object) -> Act:
    given = {"method": "POST", "url": "https://desk.example/hook", **changes}
    return lambda w: w.kit.webhook(HttpRequest(**given))  # type: ignore[arg-type]


def transcript_to(path: object) -> Act:
    def act(w: World) -> object:
        return w.desk.transcript(w.desk.start(client=ANA, by=KIM).id).write(path)  # type: ignore[arg-type]

    return act


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
    ("phone: the practice's own", phone(OURS), "address.own", "client.phone"),
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
    ("practice: numbers none", practice(numbers=None), "practice.numbers", "practice.numbers"),
    ("practice: numbers a number", practice(numbers=3035550100), "practice.numbers", "practice.numbers"),
    ("practice: number none", practice(numbers=[None]), "address.characters", "practice.numbers"),
    ("practice: number as int", practice(numbers=[3035550100]), "address.characters", "practice.numbers"),
    ("practice: 101 numbers", practice(numbers=["24365"] * 101), "practice.numbers", "practice.numbers"),
    ("practice: number of another", practice(numbers=["(303) 555-0100"]), "practice.number_taken", "practice.numbers"),
    ("practice: region unknown", practice(region="UK"), "practice.region", "practice.region"),
    ("practice: region a name", practice(region=LONG), "practice.region", "practice.region"),
    ("practice: region empty", practice(region=""), "practice.region", "practice.region"),
    ("practice: region number", practice(region=1), "practice.region", "practice.region"),
    ("practice: region look-alike", practice(region="uſ"), "practice.region", "practice.region"),
    ("practice: phone empty", practice(phone=""), "address.invalid", "practice.phone"),
    ("practice: phone words", practice(phone="call us"), "address.characters", "practice.phone"),
    ("practice: phone number", practice(phone=3035550100), "address.characters", "practice.phone"),
    ("practice: rules none", practice(rules=None), "practice.rules", "practice.rules"),
    ("practice: rules a mapping", practice(rules={"urgency": True}), "practice.rules", "practice.rules"),
    ("rules: urgency text", rules(urgency="yes"), "rules.urgency", "rules.urgency"),
    ("rules: urgency 1", rules(urgency=1), "rules.urgency", "rules.urgency"),
    *(
        (f"rules: {name} {value!r}", rules(**{name: value}), f"rules.{name}", f"rules.{name}")
        for name, least, most in (
            ("reopen_hours", 0, 8_760),
            ("max_text_segments", 1, 255),
            ("max_app_characters", 1, 100_000),
            ("give_up_hours", 1, 168),
        )
        for value in (None, "4", True, 2.5, least - 1, most + 1)
    ),
    ("rules: countries a text", rules(countries="US"), "rules.countries", "rules.countries"),
    ("rules: countries none", rules(countries=None), "rules.countries", "rules.countries"),
    ("rules: country unknown", rules(countries=["US", "XX"]), "rules.countries", "rules.countries"),
    ("rules: country none", rules(countries=[None]), "rules.countries", "rules.countries"),
    ("rules: country a list", rules(countries=[["US"]]), "rules.countries", "rules.countries"),
    ("rules: stop words a text", rules(stop_words="basta"), "rules.stop_words", "rules.stop_words"),
    ("rules: stop words none", rules(stop_words=None), "rules.stop_words", "rules.stop_words"),
    ("rules: stop word none", rules(stop_words=[None]), "rules.stop_words", "rules.stop_words"),
    ("rules: stop word empty", rules(stop_words=[" "]), "rules.stop_words", "rules.stop_words"),
    ("rules: stop word of signs", rules(stop_words=["!!!"]), "rules.stop_words", "rules.stop_words"),
    ("rules: stop word long", rules(stop_words=["x" * 101]), "rules.stop_words", "rules.stop_words"),
    ("rules: stop word with NUL", rules(stop_words=["a\x00"]), "rules.stop_words", "rules.stop_words"),
    ("rules: 201 stop words", rules(stop_words=[f"w{n}" for n in range(201)]), "rules.stop_words", "rules.stop_words"),
    *(
        (f"rules: {name} {label}", rules(**{name: value}), f"rules.{name}", f"rules.{name}")
        for name in ("confirmation", "help_reply")
        for label, value in (
            ("none", None),
            ("bytes", b"bye"),
            ("blank", " \n"),
            ("with NUL", "bye\x00"),
            ("with a surrogate", "bye \ud83d"),
            ("of ten megabytes", LONG),
        )
    ),
    *(
        (f"rules: {name} {label}", rules(**{name: value}), "template.field", f"rules.{name}")
        for name in ("confirmation", "help_reply")
        for label, value in (
            ("with an unknown placeholder", "{practise}: bye"),
            ("with a placeholder of nothing", "{}: bye"),
            ("with half a placeholder", "{practice: bye"),
            ("with a stray brace", "practice}: bye"),
            ("with attributes", "{practice.rules}: bye"),
            ("with an attribute of a position", "{0.__class__}: bye"),
        )
    ),
    (
        "rules: answer longer than a text",
        rules(max_text_segments=1, help_reply="{practice}" * 60),
        "rules.help_reply",
        "rules.help_reply",
    ),
    ("webhook: none", lambda w: w.kit.webhook(None), "request.type", "request"),  # type: ignore[arg-type]
    ("webhook: url none", webhook(url=None), "request.type", "request"),
    ("webhook: method none", webhook(method=None), "request.type", "request"),
    ("webhook: body text", webhook(body="x"), "request.type", "request"),
    ("webhook: headers a mapping", webhook(headers={"a": "b"}), "request.type", "request"),
    ("webhook: header a text", webhook(headers=("ab",)), "request.type", "request"),
    ("webhook: header of three", webhook(headers=(("a", "b", "c"),)), "request.type", "request"),
    ("webhook: header bytes", webhook(headers=((b"a", b"b"),)), "request.type", "request"),
    ("transcript: path none", transcript_to(None), "transcript.path", "path"),
    ("transcript: path bytes", transcript_to(b"x.pdf"), "transcript.path", "path"),
    ("transcript: path with NUL", transcript_to("x\x00.pdf"), "transcript.path", "path"),
    ("transcript: path with a surrogate", transcript_to("\ud83d.txt"), "transcript.path", "path"),
    ("segments: none", lambda w: convokit.count_segments(None), "message.type", "text"),  # type: ignore[arg-type]
    ("segments: bytes", lambda w: convokit.count_segments(b"x"), "message.type", "text"),  # type: ignore[arg-type]
    ("verdict: none", lambda w: convokit.classify_text(None, opted_out=False), "message.type", "text"),  # type: ignore[arg-type]
    *(
        (
            f"verdict: words {given!r}",
            lambda w, given=given: convokit.classify_text("hi", opted_out=False, practice_words=given),
            "practice_words.type",
            "practice_words",
        )
        for given in ("basta", 5, [None], [["basta"]])
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


def test_what_a_practice_gives_in_its_own_notation_is_kept_in_ours(w: World) -> None:
    saved = w.kit.add_practice(
        Practice(
            id="new",
            name=" New\nPaws ",
            region="us",
            numbers=["303-555-0101", "+1 303 555 0101"],
            phone=" (303)  555-0199",
            rules=Rules(countries=["us", "CA"], stop_words=["¡Basta!", "no gracias"], reopen_hours=0),
        )
    )
    assert (saved.name, saved.region, saved.numbers, saved.phone) == (
        "New Paws",
        "US",
        ("+13035550101",),
        "(303) 555-0199",
    )
    assert saved.rules.countries == {"US", "CA"}
    assert w.kit.practice("new").practice == saved


def test_an_answer_must_fit_with_the_names_that_are_filled_in(w: World) -> None:
    rules_ = Rules(max_text_segments=1, confirmation="{practice}: bye", help_reply="{practice}: call {phone}")
    ours = Practice(id="new", name="x" * 130, region="US", numbers=["24365", "+13035550101"], rules=rules_)
    assert w.kit.add_practice(ours).rules == rules_  # 130 + 7 + 12 septets
    for longer in (evolve(ours, name="x" * 142), evolve(ours, name="ł" * 60), evolve(ours, name="x" * 154)):
        with pytest.raises(convokit.InvalidInput) as caught:
            w.kit.add_practice(longer)
        assert caught.value.limit == "1 segments"
        assert "2 segments" in caught.value.message


def test_an_unknown_placeholder_is_named_beside_those_that_are_known(w: World) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        rules(confirmation="{practice}, {nope}: bye")(w)
    assert "'{nope}'; known: {practice}, {phone}" in caught.value.message


def test_a_number_belongs_to_one_practice(w: World) -> None:
    again = w.kit.add_practice(evolve(HAPPY_PAWS, name="Happier Paws"))
    assert again.numbers == (OURS,)
    with pytest.raises(convokit.Conflict) as caught:
        w.kit.add_practice(Practice(id="new", name="New", region="US", numbers=["+13035550101", OURS]))
    assert OURS in caught.value.message
    assert "happy" not in str(caught.value).lower()
    w.kit.add_practice(evolve(HAPPY_PAWS, numbers=[]))
    assert w.kit.add_practice(Practice(id="new", name="New", numbers=[OURS])).numbers == (OURS,)


def test_a_closed_desk_says_so(w: World) -> None:
    w.kit.close()
    for call in (w.desk.inbox, w.kit.practices, w.kit.work, lambda: w.desk.start(client=ANA, by=KIM)):
        with pytest.raises(convokit.StorageError) as caught:
            call()
        assert caught.value.code == "storage.closed"


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"plugins": "simulator"}, "plugin.list", "plugins"),
        ({"plugins": None}, "plugin.list", "plugins"),
        ({"plugins": {"simulator": {}}}, "plugin.list", "plugins"),
        ({"plugins": [None]}, "plugin.no_hooks", "plugins"),
        ({"clock": datetime(2026, 3, 1)}, "clock.type", "clock"),  # noqa: DTZ001 - a moment is no clock
        ({"fresh_id": "c_1"}, "fresh_id.type", "fresh_id"),
        ({"settings": "kannel"}, "settings.mapping", "settings"),
        ({"settings": [("simulator", {})]}, "settings.mapping", "settings"),
        ({"settings": {"simulator": None}}, "settings.mapping", "settings"),
        ({"settings": {"simulator": {"speed": 1}}, "plugins": ["simulator"]}, "settings.unknown", "simulator.speed"),
        ({"settings": {"simulator": {}}}, "settings.provider", "settings"),
        ({"settings": {5: {}}}, "settings.provider", "settings"),
        ({"public_url": 5}, "public_url.scheme", "public_url"),
        ({"public_url": "https://[half"}, "public_url.scheme", "public_url"),
        ({"url": None}, "store.url", "url"),
    ],
)
def test_p18_a_wrong_opening_is_refused_by_name(given: Mapping[str, object], code: str, field: str) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open(**{"url": "memory:", **given})  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_misspelt_provider_gets_the_nearest_name() -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", plugins=["simulator"], settings={"simulater": {}})
    assert "did you mean 'simulator'" in caught.value.message
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", settings={"kannel": {}})
    assert "offered: nothing" in caught.value.message


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
        with pytest.raises(convokit.InvalidInput) as caught:
            kit.add_practice(HAPPY_PAWS)
        assert caught.value.code == "time.naive"


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
