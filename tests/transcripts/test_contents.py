"""A copy that holds the messages alone says so, in every format and in its record."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from made_transcripts import conversation, entry, event, practice

from convokit.domain.transcript_building import build_transcript
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.verifying import verify

TIMELINE = (
    entry(1, "May she eat?"),
    event(2, "The client opted out of texts.", event="opted_out"),
    entry(3, "Worried owner", kind="note", side="practice", author_name="Sam"),
)
WORDS = {
    (True, False): None,
    (True, True): "With the internal notes of the staff",
    (False, False): "The messages alone, without other events such as opt-outs, restarts and payments",
    (False, True): "The messages and the internal notes of the staff alone, without other events such as opt-outs,"
    " restarts and payments",
}


def made(*, events: bool, notes: bool) -> TranscriptDocument:
    return TranscriptDocument(
        build_transcript(practice(), conversation(), TIMELINE, internal_notes=notes, events=events)
    )


@pytest.mark.parametrize(("events", "notes"), WORDS)
def test_every_format_says_what_it_contains(tmp_path: Path, events: bool, notes: bool) -> None:
    document, words = made(events=events, notes=notes), WORDS[events, notes]
    for shown in (document.text(), re.sub(r"<[^>]+>", " ", document.html())):
        together = " ".join(shown.split())
        assert ("opted out of texts" in together, "Worried owner" in together) == (events, notes)
        assert words in together if words else "Contents" not in together
    head = json.loads(document.json())["document"]
    assert (head.get("events", True), "events" in head, head["internal_notes"]) == (events, not events, notes)
    for suffix in (".json", ".pdf"):
        with document.write(tmp_path / f"copy{suffix}").open("rb") as file:
            assert verify(file).whole


def test_a_record_that_hides_that_the_events_are_not_in_it_is_found(tmp_path: Path) -> None:
    (tmp_path / "copy.json").write_text(made(events=False, notes=False).json().replace('"events":false,', ""))
    with (tmp_path / "copy.json").open("rb") as file:
        found = verify(file)
    assert (found.whole, found.position) == (False, 0)
