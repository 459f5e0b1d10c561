"""Every address of the dashboard. The matrix of the tests is made from this table, so none is forgotten."""

from __future__ import annotations

from typing import Final

from convokit_dashboard.routes import acts, files, lists, live, payments, settings, start, talks, transcripts
from convokit_dashboard.spots import Spot, get, post

_TALK: Final = ("id",)

SPOTS: Final[tuple[Spot, ...]] = (
    get("/", talks.home),
    get("/active", talks.active),
    get("/history", talks.history),
    get("/search", talks.search),
    get("/start", start.page),
    post("/start", start.begin),
    get("/parts/list/{list}", lists.list_parts),
    get("/parts/filter/{list}", lists.filtered),
    get("/parts/more/{list}", lists.more),
    get("/parts/clients", start.clients),
    get("/parts/thread/{id}", talks.thread_parts, ids=_TALK),
    get("/parts/older/{id}", talks.older, ids=_TALK),
    post("/parts/count", acts.count),
    get("/live/changes", live.changes),
    get("/file/{file}", files.file, ids=("file",)),
    post("/talk/{id}/send", acts.send, ids=_TALK),
    post("/talk/{id}/send-and-end", acts.send_and_end, ids=_TALK),
    post("/talk/{id}/note", acts.note, ids=_TALK),
    post("/talk/{id}/end", acts.end, ids=_TALK),
    post("/talk/{id}/restart", acts.restart, ids=_TALK),
    post("/talk/{id}/transcript", transcripts.download, ids=_TALK),
    post("/talk/{id}/file", transcripts.file, ids=_TALK),
    post("/talk/{id}/read", acts.read, ids=_TALK),
    post("/talk/{id}/unread", acts.unread, ids=_TALK),
    post("/talk/{id}/rename", acts.rename, ids=_TALK),
    post("/talk/{id}/urgency", acts.urgency, ids=_TALK),
    post("/talk/{id}/department", acts.department, ids=_TALK),
    post("/talk/{id}/assign", acts.assign, ids=_TALK),
    post("/talk/{id}/opt-out", acts.opt_out, ids=_TALK),
    post("/talk/{id}/opt-in", acts.opt_in, ids=_TALK),
    post("/talk/{id}/dismiss", acts.dismiss, ids=_TALK),
    post("/talk/{id}/client", acts.choose, ids=_TALK),
    post("/talk/{id}/client-note", acts.client_note, ids=_TALK),
    post("/talk/{id}/pay", payments.request, ids=_TALK),
    post("/talk/{id}/message/{message}/again", acts.again, ids=("id", "message")),
    post("/talk/{id}/message/{message}/leave", acts.leave, ids=("id", "message")),
    post("/talk/{id}/payment/{payment}/cancel", payments.cancel, ids=("id", "payment")),
    get("/settings/payments.csv", payments.report, manager=True),
    get("/settings", settings.home, manager=True),
    get("/settings/{section}", settings.page, manager=True),
    post("/settings/{section}", settings.save, manager=True),
    get("/{list}/{id}", talks.talk, ids=_TALK),
)
"""In the order in which they are tried."""
