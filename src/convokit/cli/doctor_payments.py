"""What the doctor says of a practice's payments: the provider, its webhook, and in which currencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from convokit.cli.exits import one_line
from convokit.cli.findings import Finding
from convokit.errors import ConvokitError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit

_NAMED: Final = 6


def payment_finding(kit: Convokit, practice: Practice) -> Finding:
    """One line: off without a provider."""
    about = f"payments {practice.id}"
    try:
        found = kit.payment_providers.of(practice.id)
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
    if found is None:
        return Finding(about=about, state="off", words="no payment provider is enabled: nobody can be asked (--plugin)")
    accepted, taken = practice.rules.payments.currencies, found.capabilities.currencies
    both = sorted(accepted & taken if accepted and taken else accepted or taken)
    if (accepted or taken) and not both:
        words = f"provider {found.name} takes none of {', '.join(sorted(accepted)[:_NAMED])}"
        return Finding(about=about, state="fail", words=words)
    more = " ..." if len(both) > _NAMED else ""
    words = f"provider {found.name}, settings valid; currencies {', '.join(both[:_NAMED]) or 'all'}{more}"
    if not found.capabilities.expires:
        if not found.capabilities.closes:
            return Finding(about=about, state="warn", words=f"{words}; its links never end, whatever expiry_hours says")
        words += "; the worker closes its links when their time is over"
    most, wanted = found.capabilities.longest_hours, practice.rules.payments.expiry_hours
    if most is not None and most < wanted:
        another = f"; its pages work {most} hours, and our links for {wanted} have another made"
        words += (
            f"; its links work {most} hours, not {wanted} (expiry_hours)" if found.callback_url is None else another
        )
    if found.callback_url is None:  # without a public URL the links are not ours
        words += "; clients get the provider's own links, and there is no webhook URL: give --public-url"
        return Finding(about=about, state="warn", words=words)
    if practice.rules.payments.accept_test:
        return Finding(about=about, state="warn", words=f"{words}; reports of a test mode count as real (accept_test)")
    front = found.callback_url.rpartition("/")[0]
    return Finding(about=about, state="ok", words=f"{words}; webhook {front}/{found.endpoint.token[:7]}...")
