"""The three lists: active conversations, history, search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from attrs import frozen
from starlette.responses import Response

from convokit.domain.conversation import Conversation
from convokit.domain.inbox import SORTS, Badges, Page
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.views.filters import Filters, read_filters
from convokit_dashboard.views.people import urgency_words
from convokit_dashboard.views.rows import Row, hit_rows, rows
from convokit_dashboard.words import Words

PAGE: Final = 50
ListName = Literal["active", "history", "search"]
LISTS: Final[tuple[ListName, ...]] = ("active", "history", "search")


@frozen(kw_only=True)
class ListView:
    """A list and where one is in it.

    Attributes:
        name: which list. query: its filters or words, as they stand in the URL.
        next: the address of the following page, or empty.
        asked: what was searched for.
        empty: what to say when nothing is there.
    """

    name: ListName
    rows: tuple[Row, ...]
    filters: Filters
    query: tuple[tuple[str, str], ...]
    next: str
    asked: str
    empty: str
    path: str
    first: bool


def list_of(call: Call, name: str) -> ListName:
    """The list that an address names; the active one for anything else."""
    return next((one for one in LISTS if one == name), "active")


def load_list(call: Call, name: ListName) -> ListView:
    """A page of a list, as its query asks for it."""
    words, after = call.words, call.query.get("after") or None
    filters, asked = Filters(), ""
    if name == "search":
        asked = call.query.get("q", "").strip()
        hits = call.desk.search(asked, after=after, limit=PAGE)
        talks = [hit.conversation for hit in hits.items]
        shown, following = hit_rows(hits.items, call.desk.past_due_for(talks), call.around), hits.next
        query: tuple[tuple[str, str], ...] = (("q", asked),) if asked else ()
        empty = words("Nothing found.") if asked else words("Search by name, pet, number, title or words of a message.")
    else:
        filters = read_filters(call.query) if name == "active" else Filters()
        page = _inbox(call, filters, after) if name == "active" else call.desk.history(after=after, limit=PAGE)
        shown, following = rows(page.items, call.desk.past_due_for(page.items), call.around), page.next
        query, empty = filters.pairs, _empty(name, filters, words)
    more = "" if following is None else call.url(f"/parts/more/{name}", *query, ("after", following))
    return ListView(
        name=name,
        rows=shown,
        filters=filters,
        query=query,
        next=more,
        asked=asked,
        empty=empty,
        path=call.url(f"/{name}", *query),
        first=after is None,
    )


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
    """The counts beside the tabs."""

    active: str
    history: str
    unread: str
    unread_number: int
    urgent: str


def load_counts(call: Call) -> Counts:
    """The counts beside the tabs, capped."""
    found = call.desk.badges()
    return Counts(
        active=Badges.shown(found.active),
        history=Badges.shown(found.history),
        unread=Badges.shown(found.unread) if found.unread else "",
        unread_number=found.unread,
        urgent=Badges.shown(found.by_urgency[-1]) if found.by_urgency[-1] else "",
    )


def choices(call: Call) -> Mapping[str, object]:
    """What the filters offer."""
    words = call.words
    visible = call.visitor.departments
    seen = [one for one in call.departments.values() if visible is None or one.id in visible]
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
    return {
        "sorts": [(sort, named[sort]) for sort in SORTS],
        "levels": [(level, urgency_words(level, words)) for level in ("urgent", "high", "normal", "low")],
        "seen_departments": [(one.id or "-", one.name) for one in seen],
    }


def values(call: Call, name: ListName) -> dict[str, object]:
    """What the templates of the list need."""
    return {"list": load_list(call, name), "counts": load_counts(call), "me": call.staff.id, **choices(call)}


def list_parts(call: Call) -> Response:
    """The rows and counts anew, for a page that is open: drawn once for all who ask for the same."""
    name = list_of(call, call.path["list"])
    number = call.site.hub.number(call.visitor.practice_id)
    needed = call.query.get("n", "")
    query = tuple(sorted((key, value) for key, value in call.query.items() if key not in ("n", "after")))
    if number is None or not needed.isdigit():
        return pages.raw(_drawn(call, name))
    departments = call.visitor.departments
    key = (
        call.visitor.practice_id,
        None if departments is None else tuple(sorted(departments)),
        call.words.language,
        call.base,
        name,
        query,
    )
    minute = int(call.now.timestamp()) // 60
    html = call.site.kept.get(
        key, needed=int(needed[:15]), number=number, minute=minute, draw=lambda: _drawn(call, name)
    )
    return pages.raw(html)


def _drawn(call: Call, name: ListName) -> str:
    found = {"list": load_list(call, name), "counts": load_counts(call)}
    rows_html = pages.draw_shared(call, "parts/rows.html", found)
    tabs = pages.draw_shared(call, "parts/tabs.html", found)
    return pages.wrap("#rows", "innerMorph", rows_html) + pages.wrap("#tabs", "innerMorph", tabs)


def filtered(call: Call) -> Response:
    """The active list after a filter was changed; the address says so."""
    name = list_of(call, call.path["list"])
    view = load_list(call, name)
    found = {"list": view, "counts": load_counts(call), "me": call.staff.id, **choices(call)}
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
