from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from convokit_sms_smpp import SmppSession, SmppSettings, convokit_sms_gateways
from convokit_sms_smpp.testing import PretendedCentre

from convokit.ports.sms import SmsGatewayOffer
from convokit.testing import PluginContract, SmsSessionContract, TakenText

PASSWORD = "hush4711"
SETTINGS = {"host": "smsc.example", "system_id": "convokit", "password": PASSWORD}
WORDS = {"delivered": "DELIVRD", "failed": "UNDELIV"}


class Rig:
    def __init__(self) -> None:
        self.centre = PretendedCentre().__enter__()
        self.session = SmppSession(SmppSettings(**self.centre.settings()), second=0.02)

    def taken(self) -> Sequence[TakenText]:
        return [TakenText(id=one.id, sender=one.sender, to=one.to, text=one.text) for one in self.centre.texts()]

    def sessions(self) -> int:
        return self.centre.count("bind")

    def farewells(self) -> int:
        return self.centre.count("unbind")

    def refuse_number(self) -> None:
        self.centre.then(0x0B)

    def refuse_for_now(self) -> None:
        self.centre.then(0x58)

    def lose_answer(self) -> None:
        self.centre.then("hang up")

    def refuse_login(self) -> None:
        self.centre.knows_account = False

    def cut(self) -> None:
        self.centre.cut()

    def stop(self) -> None:
        self.centre.stop()

    def bring(self, sender: str, to: str, text: str) -> bool:
        return set(self.centre.bring(sender, to, text)) == {0}

    def report(self, text: TakenText, state: str) -> bool:
        (whole,) = [one for one in self.centre.texts() if one.id == text.id]
        return self.centre.report(whole, WORDS[state]) == 0

    def close(self) -> None:
        self.session.close(5)
        self.centre.stop()


class TestSmppSession(SmsSessionContract):
    secrets = (PASSWORD,)

    def make_rig(self) -> Rig:
        return Rig()

    def make_offer(self) -> SmsGatewayOffer:
        (offer,) = convokit_sms_gateways()
        return offer


class TestSmppAsADistribution(PluginContract):
    distribution = "convokit-sms-smpp"
    settings: ClassVar = {"smpp": SETTINGS}
