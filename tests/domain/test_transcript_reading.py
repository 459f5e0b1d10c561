"""A transcript out of a file: the same as it was, or refused with the name of the value."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from made_transcripts import START, day_at_the_desk, document, entry, event, outbound

from convokit.domain.attachment import Attachment
from convokit.domain.instant import HOUR
from convokit.domain.transcript_reading import read_transcript
from convokit.errors import InvalidInput

PHOTO = Attachment(
    id="f1", name="Bella.jpg", kind="photo", media_type="image/jpeg", size=1000, sha256="ab" * 32, thumbnail="cd" * 32
)
MADE = document(outbound(1, "Hi", attachments=(PHOTO,)), entry(2, "\ud83d"), event(3), ended_us=START + HOUR)


@pytest.mark.parametrize("made", [MADE, day_at_the_desk(), document()], ids=["short", "every kind", "empty"])
def test_p14_what_is_read_is_what_was_written(made: Any) -> None:
    assert read_transcript(json.loads(made.json())) == made.transcript


def head(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda found: found["document"].update(changes)


def line(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda found: found["lines"][0].update(changes)


def file(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda found: found["lines"][0]["attachments"][0].update(changes)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda f: f.update(document=[]), "document"),
        (lambda f: f.update(lines={}), "lines"),
        (lambda f: f.update(lines=[1]), "lines[1]"),
        (head(practice=1), "document.practice"),
        (head(client=None), "document.client"),
        (head(channel="fax"), "document.channel"),
        (head(initiated_by="nobody"), "document.initiated_by"),
        (head(time_zone="../../etc/passwd"), "document.time_zone"),
        (head(time_zone="Mars/Base"), "document.time_zone"),
        (head(time_zone=""), "document.time_zone"),
        (head(started="yesterday"), "document.started"),
        (head(started="0001-01-01T00:00:00.000000Z"), "document.started"),
        (head(started="2025-03-08T17:05:00Z"), "document.started"),
        (head(ended="2025-03-08T17:05:00+00:00"), "document.ended"),
        (head(internal_notes=1), "document.internal_notes"),
        (head(events=0), "document.events"),
        (head(events=True), "document"),
        (head(redacted="all"), "document.redacted"),
        (head(redacted=[1]), "document.redacted"),
        (head(region=7), "document.region"),
        (head(version=2), "document"),
        (head(more=1), "document"),
        (line(seq=-1), "lines[1].seq"),
        (line(seq=True), "lines[1].seq"),
        (line(seq=2**70), "lines[1].seq"),
        (line(kind="song"), "lines[1].kind"),
        (line(side="above"), "lines[1].side"),
        (line(delivery="perhaps"), "lines[1].delivery"),
        (line(flags=None), "lines[1].flags"),
        (line(text=["a"]), "lines[1].text"),
        (line(at="9999-12-31T23:59:59.999999Z"), "lines[1].at"),
        (line(attachments={}), "lines[1].attachments"),
        (line(attachments=[]), "lines[1]"),
        (line(more=1), "lines[1]"),
        (file(sha256="AB" * 32), "lines[1].attachments[1].sha256"),
        (file(thumbnail="../x"), "lines[1].attachments[1].thumbnail"),
        (file(size=1.5), "lines[1].attachments[1].size"),
        (file(state="lost"), "lines[1].attachments[1].state"),
    ],
    ids=itertools.count(),
)
def test_p14_a_value_that_convokit_does_not_write_is_refused_by_name(
    edit: Callable[[dict[str, Any]], None], field: str
) -> None:
    found: dict[str, Any] = json.loads(MADE.json())
    edit(found)
    with pytest.raises(InvalidInput) as caught:
        read_transcript(found)
    assert (caught.value.code, caught.value.field) == ("transcript.unreadable", field)
