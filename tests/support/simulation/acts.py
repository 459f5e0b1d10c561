"""The alphabet of a day: what clients, staff, workers, the network and bad luck do."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import convokit
from convokit.decisions.base import Needs
from convokit.errors import NotFound, StorageError
from convokit.ports.wire import HttpRequest
from simulation import people
from simulation.carrier import SIGNATURE
from simulation.day import event
from simulation.doing import do, some_row, some_troubled, write
from simulation.outside import SURGERY, Inbound, Side, Word, hold
from simulation.till import CURRENCY
from simulation.world import SIDES, Flight, Process, World

URGENCIES: Final = ("low", "normal", "high", "urgent")


# --- clients with phones ---------------------------------------------------------------------------------------------
def text(world: World, side: Side, number: int, word: Word, chance: random.Random, to: str | None = None) -> Inbound:
    """A client's text reaches the carrier."""
    words = people.plain(side, chance, world.fresh()) if word == "plain" else chance.choice(people.WORDS[word])
    earlier = [t.provider_id for t in world.outside.inbound if t.practice == side.id]
    reused = bool(earlier) and world.happens("reused")
    made = Inbound(
        practice=side.id,
        provider_id=chance.choice(earlier) if reused else world.carrier.fresh_id(side.id),
        sender=people.phone(number),
        to=to or chance.choice((side.numbers[0], *side.numbers)),
        text=words,
        word=word,
    )
    known = next((t for t in world.outside.inbound if t.key == made.key), None)
    if known is not None:
        return known  # the same id and the same words: nobody could tell it from a repetition
    if "blocked" in world.faults and word in ("stop", "start"):
        change = world.carrier.blocked.add if word == "stop" else world.carrier.blocked.discard
        change((side.id, made.sender))
    world.outside.inbound.append(made)
    return made


def _texts(word: Word) -> Callable[[World, random.Random], None]:
    def handler(world: World, chance: random.Random) -> None:
        side = chance.choice(SIDES)
        world.network.add(text(world, side, people.some(chance), word, chance))

    return handler


for _word, _weight in {"plain": 12.0, "stop": 2.0, "start": 2.0, "help": 1.0, "maybe": 1.0}.items():
    event(_word, _weight)(_texts(_word))  # type: ignore[arg-type]  # the words of the table


@event("stop at the worst time", 3)
def stop_now(world: World, chance: random.Random) -> None:
    """The client of a text that is owed or in flight says STOP, and the carrier calls at once."""
    owed = [o for o in world.processes[0].kit.store.due(10**18, 50) if o.effect.because == "reply"]
    going = [flight.hand_over.effect for process in world.processes for flight in process.flights]
    if not (going or owed):
        return
    chosen = chance.choice(going or owed)
    side = next(side for side in SIDES if side.id == chosen.practice)
    number = int(chosen.effect.to[-1])
    stop = text(world, side, number, "stop", chance, to=chosen.effect.sender)
    if not world.call(side.id, [stop]):
        world.network.add(stop)


# --- the app ---------------------------------------------------------------------------------------------------------
@event("app message", 3)
def app_message(world: World, chance: random.Random) -> None:
    side, number = chance.choice(SIDES), world.fresh()
    who, words = people.client(side, people.some(chance)), people.plain(side, chance, number)
    ref = f"a{number}" if chance.random() < 0.7 else None
    write(world, side, words, lambda desk: desk.app_message(who, words, client_ref=ref), again=ref is not None)


@event("app opened", 2)
def app_opened(world: World, chance: random.Random) -> None:
    side, number = chance.choice(SIDES), people.some(chance)
    do(world, side, lambda desk: desk.app_opened(f"c{number}"))


@event("app read", 2)
def app_read(world: World, chance: random.Random) -> None:
    side, row = some_row(world, chance, lambda row: row.channel == "app")
    if row is not None:
        upto = chance.choice((None, 1, row.last_seq))
        do(world, side, lambda desk: desk.app_read(row.id, upto_seq=upto, client_id=row.client_id))


# --- staff -----------------------------------------------------------------------------------------------------------
@event("start", 4)
def start(world: World, chance: random.Random) -> None:
    side = chance.choice(SIDES)
    given: dict[str, Any] = {
        "client": people.client(side, people.some(chance)),
        "by": people.staff(side, chance),
        "channel": chance.choice(("app", "sms", "sms")),
        "patient": convokit.Patient(id="p1", name=f"Bella {side.mark}"),
        "title": f"Limping {side.mark}",
        "urgency": chance.choice(URGENCIES),
    }
    do(world, side, lambda desk: desk.start(**given))


@event("reply", 20)
def reply(world: World, chance: random.Random) -> None:
    side, row = some_row(world, chance)
    if row is None:
        return
    number, by = world.fresh(), people.staff(side, chance)
    words, ref = people.plain(side, chance, number), f"r{number}" if chance.random() < 0.6 else None
    seen = chance.choice((None, None, max(1, row.last_seq - 1)))
    send = lambda desk: desk.send(row.id, words, by=by, client_ref=ref, seen_seq=seen)  # noqa: E731 - said once
    write(world, side, words, send, again=ref is not None)


@event("send and end", 3)
def send_and_end(world: World, chance: random.Random) -> None:
    side, row = some_row(world, chance)
    if row is None:
        return
    number, by = world.fresh(), people.staff(side, chance)
    words, ref = people.plain(side, chance, number), f"r{number}"
    end = lambda desk: desk.send_and_end(row.id, words, by=by, client_ref=ref)  # noqa: E731 - said once
    write(world, side, words, end, again=True)


@event("repeat", 3)
def repeat(world: World, chance: random.Random) -> None:
    """A call comes again: its caller had no answer, or is nervous."""
    if world.repeatable:
        side, words, call = chance.choice(world.repeatable)
        write(world, side, words, call, again=False)


@event("send again", 4)
def send_again(world: World, chance: random.Random) -> None:
    side, entry = some_troubled(world, chance)
    if entry is not None:
        by = people.staff(side, chance)
        if do(world, side, lambda desk: desk.send_again(entry.conversation_id, entry.id, by=by)) != "refused":
            world.outside.again[side.id, entry.id] += 1  # who died may have committed it


@event("leave", 2)
def leave(world: World, chance: random.Random) -> None:
    side, entry = some_troubled(world, chance)
    if entry is not None:
        by = people.staff(side, chance)
        do(world, side, lambda desk: desk.leave(entry.conversation_id, entry.id, by=by))


@event("ask for money", 3)
def ask_for_money(world: World, chance: random.Random) -> None:
    side, row = some_row(world, chance)
    if row is None:
        return
    title, by = people.plain(side, chance, world.fresh()), people.staff(side, chance)
    amount = Decimal(chance.choice(("84.50", "0.75", "1200")))

    def ask(desk: Any) -> Any:
        asked = desk.request_payment(row.id, amount=amount, currency=CURRENCY, by=by, title=title)
        world.outside.asked.append((side, asked.id))
        return asked

    do(world, side, ask)


@event("cancel payment", 1)
def cancel_payment(world: World, chance: random.Random) -> None:
    if world.outside.asked:
        side, payment_id = chance.choice(world.outside.asked)
        by = people.staff(side, chance)
        do(world, side, lambda desk: desk.cancel_payment(payment_id, by=by))


@event("payment opened", 1)
def payment_opened(world: World, chance: random.Random) -> None:
    if world.outside.asked:
        side, payment_id = chance.choice(world.outside.asked)
        do(world, side, lambda desk: desk.app_payment_opened(payment_id))


def _on_row(kind: str, weight: float, act: Callable[[Any, Any, Any, random.Random], object]) -> None:
    @event(kind, weight)
    def handler(world: World, chance: random.Random) -> None:
        side, row = some_row(world, chance)
        if row is not None:
            by = people.staff(side, chance)
            do(world, side, lambda desk: act(desk, row, by, chance))


_on_row("end", 4, lambda desk, row, by, chance: desk.end(row.id, by=by))
_on_row("take", 1, lambda desk, row, by, chance: desk.transcript(row.id, by=by))
_on_row("restart", 3, lambda desk, row, by, chance: desk.restart(row.id, by=by))
_on_row("read", 3, lambda desk, row, by, chance: desk.mark_read(row.id, by=by, upto_seq=chance.choice((None, 1))))
_on_row("unread", 2, lambda desk, row, by, chance: desk.mark_unread(row.id, by=by))
_on_row("urgency", 2, lambda desk, row, by, chance: desk.set_urgency(row.id, chance.choice(URGENCIES), by=by))
_on_row("rename", 1, lambda desk, row, by, chance: desk.rename_team_member(row.id, by.name, by=by))


_on_row("move", 2, lambda desk, row, by, chance: desk.move(row.id, chance.choice(("", SURGERY)), by=by))


@event("file", 1)
def file_transcript(world: World, chance: random.Random) -> None:
    side, row = some_row(world, chance)
    if row is None:
        return
    by = people.staff(side, chance)

    def ask(desk: Any) -> Any:
        known = desk.file_transcript(row.id, by=by)
        document = f"{known.id}-{known.last_seq}"
        if desk._store.load(side.id, Needs(job_key=f"{document}.file")).job is not None:
            world.outside.asked_to_file.add((side.id, document))
        return known

    do(world, side, ask)


@event("opt out", 2)
def opt_out(world: World, chance: random.Random) -> None:
    side, number = chance.choice(SIDES), people.some(chance)
    by = people.staff(side, chance)
    gate, since = world.outside.gate(side.id, people.phone(number)), world.outside.tick()
    gate.known = None
    if do(world, side, lambda desk: desk.opt_out(people.phone(number), by=by, reason="by phone")) == "done":
        gate.closed(world.outside.tick(), since)
        world.outside.counts["opt-outs"] += 1


@event("opt in", 2)
def opt_in(world: World, chance: random.Random) -> None:
    side, number = chance.choice(SIDES), people.some(chance)
    by = people.staff(side, chance)
    gate, since = world.outside.gate(side.id, people.phone(number)), world.outside.tick()
    gate.open(since)
    if do(world, side, lambda desk: desk.opt_in(people.phone(number), by=by, reason="in writing")) == "done":
        gate.opened(world.outside.tick(), since)


@event("dismiss", 1)
def dismiss(world: World, chance: random.Random) -> None:
    side, number = chance.choice(SIDES), people.some(chance)
    by = people.staff(side, chance)
    do(world, side, lambda desk: desk.dismiss_maybe(people.phone(number), by=by, reason="a joke"))


@event("probe", 1)
def probe(world: World, chance: random.Random) -> None:
    """The practice asks for what is the other one's: the same answer as for what nobody has."""
    side, row = some_row(world, chance)
    if row is None:
        return
    other = next(s for s in SIDES if s is not side)
    desk, by = world.pick().kit.practice(other.id), people.staff(other, chance)
    calls: tuple[Callable[[], object], ...] = (
        lambda: desk.conversation(row.id),
        lambda: desk.thread(row.id),
        lambda: desk.send(row.id, "hello", by=by),
        lambda: desk.end(row.id, by=by),
        lambda: desk.app_read(row.id),
        lambda: desk.set_urgency(row.id, "low", by=by),
        lambda: desk.transcript(row.id),
        lambda: desk.payments(row.id),
    )
    try:
        found = chance.choice(calls)()
    except NotFound:
        return
    hold("P10", False, f"{other.id} was given {type(found).__name__} of {side.id}")


# --- carrier and workers ---------------------------------------------------------------------------------------------
@event("network", 18)
def network(world: World, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 6)):
        if not world.network.carry(chance):
            return
        world.pass_(chance.random())


@event("work", 12)
def work(world: World, chance: random.Random) -> None:
    process = world.pick()
    with world.on(process):
        process.kit.work()


@event("begin", 7, "interleave")
def begin(world: World, chance: random.Random) -> None:
    """A worker begins a hand-over, and other things happen before it goes on."""
    process = world.pick()
    with world.on(process):
        due = process.kit.store.due(world.now_us(), 20)
        if due:
            owed = chance.choice(due)
            hand_over = _prepared(process, owed)
            if hand_over is not None:
                world.say(f"   {process.name} begins {owed.key}, try {hand_over.effect.tries}")
                process.flights.append(Flight(hand_over))


def _prepared(process: Process, owed: Any) -> Any:
    try:
        return process.kit.performer.prepare(process.kit.known_practice(owed.practice), owed)
    except StorageError:
        return None


@event("exchange", 5, "interleave")
def exchange(world: World, chance: random.Random) -> None:
    """The exchange of an open hand-over takes place; its outcome is not taken in yet."""
    going = [(p, f) for p in world.idle() for f in p.flights if f.outcome is None]
    if going:
        process, flight = chance.choice(going)
        with world.on(process):
            world.exchange(flight)


@event("land", 6, "interleave")
def land(world: World, chance: random.Random) -> None:
    """An open hand-over comes to its end, maybe long after its lease."""
    going = [(p, f) for p in world.idle() for f in p.flights]
    if going:
        process, flight = chance.choice(going)
        with world.on(process):
            world.land(process, flight)


# --- time and bad luck -----------------------------------------------------------------------------------------------
@event("time", 9)
def time(world: World, chance: random.Random) -> None:
    world.pass_(chance.choice((1, 20, 60, 200, 900, 4000)) * chance.random())


@event("clock", 3, "clock")
def clock(world: World, chance: random.Random) -> None:
    amount = timedelta(seconds=chance.choice((90, 7200, 86_400, 365 * 86_400)))
    world.jump(chance.choice((amount, -amount)))


@event("crash", 5, "crash")
def crash(world: World, chance: random.Random) -> None:
    """Somebody dies soon."""
    world.fuse = chance.randint(1, 8)


@event("busy", 4, "busy")
def busy(world: World, chance: random.Random) -> None:
    world.busy = chance.randint(1, 3)


@event("intrude", 8, "intrude")
def intrude(world: World, chance: random.Random) -> None:
    world.intruders = chance.randint(1, 2)


@event("forged", 2, "forged")
def forged(world: World, chance: random.Random) -> None:
    """Somebody else calls, or the carrier sends rubbish: nothing of it is stored as a message."""
    side, process = chance.choice(SIDES), world.pick()
    bare = text(world, side, 0, "plain", chance)
    world.outside.inbound.remove(bare)
    real = world.carrier.request(process.kit.webhook_path(side.id), [bare])
    signature = chance.choice(("", "0" * 64, "\u00fc"))
    fake = HttpRequest(method="POST", url=real.url, headers=((SIGNATURE, signature),), body=real.body)
    hold("P17", process.kit.webhook(fake).status == 403, "a forged webhook was not refused")
