"""Searching the host's clients, to write to one of them."""

from __future__ import annotations

import pytest
from attrs import define, field
from desks import world

from convokit import Client, InvalidInput, Match, Patient
from convokit.domain.candidates import MOST_CANDIDATES
from convokit.plugins import hookimpl
from convokit.ports.directory import Directory

ANA = Client(id="c17", name="Ana  Ruiz", phone="(303) 555-0123")
PETS = (
    Match(client=ANA, patient=Patient(id="p1", name="Bella")),
    Match(client=ANA, patient=Patient(id="p2", name="Max")),
)


@define
class Host:
    """A host whose directory knows who has a number, and nothing more."""

    name = "host"

    @hookimpl
    def convokit_directory(self) -> Directory:
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        return ()


@define
class Searching(Host):
    """A host that also searches; what it answers is given, or what it raises."""

    answer: object = ()
    asked: list[tuple[str, str]] = field(factory=list)

    def find(self, practice_id: str, words: str) -> object:
        self.asked.append((practice_id, words))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def test_a_directory_that_searches_finds_a_match_for_each_pet() -> None:
    host = Searching(answer=(*PETS, PETS[0]))
    with world(plugins=(host,)) as made:
        assert made.desk.can_find_clients
        found = made.desk.find_clients("  ana \n ruiz ")
        assert [(one.client.name, one.patient and one.patient.name) for one in found] == [
            ("Ana Ruiz", "Bella"),
            ("Ana Ruiz", "Max"),
        ]
        assert host.asked == [("happy-paws", "ana ruiz")]
        assert made.desk.find_clients("   ") == ()
        assert len(host.asked) == 1


def test_of_very_many_the_first_few_are_shown() -> None:
    many = tuple(Match(client=Client(id=f"c{n}", name="Ana")) for n in range(MOST_CANDIDATES + 5))
    with world(plugins=(Searching(answer=many),)) as made:
        assert len(made.desk.find_clients("ana")) == MOST_CANDIDATES


@pytest.mark.parametrize("answer", [None, "ana", [1], (Match(client="ana"),), ValueError("x"), SystemExit(1)])  # type: ignore[arg-type]
def test_a_directory_that_fails_finds_nobody(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    with world(plugins=(Searching(answer=answer),)) as made:
        assert made.desk.find_clients("ana") == ()
    assert "found nothing usable" in caplog.text


def test_without_a_search_nobody_is_found() -> None:
    with world() as nobody, world(plugins=(Host(),)) as deaf:
        for made in (nobody, deaf):
            assert not made.desk.can_find_clients
            assert made.desk.find_clients("ana") == ()


@pytest.mark.parametrize(("words", "code"), [(5, "search.type"), ("x" * 201, "search.too_long")])
def test_what_is_searched_for_is_checked(words: object, code: str) -> None:
    with world() as made, pytest.raises(InvalidInput) as caught:
        made.desk.find_clients(words)  # type: ignore[arg-type]
    assert caught.value.code == code
