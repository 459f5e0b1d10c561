"""Uses of the promised names that only type checkers read: what a host writes must stay well typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import assert_type

import convokit
from convokit import aio
from convokit.gateways.simulator import Phone, Simulator, Weather
from convokit.outcomes import Accepted, Outcome
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records
from convokit.ports.reminders import Every, PatientReminders, Recurring, Reminder, Reminders
from convokit.ports.sms import Capabilities, SmsGateway, SmsGatewayOffer

kit = convokit.open(
    "sqlite:///desk.db",
    plugins=["kannel", Simulator(seed=7, weather=Weather(repeat=0.5))],
    settings={"kannel": {"send_url": "http://127.0.0.1:13013/cgi-bin/sendsms"}},
    public_url="https://practice.example/hooks",
    transcripts=convokit.TranscriptSettings(fonts=["system", "/usr/share/fonts"], key="key.pem"),
    records="folder",
    clock=lambda: datetime.now(UTC),  # noqa: TID251 - a host's own clock
)
assert_type(kit, convokit.Convokit)
practice = convokit.Practice(
    id="happy-paws",
    name="Happy Paws",
    region="US",
    numbers=["+13035550100"],
    rules=convokit.Rules(stop_words=["basta"], countries=["US", "CA"], reminder_emojis={"rabies": "🐺"}),
)
assert_type(kit.add_practice(practice), convokit.Practice)
assert_type(practice.numbers, tuple[str, ...])

desk = kit.practice("happy-paws")
assert_type(desk, convokit.PracticeDesk)
ana = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123", email="ana@example.com")
kim = convokit.Staff(id="u1", name="Dr. Kim")

c = desk.start(client=ana, patient=convokit.Patient(id="p4", name="Bella"), channel="sms", title="Lab", by=kim)
assert_type(c, convokit.Conversation)
m = desk.send(c.id, "Bella's results are in.", by=kim, client_ref="tab-1")
assert_type(m, convokit.Entry)
assert_type(m.at, datetime)
assert_type(m.indicator, convokit.Indicator | None)
assert_type(kit.work(), convokit.WorkReport)

page = desk.inbox(unread=True, initiated_by="client", urgency="urgent", channel="sms", limit=50)
assert_type(page, convokit.Page[convokit.Conversation])
assert_type(page.items[0].last_message_at, datetime)
assert_type(page.next, str | None)
assert_type(desk.thread(c.id), convokit.Page[convokit.Entry])
assert_type(desk.history(after=page.next), convokit.Page[convokit.Conversation])
assert_type(desk.inbox(assignee="", failed=True, sort="awaiting_reply").next, str | None)
assert_type(desk.search("bella").items, tuple[convokit.SearchHit, ...])
assert_type(desk.assign(c.id, None, by=kim), convokit.Conversation)
assert_type(desk.badges(), convokit.Badges)
assert_type(desk.changes(since=0), tuple[convokit.Change, ...])
assert_type(desk.past_due(c.id), convokit.PastDueReminders)
assert_type(desk.past_due_for(page.items)[c.id].items, tuple[convokit.PastDue, ...])
assert_type(desk.end(c.id, by=kim), convokit.Conversation)
assert_type(desk.opt_out("+13035550123", by=kim, reason="asked by phone"), convokit.OptOut)
assert_type(desk.consent_ledger("+13035550123"), tuple[convokit.ConsentEntry, ...])
assert_type(desk.app_opened("c17"), int)
assert_type(desk.app_register("c17", transport="fcm", token="t", keys={"auth": "k"}), str)
assert_type(desk.app_unregister("c17", "app_1"), bool)
front = kit.app_front(lambda request: convokit.AppUser(practice_id="happy-paws", client_id="c17"))
assert_type(front, convokit.AppFront)
convokit.wsgi_app(front)
convokit.Rules(push=convokit.PushRules(says="message", hours=2))
surgery = convokit.Department(id="surgery", name="Surgery", in_app=False)
rules = convokit.Rules(departments=[surgery], app=convokit.AppAudience(who="selected", clients={"c17"}))
convokit.Practice(id="p", name="P", numbers=["+13035550100"], sender_states={"+13035550100": "ready"}, rules=rules)
assert_type(kit.practice("p", departments=["surgery", ""]), convokit.PracticeDesk)
assert_type(desk.departments(), tuple[convokit.Department, ...])
assert_type(desk.move(c.id, "surgery", by=kim), convokit.Conversation)
assert_type(desk.channels(ana), tuple[convokit.ChannelChoice, ...])
assert_type(desk.number_health("+13035550123"), convokit.NumberHealth)
assert_type(desk.set_client_note("c17", "Shy.", by=kim), convokit.ClientNote)
assert_type(desk.set_client(c.id, ana, by=kim), convokit.Conversation)
assert_type(desk.set_patient(c.id, None, by=kim), convokit.Conversation)
assert_type(desk.find_clients("ana"), tuple[convokit.Match, ...])
assert_type(desk.can_find_clients, bool)
assert_type(desk.can_file_transcripts, bool)
assert_type(desk.app_conversations("c17"), tuple[convokit.AppConversation, ...])
assert_type(desk.app_thread(c.id, client_id="c17"), convokit.Page[convokit.AppMessage])
assert_type(desk.newest_change(), int)
assert_type(kit.secret("forms"), bytes)
assert_type(convokit.Rules(canned=[convokit.CannedReply(title="a", text="b")]).canned, tuple[convokit.CannedReply, ...])
assert_type(desk.choose_client(c.id, "c17", by=kim).candidates, tuple[convokit.Candidate, ...])
desk.transcript(c.id, by=kim).write("bella.pdf")
desk.transcript(c.id).write("bella.zip")
assert_type(desk.file_transcript(c.id, by=kim), convokit.Conversation)
convokit.Rules(records=convokit.RecordRules(on_end=False, format="html"))
convokit.Rules(quiet_hours=convokit.QuietHours(begin="20:00", end="09:00"))

response = kit.webhook(convokit.HttpRequest(method="POST", url="https://x/", headers=(("a", "b"),), body=b""))
assert_type(response, convokit.HttpResponse)
assert_type(convokit.classify_text("stop", opted_out=False), convokit.Verdict)
assert_type(convokit.count_segments("It’s time").segments, int)
assert_type(convokit.indicator(channel="sms", delivery="delivered"), convokit.Indicator)


class Host:
    """A host's own plugin."""

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        """Offers a carrier."""
        return [SmsGatewayOffer(name="own", settings=Host, build=self.build, capabilities=Capabilities(mms=None))]

    @hookimpl
    def convokit_reminders(self) -> Reminders:
        """Knows reminders."""
        return self

    def due_for(self, practice_id: str, patient_id: str) -> PatientReminders | None:
        """Of one pet."""
        rabies = Recurring(kind="rabies", since=date(2022, 9, 14), every=Every(years=3))
        return PatientReminders(
            patient_id=patient_id, reminders=[rabies, Reminder(kind="dental", due=date(2026, 1, 1))]
        )

    @hookimpl
    def convokit_records(self) -> Records:
        """Files transcripts."""
        return self

    def file(self, document: RecordDocument) -> Outcome:
        """Of one visit."""
        assert_type(document.content, bytes)
        return Accepted(provider_id=document.patient_id or document.id)

    def build(self, settings: Host) -> SmsGateway:
        """Build it."""
        raise LookupError


async def asyncio_host() -> None:
    """The same from an event loop."""
    async with aio.AsyncKit(kit) as akit:
        assert_type(await akit.call(desk.inbox, unread=True), convokit.Page[convokit.Conversation])
        assert_type(await akit.work(), convokit.WorkReport)


def simulated(carrier: Simulator) -> None:
    """The simulated carrier."""
    carrier.connect(kit)
    phone = carrier.phone("+13035550123")
    assert_type(phone, Phone)
    phone.answer = lambda text: "ok" if "?" in text else None
    answer: Callable[[str], str | None] | None = phone.answer
    assert_type(phone.text("+13035550100", "hello"), convokit.HttpResponse)
    del answer


work: Awaitable[None] = asyncio_host()
