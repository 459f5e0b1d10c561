"""The contract of a carrier that keeps a session, as tests that its author runs.

Subclass and say how to make a rig: a session, and a centre on this machine that can be told how to behave::

    class TestPigeonPost(SmsSessionContract):
        secrets = ("the password that the rig uses",)

        def make_offer(self):
            return offer

        def make_rig(self):
            return MyRig()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Final, Protocol

import attrs
import pytest
from attrs import define, evolve, field, frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, Event, InboundText, SmsGatewayOffer
from convokit.ports.sms_session import SmsSession
from convokit.runtime.plugin_values import event_checked
from convokit.testing.contract import Cases, Contract
from convokit.testing.guards import LEAST_SECRET, hold_back, nothing_is_logged
from convokit.testing.loopback import PATIENCE
from convokit.testing.rows import MESSAGE
from convokit.testing.texts import TEXTS


@frozen(kw_only=True)
class TakenText:
    """A text that the carrier took, as the phone shows it, and the carrier's id of it."""

    id: str
    sender: str
    to: str
    text: str = field(repr=False)


class SessionRig(Protocol):
    """A centre under the control of the tests. Everything takes effect for the next text."""

    @property
    def session(self) -> SmsSession:
        """The session under test, set up for this centre and not opened."""
        ...

    def taken(self) -> Sequence[TakenText]:
        """Every text that was taken, in order."""
        ...

    def sessions(self) -> int:
        """How often somebody logged in, in vain or not."""
        ...

    def farewells(self) -> int:
        """How often somebody took leave as the protocol wants it."""
        ...

    def refuse_number(self) -> None:
        """Refuse the next text for its recipient, for good."""
        ...

    def refuse_for_now(self) -> None:
        """Refuse the next text because there are too many."""
        ...

    def lose_answer(self) -> None:
        """Take the next text, and break the connection instead of saying so."""
        ...

    def refuse_login(self) -> None:
        """Know the account no more."""
        ...

    def cut(self) -> None:
        """Break the connection, and take the next one."""
        ...

    def stop(self) -> None:
        """Listen no more."""
        ...

    def bring(self, sender: str, to: str, text: str) -> bool:
        """A client's text; whether it was acknowledged. Called again with the same it is a repetition."""
        ...

    def report(self, text: TakenText, state: str) -> bool:
        """Report ``"delivered"`` or ``"failed"``; whether it was acknowledged."""
        ...

    def close(self) -> None:
        """End everything, the session too. Called once."""
        ...


@define
class _Taken:
    """The kit's side: keeps what is brought, and may be told to keep nothing for now."""

    seen: list[tuple[str, Event]] = field(factory=list)
    stores: bool = True
    changed: threading.Condition = field(factory=threading.Condition)

    def __call__(self, number: str, event: Event) -> bool:
        with self.changed:
            self.seen.append((number, event_checked(event)))
            self.changed.notify_all()
            return self.stores

    def texts(self) -> list[InboundText]:
        return [event for _, event in self.seen if isinstance(event, InboundText)]

    def reports(self) -> list[DeliveryReport]:
        return [event for _, event in self.seen if isinstance(event, DeliveryReport)]


CLIENT: Final = MESSAGE.to
OURS: Final = MESSAGE.sender


class SmsSessionContract(Contract):
    """Every promise of :class:`convokit.ports.sms_session.SmsSession`. Tests may be added, none replaced."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """What must not show: the password that the rig gives to the session."""

    def make_rig(self) -> SessionRig:
        """A new centre that has taken nothing, and a session for it."""
        raise NotImplementedError("fill in make_rig: return the carrier, pretended, with what it can be made to do")

    def make_offer(self) -> SmsGatewayOffer:
        """What the plugin offers."""
        raise NotImplementedError("fill in make_offer: return what the plugin offers")

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {**super().cases(), "text": lambda: dict(TEXTS)}

    @pytest.fixture
    def rig(self) -> Iterator[SessionRig]:
        """The rig under test, whose session is not open."""
        rig = self.make_rig()
        yield rig
        rig.close()

    @pytest.fixture
    def took(self, rig: SessionRig) -> _Taken:
        """The kit's side of a session that is open."""
        took = _Taken()
        rig.session.open(took)
        return took

    @pytest.fixture(autouse=True)
    def _nothing_leaks(self, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
        hidden = (*self.secrets, MESSAGE.text, *(text for text in TEXTS.values() if len(text) >= LEAST_SECRET))
        with nothing_is_logged(hidden):
            yield
        hold_back(hidden, "".join(capsys.readouterr()), "what was printed")

    # --- the offer ----------------------------------------------------------------------------------------------------
    def test_the_offer_is_a_recipe_with_frozen_settings(self) -> None:
        offer = self.make_offer()
        assert offer.name == offer.name.lower() != ""
        assert offer.api == 1
        assert offer.capabilities.keeps_session
        assert attrs.has(offer.settings)
        assert "__setattr__" in vars(offer.settings), "the settings are not frozen"

    def test_p19_secrets_do_not_show(self, rig: SessionRig, took: _Taken) -> None:
        assert self.secrets, "a session without a secret"
        rig.session.hand_over(MESSAGE)
        hold_back(self.secrets, f"{rig.session!r} {rig.session} {rig.session.state()!r}", "a repr")

    # --- handing over -------------------------------------------------------------------------------------------------
    def test_it_connects_when_it_is_opened_and_not_before(self, rig: SessionRig) -> None:
        threads = threading.active_count()
        assert isinstance(rig.session, SmsSession)
        assert not rig.session.state().is_up
        assert rig.sessions() == 0
        for _ in range(2):
            rig.session.open(_Taken())
        assert isinstance(rig.session.hand_over(MESSAGE), Accepted)
        assert rig.session.state().is_up
        assert rig.sessions() == 1
        rig.session.close(PATIENCE)
        assert threading.active_count() <= threads + 1, "threads are left behind"

    def test_a_text_arrives_whole_and_once(self, rig: SessionRig, took: _Taken) -> None:
        outcome = rig.session.hand_over(MESSAGE)
        (text,) = rig.taken()
        assert outcome == Accepted(provider_id=text.id)
        assert (text.sender, text.to, text.text) == (OURS, CLIENT, MESSAGE.text)

    def test_any_text_leaves_as_it_was_written(self, rig: SessionRig, took: _Taken, text: str) -> None:
        assert isinstance(rig.session.hand_over(evolve(MESSAGE, text=text)), Accepted)
        assert [one.text for one in rig.taken()] == [text]

    def test_case_15_a_text_without_end_is_refused(self, rig: SessionRig, took: _Taken) -> None:
        outcome = rig.session.hand_over(evolve(MESSAGE, text="Bella is well. " * 20_000))
        assert isinstance(outcome, Refused)
        assert outcome.reason == "content_rejected"
        assert not rig.taken()

    def test_many_threads_share_it(self, rig: SessionRig, took: _Taken) -> None:
        outcomes: list[object] = []

        def hand_over(number: int) -> None:
            for turn in range(5):
                text = f"text {turn} of thread {number}"
                outcomes.append(rig.session.hand_over(evolve(MESSAGE, id=f"m_{number}{turn}.1", text=text)))

        threads = [threading.Thread(target=hand_over, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert sorted(one.text for one in rig.taken()) == sorted(
            f"text {turn} of thread {number}" for number in range(4) for turn in range(5)
        )
        assert {outcome.provider_id for outcome in outcomes if isinstance(outcome, Accepted)} == {
            one.id for one in rig.taken()
        }

    # --- what carriers do ---------------------------------------------------------------------------------------------
    def test_refused_for_good(self, rig: SessionRig, took: _Taken) -> None:
        rig.refuse_number()
        outcome = rig.session.hand_over(MESSAGE)
        assert isinstance(outcome, Refused)
        assert outcome.reason in ("invalid_number", "number_inactive", "landline")
        assert not rig.taken()

    def test_refused_for_now_is_for_later(self, rig: SessionRig, took: _Taken) -> None:
        rig.refuse_for_now()
        assert isinstance(rig.session.hand_over(MESSAGE), TryLater)
        assert not rig.taken()

    def test_p03_a_lost_answer_is_unsure_and_nothing_leaves_twice(self, rig: SessionRig, took: _Taken) -> None:
        rig.lose_answer()
        assert isinstance(rig.session.hand_over(MESSAGE), Unsure)
        self.until_up(rig)
        assert len(rig.taken()) == 1

    def test_a_wrong_login_is_the_accounts_problem(self, rig: SessionRig) -> None:
        rig.refuse_login()
        rig.session.open(_Taken())
        outcome = rig.session.hand_over(MESSAGE)
        assert isinstance(outcome, Refused)
        assert outcome.reason == "account_problem"
        hold_back(self.secrets, repr((outcome, rig.session.state())), "an outcome")

    def test_nobody_listening_is_for_later(self, rig: SessionRig) -> None:
        rig.stop()
        rig.session.open(_Taken())
        assert isinstance(rig.session.hand_over(MESSAGE), TryLater)
        assert not rig.session.state().is_up

    def test_a_broken_connection_is_made_again(self, rig: SessionRig, took: _Taken) -> None:
        assert isinstance(rig.session.hand_over(MESSAGE), Accepted)
        rig.cut()
        self.until_up(rig)
        assert isinstance(rig.session.hand_over(MESSAGE), Accepted)
        assert len(rig.taken()) == 2

    # --- what comes by itself -----------------------------------------------------------------------------------------
    def test_any_text_of_a_client_is_read_as_it_was_written(self, rig: SessionRig, took: _Taken, text: str) -> None:
        assert rig.bring(CLIENT, OURS, text)
        ((number, event),) = took.seen
        assert isinstance(event, InboundText)
        assert (number, event.sender, event.to, event.text) == (OURS, CLIENT, OURS, text)

    def test_p01_what_is_not_stored_is_not_acknowledged(self, rig: SessionRig, took: _Taken) -> None:
        took.stores = False
        assert not rig.bring(CLIENT, OURS, "How is Bella?")
        took.stores = True
        assert rig.bring(CLIENT, OURS, "How is Bella?")
        first, again = took.texts()
        assert first.provider_id == again.provider_id, "a repetition could not be recognised"

    def test_p02_the_same_words_again_are_another_text(self, rig: SessionRig, took: _Taken) -> None:
        for _ in range(2):
            assert rig.bring(CLIENT, OURS, "OK")
        assert len({event.provider_id for event in took.texts()}) == 2

    @pytest.mark.parametrize("state", ["delivered", "failed"])
    def test_a_report_finds_its_text(self, rig: SessionRig, took: _Taken, state: str) -> None:
        outcome = rig.session.hand_over(MESSAGE)
        assert rig.report(rig.taken()[0], state)
        ((number, event),) = took.seen
        assert isinstance(event, DeliveryReport)
        assert (number, event.state) == (OURS, state)
        assert (event.reason is not None) == (state == "failed")
        assert isinstance(outcome, Accepted)
        assert event.attempt_id == MESSAGE.id or event.provider_id == outcome.provider_id is not None

    def test_p01_a_report_that_is_not_stored_is_repeated(self, rig: SessionRig, took: _Taken) -> None:
        rig.session.hand_over(MESSAGE)
        took.stores = False
        assert not rig.report(rig.taken()[0], "delivered")
        took.stores = True
        assert rig.report(rig.taken()[0], "delivered")
        assert len(set(took.reports())) == 1, "a repetition could not be recognised"

    # --- the end ------------------------------------------------------------------------------------------------------
    def test_it_takes_leave(self, rig: SessionRig, took: _Taken) -> None:
        rig.session.hand_over(MESSAGE)
        for _ in range(2):
            rig.session.close(PATIENCE)
        assert rig.farewells() == 1
        assert not rig.session.state().is_up
        assert isinstance(rig.session.hand_over(MESSAGE), TryLater)
        assert len(rig.taken()) == 1

    def test_it_may_be_closed_without_having_been_opened(self, rig: SessionRig) -> None:
        rig.session.close(PATIENCE)
        assert rig.sessions() == 0

    def test_closing_does_not_wait_for_a_carrier_that_is_away(self, rig: SessionRig) -> None:
        rig.stop()
        rig.session.open(_Taken())
        rig.session.close(PATIENCE)
        assert not rig.session.state().is_up

    def until_up(self, rig: SessionRig) -> None:
        """Wait until the session is connected again."""
        waiting = threading.Event()
        for _ in range(int(PATIENCE * 100)):
            if rig.session.state().is_up and rig.sessions() > 1:
                return
            waiting.wait(0.01)
        raise AssertionError("it did not connect again")
