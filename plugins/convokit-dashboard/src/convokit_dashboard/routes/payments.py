"""Asking the client for money, taking it back, and the report."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from starlette.responses import Response

from convokit.errors import InvalidInput, NotFound
from convokit.runtime.media_front import disposition
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.routes.acts import answered


def request(call: Call) -> Response:
    """Ask the client for money."""
    form = call.form
    call.desk.request_payment(
        call.path["id"],
        title=form.get("title", ""),
        invoice=form.get("invoice", "").strip() or None,
        amount=form.get("amount", "").strip().replace(",", "."),
        currency=form.get("currency", ""),
        by=call.staff,
    )
    said = pages.notice(call.words("Asked. The client gets the request in a moment."))
    return answered(call, call.path["id"], said, event="desk:asked")


def cancel(call: Call) -> Response:
    """Take a request back."""
    found = call.desk.payment(call.path["payment"])
    if found.conversation_id != call.path["id"]:
        raise NotFound("payment.unknown", "no such payment in this conversation", field="payment_id")
    call.desk.cancel_payment(found.id, by=call.staff)
    return answered(call, call.path["id"], pages.notice(call.words("The request is taken back.")))


def report(call: Call) -> Response:
    """The payments of a period as CSV, for the books."""
    since, until = _day(call, "from"), _day(call, "to")
    found = call.desk.payments_report(since, until + timedelta(days=1))
    name = f"payments {since:%Y-%m-%d} {until:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": disposition("attachment", name)}
    return Response(found.csv(), headers=headers, media_type="text/csv; charset=utf-8")


def _day(call: Call, name: str) -> datetime:
    """A day of the query, as its midnight in the practice's zone."""
    try:
        day = datetime.fromisoformat(call.query.get(name, "")).date()
    except ValueError:
        raise InvalidInput("payments.period", "please choose the days", field=name) from None
    return datetime.combine(day, time(), call.around.zone)
