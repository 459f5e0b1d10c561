"""Starting a conversation: who, by which way, about what."""

from __future__ import annotations

from urllib.parse import quote

from attrs import frozen
from starlette.responses import Response

from convokit.domain.audience import ChannelChoice
from convokit.domain.people import Client
from convokit.errors import ConvokitError, InvalidInput
from convokit.ports.directory import Match
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.pages import Part
from convokit_dashboard.views.people import initials, phone_words


@frozen(kw_only=True)
class ChannelView:
    """A way to reach a client, or why not."""

    channel: str
    name: str
    available: bool
    reason: str
    chosen: bool


@frozen(kw_only=True)
class Found:
    """A client and a pet that the search found. ``key`` names both in the form."""

    key: str
    name: str
    initials: str
    patient: str
    contact: str
    ways: tuple[ChannelView, ...]


def key_of(match: Match) -> str:
    """The client and the pet, in one field."""
    return f"{quote(match.client.id, safe='')}/{'' if match.patient is None else quote(match.patient.id, safe='')}"


def page(call: Call) -> Response:
    """The page on which a conversation is started."""
    words = call.query.get("q", "").strip()
    shown = {
        "since": call.desk.newest_change(),
        "can_find": call.desk.can_find_clients,
        "found": found(call, words),
        "asked": words,
        "title": call.query.get("title", ""),
        "all_departments": list(call.departments.values()),
        "error": "",
        "here": "",
    }
    return pages.page(call, "start.html", shown)


def clients(call: Call) -> Response:
    """The clients that the words fit."""
    words = call.query.get("q", "").strip()
    shown = {"found": found(call, words), "asked": words, "can_find": call.desk.can_find_clients}
    return pages.parts(call, Part("#found", "parts/found.html", shown))


def found(call: Call, words: str) -> tuple[Found, ...]:
    """What the host's directory finds, with the ways to each."""
    matches = call.desk.find_clients(words) if words else ()
    ways = {match.client.id: call.desk.channels(match.client) for match in matches}
    return tuple(_found(call, match, ways[match.client.id]) for match in matches)


def _found(call: Call, match: Match, ways: tuple[ChannelChoice, ...]) -> Found:
    client = match.client
    first = next((way.channel for way in ways if way.available), "")
    names = {"app": call.words("In the app"), "sms": call.words("By text")}
    return Found(
        key=key_of(match),
        name=client.name,
        initials=initials(client.name),
        patient="" if match.patient is None else match.patient.name,
        contact=" · ".join(part for part in (_phone(client), client.email or "") if part),
        ways=tuple(
            ChannelView(
                channel=way.channel,
                name=names[way.channel],
                available=way.available,
                reason=call.words(way.reason),
                chosen=way.channel == first,
            )
            for way in ways
        ),
    )


def _phone(client: Client) -> str:
    return "" if client.phone is None else phone_words(client.phone)


def begin(call: Call) -> Response:
    """Start it. Whom the form names is looked up again: the host says who its clients are, not the form."""
    wanted, words = call.form.get("client", ""), call.form.get("q", "").strip()
    match = next((one for one in call.desk.find_clients(words) if key_of(one) == wanted), None)
    try:
        if match is None:
            raise InvalidInput("client.unknown", "no client is chosen", field="client")
        made = call.desk.start(
            client=match.client,
            patient=match.patient,
            channel="app" if call.form.get(f"channel-{wanted}", "app") == "app" else "sms",
            title=call.form.get("title", ""),
            department=call.form.get("department"),
            by=call.staff,
        )
    except ConvokitError as error:
        return _again(call, error)
    return pages.redirect(call.url(f"/active/{made.id}"))


def _again(call: Call, error: ConvokitError) -> Response:
    words = call.form.get("q", "").strip()
    shown = {
        "since": call.desk.newest_change(),
        "can_find": call.desk.can_find_clients,
        "found": found(call, words),
        "asked": words,
        "title": call.form.get("title", ""),
        "all_departments": list(call.departments.values()),
        "error": pages.words_of_error(error, call.words),
        "here": "",
    }
    return pages.page(call, "start.html", shown, status=422)
