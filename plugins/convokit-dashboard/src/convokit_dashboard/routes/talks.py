"""The page with a conversation in the middle, and its parts."""

from __future__ import annotations

from starlette.responses import Response

from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.pages import Part
from convokit_dashboard.routes.lists import ListName, list_of, values
from convokit_dashboard.routes.loading import ThreadView, load_older, load_thread
from convokit_dashboard.views.transcripts import FORMATS


def home(call: Call) -> Response:
    """The root: the active conversations."""
    return pages.redirect(call.url("/active"))


def active(call: Call) -> Response:
    """The active conversations."""
    return _desk(call, "active", None)


def history(call: Call) -> Response:
    """The ended ones."""
    return _desk(call, "history", None)


def search(call: Call) -> Response:
    """What was searched for."""
    return _desk(call, "search", None)


def talk(call: Call) -> Response:
    """A conversation beside a list: the whole page, or its middle and right alone."""
    name = list_of(call, call.path["list"])
    thread = load_thread(call, call.path["id"])
    if call.partial:
        return pages.parts(call, *whole(call, thread))
    return _desk(call, name, thread)


def _desk(call: Call, name: ListName, thread: ThreadView | None) -> Response:
    since = call.desk.newest_change()  # before anything is read: what changes meanwhile is told again
    found = values(call, name) | {"since": since}
    return pages.page(call, "desk.html", found | thread_values(call, thread))


def thread_values(call: Call, thread: ThreadView | None) -> dict[str, object]:
    """What the templates of the middle and the right need."""
    visible = call.visitor.departments
    return {
        "thread": thread,
        "here": "" if thread is None else thread.head.id,
        "all_departments": list(call.departments.values()),
        "visible": visible,
        "formats": FORMATS,
        "me": call.staff,
        "mail": call.desk.practice.rules.mail,
        "filed_on_end": call.desk.can_file_transcripts and call.desk.practice.rules.records.on_end,
        "levels": ("urgent", "high", "normal", "low"),
        "draft": "",
    }


def whole(call: Call, thread: ThreadView) -> tuple[Part, ...]:
    """A conversation that is opened."""
    found = thread_values(call, thread)
    return (
        Part("#thread", "parts/thread.html", found, swap="innerHTML"),
        Part("#panel", "parts/panel.html", found, swap="innerHTML"),
    )


def fresh(call: Call, thread: ThreadView, *, composer: bool) -> tuple[Part, ...]:
    """A conversation that is open already: only what differs is changed, and what is being written stays."""
    found = thread_values(call, thread)
    parts = [
        Part("#thread-head", "parts/thread_head.html", found),
        Part("#entries", "parts/entries.html", found),
        Part("#panel", "parts/panel.html", found),
    ]
    if composer:
        parts.append(Part("#composer", "parts/composer.html", found, swap="innerHTML"))
    return tuple(parts)


def thread_parts(call: Call) -> Response:
    """The open conversation anew, after something changed in it."""
    given = call.query.get("first", "")
    first = int(given[:15]) if given.isdigit() else None
    thread = load_thread(call, call.path["id"], first=first)
    if first is not None and thread.first > first:  # more has come than one page holds: no gap above what is new
        return pages.parts(call, *whole(call, thread))
    return pages.parts(call, *fresh(call, thread, composer=call.query.get("composer") != thread.composer.key))


def older(call: Call) -> Response:
    """Older entries, above those that are there."""
    before = call.query.get("before", "")
    bubbles, more = load_older(call, call.path["id"], before)
    again = call.url(f"/parts/older/{call.path['id']}", ("before", before))
    return pages.parts(
        call,
        Part(
            "#older",
            "parts/older.html",
            {"bubbles": bubbles, "older": more, "here": call.path["id"], "again": again},
            swap="outerHTML",
        ),
    )
