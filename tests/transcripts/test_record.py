"""A transcript in its canonical form, and finding what was changed in it."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from command import convokit
from made_transcripts import HOSTILE, START, day_at_the_desk, document, entry, event, outbound

from convokit.domain.instant import HOUR
from convokit.domain.transcript_record import FORMAT, canonical, check
from convokit.errors import InvalidInput
from convokit.transcripts import record
from convokit.transcripts.record import check_json

MADE = document(outbound(1, "Results are in."), entry(2, "Thank you! 🐶"), event(3), ended_us=START + HOUR)
CHANGES = 10_000


def data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MADE.json())
    return found


def test_p14_the_whole_form_of_a_line_and_of_the_document() -> None:
    found = data()
    assert list(found) == ["count", "document", "format", "head", "lines"]
    assert (found["count"], found["format"], found["head"]) == (3, FORMAT, MADE.transcript.head)
    assert found["document"]["started"] == "2025-03-08T16:05:00.000000Z"
    assert found["document"]["ended"] == "2025-03-08T17:05:00.000000Z"
    assert [line["digest"] for line in found["lines"]] == [line.digest for line in MADE.transcript.lines]
    assert found["lines"][1]["text"] == "Thank you! 🐶"
    assert MADE.json().isascii()


@pytest.mark.parametrize("made", [MADE, day_at_the_desk(), document()], ids=["short", "every kind", "empty"])
def test_p14_an_unchanged_one_passes(made: Any) -> None:
    found = check_json(made.json().encode(), head=made.transcript.head, count=made.transcript.count)
    assert (found.whole, found.why, found.position) == (True, "", None)
    assert (found.head, found.count) == (made.transcript.head, made.transcript.count)


def test_p14_every_text_survives() -> None:
    texts = [text for text, _ in HOSTILE.values()]
    made = document(*(entry(seq, text) for seq, text in enumerate(texts, 1)))
    assert [line["text"] for line in json.loads(made.json())["lines"]] == texts


def found_in(content: bytes) -> bool:
    try:
        return not check_json(content).whole
    except InvalidInput:
        return True


def test_p14_ten_thousand_random_changes_are_all_found() -> None:
    seed = 20_261_122
    chance = random.Random(seed)
    original = day_at_the_desk().json().encode()
    missed = []
    for number in range(CHANGES):
        changed = bytearray(original)
        at = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[at] = (changed[at] + chance.randrange(1, 256)) % 256
            case 1:
                del changed[at]
            case _:
                changed.insert(at, chance.randrange(256))
        if bytes(changed) != original and not found_in(bytes(changed)):
            missed.append((seed, number, at))
    assert missed == []


def test_p14_a_check_that_only_compares_the_last_digest_would_miss_changes() -> None:
    """The harness catches its mutant: without following the chain, an edited text passes."""
    found = data()
    found["lines"][0]["text"] = "All well."
    assert found["head"] == found["lines"][-1]["digest"]
    assert not check(found).whole


def swapped(found: dict[str, Any]) -> None:
    lines = found["lines"]
    lines[0], lines[1] = lines[1], lines[0]


@pytest.mark.parametrize(
    ("edit", "position"),
    [
        (lambda f: f["document"].update(client="Eve"), 0),
        (lambda f: f["document"].pop("digest"), 0),
        (lambda f: f["lines"][0].update(text="All well."), 1),
        (lambda f: f["lines"][1].update(extra=1), 2),
        (lambda f: f["lines"][1].update(attempt=True), 2),
        (lambda f: f["lines"][2].pop("digest"), 3),
        (swapped, 1),
        (lambda f: f["lines"].pop(0), 1),
        (lambda f: f["lines"].insert(1, f["lines"][0]), 2),
        (lambda f: f["lines"].insert(0, "no line"), 1),
        (lambda f: f["lines"].pop(), None),
        (lambda f: f.update(count=4), None),
        (lambda f: f.update(count=True), None),
        (lambda f: f.update(count="3"), None),
        (lambda f: f.update(head="0" * 64), None),
        (lambda f: f.update(more=1), None),
        (lambda f: f.update(format="convokit transcript 2"), None),
        (lambda f: f.update(lines={}), None),
        (lambda f: f.update(document=[]), None),
    ],
    ids=itertools.count(),
)
def test_p14_where_it_differs(edit: Any, position: int | None) -> None:
    found = data()
    edit(found)
    verdict = check(found)
    assert not verdict.whole
    assert verdict.why
    assert verdict.position == position


def test_p14_a_cut_tail_is_found_only_with_what_was_kept() -> None:
    found = data()
    found["lines"].pop()
    found["count"], found["head"] = 2, found["lines"][-1]["digest"]
    assert check(found).whole
    assert not check(found, count=3).whole
    assert not check(found, head=MADE.transcript.head).whole


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1.5}', b'{"a":1,"a":1}', b"9" * 5_000],
)
def test_what_is_no_transcript_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_json(content)
    assert (caught.value.code, caught.value.field) == ("transcript.unreadable", "file")


@pytest.mark.parametrize("content", [b"null", b"[]", b"{}", b"1"])
def test_json_of_another_kind_is_not_whole(content: bytes) -> None:
    assert not check_json(content).whole


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "LARGEST", 3)
    with pytest.raises(InvalidInput) as caught:
        check_json(b"null")
    assert (caught.value.code, caught.value.limit) == ("transcript.too_large", "3 bytes")


def test_the_same_records_in_other_bytes_are_said_to_be_so() -> None:
    verdict = check_json(json.dumps(data()).encode())
    assert not verdict.whole
    assert "written anew" in verdict.why


def test_canonical_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def test_the_command_says_so(tmp_path: Any) -> None:
    file = MADE.write(tmp_path / "bella.json")
    done = convokit("transcript", "verify", str(file), "--head", MADE.transcript.head, "--count", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}: whole and unchanged, 3 entries, SHA-256 chain ends in {MADE.transcript.head}\n"
    file.write_text(MADE.json().replace("Thank you", "No thanks"), encoding="ascii")
    done = convokit("transcript", "verify", str(file))
    assert done.returncode == 1
    assert "line 2 was changed" in done.stderr
    done = convokit("transcript", "verify", str(file), "--json")
    assert (done.returncode, json.loads(done.stdout)["position"]) == (1, 2)
