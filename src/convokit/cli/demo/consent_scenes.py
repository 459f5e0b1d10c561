"""Scenes of the day about a closed day, about who may be texted, and about a text that nobody knows the end of."""

from __future__ import annotations

from typing import Final

from convokit.cli.demo.cast import AMELIE, DAN, KIM, PAUL, PETS, SAM
from convokit.cli.demo.stage import LOST, ZONE
from convokit.cli.demo.telling import Telling
from convokit.gateways.simulator import Weather

_MONDAY: Final = 0


class ConsentScenes(Telling):
    """Closed days, and opt-outs that come from elsewhere."""

    def monday(self) -> None:
        """A client writes on a holiday, from a phone that nobody knows yet; nobody is at the desk."""
        self.stage.on_monday("10:15")
        self.stage.texts(AMELIE, "Bonjour, Minou peut-il venir mardi pour son vaccin ?")

    def after_the_holiday(self) -> None:
        """The desk opens again, and finds out who wrote."""
        stage, desk = self.stage, self.desk
        known = next(row for row in desk.inbox().items if row.address == AMELIE.phone)
        (match,) = desk.find_clients("Amélie")
        desk.set_client(known.id, match.client, by=KIM)
        desk.set_patient(known.id, match.patient, by=KIM)
        desk.send(known.id, "Bonjour Amélie, oui, à 11 heures.", by=KIM)
        stage.wait(20)
        opens = desk.open_now().opens_at
        state = "is closed" if opens is None else f"opens at {opens.astimezone(ZONE):%H:%M}"
        reminded = any(report.day.weekday() == _MONDAY for report in desk.end_of_day().days)
        self.tell(
            "Monday was a holiday of the practice's. A text came in, in French, and got the away reply at once; "
            f"in the evening {'a mail' if reminded else 'no mail'} told anybody that it is open. The desk {state}, but "
            f"Dr. Kim is there early. The number is new: she searches for {match.client.name}, and says that it "
            "is hers."
        )
        self.thread(match.client)
        desk.end(known.id, by=KIM, mail_to=())

    def left_as_it_is(self) -> None:
        """The answer to a text is lost, and no report ever comes: a person decides."""
        stage, desk = self.stage, self.desk
        stage.at("10:02")
        stage.carrier.weather = LOST
        sent = stage.reply(DAN, "Please bring Rex a little earlier, at 1:30.", SAM)
        stage.wait(30)
        stage.carrier.weather = Weather()
        stage.at("10:15")
        before = len(stage.carrier.taken)
        shown = desk.message(sent.id).indicator
        desk.leave(stage.of(DAN).id, sent.id, by=SAM)
        stage.wait(30)
        again = len(stage.carrier.taken) - before
        self.tell(
            f"Another text to Dan: {'' if shown is None else shown.label}. Sam calls, and Dan has it. So she presses "
            f"Leave: it is not sent again ({again or 'nothing'} left the house), and needs nobody any more."
        )
        self.thread(DAN, newest=1)

    def in_french(self) -> None:
        """An opt-out in French, taken back at the desk."""
        stage, desk = self.stage, self.desk
        stage.at("13:24")
        stage.texts(AMELIE, "Arrêtez de m'envoyer des messages")
        stage.wait(10)
        stage.at("13:26")
        desk.opt_in(AMELIE.phone or "", by=SAM, reason="asked for texts again at the desk, in person")
        stage.reply(AMELIE, "Merci Amélie ! Prochain vaccin de Minou : mai 2027.", SAM)
        stage.wait(10)
        self.tell(
            "Amélie has had enough of texts, says so in French, and gets no more. At the desk she thinks better of it: "
            "Sam records that, with the reason, and texts arrive again."
        )
        self.thread(AMELIE, newest=6)
        desk.end(stage.of(AMELIE).id, by=SAM, mail_to=())

    def carriers_list(self) -> None:
        """The carrier knows of an opt-out that the desk has never heard of."""
        stage, desk = self.stage, self.desk
        stage.at("13:28")
        stage.phone(PAUL).blocked = True
        started = desk.start(client=PAUL, patient=PETS[PAUL.id], channel="sms", title="Check-up", by=SAM)
        desk.send(started.id, "Kiwi is due for a check-up. Shall we find a day?", by=SAM)
        stage.wait(10)
        (line,) = desk.consent_ledger(PAUL.phone or "")
        self.tell(
            "Paul once wrote STOP to another sender of the same carrier, which keeps a list of its own and takes no "
            f'text to him. The desk writes that into its ledger ({line.source}, "{line.evidence}"), and will not '
            "try again."
        )
        self.thread(PAUL)
        desk.end(started.id, by=SAM, mail_to=())
