"""Carriers that keep a session: who shares one, whose a text is, and what happens when the plugin misbehaves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping

import pytest
from attrs import define, field, frozen

import convokit as api
from convokit.aio import AsyncKit
from convokit.domain.delivery import Delivery
from convokit.outcomes import Accepted, Outcome, TryLater
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, DeliveryReport, Event, InboundText, OutboundText, SmsGatewayOffer
from convokit.ports.sms_session import Intake, SessionState
from convokit.runtime import sessions

DENVER, BOULDER = "+13035550100", "+13035550200"
ANA = api.Client(id="c17", name="Ana Ruiz", phone="+13035550123")
KIM = api.Staff(id="u1", name="Dr. Kim")


@frozen(kw_only=True)
class LineSettings:
    """One setting that tells accounts apart."""

    account: str = "one"


@define
class Line:
    """A session in memory."""

    settings: LineSettings
    says: object = field(factory=lambda: Accepted(provider_id="p1"))
    take: Intake | None = None
    handed: list[OutboundText] = field(factory=list)
    closed: list[float] = field(factory=list)

    def open(self, take: Intake) -> None:
        if self.settings.account == "broken":
            raise ValueError("secret words")
        self.take = take

    def hand_over(self, message: OutboundText) -> Outcome:
        self.handed.append(message)
        if isinstance(self.says, BaseException):
            raise self.says
        return self.says  # type: ignore[return-value]  # rubbish is wanted

    def close(self, seconds: float) -> None:
        self.closed.append(seconds)
        if isinstance(self.says, BaseException):
            raise self.says

    def state(self) -> SessionState:
        if isinstance(self.says, BaseException):
            raise self.says
        return SessionState(is_up=self.take is not None, words="a line", warning="it creaks")


@define
class Lines:
    """The plugin."""

    accounts: Mapping[str, str] = field(factory=dict)
    keeps_session: bool = True
    build: type[object] | None = None
    name: str = "lines"
    built: list[Line] = field(factory=list)

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        able = Capabilities(keeps_session=self.keeps_session)
        return [SmsGatewayOffer(name="line", settings=LineSettings, build=self._build, capabilities=able)]

    @hookimpl
    def convokit_settings(self, practice_id: str) -> Mapping[str, object] | None:
        return {"account": self.accounts[practice_id]} if practice_id in self.accounts else None

    def _build(self, settings: LineSettings) -> Line:
        if self.build is not None:
            return self.build()  # type: ignore[return-value]  # rubbish is wanted
        self.built.append(Line(settings))
        return self.built[-1]


def kit_of(lines: Lines) -> api.Convokit:
    kit = api.open("memory:", plugins=[lines], public_url="https://desk.example/hooks")
    kit.add_practice(api.Practice(id="denver", name="Happy Paws", region="US", numbers=[DENVER]))
    kit.add_practice(api.Practice(id="boulder", name="Merry Tails", region="US", numbers=[BOULDER]))
    return kit


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def kit(lines: Lines) -> Iterator[api.Convokit]:
    with kit_of(lines) as kit:
        yield kit


def inbound(to: str, text: str = "How is Bella?") -> InboundText:
    return InboundText(provider_id=f"in-{to}-{text}", sender="+13035550123", to=to, text=text)


def bring(line: Line, event: Event, number: str) -> bool:
    assert line.take is not None
    return line.take(number, event)


def last_texts(kit: api.Convokit, practice: str) -> list[str]:
    return [row.last_text for row in kit.practice(practice).inbox().items]


def test_who_works_opens_it_before_anything_is_owed(kit: api.Convokit, lines: Lines) -> None:
    kit.gateways.of("denver")
    assert [line.take for line in lines.built] == [None]
    kit.work()
    (line,) = lines.built
    assert line.take is not None
    kit.close()
    assert len(line.closed) == 1
    assert line.closed[0] <= 10


def test_equal_settings_share_one_and_others_do_not() -> None:
    lines = Lines(accounts={"boulder": "two"})
    with kit_of(lines) as kit:
        kit.add_practice(api.Practice(id="aspen", name="Purrs", region="US", numbers=["+13035550300"]))
        kit.work()
        assert sorted(line.settings.account for line in lines.built) == ["one", "two"]


def test_a_text_goes_to_the_practice_with_its_number(kit: api.Convokit, lines: Lines) -> None:
    kit.work()
    (line,) = lines.built
    assert bring(line, inbound(BOULDER), BOULDER)
    assert bring(line, inbound(BOULDER), BOULDER)  # the carrier repeats it
    assert (last_texts(kit, "denver"), last_texts(kit, "boulder")) == ([], ["How is Bella?"])


def test_a_text_to_nobody_is_for_the_carrier_to_repeat(
    kit: api.Convokit, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    kit.work()
    assert not bring(lines.built[0], inbound("+13035559999"), "+13035559999")
    assert (last_texts(kit, "denver"), last_texts(kit, "boulder")) == ([], [])
    assert "for a number that no practice has" in caplog.text
    assert "Bella" not in caplog.text


def test_a_practice_that_is_alone_gets_it_however_the_number_is_written() -> None:
    lines = Lines(accounts={"boulder": "two"})
    with kit_of(lines) as kit:
        kit.work()
        (line,) = [line for line in lines.built if line.settings.account == "two"]
        assert bring(line, inbound("77420"), "77420")
        assert last_texts(kit, "boulder") == ["How is Bella?"]


def test_a_report_moves_the_check_of_its_practice(kit: api.Convokit, lines: Lines) -> None:
    desk = kit.practice("denver")
    sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "All good!", by=KIM)
    kit.work()
    (line,) = lines.built
    assert line.handed[0].callback_url is None
    assert desk.message(sent.id).delivery is Delivery.SENT
    assert bring(line, DeliveryReport(attempt_id=None, provider_id="p1", state="delivered"), DENVER)
    assert desk.message(sent.id).delivery is Delivery.DELIVERED


def test_a_practice_that_came_later_is_opened_too(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "_LOOK_SECONDS", 0.0)
    lines.accounts = {"boulder": "two"}
    with api.open("memory:", plugins=[lines]) as kit:
        kit.work()
        assert lines.built == []
        kit.add_practice(api.Practice(id="boulder", name="Merry Tails", region="US", numbers=[BOULDER]))
        kit.work()
        assert [line.settings.account for line in lines.built] == ["two"]


def test_one_practice_without_settings_does_not_keep_the_others_from_theirs(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines(accounts={"boulder": 7})  # type: ignore[dict-item]  # a vault with a wrong value
    with kit_of(lines) as kit:
        kit.work()
        assert [line.take is not None for line in lines.built] == [True]
        assert "practice boulder has no session with its carrier" in caplog.text


def test_one_that_cannot_be_opened_does_not_keep_the_others_from_theirs(caplog: pytest.LogCaptureFixture) -> None:
    lines = Lines(accounts={"boulder": "broken"})
    with kit_of(lines) as kit:
        kit.work()
        assert sorted(line.take is not None for line in lines.built) == [False, True]
        assert "practice boulder has no session with its carrier: ValueError" in caplog.text
        assert "secret words" not in caplog.text


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        (TryLater(raw="not connected"), Delivery.QUEUED),
        ("rubbish", Delivery.UNSURE),
        (SystemExit(1), Delivery.UNSURE),
        (ValueError("secret words"), Delivery.UNSURE),
    ],
)
def test_whatever_it_says_is_an_outcome(
    kit: api.Convokit, lines: Lines, caplog: pytest.LogCaptureFixture, says: object, shown: Delivery
) -> None:
    desk = kit.practice("denver")
    sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "All good!", by=KIM)
    carrier = kit.gateways.of("denver")
    assert carrier is not None
    lines.built[0].says = says
    kit.work()
    assert desk.message(sent.id).delivery is shown
    assert isinstance(carrier.gateway, sessions.KeptSession)
    assert (carrier.gateway.state().words == "a line") == (not isinstance(says, BaseException))
    kit.close()
    assert "secret words" not in caplog.text


def test_what_cannot_be_stored_is_for_the_carrier_to_repeat(kit: api.Convokit, lines: Lines) -> None:
    kit.work()
    (line,) = lines.built
    assert not bring(line, "rubbish", DENVER)  # type: ignore[arg-type]  # rubbish is wanted
    assert not bring(line, inbound(DENVER), 7)  # type: ignore[arg-type]  # rubbish is wanted
    kit.store.close()
    assert not bring(line, inbound(DENVER), DENVER)


def test_a_closed_kit_hands_nothing_over(kit: api.Convokit, lines: Lines) -> None:
    carrier = kit.gateways.of("denver")
    assert carrier is not None
    assert isinstance(carrier.gateway, sessions.KeptSession)
    kit.close()
    message = OutboundText(id="m.1", sender=DENVER, to="+13035550123", text="Hello")
    assert carrier.gateway.hand_over(message) == TryLater(raw="the kit is closed")
    carrier.gateway.open()
    assert lines.built[0].take is None


def test_nobody_calls_it_back(kit: api.Convokit) -> None:
    url = f"https://desk.example/hooks/{kit.webhook_path('denver')}"
    assert kit.webhook(api.HttpRequest(method="POST", url=url)).status == 404


@pytest.mark.parametrize("keeps", [True, False])
def test_what_is_built_is_what_is_declared(keeps: bool) -> None:
    class Neither:
        def send(self, message: OutboundText) -> None: ...

    lines = Lines(keeps_session=keeps, build=Neither if keeps else None)
    with kit_of(lines) as kit, pytest.raises(api.ConfigurationError) as caught:
        kit.gateways.of("denver")
    assert caught.value.code == "plugin.build_failed"


def test_a_forked_process_has_a_session_of_its_own(
    kit: api.Convokit, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.work()
    (parents,) = lines.built
    carrier = kit.gateways.of("denver")
    assert carrier is not None
    assert isinstance(carrier.gateway, sessions.KeptSession)
    with monkeypatch.context() as child:
        child.setattr(sessions.os, "getpid", lambda: -1)
        carrier.gateway.open()
        assert len(lines.built) == 2
        assert lines.built[1].take is not None
        carrier.gateway.close(1)
        assert (parents.closed, len(lines.built[1].closed)) == ([], 1)
        carrier.gateway.close(1)
    assert os.getpid() > 0


def test_an_asyncio_host_hands_over_too(kit: api.Convokit, lines: Lines) -> None:
    desk = kit.practice("denver")
    sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "All good!", by=KIM)

    async def work() -> None:
        desk_kit = AsyncKit(kit)
        await desk_kit.work()
        await desk_kit.aclose()

    asyncio.run(work())
    assert [message.text for message in lines.built[0].handed] == ["All good!"]
    assert desk.message(sent.id).delivery is Delivery.SENT


def test_a_practice_that_is_gone_gets_nothing(kit: api.Convokit, lines: Lines) -> None:
    kit.work()
    carrier = kit.gateways.of("denver")
    assert carrier is not None
    assert isinstance(carrier.gateway, sessions.KeptSession)
    carrier.gateway.attach("nobody", carrier)
    assert bring(lines.built[0], inbound(DENVER), DENVER)
    assert last_texts(kit, "denver") == ["How is Bella?"]
