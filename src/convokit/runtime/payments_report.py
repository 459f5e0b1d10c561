"""Payments as a report: rows for the host, and CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from attrs import frozen

from convokit.domain.payment import Payment

COLUMNS: Final = (
    "payment",
    "conversation",
    "requested_at",
    "requested_by",
    "title",
    "invoice",
    "currency",
    "amount",
    "state",
    "paid_at",
    "received",
    "refunded",
    "provider",
    "flags",
)
"""The columns of the CSV, in order."""

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@frozen(kw_only=True)
class PaymentsReport:
    """Payments that were asked for in a period, oldest first."""

    rows: tuple[Payment, ...]

    def __iter__(self) -> Iterator[Payment]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def csv(self) -> str:
        """The report as CSV (RFC 4180): a header, CRLF line ends, times in UTC, exact amounts with a point.

        What a spreadsheet would run as a formula (a title that begins with ``=``, ``+``, ``-``, ``@``) has an
        apostrophe before it.
        """
        written = io.StringIO(newline="")
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows(map(_cells, self.rows))
        return written.getvalue()


def _cells(payment: Payment) -> tuple[str, ...]:
    told = (
        payment.id,
        payment.conversation_id,
        _utc(payment.requested_at),
        payment.by_name,
        payment.title,
        payment.invoice or "",
        payment.money.currency,
        payment.money.amount,
        payment.state,
        _utc(payment.paid_at),
        payment.received.amount,
        payment.refunded.amount,
        payment.provider,
        " ".join(payment.flags),
    )
    return tuple(map(_harmless, told))


def _utc(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _harmless(cell: str) -> str:
    """OWASP, "CSV Injection": a cell that begins so is run as a formula."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
