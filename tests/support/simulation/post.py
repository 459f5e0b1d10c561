"""A mail service that misbehaves, and knows which mails truly left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.mail import MailerOffer, MailMessage, MailOutcome
from simulation.outside import hold

if TYPE_CHECKING:
    from simulation.world import World


@frozen(kw_only=True)
class NoSettings:
    """It needs none."""


class Post:
    """The plugin and the mailer."""

    name = "post"

    def __init__(self, world: World) -> None:
        self.world = world

    @hookimpl
    def convokit_mailers(self) -> list[MailerOffer]:
        return [MailerOffer(name="post", settings=NoSettings, build=lambda settings: self)]

    def send(self, message: MailMessage) -> MailOutcome:
        world = self.world
        if world.happens("throttle"):
            return MailOutcome(outcome=TryLater(raw="451 later"))
        if world.happens("refuse"):
            return MailOutcome(outcome=Refused(reason="unknown", raw="550 no"))
        world.seam()
        self._leave(message)
        world.seam()
        if world.happens("reset"):
            return MailOutcome(outcome=Unsure(why="connection reset"))
        if world.happens("raises"):
            raise RuntimeError("the mailer's own mistake")
        return MailOutcome(outcome=Accepted(provider_id=message.id))

    def _leave(self, message: MailMessage) -> None:
        world = self.world
        side = next(side for side in world.sides if side.mailbox == message.sender)
        told = f"{message.subject} {message.text} {message.html} {message.recipients}"
        foreign = [other.mark for other in world.sides if other is not side and other.mark in told]
        hold("P10", not foreign, f"a mail of {side.id} tells of {foreign}")
        for address in message.recipients:
            world.outside.mailed[message.id, address] += 1
            hold("P3", world.outside.mailed[message.id, address] == 1, f"mail {message.id} left twice for {address}")
        world.outside.counts["mailed"] += 1
        world.say(f"   mail {message.id} leaves for {', '.join(message.recipients)}")
