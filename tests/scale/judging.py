"""What the desks say beside what the carrier took: lost, doubled, stuck, leaked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import define

from convokit.domain.delivery import Delivery
from convokit.runtime.kit import Convokit
from convokit.testing import Left
from tests.scale.system import client, practice_id, reply_of, sender, text_of


@define
class Verdict:
    """How often each promise was broken. ``marked``: replies that say that nobody knows, or that they failed."""

    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    leaked: int = 0
    untrue: int = 0
    marked: int = 0

    def broken(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("lost", "doubled", "stuck", "leaked", "untrue")}


def judge(kit: Convokit, practices: int, ledger: Sequence[Left]) -> Verdict:
    """Read every desk, and compare."""
    verdict = Verdict(stuck=kit.store.unsettled())
    left = Counter((one.sender, one.to, one.text) for one in ledger)
    ours = {
        (sender(number), client(number, which), reply_of(number, which))
        for number in range(practices)
        for which in (1, 2)
    }
    verdict.leaked += sum(times for one, times in left.items() if one not in ours)
    for number in range(practices):
        _judge_practice(kit, number, left, verdict)
    return verdict


def _judge_practice(kit: Convokit, number: int, left: Counter[tuple[str, str, str]], verdict: Verdict) -> None:
    desk = kit.practice(practice_id(number))
    chats = {chat.address: chat for chat in desk.inbox(limit=200).items}
    verdict.leaked += len(chats.keys() - {client(number, 1), client(number, 2)})
    for which in (1, 2):
        chat = chats.get(client(number, which))
        entries = [] if chat is None else [e for e in desk.thread(chat.id, limit=200).items if e.kind == "message"]
        came = [e for e in entries if e.side == "client"]
        sent = [e for e in entries if e.side == "practice"]
        verdict.leaked += sum(e.text != text_of(number, which) for e in came)
        verdict.leaked += sum(e.text != reply_of(number, which) for e in sent)
        verdict.lost += (not came) + (not sent)
        verdict.doubled += max(0, len(came) - 1) + max(0, len(sent) - 1)
        times = left[sender(number), client(number, which), reply_of(number, which)]
        verdict.doubled += max(0, times - 1)
        for entry in sent:
            _judge_reply(entry.delivery, times, verdict)


def _judge_reply(said: Delivery | None, times: int, verdict: Verdict) -> None:
    """One reply: what the desk says of it, and how often it truly left."""
    if said is Delivery.DELIVERED:
        verdict.untrue += times == 0
    elif said in (Delivery.UNSURE, Delivery.FAILED):
        verdict.marked += 1
        verdict.untrue += said is Delivery.FAILED and times > 0
    else:
        verdict.lost += times == 0
        verdict.untrue += times > 0  # it was reported, and the desk does not say so
