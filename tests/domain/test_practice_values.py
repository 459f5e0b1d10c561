"""Departments, the audience of the app, states of numbers and notes, as values."""

from __future__ import annotations

import pytest

from convokit.domain.audience import AUDIENCES, EVERYBODY, AppAudience, ChannelChoice, app_choice
from convokit.domain.candidates import Candidate, named
from convokit.domain.client_notes import ClientNote
from convokit.domain.departments import Department, listed
from convokit.domain.people import Client
from convokit.domain.sender_states import states

ANA = Client(id="c17", name="Ana")
SURGERY = Department(id="surgery", name="Surgery")


@pytest.mark.parametrize(
    ("given", "kept"),
    [([SURGERY], (SURGERY,)), ((SURGERY,), (SURGERY,)), (iter([SURGERY]), (SURGERY,)), (7, 7)],
)
def test_departments_become_a_tuple_or_stay_what_they_are(given: object, kept: object) -> None:
    assert listed(given) == kept  # type: ignore[arg-type]  # wrong things on purpose


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"+2": "ready", "+1": "suspended"}, (("+1", "suspended"), ("+2", "ready"))),
        ([("+1", "ready")], (("+1", "ready"),)),
        ((), ()),
        (7, 7),
        ([7], [7]),
        ({"+1": "ready", 7: "ready"}, {"+1": "ready", 7: "ready"}),
    ],
)
def test_states_become_sorted_pairs_or_stay_what_they_are(given: object, kept: object) -> None:
    assert states(given) == kept  # type: ignore[arg-type]  # wrong things on purpose


@pytest.mark.parametrize(
    ("given", "kept"), [({"a"}, frozenset({"a"})), (["a", "a"], frozenset({"a"})), ("abc", "abc"), (7, 7), ([[]], [[]])]
)
def test_clients_become_a_set_or_stay_what_they_are(given: object, kept: object) -> None:
    assert AppAudience(who="selected", clients=given).clients == kept  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("who", AUDIENCES)
@pytest.mark.parametrize("has_app", [True, False, None])
@pytest.mark.parametrize("chosen", [True, False])
def test_every_audience_and_what_the_host_knows(who: str, has_app: bool | None, chosen: bool) -> None:
    clients = {"c17"} if chosen else set()
    choice = app_choice(AppAudience(who=who, clients=clients), Client(id="c17", name="Ana", has_app=has_app))  # type: ignore[arg-type]  # a table
    reachable = has_app is not False and (who == "all" or (who == "selected" and chosen))
    assert choice.available is reachable
    assert bool(choice.code) is bool(choice.reason) is not reachable


def test_without_rules_everybody_is_offered_the_app() -> None:
    assert app_choice(EVERYBODY, ANA) == ChannelChoice(channel="app")


def test_a_candidate_by_id() -> None:
    one = Candidate(client_id="c17", client_name="Ana")
    assert named((one,), "c17") == one
    assert named((one,), "c18") is None
    assert named((), None) is None


def test_a_note_that_nobody_wrote_has_no_time() -> None:
    assert ClientNote(client_id="c17").at is None
    written = ClientNote(client_id="c17", text="x", version=1, at_us=1_000_000).at
    assert written is not None
    assert written.isoformat() == "1970-01-01T00:00:01+00:00"
