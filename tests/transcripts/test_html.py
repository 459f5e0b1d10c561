"""A transcript as one HTML file."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from made_transcripts import HOSTILE, SHOWN_AS_IS, day_at_the_desk, document, entry, event, outbound

from convokit.domain.delivery import Delivery
from convokit.domain.instant import DAY

VOID = {"meta", "br"}


class Read(HTMLParser):
    """The document as a reader of it sees it: tags in order, and the text of each element that holds text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "p":
            self.said.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "p" in self.open:
            self.said[-1] += data


def test_every_element_is_closed_and_nothing_is_fetched_or_run() -> None:
    html = day_at_the_desk().html()
    read = Read(html)
    assert read.open == []
    names = {name for name, _ in read.tags}
    assert not names & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    given = {name for _, attributes in read.tags for name in attributes}
    assert not [name for name in given if name.startswith("on") or name in {"src", "style"}]
    assert "url(" not in html
    assert "@import" not in html


def test_what_was_said_by_whom_and_how_far_it_came() -> None:
    made = document(
        outbound(1, "Results are in."),
        entry(2, "Thank you!"),
        outbound(3, "See you", delivery=Delivery.FAILED, reason="number_inactive", attempt=2, flags=("crossed",)),
        event(4),
    )
    assert Read(made.html()).said[1:-1] == [
        "Dr. Kim (practice)",
        "Results are in.",
        "✓✓ Delivered, says the carrier",
        "Ana Ruiz (client)",
        "Thank you!",
        "Dr. Kim (practice)",
        "See you",
        "(i) Could not be delivered: the number is no longer in use (attempt 2)",
        "Note: This text was already on its way when the client opted out.",
        "Dr. Kim ended the conversation.",
    ]
    assert made.transcript.head in made.html()


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_p14_hidden_characters_are_spelled_out(text: str, shown: str) -> None:
    html = document(entry(1, text)).html()
    assert shown in Read(html).said
    html.encode("utf-8")


@pytest.mark.parametrize("text", SHOWN_AS_IS.values(), ids=SHOWN_AS_IS)
def test_p14_everything_else_stands_as_written(text: str) -> None:
    assert text in Read(document(entry(1, text)).html()).said


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></style><b>", "&lt;b&gt; &amp;"]
)
def test_nothing_that_people_wrote_is_markup(hostile: str) -> None:
    calm = document(entry(1, "x", author_name="x"), client_name="x", patient_name="x", title="x", team_member="x")
    made = document(
        entry(1, hostile, author_name=hostile),
        client_name=hostile,
        patient_name=hostile,
        title=hostile,
        team_member=hostile,
    )
    read = Read(made.html())
    assert hostile in read.said
    assert [tag for tag, _ in read.tags] == [tag for tag, _ in Read(calm.html()).tags]


def test_days_are_headings_that_can_be_jumped_to() -> None:
    made = document(entry(1), entry(2, at_us=entry(2).at_us + DAY))
    html = made.html()
    targets = re.findall(r'href="#(day-\d)"', html)
    assert targets == ["day-1", "day-2"]
    assert all(f'id="{target}"' in html for target in targets)
    assert "<nav" not in document(entry(1)).html()
