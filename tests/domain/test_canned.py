"""Texts that are ready: what is filled in, and what the door refuses."""

from __future__ import annotations

import pytest

from convokit import CannedReply, Department, InvalidInput, Rules, Staff
from convokit.domain.canned import CANNED_LENGTH, MOST_CANNED, filled_reply
from convokit.runtime.checks_practice import check_rules

KIM = Staff(id="u1", name="Dr. {client} Kim")


def fill(text: str, client: str = "Ana Ruiz", patient: str = "Bella") -> str:
    return filled_reply(text, client=client, patient=patient, practice="Happy Paws", staff=KIM)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {client}, {patient} is ready. {practice}", "Hi Ana, Bella is ready. Happy Paws"),
        ("{staff} greets", "Dr. {client} Kim greets"),
        ("{0.__class__} {", "{0.__class__} {"),
    ],
)
def test_names_are_filled_in_and_nothing_else(text: str, filled: str) -> None:
    assert fill(text) == filled


def test_a_name_that_is_not_known_leaves_nothing_behind() -> None:
    assert fill("[{client}][{patient}]", client="", patient="") == "[][]"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (5, "list of CannedReply"),
        (["text"], "list of CannedReply"),
        ([CannedReply(title=f"t{n}", text="x") for n in range(MOST_CANNED + 1)], f"{MOST_CANNED} texts"),
        ([CannedReply(title=" ", text="x")], "1..200 characters"),
        ([CannedReply(title="t", text="  ")], "1..4,000 characters"),
        ([CannedReply(title="t", text="x" * (CANNED_LENGTH + 1))], "1..4,000 characters"),
        ([CannedReply(title="t", text="{clinet}")], "{client}"),
        ([CannedReply(title="t", text="x", department="gone")], "a department's id"),
        ([CannedReply(title="t", text="x"), CannedReply(title="T", text="y")], "1 text per title"),
    ],
)
def test_the_door_refuses_what_cannot_be_used(given: object, why: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_rules(Rules(canned=given))  # type: ignore[arg-type]
    assert caught.value.code == ("template.field" if why == "{client}" else "rules.canned")
    assert why in (caught.value.limit or "")


def test_a_title_is_one_line_and_a_department_is_there() -> None:
    rules = Rules(
        departments=[Department(id="skin", name="Skin")],
        canned=[
            CannedReply(title=" Ready \n now ", text="{client}!", department="skin"),
            CannedReply(title="All", text="x"),
        ],
    )
    assert [one.title for one in check_rules(rules).canned] == ["Ready now", "All"]
