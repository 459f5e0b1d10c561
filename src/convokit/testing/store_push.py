"""The store contract: the apps of clients that are to be told, and what finds them."""

from __future__ import annotations

from typing import Final

import pytest
from attrs import evolve

from convokit.decisions import needs
from convokit.decisions.base import Before, Decision, Needs, TokenLoss
from convokit.effects import SendPush
from convokit.errors import Conflict
from convokit.ports.push import PushToken
from convokit.testing.builders import START
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_erasing import ERASURE

APP: Final = PushToken(
    id="app-1", transport="bell", value="a1b2" * 1_000, app="the vet app", keys={"auth": "k"}, registered_us=START
)
MOST: Final = 3


def register(desk: Desk, token: PushToken = APP, client_id: str = "c17") -> str:
    """Keep a registration of the client that :meth:`Facts.started` writes to."""
    return desk.store.put_push_token(desk.id, client_id, token, most=MOST)


def lose(desk: Desk, until_us: int) -> None:
    """A decision that a registration leads nowhere."""
    decision = Decision(token_loss=TokenLoss(token_id=APP.id, until_us=until_us))
    desk.store.commit(desk.id, Before(), desk.facts.settled("no-such-key"), decision)


class PushCases(StoreCases):
    """A registration is one app's, and its client's who signed in last."""

    def test_a_registration_is_kept_as_it_was_given(self, desk: Desk) -> None:
        assert register(desk) == APP.id
        assert desk.store.push_token(desk.id, APP.id) == APP
        assert desk.store.push_tokens(desk.id, "c17") == (APP,)
        assert desk.store.push_tokens(desk.id, "c18") == ()
        assert desk.store.push_token(desk.id, "unknown") is None

    def test_the_same_token_again_is_the_same_registration(self, desk: Desk) -> None:
        register(desk)
        again = evolve(APP, id="app-2", app="another app", keys={}, registered_us=START + 5)
        assert register(desk, again) == APP.id
        assert desk.store.push_tokens(desk.id, "c17") == (evolve(again, id=APP.id),)
        assert register(desk, evolve(again, id="app-3", transport="gong")) == "app-3"

    def test_a_phone_is_whose_who_signed_in_last(self, desk: Desk) -> None:
        register(desk)
        assert register(desk, evolve(APP, id="app-2", registered_us=START + 5), "c18") == APP.id
        assert desk.store.push_tokens(desk.id, "c17") == ()
        assert [token.id for token in desk.store.push_tokens(desk.id, "c18")] == [APP.id]

    def test_an_id_is_given_once(self, desk: Desk) -> None:
        register(desk)
        with pytest.raises(Conflict) as caught:
            register(desk, evolve(APP, value="another"))
        assert caught.value.code == "id.taken"

    def test_of_too_many_the_oldest_are_dropped(self, desk: Desk) -> None:
        made = [evolve(APP, id=f"app-{n}", value=f"v{n}", registered_us=START + n) for n in range(MOST + 2)]
        for token in made:
            register(desk, token)
        assert desk.store.push_tokens(desk.id, "c17") == tuple(made[-MOST:])

    def test_only_its_client_takes_it_back(self, desk: Desk) -> None:
        register(desk)
        assert not desk.store.drop_push_token(desk.id, "c18", APP.id)
        assert desk.store.drop_push_token(desk.id, "c17", APP.id)
        assert not desk.store.drop_push_token(desk.id, "c17", APP.id)

    def test_a_lost_one_is_dropped_unless_it_was_given_again(self, desk: Desk) -> None:
        register(desk)
        lose(desk, START - 1)
        assert desk.store.push_token(desk.id, APP.id) == APP
        lose(desk, START)
        assert desk.store.push_token(desk.id, APP.id) is None
        lose(desk, START)

    def test_who_is_to_be_told_is_loaded_with_a_conversation_in_the_app(self, desk: Desk) -> None:
        register(desk)
        register(desk, evolve(APP, id="app-2", value="another", registered_us=START + 1))
        register(desk, evolve(APP, id="app-3", value="of another client"), "c18")
        talk = desk.facts.started(address="c17", channel="app")
        desk.put(talk)
        fact = desk.facts.replied(talk.conversation_id)
        assert desk.store.load(desk.id, needs(fact)).reach == (APP.id, "app-2")
        assert desk.store.load(desk.id, Needs(conversation_id=talk.conversation_id)).reach == ()
        desk.put(fact)
        due = [owed.job for owed in desk.store.due_jobs(desk.facts.now_us, 10)]
        assert {job.token_id for job in due if isinstance(job, SendPush)} == {APP.id, "app-2"}

    def test_nobody_is_told_of_a_text(self, desk: Desk) -> None:
        register(desk)
        talk = desk.facts.started()
        desk.put(talk)
        assert desk.store.load(desk.id, needs(desk.facts.replied(talk.conversation_id))).reach == ()

    def test_p20_an_erased_client_is_told_nothing_more(self, desk: Desk) -> None:
        register(desk)
        register(desk, evolve(APP, id="app-2", value="another"), "c18")
        desk.store.erase_client(desk.id, ERASURE, lambda: "m-erased")
        assert desk.store.push_tokens(desk.id, "c17") == ()
        assert [token.id for token in desk.store.push_tokens(desk.id, "c18")] == ["app-2"]
