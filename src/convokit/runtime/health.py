"""How a kit is: its store, what waits, every provider, and the plugins that do not come back.

A page for people and for machines: :data:`FORMATS` says in which forms, and another one is a line more. It names
practices and providers; no number, no text and no secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs, urlsplit

import attrs
from attrs import frozen

from convokit.domain.instant import SECOND, to_datetime
from convokit.errors import StorageError
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.circuits import Circuits
from convokit.runtime.perform import Performer
from convokit.runtime.waiting import waiting

if TYPE_CHECKING:
    from convokit.plugins.bounded import Bounded
    from convokit.ports.dispatcher import Dispatcher
    from convokit.ports.store import Store
    from convokit.runtime.world import World


@frozen(kw_only=True)
class ProviderHealth:
    """One practice's use of one provider, in this process.

    Attributes:
        kind: ``"sms"``, ``"mail"``, ``"payments"`` or ``"records"``.
        state: ``"closed"``: in use. ``"open"``: it failed and is left alone. ``"half-open"``: it is tried again.
        failures: in a row, up to now.
        since, until: ISO 8601, UTC: when the state began, and when the next try may begin; ``None`` where there is
            none.
    """

    kind: str
    provider: str
    practice: str
    state: Literal["closed", "open", "half-open"]
    failures: int
    since: str | None
    until: str | None


@frozen(kw_only=True)
class Health:
    """How a kit is.

    Attributes:
        store: ``"ok"``, or the code of the error with which it does not answer.
        waiting: texts that are owed, of all practices.
        oldest_seconds: how long the oldest of them has waited; ``None`` if none waits, or the store does not answer.
        tries: how often, at most, one of them was tried in vain.
        running, busy: whether this process is a worker, and how much it is performing now.
        hanging: hand-overs of this process that have outlived every deadline; each holds a thread.
        late: calls of plugins that have not come back, by plugin and practice.
        providers: those in use in this process, by practice.
    """

    store: str
    waiting: int
    oldest_seconds: int | None
    tries: int
    running: bool
    busy: int
    hanging: int
    late: Mapping[str, int]
    providers: tuple[ProviderHealth, ...]

    @property
    def state(self) -> Literal["ok", "degraded", "failing"]:
        """In a word: the store is away; or a provider or a plugin is in trouble; or all is well."""
        if self.store != "ok":
            return "failing"
        trouble = self.hanging or self.late or any(one.state != "closed" for one in self.providers)
        return "degraded" if trouble else "ok"

    @property
    def advice(self) -> str | None:
        """What to do about it, where a person has to do something."""
        if self.store != "ok":
            return "look at the database; nothing is lost, and texts go out when it answers again"
        if self.hanging or self.late:
            return "threads are lost to plugins that do not come back; restart this process when that suits"
        if any(one.state != "closed" for one in self.providers):
            return "look at the provider; what waits for it is kept, and goes out when it answers again"
        return None


def health_of(
    store: Store, circuits: Circuits, performer: Performer, calls: Bounded, dispatcher: Dispatcher, world: World
) -> Health:
    """How everything is now. It raises nothing."""
    engine = dispatcher.health()
    said, count, oldest, tries = "ok", 0, None, 0
    try:
        found = waiting(store)
        count, tries = found.count, found.tries
        oldest = None if found.since is None else max(0, int((world.clock() - found.since).total_seconds()))
    except StorageError as error:
        said = error.code
    return Health(
        store=said,
        waiting=count,
        oldest_seconds=oldest,
        tries=tries,
        running=engine.running,
        busy=engine.busy,
        hanging=performer.hanging(),
        late=calls.lost(),
        providers=_providers(circuits),
    )


def _providers(circuits: Circuits) -> tuple[ProviderHealth, ...]:
    found = [
        ProviderHealth(
            kind=use.kind,
            provider=use.provider,
            practice=use.practice,
            state=one.state,
            failures=one.failures,
            since=_moment(one.since_us),
            until=_moment(one.until_us),
        )
        for use, one in circuits.states().items()
    ]
    return tuple(sorted(found, key=lambda one: (one.state == "closed", one.kind, one.provider, one.practice)))


def _moment(at_us: int) -> str | None:
    return to_datetime(at_us // SECOND * SECOND).isoformat().replace("+00:00", "Z") if at_us else None


# --- the page --------------------------------------------------------------------------------------------------------
def as_json(health: Health) -> bytes:
    """For programs."""
    told = {"state": health.state, "advice": health.advice, **attrs.asdict(health)}
    return json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"


def as_text(health: Health) -> bytes:
    """For people."""
    return ("\n".join(lines_of(health)) + "\n").encode()


def lines_of(health: Health) -> list[str]:
    """The same in lines: the whole first, then what is in trouble, then the rest."""
    oldest = "" if health.oldest_seconds is None else f", the oldest for {health.oldest_seconds} s"
    tried = f", tried up to {health.tries} times in vain" if health.tries else ""
    lines = [
        f"state: {health.state}",
        *([] if health.advice is None else [f"advice: {health.advice}"]),
        f"store: {health.store}",
        f"queue: {health.waiting} texts wait{oldest}{tried}",
        f"worker: {f'running, {health.busy} at work' if health.running else 'none in this process'}",
        *([f"hanging: {health.hanging} hand-overs do not come back"] if health.hanging else []),
        *(f"late: {who}: {count} calls do not come back" for who, count in sorted(health.late.items())),
    ]
    for one in health.providers:
        failed = f", {one.failures} failures in a row" if one.failures else ""
        until = f", next try at {one.until}" if one.state == "open" else ""
        lines.append(f"{one.kind}: {one.provider} for practice {one.practice}: {one.state}{failed}{until}")
    return [line.replace("\n", " ") for line in lines]


@frozen
class Format:
    """A form of the page: its media type, and how it is written."""

    content_type: str
    write: Callable[[Health], bytes]


FORMATS: Final[Mapping[str, Format]] = {
    "text": Format("text/plain; charset=utf-8", as_text),
    "json": Format("application/json", as_json),
}
"""The forms of the page by name, as ``?format=`` asks for them."""

_NO_STORE: Final = ("Cache-Control", "no-store")


def page(health: Callable[[], Health], request: HttpRequest) -> HttpResponse:
    """Answer a request for the page: 200 as long as the store answers, else 503; the form by ``format=`` or Accept."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers=(("Allow", "GET, HEAD"),))
    form = FORMATS.get(_asked_for(request))
    if form is None:
        return HttpResponse(status=404)
    found = health()
    headers = (("Content-Type", form.content_type), _NO_STORE)
    body = form.write(found)
    if request.method == "HEAD":
        return HttpResponse(status=_status(found), headers=(*headers, ("Content-Length", str(len(body)))))
    return HttpResponse(status=_status(found), headers=headers, body=body)


def asks_for_counts(request: HttpRequest) -> bool:
    """Whether a request is for the counts of :mod:`convokit.runtime.metrics`, which Prometheus asks for at /metrics."""
    return urlsplit(request.url).path.endswith("/metrics") or _asked_for(request) == "prometheus"


def _status(health: Health) -> int:
    """A provider in trouble is no reason to take a process out of service."""
    return 503 if health.store != "ok" else 200


def _asked_for(request: HttpRequest) -> str:
    try:
        asked = parse_qs(urlsplit(request.url).query, max_num_fields=10).get("format")
    except ValueError:
        return ""
    if asked:
        return asked[-1]
    return "json" if "application/json" in (request.header("Accept") or "") else "text"
