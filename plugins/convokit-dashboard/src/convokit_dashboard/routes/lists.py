"""The three lists: active conversations, history, search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from attrs import asdict, evolve, frozen
from markupsafe import Markup
from starlette.responses import Response

from convokit.domain.conversation import Conversation
from convokit.domain.inbox import SORTS, Badges, Page
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.live.kept import Drawn
from convokit_dashboard.views.filters import Filters, read_filters
from convokit_dashboard.views.people import urgency_words
from convokit_dashboard.views.rows import Row, hit_rows, rows
from convokit_dashboard.words import Words

PAGE: Final = 50
ListName = Literal["active", "history", "search"]
LISTS: Final[tuple[ListName, ...]] = ("active", "history", "search")


@frozen(kw_only=True)
class ListHead:
    """Which list, and what it is narrowed to.

    Attributes:
        query: its filters or words, as they stand in the URL. path: its whole address.
        asked: what was searched for.
    """

    name: ListName
    filters: Filters
    query: tuple[tuple[str, str], ...]
    asked: str
    path: str


@frozen(kw_only=True)
class ListView(ListHead):
    """A page of a list.

    Attributes:
        next: the address of the following page, or empty.
        empty: what to say when nothing is there.
    """

    rows: tuple[Row, ...]
    next: str
    empty: str


def list_of(call: Call, name: str) -> ListName:
    """The list that an address names; the active one for anything else."""
    return next((one for one in LISTS if one == name), "active")


def load_head(call: Call, name: ListName) -> ListHead:
    """Which list the query asks for; nothing is read."""
    filters = read_filters(call.query) if name == "active" else Filters()
    asked = call.query.get("q", "").strip() if name == "search" else ""
    query = ((("q", asked),) if asked else ()) if name == "search" else filters.pairs
    return ListHead(name=name, filters=filters, query=query, asked=asked, path=call.url(f"/{name}", *query))


def load_list(call: Call, name: ListName) -> ListView:
    """A page of a list, as its query asks for it."""
    words, after, head = call.words, call.query.get("after") or None, load_head(call, name)
    if name == "search":
        hits = call.desk.search(head.asked, after=after, limit=PAGE)
        talks = [hit.conversation for hit in hits.items]
        shown, following = hit_rows(hits.items, call.desk.past_due_for(talks), call.around), hits.next
        searched = words("Nothing found.")
        empty = searched if head.asked else words("Search by name, pet, number, title or words of a message.")
    else:
        page = _inbox(call, head.filters, after) if name == "active" else call.desk.history(after=after, limit=PAGE)
        shown, following = rows(page.items, call.desk.past_due_for(page.items), call.around), page.next
        empty = _empty(name, head.filters, words)
    more = "" if following is None else call.url(f"/parts/more/{name}", *head.query, ("after", following))
    return ListView(**asdict(head, recurse=False), rows=shown, next=more, empty=empty)


def _inbox(call: Call, filters: Filters, after: str | None) -> Page[Conversation]:
    return call.desk.inbox(
        unread=filters.unread,
        initiated_by=filters.initiated_by,
        urgency=filters.urgency,
        channel=filters.channel,
        department=filters.department,
        assignee=filters.assignee,
        awaiting_reply=filters.awaiting_reply,
        failed=filters.failed,
        sort=filters.sort,
        after=after,
        limit=PAGE,
    )


def _empty(name: ListName, filters: Filters, words: Words) -> str:
    if name == "history":
        return words("No conversation has ended yet.")
    if filters.count:
        return words("No conversation fits these filters.")
    return words("All done. New messages appear here.")


@frozen(kw_only=True)
class Counts:
    """The counts beside the tabs.

    Attributes:
        heard_us: when a client last wrote in a conversation that is unread, in microseconds since the epoch; 0 where
            none is. It grows with every message, which a count of conversations does not.
    """

    active: str
    history: str
    unread: str
    unread_number: int
    urgent: str
    heard_us: int


def load_counts(call: Call) -> Counts:
    """The counts beside the tabs, capped."""
    found = call.desk.badges()
    return Counts(
        active=Badges.shown(found.active),
        history=Badges.shown(found.history),
        unread=Badges.shown(found.unread) if found.unread else "",
        unread_number=found.unread,
        urgent=Badges.shown(found.by_urgency[-1]) if found.by_urgency[-1] else "",
        heard_us=_heard_us(call) if found.unread else 0,
    )


def _heard_us(call: Call) -> int:
    newest = call.desk.inbox(unread=True, sort="newest", limit=1).items
    return newest[0].last_us if newest and newest[0].last_side == "client" else 0


def choices(call: Call, filters: Filters) -> Mapping[str, object]:
    """What the filters offer. What the address asks for is always among it: changing one filter keeps the others."""
    words = call.words
    named = {
        "urgency": words("Urgency"),
        "newest": words("Newest message"),
        "unread": words("Unread first"),
        "initiated_by": words("Started by"),
        "channel": words("Delivery method"),
        "department": words("Department"),
        "assignee": words("Assigned to"),
        "awaiting_reply": words("Waiting longest"),
        "failed": words("Failed first"),
    }
    turned = evolve(filters, urgency=None if filters.urgency == "urgent" else "urgent")
    return {
        "sorts": [(sort, named[sort]) for sort in SORTS],
        "urgencies": [(level, urgency_words(level, words)) for level in ("urgent", "high", "normal", "low")],
        "seen_departments": _departments(call, filters.department),
        "assignees": _assignees(call, filters.assignee),
        "opposites": _opposites(filters, words),
        "urgent_or_not": call.url("/parts/filter/active", *turned.pairs),
    }


def _departments(call: Call, asked: str | None) -> list[tuple[str, str]]:
    visible = call.visitor.departments
    seen = {one.id: one.name for one in call.departments.values() if visible is None or one.id in visible}
    if asked is not None:
        seen.setdefault(asked, asked)  # one that was removed, in an old bookmark
    return [(id_ or "-", name) for id_, name in seen.items()]


def _assignees(call: Call, asked: str | None) -> list[tuple[str, str]]:
    words = call.words
    others = {one.id: one.name for one in call.desk.assignees() if one.id != call.staff.id}
    if asked and asked != call.staff.id:
        others.setdefault(asked, asked)  # one to whom nothing is assigned any more
    return [(call.staff.id, words("Me")), ("-", words("Nobody")), *sorted(others.items(), key=lambda one: one[1])]


def _opposites(filters: Filters, words: Words) -> list[tuple[str, str]]:
    """What only an address can ask for: what is read, waits for nothing, has not failed."""
    named = (
        ("unread", filters.unread, words("Only read")),
        ("waiting", filters.awaiting_reply, words("Not waiting")),
        ("failed", filters.failed, words("Not failed")),
    )
    return [(name, label) for name, value, label in named if value is False]


def values(call: Call, name: ListName) -> dict[str, object]:
    """What the templates around the rows need, and the rows as one piece."""
    head = load_head(call, name)
    offered = choices(call, head.filters) if name == "active" else {}
    shown = {"list": head, "counts": load_counts(call), **offered}
    return {**shown, "page_size": PAGE, "rows_html": Markup(_rows(call, name))}  # noqa: S704 - a template's own output


def _rows(call: Call, name: ListName) -> str:
    """The rows, drawn by themselves: that costs half of what they cost inside the page; and once for all who ask."""

    def draw() -> str:
        return pages.draw_shared(call, "parts/rows.html", {"list": load_list(call, name)})

    if call.query.get("after") or name == "search":
        return draw()
    number = call.desk.newest_change()
    return _kept(call, name, "rows", needed=number, number=number, draw=draw).html


def _kept(call: Call, name: ListName, kind: str, *, needed: int, number: int, draw: Callable[[], str]) -> Drawn:
    """A drawing that is good for everybody who sees the same departments in the same language."""
    departments = call.visitor.departments
    who = (call.visitor.practice_id, None if departments is None else tuple(sorted(departments)))
    practice = call.desk.practice
    # What the rules say about order, departments and emojis is no change of a conversation: no number tells of it.
    ruled = (practice.time_zone, practice.rules)
    key = (kind, who, ruled, call.words.language, call.base, name, load_head(call, name).query)
    minute = int(call.now.timestamp()) // 60
    return call.site.kept.get(key, needed=needed, number=number, minute=minute, draw=draw)


def list_parts(call: Call) -> Response:
    """The rows and counts anew, for a page that is open: drawn once for all who ask for the same."""
    name = list_of(call, call.path["list"])
    number, needed = call.site.hub.number(call.visitor.practice_id), call.query.get("n", "")
    if number is None or not needed.isdigit():
        return pages.html(call, _drawn(call, name))
    drawn = _kept(call, name, "parts", needed=int(needed[:15]), number=number, draw=lambda: _drawn(call, name))
    return pages.html(call, drawn.html, packed=drawn.packed)


def _drawn(call: Call, name: ListName) -> str:
    found = {"list": load_list(call, name), "counts": load_counts(call)}
    rows_html = pages.draw_shared(call, "parts/rows.html", found)
    tabs = pages.draw_shared(call, "parts/tabs.html", found)
    return pages.wrap("#rows", "innerMorph", rows_html) + pages.wrap("#tabs", "innerMorph", tabs)


def filtered(call: Call) -> Response:
    """The active list after a filter was changed; the address says so."""
    name = list_of(call, call.path["list"])
    view = load_list(call, name)
    found = {"list": view, "counts": load_counts(call), **choices(call, view.filters)}
    return pages.parts(
        call,
        pages.Part("#rows", "parts/rows.html", found),
        pages.Part("#tabs", "parts/tabs.html", found),
        pages.Part("#filters", "parts/filters.html", found),
        headers={"HX-Push-Url": view.path},
    )


def more(call: Call) -> Response:
    """The following page of a list, in place of the line that asked for it."""
    found = {"list": load_list(call, list_of(call, call.path["list"]))}
    return pages.parts(call, pages.Part("#more", "parts/row_items.html", found, swap="outerHTML"))
