"""Phase 2: the faults are over. Everything must come to an end, and the library's story be the outside's."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from convokit.decisions.automatic import MOST_AN_HOUR
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE, SECOND
from convokit.runtime.perform import LEASE
from simulation import people
from simulation.outside import Report, Side, hold
from simulation.till import booked
from simulation.world import SIDES, World

_MAILED: Final = frozenset({"transcript_mailed", "transcript_not_mailed", "transcript_unsure"})
_UNCERTAIN: Final = frozenset({"reset", "raises", "crash", "clock", "busy", "interleave"})
"""Faults that may hit the window of a hand-over."""


def settle(world: World) -> None:
    """Let time pass, with everything in order, until nothing moves any more."""
    world.faults, world.fuse, world.busy, world.intruders = frozenset(), None, 0, 0
    for process in world.processes:
        for flight in (*process.flights,):
            with world.on(process):
                world.land(process, flight)
    _round(world, 0)  # a worker that is there looks at once
    for _ in range((LEASE + MINUTE) // (30 * SECOND) + 1):
        _round(world, 30)
    waiting = [a for side in SIDES for a in range(people.CLIENTS) if _in_flight(world, side.id, people.phone(a))]
    hold("P4", not waiting, f"hand-overs of {waiting} are in flight a minute after their leases")
    for _ in range(40):  # the longest wait of a text is an hour
        _round(world, 240)
    store = world.processes[0].kit.store
    _past_all_links(world, store)
    hold("P4", store.unsettled() == 0, f"{store.unsettled()} effects are stuck: {store.due(10**18, 9)}")
    jobs = store.due_jobs(10**18, 9)
    hold("P4", not jobs, f"jobs are stuck: {jobs}")
    hold("P1", world.network.quiet, "the carrier still has callbacks that nobody takes")
    for watch in world.watches.values():
        watch.check()


def _past_all_links(world: World, store: Any) -> None:
    """Where a clock went back, the time of a link is not over yet."""
    late = max(
        (owed.job.not_before_us for owed in store.due_jobs(10**18, 99) if owed.job.kind == "ask_payment"), default=0
    )
    wait = late - world.now_us()
    if wait > 0:
        _round(world, wait / SECOND + 1)
        for _ in range(20):
            _round(world, 240)


def _in_flight(world: World, practice: str, address: str) -> int:
    return int(world.processes[0].kit.store._inner.in_flight(practice, address))


def _round(world: World, seconds: float) -> None:
    world.pass_(seconds)
    for process in world.processes:
        with world.on(process):
            process.kit.work()
    while world.network.carry(world.chance):
        pass


def judge(world: World) -> None:
    """Compare the desks with the outside's ledgers."""
    for side in SIDES:
        entries = world.watches[side.id].entries
        _inbound(world, side.id, entries)
        _written(world, side.id, entries)
        _texts(world, side.id, entries)
        _reports(world, side.id, entries)
        _automatic(world, side, entries)
        _mails(world, side, entries)
        _records(world, side, entries)
        _payments(world, side, entries)
        _consent(world, side.id)


def _inbound(world: World, practice: str, entries: list[Any]) -> None:
    """Every text that the carrier was thanked for is there, once, in the right conversation."""
    rows = world.watches[practice].rows
    stored: Counter[tuple[str, ...]] = Counter()
    for entry in entries:
        if entry.side == "client" and entry.channel == "sms":
            row = rows[entry.conversation_id]
            stored[practice, str(entry.provider_id), row.address, row.sender, entry.text] += 1
    for text in (t for t in world.outside.inbound if t.practice == practice):
        times = stored.pop(text.key, 0)
        hold("P1", times or not text.acknowledged, f"{text.provider_id} {text.text!r} of {practice} was lost")
        hold("P2", times <= 1, f"{text.provider_id} {text.text!r} of {practice} is there {times} times")
    hold("P2", not stored, f"{practice} has texts that nobody wrote: {list(stored)[:3]}")


def _written(world: World, practice: str, entries: list[Any]) -> None:
    """What staff and app clients wrote is there once; and if the call returned, certainly."""
    stored = Counter(entry.text for entry in entries if entry.kind == "message")
    for (of, words), returned in world.outside.written.items():
        if of == practice:
            hold("P3", stored[words] <= 1, f"{words!r} was stored {stored[words]} times")
            hold("P1", stored[words] or not returned, f"{words!r} was lost")


def _texts(world: World, practice: str, entries: list[Any]) -> None:
    """Every text has come to an end, and left as often as its message says."""
    left = Counter(text.key.rpartition(".")[0] for text in world.outside.left if text.practice == practice)
    for entry in entries:
        if entry.channel != "sms" or entry.delivery is None:
            continue
        hold("P4", entry.delivery is not Delivery.QUEUED, f"{entry.id} is still queued")
        pressed = world.outside.again[practice, entry.id]
        hold("P3", entry.attempt <= 1 + pressed, f"{entry.id} is at attempt {entry.attempt}, pressed {pressed} times")
        hold("P3", left[entry.id] <= entry.attempt, f"{entry.id} left {left[entry.id]} times")
        if entry.delivery in (Delivery.SENT, Delivery.DELIVERED):
            hold("P3", left[entry.id], f"{entry.id} is {entry.delivery.name}, and never left")
        if entry.delivery is Delivery.UNSURE:
            world.outside.counts["unsure"] += 1
            hold("P3", world.day.faults & _UNCERTAIN, f"{entry.id} is unsure without any reason")


def _reports(world: World, practice: str, entries: list[Any]) -> None:
    """No report that was acknowledged is lost."""
    known = {entry.id: entry for entry in entries}
    for report in world.outside.reports:
        if report.practice != practice or not report.acknowledged or not _findable(world, report):
            continue
        entry_id, _, attempt = report.key.rpartition(".")
        entry = known[entry_id]
        hold("P5", report.state != "delivered" or entry.delivery == Delivery.DELIVERED, f"{entry_id} was delivered")
        if report.state in ("sent", "failed") and entry.attempt == int(attempt):
            least = Delivery.SENT if report.state == "sent" else Delivery.FAILED
            hold("P5", entry.delivery >= least, f"{entry_id} is {entry.delivery.name}, {report.state} was reported")


def _findable(world: World, report: Report) -> bool:
    return report.names != "theirs" or (report.practice, report.key) in world.outside.named


def _automatic(world: World, side: Side, entries: list[Any]) -> None:
    """No more confirmations than opt-outs, and never more than three automatic texts an hour to one number."""
    stops = Counter(t.sender for t in world.outside.inbound if (t.practice, t.word) == (side.id, "stop"))
    rows = world.watches[side.id].rows
    told: dict[str, list[Any]] = {}
    for entry in entries:
        if entry.kind == "automatic" and entry.channel == "sms":
            told.setdefault(rows[entry.conversation_id].address, []).append(entry)
    for address, texts in told.items():
        confirmed = sum(text.text == side.automatic("confirmation") for text in texts)
        hold("P6", confirmed <= stops[address], f"{confirmed} confirmations to {address}, {stops[address]} opt-outs")
        if "clock" not in world.day.faults:
            _capped(side, address, texts)


def _capped(side: Side, address: str, texts: list[Any]) -> None:
    """A confirmation is never held back, and what is about a payment a person has asked for: they are not counted."""
    capped = {side.automatic(kind) for kind in ("help", "away", "greeting")}
    moments = [text.at_us for text in texts if text.text in capped]
    for moment in moments:
        hour = sum(moment - HOUR < other <= moment for other in moments)
        hold("P24", hour <= MOST_AN_HOUR, f"{hour} automatic texts to {address} in an hour")


def _payments(world: World, side: Side, entries: list[Any]) -> None:
    """What the clients paid is booked, each movement once; and nothing else."""
    desk = world.processes[0].kit.practice(side.id)
    known = {payment.id: payment for row in world.watches[side.id].rows for payment in desk.payments(row)}
    asked = {of for practice, of in world.outside.prompts if practice == side.id}
    hold(
        "P8", asked <= known.keys(), f"the provider was asked for what {side.id} does not know: {asked - known.keys()}"
    )
    for payment in known.values():
        truth = booked(world, side.id, payment.id, payment.money.minor)
        charges = {(charge.id, charge.minor) for charge in payment.evidence.charges}
        hold("P8", charges == truth.charges, f"{payment.id}: charges {charges}, truly {truth.charges}")
        hold("P8", payment.settled == truth.paid, f"{payment.id} is {payment.state}, truly paid: {truth.paid}")
        hold("P8", payment.refunded.minor == truth.refunded, f"{payment.id}: refunded {payment.refunded}")
        twice = "paid_twice" in payment.flags
        hold("P8", twice == (len(truth.charges) > 1), f"{payment.id}: flags {payment.flags}, truly {truth.charges}")
        links = sum((payment.url or "-") in entry.text for entry in entries if entry.kind != "event")
        hold("P8", links <= 1, f"the link of {payment.id} was sent {links} times")
        over = payment.url is not None and payment.state in ("expired", "cancelled")
        hold("P8", not over or payment.id in world.outside.closed, f"{payment.id} is {payment.state}, and can be paid")
        world.outside.counts["payments"] += 1
        world.outside.counts["links closed"] += over
    told = sum(entry.event == "payment_expired" for entry in entries)
    times = sum("expired" in payment.evidence.seen for payment in known.values())
    hold("P8", told <= times, f"{told} payments of {side.id} are told to have expired, {times} have")


def _mails(world: World, side: Side, entries: list[Any]) -> None:
    """What became of each transcript stands in the thread, once for each recipient."""
    for row in world.watches[side.id].rows.values():
        thread = [entry for entry in entries if entry.conversation_id == row.id]
        ends = sum(entry.event == "ended" for entry in thread)
        world.outside.counts["ends"] += ends
        told = [entry.text for entry in thread if entry.event in _MAILED]
        front, client = sum(side.front in text for text in told), sum(side.front not in text for text in told)
        owed = ends if world.day.mails else 0
        hold("P4", (front, client) == (owed, owed), f"{row.id} ended {ends} times, its mails: {told}")


def _records(world: World, side: Side, entries: list[Any]) -> None:
    """What was to be filed is in the record once, and the thread says which; or it says that it was turned down."""
    kept = {name: head for (of, name), head in world.outside.filed.items() if of == side.id}
    asked = {name for of, name in world.outside.asked_to_file if of == side.id}
    # What was put there, and turned down when it came again because nobody knew, is told as not filed.
    excused = {name for of, name in world.outside.turned_down if of == side.id}
    told: Counter[str] = Counter()
    for row in world.watches[side.id].rows.values():
        thread = [entry for entry in entries if entry.conversation_id == row.id]
        ends = sum(entry.event == "ended" for entry in thread)
        news = [entry for entry in thread if entry.event in ("transcript_filed", "transcript_not_filed")]
        by_themselves = [entry.text for entry in news if " asked" not in entry.text]
        hold("P4", len(by_themselves) == ends, f"{row.id} ended {ends} times, of its records: {by_themselves}")
        for entry in (one for one in news if one.event == "transcript_filed"):
            name, shown = entry.raw.removeprefix("R-"), entry.text.partition("SHA-256 ")[2].rstrip(").")
            told[name] += 1
            hold("P3", kept.get(name, "").startswith(shown), f"the record has another {name} than the thread tells of")
        if any(entry.reason == "expired" for entry in news):
            hold("P4", "clock" in world.day.faults, f"{row.id} was given up within a day")
            excused |= {name for name in (*kept, *asked) if name.rpartition("-")[0] == row.id}
    hold("P3", max(told.values(), default=1) == 1, f"documents of {side.id} were told of twice: {told}")
    silent, lost = kept.keys() - told.keys() - excused, asked - kept.keys() - excused
    hold("P3", not silent, f"{side.id} has filed what no thread tells of: {silent}")
    hold("P4", not lost, f"{side.id} has not filed what staff asked for: {lost}")
    world.outside.counts["filings"] += told.total()


def _consent(world: World, practice: str) -> None:
    desk = world.processes[0].kit.practice(practice)
    for number in range(people.CLIENTS):
        gate = world.outside.gate(practice, people.phone(number))
        out = desk.consent(people.phone(number)).opted_out
        hold("P6", gate.known in (None, out), f"client {number} of {practice}: opted out {out}, outside {gate}")
