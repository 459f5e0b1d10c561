"""The reminder at the end of the day as plain text and as HTML, and the mail that holds both."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from convokit.domain.end_of_day import is_due_at
from convokit.domain.inbox import InboxQuery, usual_order
from convokit.domain.rules import Practice
from convokit.effects import SendMail
from convokit.ports.mail import MailMessage
from convokit.ports.store import Store
from convokit.runtime.mails.open_list import OpenList, OpenRow, open_list
from convokit.transcripts.characters import columns
from convokit.transcripts.wrapping import wrap

MOST_ROWS: Final = 50
"""Conversations that are listed; the others are counted."""

_WIDTH: Final = 76
_EARLIER: Final = 10
_COLORS: Final = {"urgent": "#b00020", "high": "#b35900", "normal": "#3d4f5c", "low": "#5f6b73"}
_CELL: Final = "padding:10px 8px;border-bottom:1px solid #d5dadd;vertical-align:top;text-align:left"


def end_of_day_mail(store: Store, practice: Practice, mail: SendMail, sent_at: int, now_us: int) -> MailMessage | None:
    """The mail as it reads now; ``None`` when nothing is open any more."""
    order = usual_order(urgency=practice.rules.urgency)
    found, _ = store.inbox(practice.id, InboxQuery(), sort=order, after=None, limit=MOST_ROWS)
    reports = store.day_reports(practice.id, _EARLIER)
    report = next((one for one in reports if one.day == mail.day), None)
    if not found or report is None:
        return None
    due = is_due_at(practice.rules.end_of_day, ZoneInfo(practice.time_zone), report.due_us)
    said = open_list(
        practice,
        found,
        max(store.badges(practice.id).active, len(found)),
        report,
        [one for one in reports if one.day < report.day],
        now_us,
        moved=due is not None and due.moved,
    )
    return MailMessage(
        id=mail.mail_id,
        sender=practice.rules.mail.sender,
        sender_name=practice.rules.mail.sender_name or practice.name,
        recipients=mail.to,
        subject=f"{said.practice}: {said.headline}",
        text=as_text(said),
        html=as_html(said),
        sent_at=sent_at,
    )


def as_text(said: OpenList) -> str:
    """Plain text, at most 76 columns; what people wrote is indented, so that none of it passes for a line of ours."""
    lines = [*_wrapped(f"{said.practice}: {said.headline}", 0), said.moment]
    for nth, row in enumerate(said.rows, 1):
        lines += ["", *_row_lines(nth, row)]
    if said.more:
        lines += ["", said.more]
    for note in said.notes:
        lines += ["", *_wrapped(f"Note: {note}", 0)]
    return "\n".join(lines) + "\n"


def _row_lines(nth: int, row: OpenRow) -> Iterator[str]:
    mark = "" if row.urgency == "normal" else f"[{row.urgency.upper()}] "
    first, *others = _wrapped(f"{mark}{row.who}", 4)
    yield f"{nth:>2}. {first.lstrip()}"
    yield from others
    yield from _wrapped(row.title, 4) if row.title else ()
    yield from _wrapped(f"{row.last}: {row.text}" if row.text else row.last, 4)
    yield from _wrapped("; ".join(row.needs), 4) if row.needs else ()


def _wrapped(text: str, indent: int) -> Iterator[str]:
    return (" " * indent + line for line in wrap(text, _WIDTH - indent, columns))


def as_html(said: OpenList) -> str:
    """One page without scripts, pictures or links. Styles stand beside the elements: mail programs drop the others."""
    rows = "".join(map(_row_html, said.rows))
    more = f'<p style="margin:12px 8px;font-weight:bold">{escape(said.more)}</p>' if said.more else ""
    notes = "".join(f'<p style="margin:12px 8px;color:#3d4f5c">Note: {escape(note)}</p>' for note in said.notes)
    heads = "".join(
        f'<th scope="col" style="{_CELL};width:{width};font-size:13px;color:#3d4f5c">{name}</th>'
        for name, width in (("Urgency", "9%"), ("Client", "30%"), ("Last message", "41%"), ("Needs", "20%"))
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(said.practice)}: {escape(said.headline)}</title>"
        "<style>@media print{tr{break-inside:avoid}thead{display:table-header-group}}</style></head>"
        '<body style="margin:0;padding:16px;background:#ffffff;color:#16222b;'
        'font:15px/1.45 system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif">'
        '<div style="max-width:820px;margin:0 auto">'
        f'<h1 style="margin:0 8px 4px;font-size:20px">{escape(said.headline)}</h1>'
        f'<p style="margin:0 8px 16px;color:#3d4f5c">{escape(said.practice)} · {escape(said.moment)}</p>'
        '<table style="width:100%;border-collapse:collapse">'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>{more}{notes}</div></body></html>\n"
    )


def _row_html(row: OpenRow) -> str:
    color = _COLORS[row.urgency]
    mark = f'<span style="color:{color};font-weight:bold">{escape(row.urgency.capitalize())}</span>'
    title = f'<br><span style="color:#3d4f5c"><bdi>{escape(row.title)}</bdi></span>' if row.title else ""
    text = f"<br><bdi>{escape(row.text)}</bdi>" if row.text else ""
    needs = "<br>".join(f"<bdi>{escape(need)}</bdi>" for need in row.needs)
    cells = (
        f"<strong><bdi>{escape(row.who)}</bdi></strong>{title}",
        f'<span style="color:#3d4f5c;font-size:13px">{escape(row.last)}</span>{text}',
        needs,
    )
    body = "".join(f'<td style="{_CELL};overflow-wrap:anywhere">{cell}</td>' for cell in cells)
    return f'<tr><td style="{_CELL};white-space:nowrap">{mark}</td>{body}</tr>\n'
