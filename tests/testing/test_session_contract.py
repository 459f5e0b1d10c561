"""The contract of sessions finds broken ones out: a line in memory that does all right, and its bad relatives."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import count

import pytest
from attrs import evolve, field, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import Capabilities, DeliveryReport, InboundText, OutboundText, SmsGatewayOffer
from convokit.ports.sms_session import Intake, SessionState
from convokit.testing import SessionRig, SmsSessionContract, TakenText
from convokit.testing.session_contract import _Taken

PASSWORD = "hush-hush-4711"


@frozen(kw_only=True)
class LineSettings:
    password: str = field(repr=False)


class Line:
    """A session and its centre in one: what the centre does is a plan of one word."""

    def __init__(self) -> None:
        self.session = self
        self.plan = ""
        self.texts: list[TakenText] = []
        self.take: Intake | None = None
        self.bound = self.closed = False
        self.logins = self.goodbyes = 0
        self.ids = count()
        self.pending: dict[str, str] = {}
        self.lock = threading.Lock()

    # --- the session
    def open(self, take: Intake) -> None:
        if self.take is None and not self.closed:
            self.take = take
            self.connect()

    def connect(self) -> None:
        if self.plan != "stop":
            self.logins += 1
            self.bound = self.plan != "login"

    def hand_over(self, message: OutboundText) -> Outcome:
        with self.lock:
            plan, self.plan = self.plan, "" if self.plan in ("number", "now", "lose") else self.plan
            if plan == "login":
                return Refused(reason="account_problem")
            if not self.bound:
                return TryLater(raw="not connected")
            if plan == "number":
                return Refused(reason="invalid_number")
            if plan == "now":
                return TryLater(raw="throttled")
            if len(message.text) > 1_600:
                return Refused(reason="content_rejected")
            named = f"t{next(self.ids)}"
            self.texts.append(TakenText(id=named, sender=message.sender, to=message.to, text=message.text))
            if plan == "lose":
                self.cut()
                return Unsure(why="no answer")
            return Accepted(provider_id=named)

    def close(self, seconds: float = 0) -> None:
        self.closed = True
        if self.bound:
            self.bound = False
            self.goodbyes += 1

    def state(self) -> SessionState:
        return SessionState(is_up=self.bound, words="a line")

    # --- the rig
    def taken(self) -> Sequence[TakenText]:
        return self.texts

    def sessions(self) -> int:
        return self.logins

    def farewells(self) -> int:
        return self.goodbyes

    def refuse_number(self) -> None:
        self.plan = "number"

    def refuse_for_now(self) -> None:
        self.plan = "now"

    def lose_answer(self) -> None:
        self.plan = "lose"

    def refuse_login(self) -> None:
        self.plan = "login"

    def cut(self) -> None:
        self.bound = False
        self.connect()

    def stop(self) -> None:
        self.plan, self.bound = "stop", False

    def bring(self, sender: str, to: str, text: str) -> bool:
        assert self.take is not None
        named = self.pending.pop(text, None) or f"in{next(self.ids)}"
        stored = self.take(to, InboundText(provider_id=named, sender=sender, to=to, text=text))
        if not stored:
            self.pending[text] = named
        return stored

    def report(self, text: TakenText, state: str) -> bool:
        assert self.take is not None
        assert state in ("delivered", "failed")
        reason = "unknown" if state == "failed" else None
        return self.take(
            text.sender,
            DeliveryReport(attempt_id=None, provider_id=text.id, state=state, reason=reason),  # type: ignore[arg-type]
        )


class LineContract(SmsSessionContract):
    secrets = (PASSWORD,)
    make_rig = staticmethod(Line)

    def make_offer(self) -> SmsGatewayOffer:
        able = Capabilities(keeps_session=True)
        return SmsGatewayOffer(name="line", settings=LineSettings, build=lambda settings: Line(), capabilities=able)


class TestLine(LineContract):
    """A session that does everything right."""


# --- broken ones ------------------------------------------------------------------------------------------------------
class Eager(Line):
    """Connects when it is built."""

    def __init__(self) -> None:
        super().__init__()
        self.connect()


class Hopeful(Line):
    """Takes whatever happens for success."""

    def hand_over(self, message: OutboundText) -> Outcome:
        super().hand_over(message)
        return Accepted(provider_id="t0")


class Stubborn(Line):
    """Hands over again what was not answered."""

    def hand_over(self, message: OutboundText) -> Outcome:
        outcome = super().hand_over(message)
        return super().hand_over(message) if isinstance(outcome, Unsure) else outcome


class Fearful(Line):
    """Tries everything again."""

    def hand_over(self, message: OutboundText) -> Outcome:
        super().hand_over(message)
        return TryLater()


class Trimming(Line):
    """Knows better than who wrote the text."""

    def hand_over(self, message: OutboundText) -> Outcome:
        return super().hand_over(evolve(message, text=message.text.strip()))

    def bring(self, sender: str, to: str, text: str) -> bool:
        return super().bring(sender, to, text.strip())


class Mortal(Line):
    """Connects once."""

    def cut(self) -> None:
        self.bound = False


class Polite(Line):
    """Acknowledges whatever comes."""

    def bring(self, sender: str, to: str, text: str) -> bool:
        super().bring(sender, to, text)
        return True

    def report(self, text: TakenText, state: str) -> bool:
        super().report(text, state)
        return True


class Forgetful(Line):
    """Gives a repetition another id."""

    def bring(self, sender: str, to: str, text: str) -> bool:
        self.pending.clear()
        return super().bring(sender, to, text)


class Confusing(Line):
    """Takes the same words for the same text."""

    def bring(self, sender: str, to: str, text: str) -> bool:
        self.pending[text] = text
        return super().bring(sender, to, text)


class Rude(Line):
    """Hangs up without a word."""

    def close(self, seconds: float = 0) -> None:
        self.closed, self.bound = True, False


class Chatty(Line):
    """Shows its password."""

    def __repr__(self) -> str:
        return f"Chatty({PASSWORD!r})"


@pytest.mark.parametrize(
    ("broken", "name", "values"),
    [
        (Eager, "test_it_connects_when_it_is_opened_and_not_before", ()),
        (Hopeful, "test_refused_for_good", ()),
        (Hopeful, "test_refused_for_now_is_for_later", ()),
        (Hopeful, "test_p03_a_lost_answer_is_unsure_and_nothing_leaves_twice", ()),
        (Hopeful, "test_a_wrong_login_is_the_accounts_problem", ()),
        (Hopeful, "test_nobody_listening_is_for_later", ()),
        (Hopeful, "test_case_15_a_text_without_end_is_refused", ()),
        (Hopeful, "test_many_threads_share_it", ()),
        (Stubborn, "test_p03_a_lost_answer_is_unsure_and_nothing_leaves_twice", ()),
        (Fearful, "test_a_text_arrives_whole_and_once", ()),
        (Fearful, "test_refused_for_good", ()),
        (Trimming, "test_any_text_leaves_as_it_was_written", ("  two  ",)),
        (Trimming, "test_any_text_of_a_client_is_read_as_it_was_written", ("  two  ",)),
        (Polite, "test_p01_what_is_not_stored_is_not_acknowledged", ()),
        (Polite, "test_p01_a_report_that_is_not_stored_is_repeated", ()),
        (Forgetful, "test_p01_what_is_not_stored_is_not_acknowledged", ()),
        (Confusing, "test_p02_the_same_words_again_are_another_text", ()),
        (Rude, "test_it_takes_leave", ()),
        (Chatty, "test_p19_secrets_do_not_show", ()),
    ],
)
def test_a_broken_session_is_found_out(broken: type[Line], name: str, values: tuple[str, ...]) -> None:
    played(Line(), name, values)
    with pytest.raises((AssertionError, ValueError)):  # ValueError: another number of texts than was unpacked
        played(broken(), name, values)


def played(rig: Line, name: str, values: tuple[str, ...]) -> None:
    case = getattr(LineContract(), name)
    wants = case.__code__.co_varnames[: case.__code__.co_argcount]
    took = _Taken()
    if "took" in wants:
        rig.open(took)
    case(rig, *((took,) if "took" in wants else ()), *values)


def test_a_session_that_does_not_connect_again_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convokit.testing.session_contract.PATIENCE", 0.05)
    with pytest.raises(AssertionError, match="did not connect again"):
        played(Mortal(), "test_a_broken_connection_is_made_again", ())


def test_an_offer_that_keeps_no_session_is_found_out() -> None:
    class Loose(LineContract):
        def make_offer(self) -> SmsGatewayOffer:
            return evolve(super().make_offer(), capabilities=Capabilities())

    with pytest.raises(AssertionError):
        Loose().test_the_offer_is_a_recipe_with_frozen_settings()


def test_a_subclass_must_say_what_is_tested() -> None:
    for call in (SmsSessionContract().make_rig, SmsSessionContract().make_offer):
        with pytest.raises(NotImplementedError):
            call()


def test_the_line_is_a_rig() -> None:
    rig: SessionRig = Line()
    assert rig.taken() == []
