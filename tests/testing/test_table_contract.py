"""The contract of a carrier's words itself: a plugin with the table's own passes, and one with other words is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve
from contract_runner import failures, variant
from pigeon import OFFER, SETTINGS, STATES, Pigeon, report, report_of, signed

from convokit.ports.sms import DeliveryReport, SmsGatewayOffer, Unreadable, Verified, WebhookReading
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import SmsTableContract, answered, answered_json


class PigeonsWords(SmsTableContract):
    offer = OFFER
    settings = SETTINGS
    table = Path(__file__).parent / "pigeon_tables.json"
    failing = "lost"

    def report(self, word: str, code: str) -> HttpRequest:
        return signed(report(word, code))

    def refused(self, code: str) -> HttpResponse:
        return answered_json(422, {"error": code})


class TestPigeon(PigeonsWords):
    """A carrier whose words are those of its table."""


class TestPigeonWithoutNumbersInRefusals(PigeonsWords):
    def refused(self, code: str) -> None:
        """Its refusals have none."""


class Other(Pigeon):
    """Pigeon, with other words."""

    def told(self, word: str, why: str) -> DeliveryReport | None:
        raise NotImplementedError

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        given = read_object(request.body)
        told = self.told(str(given["state"]), str(given["why"]))
        return Unreadable(why="") if told is None else Verified(events=(told,))


def plain(word: str, why: str = "") -> DeliveryReport:
    return report_of({"ref": "m_1.1", "state": word, "why": why})


class WordsInAnyCase(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return plain(word.lower(), why)


class LostMeansFlying(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return plain("flying" if word == "lost" else word, why)


class UnknownMeansLost(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return plain(word if word in STATES else "lost", why)


class NothingIsKept(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return evolve(plain(word, why), raw="")


class EveryNumberIsSpam(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return plain(word, "spam" if why else "")


class RaisesForNewWords(Other):
    def told(self, word: str, why: str) -> DeliveryReport:
        return evolve(plain(word, why), state=STATES[word])


def offering(gateway: type[Pigeon]) -> SmsGatewayOffer:
    return evolve(OFFER, build=gateway)


@pytest.mark.parametrize(
    ("gateway", "failed"),
    [
        (WordsInAnyCase, "an_unknown_word"),
        (LostMeansFlying, "a_status_means"),
        (UnknownMeansLost, "an_unknown_word"),
        (NothingIsKept, "a_status_means"),
        (EveryNumberIsSpam, "an_unknown_number"),
        (RaisesForNewWords, "an_unknown_word"),
    ],
)
def test_other_words_are_found(gateway: type[Pigeon], failed: str) -> None:
    found = failures(variant(PigeonsWords, offer=offering(gateway)))
    assert any(name.startswith(f"test_{failed}") for name in found), found


class NoSuchWord(Other):
    def told(self, word: str, why: str) -> DeliveryReport | None:
        return plain(word, why) if word in STATES else None


def test_a_word_may_also_not_be_understood_at_all() -> None:
    assert failures(variant(PigeonsWords, offer=offering(NoSuchWord))) == {}


@pytest.mark.parametrize(
    "answer", [answered_json(422, {"error": "spam"}), answered(201, '{"id": "p9"}'), answered(429)], ids=str
)
def test_refusals_that_mean_something_else_are_found(answer: HttpResponse) -> None:
    def refused(self: object, code: str) -> HttpResponse:
        return answer

    found = failures(variant(PigeonsWords, refused=refused), "test_a_refusal_means_what_the_table_says")
    assert list(found) == ["test_a_refusal_means_what_the_table_says"]


def test_a_file_may_hold_several_tables(tmp_path: Path) -> None:
    two: Mapping[str, object] = {"table": tmp_path / "two.json", "prefix": "old_"}
    (tmp_path / "two.json").write_text(
        '{"old_statuses": [["lost", "failed"]], "old_errors": [["spam", "landline"]], "old_refusals": [["x", "y"]]}',
        encoding="utf-8",
    )
    assert {name.partition("[")[0] for name in failures(variant(PigeonsWords, **two))} == {
        "test_a_number_means_what_the_table_says",
        "test_a_refusal_means_what_the_table_says",
    }


def test_a_report_is_the_authors_to_make_and_refusals_may_have_no_numbers() -> None:
    assert SmsTableContract().refused("spam") is None
    with pytest.raises(NotImplementedError):
        SmsTableContract().report("lost", "spam")
