"""One day at the front desk of Happy Paws.

The sentences are a script. The acts are real calls of the desk, and every list, thread and mark is read from it.
"""

from __future__ import annotations

from typing import Final

from convokit.cli.demo.cast import ANA, BEN, CHLOE, DAN, EVA, FARID, GRACE, KIM, PETS, SAM, STRANGER
from convokit.cli.demo.consent_scenes import ConsentScenes
from convokit.cli.demo.desk_scenes import DeskScenes
from convokit.cli.demo.menu_scenes import MenuScenes
from convokit.cli.demo.money_scenes import MoneyScenes
from convokit.cli.demo.rule_scenes import RuleScenes
from convokit.cli.demo.stage import SILENT, ZONE
from convokit.cli.screen import COLUMNS, wrap
from convokit.cli.views import inbox_lines
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.people import Client
from convokit.gateways.simulator import Weather

_CALM: Final = Weather()
_TWICE: Final = Weather(repeat=1.0)


class Day(DeskScenes, MenuScenes, RuleScenes, ConsentScenes, MoneyScenes):
    """The day, scene by scene. :meth:`play` ends in the evening, with everything still open."""

    def play(self) -> None:
        """The whole day."""
        self.friday()
        self.monday()
        self.stage.until_morning()
        self._title()
        for scene in (
            self.after_the_holiday,
            self.before_hours,
            self._morning,
            self._urgent,
            self._app_checks,
            self._text_checks,
            self._trouble,
            self._repaired,
            self.left_as_it_is,
            self.photo_and_pdf,
            self.departments,
            self.audience,
            self.files_by_text,
            self._stop,
            self.payment,
            self.second_thoughts_on_money,
            self.numbers,
            self.second_number,
            self._cancel,
            self.in_french,
            self.carriers_list,
            self.careful,
            self.words,
            self.finding,
            self._end,
            self.options,
            self.late_money,
            self._reopened,
            self._evening,
            self.mails,
            self.forgotten,
        ):
            scene()

    def _title(self) -> None:
        day = self.stage.clock().astimezone(ZONE)
        practice = self.desk.practice
        self.screen.say(self.screen.tone(f"  {practice.name}: conversations, {day:%A} {day.day} {day:%B %Y}", "bold"))
        text = (
            "One day at the front desk, played in seconds. The practice, its clients and their phones are made up; the "
            "desk, its database and the delivery reports are the real thing."
        )
        for line in wrap(text, COLUMNS - 2):
            self.screen.say("  " + self.screen.tone(line, "dim"))

    # --- the scenes --------------------------------------------------------------------------------------------
    def _morning(self) -> None:
        stage = self.stage
        stage.at("08:02")
        stage.texts(ANA, "Hi, are Bella's lab results in yet?")
        stage.at("08:05")
        stage.writes_in_app(CHLOE, "Mochi needs a refill of her thyroid pills, please.")
        stage.at("08:09")
        stage.texts(STRANGER, "Do you see rabbits too?")
        stage.at("08:11")
        stage.writes_in_app(BEN, "Max ate a bar of dark chocolate and he is shaking")
        stage.at("08:12")
        stage.texts(ANA, "And can I stop by at 5 to get her food?")
        self.tell(
            'Five messages have come in, by text and in the practice\'s app. Newest on top. ("stop by at 5" is no '
            "opt-out, and is not taken for one.)"
        )
        self.inbox()

    def _urgent(self) -> None:
        self.stage.at("08:13")
        self.desk.set_urgency(self.stage.of(BEN).id, "urgent", by=KIM)
        self.tell("Dr. Kim reads about the chocolate and sets it to urgent: it jumps to the top and stays there.")
        self.inbox()

    def _app_checks(self) -> None:
        stage = self.stage
        stage.at("08:14")
        sent = stage.reply(BEN, "Please bring Max in now, we are ready for him. How much did he eat?", KIM)
        stage.at("08:16")
        self.desk.app_opened(BEN.id)
        stage.at("08:17")
        self.desk.app_read(stage.of(BEN).id, client_id=BEN.id)
        stage.wait(0)
        self.tell(
            "Dr. Kim answers in the app. One gray check: sent. Ben opens the app: two gray checks. "
            "He opens the conversation: two blue checks."
        )
        self.moves(sent)
        stage.wait(20)
        stage.writes_in_app(BEN, "About half of it. We are in the car, 10 minutes away.")
        stage.wait(25)
        stage.reply(BEN, "Good. Come straight to the side door.", KIM)
        self.thread(BEN)

    def _text_checks(self) -> None:
        stage = self.stage
        stage.at("08:20")
        stage.carrier.weather = _TWICE
        sent = stage.reply(ANA, "Good morning Ana! Bella's results are in and look fine. 5 pm is perfect.", SAM)
        stage.wait(5)
        self.tell("Sam answers Ana by text: a clock until the carrier has it, then one gray check, then two.")
        self.moves(sent)
        before = self.desk.changes()[-1].number
        stage.wait(50)
        stage.carrier.weather = _CALM
        after = self.desk.changes()[-1].number
        same = "nothing moved, nothing was written" if before == after else f"{after - before} changes"
        self.tell(f"The carrier has sent each of its reports twice, as carriers do. The second time {same}.")

    def _trouble(self) -> None:
        stage, desk = self.stage, self.desk
        stage.at("09:30")
        stage.phone(DAN).state = "off"
        desk.start(client=DAN, patient=PETS[DAN.id], channel="sms", title="Stitches", by=SAM)
        stage.reply(DAN, "Reminder: Rex's stitches come out today at 2 pm.", SAM)
        stage.at("09:32")
        desk.start(client=FARID, patient=PETS[FARID.id], channel="sms", title="Vaccination", by=SAM)
        stage.carrier.weather = SILENT
        stage.reply(FARID, "Luna is due for her rabies shot. Thursday at 10?", SAM)
        stage.wait(5)
        stage.carrier.weather = _CALM
        stage.at("09:35")
        self.tell(
            "Two texts need a person. Dan's phone is off: a black \"i\" with the reason. For Farid's the carrier's "
            "answer never came, so nobody can know whether it took the text: that has a mark of its own."
        )
        self.inbox()
        self.thread(DAN)
        self.thread(FARID)

    def _repaired(self) -> None:
        stage = self.stage
        stage.at("09:50")
        stage.phone(DAN).state = "on"
        failed = self._last_of_ours(DAN)
        stage.moves(failed)
        self.desk.send_again(stage.of(DAN).id, failed.id, by=SAM)
        stage.wait(30)
        self.tell("Dan's phone is on again. Sam presses Send again: a new attempt.")
        self.moves(failed)
        stage.at("10:00")
        unsure = self._last_of_ours(FARID)
        self.tell("Farid's text: the carrier's report came late, and settles it. Nobody sent it twice.")
        self.moves(unsure)

    def _last_of_ours(self, client: Client) -> Entry:
        entries = self.desk.thread(self.stage.of(client).id).items
        return [entry for entry in entries if entry.delivery is not None][-1]

    def _stop(self) -> None:
        stage, desk = self.stage, self.desk
        stage.at("11:02")
        desk.start(client=EVA, patient=PETS[EVA.id], channel="sms", title="Dental week", by=SAM)
        stage.reply(EVA, "Dental check-ups are 20% off this week. Shall we book Otto in?", SAM)
        stage.at("11:06")
        stage.texts(EVA, "STOP")
        stage.wait(20)
        stage.texts(EVA, "stop")
        stage.at("11:30")
        before = len(stage.carrier.taken)
        stage.reply(EVA, "Otto's food has arrived.", SAM)
        stage.wait(30)
        left = len(stage.carrier.taken) - before
        self.tell(
            "Eva has texted STOP, twice. She got one confirmation. When Sam writes again at 11:30 the text is refused: "
            f"it is kept, it says why, and {left or 'nothing'} left the house."
        )
        self.thread(EVA)
        desk.mark_read(stage.of(EVA).id, by=SAM)

    def _opted_out(self, known: Conversation) -> bool:
        return known.channel == "sms" and self.desk.consent(known.address).opted_out

    def _cancel(self) -> None:
        stage = self.stage
        stage.at("13:10")
        self.desk.start(client=GRACE, patient=PETS[GRACE.id], channel="sms", title="Check-up", by=SAM)
        stage.reply(GRACE, "See you and Pepper tomorrow at 9. Please tell us if you cannot come.", SAM)
        stage.at("13:14")
        stage.texts(GRACE, "CANCEL")
        stage.at("13:20")
        stage.texts(GRACE, "START")
        stage.wait(30)
        stage.reply(GRACE, "Thank you, Grace. Tomorrow's visit is cancelled, texts stay on.", SAM)
        stage.wait(30)
        self.tell(
            "Grace texts CANCEL. Carriers take that for an opt-out, so the desk does too, and says that she may have "
            "meant the appointment. Sam calls her; she did, and texts START."
        )
        self.thread(GRACE)

    def _end(self) -> None:
        stage, desk = self.stage, self.desk
        stage.at("14:30")
        stage.reply(CHLOE, "Mochi's pills are ready at the desk.", SAM)
        stage.at("14:40")
        desk.app_opened(CHLOE.id)
        stage.at("15:00")
        for client in (ANA, BEN):
            desk.end(stage.of(client).id, by=SAM)
        self.tell("Max is well again and Ana has her answer: Sam ends both conversations. They move to the history.")
        self.inbox()

    def _reopened(self) -> None:
        stage = self.stage
        stage.at("16:40")
        stage.texts(ANA, "I'm running late, is 5:30 still ok?")
        self.tell("Ana writes again. That is within 72 hours, so her conversation opens again, with all that was said.")
        stage.at("16:42")
        stage.reply(ANA, "No hurry, we close at 6.", SAM)
        stage.at("16:43")
        self.thread(ANA)

    def _evening(self) -> None:
        stage, desk = self.stage, self.desk
        stage.at("17:20")
        desk.send_and_end(stage.of(ANA).id, "Thank you for coming in, Ana. Bella was very brave.", by=SAM)
        stage.wait(60)
        waiting = [c for c in desk.inbox(awaiting_reply=True).items if not self._opted_out(c)]
        names = ", ".join(c.client_name or c.address for c in waiting)
        self.tell(f"The end of the day. Still without an answer, for everybody to see: {names or 'nobody'}.")
        self.inbox()
        ended = desk.history().items
        self.screen.say()
        self.screen.say("  " + self.screen.tone("History", "bold"))
        for line in inbox_lines(self.screen, ended, stage.clock(), ZONE):
            self.screen.say(line)
        self._filed()

    def _filed(self) -> None:
        stage, known = self.stage, self.stage.of(ANA)
        filed = [entry for entry in self.desk.thread(known.id).items if entry.event == "transcript_filed"]
        document = self.desk.transcript(known.id)
        for suffix, what in ((".pdf", "transcript"), (".txt", "the same as text")):
            self.files.append((document.write(self.folder / f"bella-transcript{suffix}"), what))
        self.desk.transcript_taken(document, by=SAM)
        self.files += [(stage.cabinet.root / (entry.raw or ""), "filed for Bella by itself") for entry in filed[-1:]]
        self.tell(
            "Sam takes the transcript of Ana's conversation. It is in Bella's medical record already: that is a folder "
            "here, and what has ended is filed by itself, once its last text has arrived."
        )
        self.thread(ANA, newest=4)
