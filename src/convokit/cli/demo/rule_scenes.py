"""Scenes of the day about what the practice has decided: departments, the app, numbers, words, and being forgotten."""

from __future__ import annotations

from attrs import evolve

from convokit.cli.demo.cast import FARID, KARL, KIM, OLGA, OMAR, PETS, PILAR, SAM, SECOND_NUMBER
from convokit.cli.demo.telling import Telling
from convokit.domain.audience import AppAudience
from convokit.domain.canned import filled_reply
from convokit.domain.people import Client
from convokit.domain.sms_segments import count_segments
from convokit.errors import ConvokitError


class RuleScenes(Telling):
    """What rules do."""

    def departments(self) -> None:
        """A client chooses a department in the app, and is greeted by it."""
        stage, desk = self.stage, self.desk
        stage.at("10:33")
        shown = desk.app_departments()
        chosen = shown[-1]
        desk.app_message(OLGA, "Milo scratches all day", patient=PETS[OLGA.id], department=chosen.id)
        stage.wait(20)
        (seen,) = desk.app_conversations(OLGA.id)
        hers = desk.app_thread(seen.id, client_id=OLGA.id).items
        names = " and ".join(one.name for one in shown)
        hidden = ", ".join(one.name for one in desk.departments() if not one.in_app)
        self.tell(
            f"Olga opens the app. It shows {names}; {hidden} is internal. Above a new conversation with {chosen.name} "
            f'stands: "{chosen.greeting}" She writes, is greeted once, '
            f"and her app shows {len(hers)} messages."
        )
        self.thread(OLGA)
        stage.at("10:36")
        desk.end(stage.of(OLGA).id, by=KIM, mail_to=())

    def audience(self) -> None:
        """Who is written to in the app is the practice's choice, and the desk says why not."""
        stage, desk = self.stage, self.desk
        stage.at("10:38")
        rules = desk.practice.rules
        before = self._why_not_in_app(FARID)
        more = AppAudience(who="selected", clients=rules.app.clients | {FARID.id})
        stage.decide(evolve(desk.practice, rules=evolve(rules, app=more)))
        after = self._why_not_in_app(FARID) or "it can be used"
        self.tell(
            f"The practice tries its app with some clients first. To Farid Sam can only text: {before} Sam adds him to "
            f"the list: now {after}."
        )

    def _why_not_in_app(self, client: Client) -> str:
        return next(choice.reason for choice in self.desk.channels(client) if choice.channel == "app")

    def second_number(self) -> None:
        """A number that the carriers have not cleared yet sends nothing."""
        stage = self.stage
        stage.at("12:54")
        known = self.desk.practice
        stage.decide(evolve(known, numbers=(*known.numbers, SECOND_NUMBER), sender_states={SECOND_NUMBER: "verifying"}))
        try:
            self.desk.start(client=PILAR, channel="sms", sender=SECOND_NUMBER, by=SAM)
            refused = "It went."
        except ConvokitError as error:
            refused = f"{error.message[:1].upper()}{error.message[1:]}"
        stage.at("12:56")
        stage.decide(evolve(self.desk.practice, sender_states={SECOND_NUMBER: "ready"}))
        started = self.desk.start(
            client=PILAR, patient=PETS[PILAR.id], channel="sms", title="Vacuna", sender=SECOND_NUMBER, by=SAM
        )
        self.desk.send(started.id, "Lola necesita su vacuna. ¿El jueves a las 10?", by=SAM)
        stage.wait(30)
        stage.at("12:58")
        stage.carrier.phone(PILAR.phone or "").text(SECOND_NUMBER, "Por favor no me manden más mensajes")
        stage.wait(30)
        self.tell(
            f"The practice has ordered a second number. {refused.rstrip('.')}. Two minutes later it is ready, and Sam "
            "writes to Pilar from it. She wants no more texts, says so in Spanish, and is taken at her word."
        )
        self.thread(PILAR)
        self.desk.end(started.id, by=SAM, mail_to=())

    def careful(self) -> None:
        """HELP is answered; a text that only may mean an opt-out is for a person to decide."""
        stage, desk = self.stage, self.desk
        stage.at("13:30")
        stage.texts(OMAR, "HELP")
        stage.wait(10)
        stage.at("13:32")
        stage.texts(OMAR, "Stop this nonsense")
        held = desk.consent(OMAR.phone or "").maybe
        self.tell(
            "Omar texts HELP and gets the practice's name and phone. His next text may mean that he wants no more: the "
            f"desk flags it and {'holds' if held else 'does not hold'} automatic messages until somebody decides."
        )
        self.thread(OMAR)
        stage.at("13:40")
        desk.dismiss_maybe(OMAR.phone or "", by=SAM, reason="he meant the queue at the desk")
        desk.note(stage.of(OMAR).id, "Called him: he meant the queue. He is happy to get texts.", by=SAM)

    def words(self) -> None:
        """What a text costs, and a text that is ready."""
        stage, desk = self.stage, self.desk
        stage.at("13:45")
        typed = (
            "Zaza’s blood count is back: all is well. Please keep her inside for 2 more days, and call us if she eats "
            "less."
        )
        as_typed = count_segments(typed)
        plain = count_segments(as_typed.plain or typed)
        ready = filled_reply(
            desk.practice.rules.canned[0].text,
            client=OMAR.name,
            patient=PETS[OMAR.id].name,
            practice=desk.practice.name,
            staff=SAM,
        )
        stage.reply(OMAR, as_typed.plain or typed, SAM)
        stage.reply(OMAR, ready, SAM)
        stage.wait(30)
        self.tell(
            f"Sam types a text of {as_typed.segments} segments: the {' '.join(as_typed.forcing)} makes it "
            f"{as_typed.encoding}. With a plain one it is {plain.segments}, and Sam takes that. Then a text that is "
            "ready; only the names are filled in. The note is for staff."
        )
        self.thread(OMAR)
        desk.end(stage.of(OMAR).id, by=SAM, mail_to=())

    def forgotten(self) -> None:
        """A client wants to be forgotten; the opt-out of the number outlives the name."""
        stage, desk = self.stage, self.desk
        stage.at("17:50")
        number = KARL.phone or ""
        report = desk.erase_client(KARL.id, by=SAM, reason="asked for it by letter")
        left = len(desk.search("Bruno").items)
        still = desk.consent(number).opted_out
        self.tell(
            f"Karl wants to be forgotten. Names, number and every word go, from {report.conversations} conversation; "
            f"a search for his dog finds {left or 'nothing'}. His number {'stays' if still else 'is not'} opted out: "
            "of it only a keyed hash is kept."
        )
