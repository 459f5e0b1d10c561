"""What a newcomer stumbled over: wrong values where nobody had looked, and numbers that were not the newest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desks import KIM, world

import convokit
from convokit.errors import ConvokitError


@pytest.mark.parametrize("named", ["away", "greeting"])
def test_p18_an_away_reply_that_is_no_text(named: str) -> None:
    hours = convokit.ConversationHours(week={"mon": "8:00-9:00"}, **{named: ["closed"]})  # type: ignore[arg-type]
    with convokit.open("memory:") as kit, pytest.raises(ConvokitError) as caught:
        kit.add_practice(convokit.Practice(id="h", name="H", rules=convokit.Rules(hours=hours)))
    assert caught.value.code == f"hours.{named}"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"start": None}, "file.part"),
        ({"start": -1}, "file.part"),
        ({"length": 1.5}, "file.part"),
        ({"length": -1}, "file.part"),
        ({"size": "big"}, "file.size"),
    ],
    ids=str,
)
def test_p18_a_part_of_a_file_that_is_none(asked: dict[str, Any], code: str) -> None:
    with world() as made, pytest.raises(ConvokitError) as caught:
        made.desk.open_file("a_1", by=KIM, **asked)
    assert caught.value.code == code
    with world() as made, pytest.raises(ConvokitError) as caught:
        made.desk.file_url("a_1", by=KIM, size="big")  # type: ignore[arg-type]
    assert caught.value.code == "file.size"


def test_what_an_act_returns_has_the_newest_change_number() -> None:
    with world() as made:
        desk = made.desk
        known = desk.start(client=convokit.Client(id="c1", name="Ana"), by=KIM)
        assert known == desk.conversation(known.id)
        urgent = desk.set_urgency(known.id, "high", by=KIM)
        assert urgent == desk.conversation(known.id)
        assert desk.changes(since=urgent.change) == ()


def test_p18_a_wrong_assignee_is_not_blamed_on_by() -> None:
    with world() as made:
        known = made.desk.start(client=convokit.Client(id="c1", name="Ana"), by=KIM)
        with pytest.raises(ConvokitError) as caught:
            made.desk.assign(known.id, "u1", by=KIM)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("assignee.type", "assignee")


def test_p18_progress_and_hosts_of_the_wrong_kind(tmp_path: Path) -> None:
    with convokit.open("memory:") as kit, pytest.raises(ConvokitError) as caught:
        kit.export_transcripts(tmp_path, progress=3)  # type: ignore[arg-type]
    assert caught.value.code == "export.progress"
    with pytest.raises(ConvokitError) as caught:
        convokit.open("memory:", private_media_hosts=[[1]])  # type: ignore[list-item]
    assert caught.value.code == "media.private_hosts"
