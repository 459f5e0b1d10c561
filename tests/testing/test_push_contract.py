"""The contract of push transports itself: a good one passes it, and every kind of bad one is found out."""

from __future__ import annotations

import time
from typing import Any

import pytest
from attrs import evolve
from bell import HOUR_US, OFFER, PUSHES, TOKEN, Bell, BellContract, outcome_of
from contract_runner import failures, variant

import convokit
from convokit.outcomes import Accepted, Refused
from convokit.plugins import hookimpl
from convokit.ports.push import PushCapabilities, PushMessage, PushToken, TokenGone
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer


class TestBell(BellContract):
    """A push service that does everything right."""


class Keeps(Bell):
    """Never lets a token go."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        told = yield from super().push(token, message)
        return Refused(reason="unknown", raw=told.raw) if isinstance(told, TokenGone) else told


class Drops(Bell):
    """Lets a token go for whatever is wrong with the message."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        told = yield from super().push(token, message)
        return TokenGone(raw=told.raw) if told == Refused(reason="content_rejected", raw="bad message") else told


class Unlimited(Bell):
    """Sends whatever its size."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        return (yield from super().push(token, evolve(message, data={})))


class Narrow(Bell):
    """Refuses what would fit."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        if len(str(message.data)) > 1000:
            return Refused(reason="content_rejected")
        return (yield from super().push(token, message))


class OwnClock(Bell):
    """Looks at the clock itself, and at what it signed with another time."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        if abs(time.time_ns() // 1000 - message.at_us) > 20 * 365 * 24 * HOUR_US:
            return Refused(reason="account_problem", raw="clock")
        return (yield from super().push(token, message))


class Verbatim(Bell):
    """Cannot say what is not in its alphabet."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        message.title.encode("latin-1")
        return (yield from super().push(token, message))


class TakesAll(Bell):
    def why_no_token(self, token: PushToken) -> str | None:
        return None


class TakesNone(Bell):
    def why_no_token(self, token: PushToken) -> str | None:
        return "no"


class Repeats(Bell):
    """Repeats the token in what it says about it."""

    def why_no_token(self, token: PushToken) -> str | None:
        return None if token == TOKEN else f"{token.value} is no token"


class ShowsToken(Bell):
    def push(self, token: PushToken, message: PushMessage) -> Any:
        told = yield from super().push(token, message)
        return evolve(told, raw=f"unregistered: {token.value}") if isinstance(told, TokenGone) else told


class TitleInUrl(Bell):
    def push(self, token: PushToken, message: PushMessage) -> Any:
        yield HttpRequest(method="POST", url=f"https://push.bell.example/{message.title}")
        return Accepted()


class Forgets(Bell):
    """Logs in again for every push, though it says that it remembers."""

    def push(self, token: PushToken, message: PushMessage) -> Any:
        self.access = ""
        return (yield from super().push(token, message))


BROKEN: list[tuple[type[Bell], str]] = [
    (Keeps, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Drops, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Unlimited, "test_what_is_too_large_is_refused_before_it_leaves"),
    (Narrow, "test_what_fits_leaves"),
    (OwnClock, "test_the_present_moment_is_the_messages"),
    (Verbatim, "test_any_words_can_be_pushed"),
    (TakesAll, "test_p18_what_is_no_token_is_refused_at_the_door"),
    (TakesNone, "test_the_token_itself_is_one"),
    (Repeats, "test_p18_what_is_no_token_is_refused_at_the_door"),
    (ShowsToken, "test_p19_a_token_does_not_show"),
    (TitleInUrl, "test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr"),
    (Forgets, "test_several_exchanges_do_not_disturb_one_another"),
]


@pytest.mark.parametrize(("broken", "name"), BROKEN, ids=[kind.__name__ for kind, _ in BROKEN])
def test_a_broken_transport_is_found_out(broken: type[Bell], name: str) -> None:
    assert failures(variant(BellContract, offer=evolve(OFFER, build=broken)), name)


def test_the_runner_finds_nothing_wrong_with_a_good_one() -> None:
    assert failures(BellContract) == {}


WRONG: list[tuple[str, dict[str, object], str]] = [
    (
        "gone is left out",
        {"pushes": PUSHES[:1] + PUSHES[2:]},
        "test_a_required_situation_is_shown_or_waived",
    ),
    ("no row says what is asked", {"pushes": (evolve(PUSHES[0], asks=None),)}, "test_what_is_asked_for_is_shown"),
    ("nothing is no token", {"no_tokens": ()}, "test_p18_what_is_no_token_is_refused_at_the_door"),
    (
        "more room than there is",
        {"offer": evolve(OFFER, capabilities=PushCapabilities(bytes_together=20_000))},
        "test_what_fits_leaves",
    ),
]


@pytest.mark.parametrize(("changed", "name"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_an_author_leaves_out_is_found_out(changed: dict[str, object], name: str) -> None:
    assert failures(variant(BellContract, **changed), name)


@pytest.mark.parametrize(
    ("answer", "since"),
    [
        (HttpResponse(status=404, body=b'{"error": "unregistered", "since": 5}'), 5_000_000),
        (HttpResponse(status=404, body=b'{"error": "unregistered", "since": "x"}'), None),
    ],
)
def test_since_when_a_token_is_gone(answer: HttpResponse | NoAnswer, since: int | None) -> None:
    assert outcome_of(answer) == TokenGone(raw="unregistered", since_us=since)


# --- the hook ---------------------------------------------------------------------------------------------------------


class Belfry:
    name = "belfry"

    @hookimpl
    def convokit_push_transports(self) -> list[object]:
        return [OFFER]


def test_transports_are_collected_and_their_settings_checked() -> None:
    with convokit.open("memory:", plugins=[Belfry()], settings={"bell": {"key": "k"}}) as kit:
        assert kit.catalogue.push_transports == {"bell": OFFER}
    for wrong, code in ({"kay": "k"}, "settings.unknown"), ({"key": 5}, "settings.type"):
        with pytest.raises(convokit.ConfigurationError) as refused:
            convokit.open("memory:", plugins=[Belfry()], settings={"bell": wrong})
        assert refused.value.code == code
