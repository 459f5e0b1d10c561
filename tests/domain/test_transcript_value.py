"""What a transcript says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from made_transcripts import START, conversation, entry, event, outbound, practice, transcript

from convokit.domain.conversation import Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE, to_micros
from convokit.domain.reasons import REASONS
from convokit.domain.transcript_building import build_transcript
from convokit.domain.transcript_record import Verdict, canonical
from convokit.domain.transcript_words import REASON_WORDS
from convokit.errors import InvalidInput


def test_it_names_the_parties_and_the_period() -> None:
    made = transcript(entry(1), event(2), ended_us=START + HOUR)
    assert (made.about.practice, made.about.client, made.about.patient) == ("Happy Paws", "Ana Ruiz", "Bella")
    assert (made.about.title, made.about.team_member, made.about.channel, made.about.address) == (
        "Lab results",
        "Dr. Kim",
        "sms",
        "+13035550123",
    )
    assert made.began.isoformat() == "2025-03-08T09:05:00-07:00"
    assert made.ended == made.until
    assert made.until.isoformat() == "2025-03-08T10:05:00-07:00"
    assert made.count == 2


def test_an_open_conversation_lasts_until_its_newest_entry() -> None:
    made = transcript(entry(1), entry(2, at_us=START - HOUR))
    assert made.ended is None
    assert made.until == datetime(2025, 3, 8, 16, 6, tzinfo=UTC)


def test_an_empty_conversation_is_a_transcript_too() -> None:
    made = transcript()
    assert (made.days, made.lines, made.count, made.until) == ((), (), 0, made.began)
    assert len(made.head) == 64


def test_lines_stand_in_the_order_of_their_sequence_numbers() -> None:
    made = transcript(entry(3), entry(1, at_us=START + HOUR), entry(2))
    assert [line.seq for line in made.lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("zone", "moments", "expected"),
    [
        ("America/Denver", ["2025-03-09T08:59", "2025-03-09T09:00"], ["01:59 MST", "03:00 MDT"]),
        ("America/Denver", ["2025-11-02T07:30", "2025-11-02T08:30"], ["01:30 MDT", "01:30 MST"]),
        ("Asia/Kolkata", ["2025-03-09T08:59"], ["14:29 IST"]),
        ("America/Sao_Paulo", ["2025-03-09T08:59"], ["05:59 UTC-03"]),
        ("Asia/Dubai", ["2025-03-09T08:59"], ["12:59 UTC+04"]),
        ("UTC", ["2025-03-09T08:59"], ["08:59 UTC"]),
    ],
)
def test_p21_local_times_tell_both_sides_of_a_clock_change_apart(
    zone: str, moments: list[str], expected: list[str]
) -> None:
    made = build_transcript(
        practice(time_zone=zone),
        conversation(),
        [entry(n, at_us=to_micros(datetime.fromisoformat(f"{m}+00:00"))) for n, m in enumerate(moments, 1)],
    )
    assert [f"{line.local:%H:%M} {line.zone}" for line in made.lines] == expected


def test_days_are_the_practices_days() -> None:
    midnight = to_micros(datetime(2025, 3, 9, 7, 0, tzinfo=UTC))
    made = transcript(entry(1, at_us=midnight - 1), entry(2, at_us=midnight), entry(3, at_us=midnight + HOUR))
    assert [(day.date, len(day.lines)) for day in made.days] == [(date(2025, 3, 8), 1), (date(2025, 3, 9), 2)]


@pytest.mark.parametrize("zone", ["", "Nowhere/Town", "../../etc/passwd", "America", "UTC\x00"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        build_transcript(practice(time_zone=zone), conversation(), [])
    assert (caught.value.code, caught.value.field) == ("time.zone", "time_zone")


@pytest.mark.parametrize(
    "entries",
    [[entry(1), entry(1, "again")], [evolve(entry(1), conversation_id="c2")]],
    ids=["one position twice", "of another conversation"],
)
def test_entries_of_anything_else_are_refused(entries: list[Entry]) -> None:
    with pytest.raises(InvalidInput) as caught:
        build_transcript(practice(), conversation(), entries)
    assert caught.value.code == "transcript.entries"


@pytest.mark.parametrize(
    ("made", "fields", "name"),
    [
        (entry(1), {}, "Ana Ruiz"),
        (entry(1, author_name=""), {}, "Ana Ruiz"),
        (entry(1, author_name=""), {"client_name": ""}, "+13035550123"),
        (outbound(1), {"team_member": "Dr. Kim, cardiology"}, "Dr. Kim"),
        (outbound(1, kind="automatic", author_name=""), {}, "Happy Paws"),
        (event(1, author_name="Dr. Kim"), {}, ""),
    ],
)
def test_the_displayed_name_is_the_one_shown_then(made: Entry, fields: dict[str, str], name: str) -> None:
    assert transcript(made, **fields).lines[0].name == name


def test_a_failure_says_why() -> None:
    line = transcript(outbound(1, delivery=Delivery.FAILED, reason="landline")).lines[0]
    assert line.indicator is not None
    assert (line.indicator.mark, line.why) == ("info", REASON_WORDS["landline"])
    unheard = transcript(outbound(1, delivery=Delivery.FAILED, reason="brand_new")).lines[0]
    assert unheard.why == REASON_WORDS["unknown"]


def test_what_needs_no_reason_has_none() -> None:
    received, delivered = transcript(entry(1), outbound(2)).lines
    assert (received.indicator, received.why, delivered.why) == (None, None, None)


def test_every_reason_has_words_for_the_record() -> None:
    assert set(REASON_WORDS) == set(REASONS)


def test_the_clients_watermarks_count() -> None:
    sent = [outbound(n, channel="app", delivery=Delivery.SENT) for n in (1, 2, 3)]
    made = transcript(*sent, channel="app", opened_seq=2, read_seq=1)
    assert [line.delivery for line in made.lines] == [Delivery.READ, Delivery.DELIVERED, Delivery.SENT]


def test_flags_worth_telling_become_notes() -> None:
    line = transcript(outbound(1, flags=("crossed", "only_for_us"))).lines[0]
    assert line.notes == ("This text was already on its way when the client opted out.",)


# --- the chain --------------------------------------------------------------------------------------------------------


def test_p14_the_chain_is_what_the_documentation_says() -> None:
    made = transcript(outbound(1, "é", flags=("crossed",)), ended_us=START + HOUR)
    head = {
        "address": "+13035550123",
        "channel": "sms",
        "client": "Ana Ruiz",
        "conversation": "c1",
        "department": "",
        "ended": "2025-03-08T17:05:00.000000Z",
        "initiated_by": "practice",
        "internal_notes": False,
        "patient": "Bella",
        "practice": "Happy Paws",
        "redacted": [],
        "region": "US",
        "sender": "+13035550100",
        "started": "2025-03-08T16:05:00.000000Z",
        "team_member": "Dr. Kim",
        "time_zone": "America/Denver",
        "title": "Lab results",
        "version": 1,
    }
    line = {
        "at": "2025-03-08T16:06:00.000000Z",
        "attempt": 1,
        "delivery": "delivered",
        "event": None,
        "flags": ["crossed"],
        "kind": "message",
        "name": "Dr. Kim",
        "reason": None,
        "seq": 1,
        "side": "practice",
        "text": "é",
    }
    first = sha256(b"convokit transcript 1\n" + _plain(head)).digest()
    assert made.head == sha256(first + _plain(line)).hexdigest() == made.lines[-1].digest


def _plain(record: dict[str, object]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def test_canonical_is_ascii_and_loses_nothing() -> None:
    assert canonical({"b": "\ud83d", "a": "é\x00"}) == b'{"a":"\\u00e9\\u0000","b":"\\ud83d"}'


LINE_CHANGES: list[dict[str, object]] = [
    {"text": "Hello "},
    {"at_us": START},
    {"kind": "automatic"},
    {"side": "practice"},
    {"event": "x"},
    {"author_name": "Anna Ruiz"},
    {"attempt": 2},
    {"delivery": Delivery.SENT},
    {"reason": "unknown"},
    {"flags": ("crossed",)},
    {"seq": 7},
]
HEAD_CHANGES: list[dict[str, object]] = [
    {"title": "x"},
    {"client_name": "x"},
    {"patient_name": "x"},
    {"team_member": "x"},
    {"address": "x"},
    {"sender": "x"},
    {"channel": "app"},
    {"initiated_by": "client"},
    {"started_us": START - 1},
    {"ended_us": START + HOUR},
]


@pytest.mark.parametrize("change", LINE_CHANGES, ids=lambda change: next(iter(change)))
def test_p14_every_change_of_a_line_changes_its_digest_and_all_after(change: dict[str, object]) -> None:
    entries = [entry(n * 10) for n in (1, 2, 3)]
    before = transcript(*entries)
    after = transcript(entries[0], evolve(entries[1], **{"seq": 20, **change}), entries[2])
    together = list(zip(before.lines, sorted(after.lines, key=lambda line: line.seq % 10), strict=True))
    assert after.head != before.head
    if "seq" not in change:
        assert [a.digest == b.digest for a, b in together] == [True, False, False]


@pytest.mark.parametrize("change", HEAD_CHANGES, ids=lambda change: next(iter(change)))
def test_p14_every_change_of_the_head_changes_the_head(change: dict[str, object]) -> None:
    assert transcript(entry(1), **change).head != transcript(entry(1)).head


def test_p14_practice_and_zone_are_in_the_chain() -> None:
    heads = {transcript(entry(1), by=by).head for by in (None, practice(name="x"), practice(time_zone="UTC"))}
    assert len(heads) == 3


def test_p14_inserted_removed_and_swapped_lines_change_the_head() -> None:
    one, two, three = (entry(n, f"text {n}") for n in (1, 2, 3))
    swapped = (evolve(two, seq=1), evolve(one, seq=2), three)
    made = [transcript(*entries).head for entries in ((one, two, three), (one, three), (one, two), swapped)]
    assert len(set(made)) == 4


@given(st.lists(st.text(max_size=30), max_size=8), st.randoms(use_true_random=False))
def test_p14_the_order_of_arrival_does_not_matter(texts: list[str], random: object) -> None:
    entries = [entry(n, text, at_us=START + (n % 3) * MINUTE) for n, text in enumerate(texts, 1)]
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its Random as object
    assert transcript(*shuffled) == transcript(*entries)


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict(whole=True), "whole"),
        (Verdict(whole=False, why="line 1 was changed"), "changed"),
        (Verdict(whole=False, record_only=True, why="the pages could not be compared"), "record_only"),
    ],
)
def test_a_verdict_is_one_of_three(verdict: Verdict, outcome: str) -> None:
    assert verdict.outcome == outcome
