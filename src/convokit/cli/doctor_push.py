"""What the doctor says of how a practice's app is told that something waits: each push transport, and what it tells."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from convokit.cli.exits import one_line
from convokit.cli.findings import Finding
from convokit.errors import ConvokitError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit


def push_findings(kit: Convokit, practice: Practice) -> Iterator[Finding]:
    """One line for each transport that is enabled; off without any."""
    about = f"push {practice.id}"
    if not kit.push_transports.names:
        yield Finding(about=about, state="off", words="no push transport is enabled: no app is told (--plugin)")
    for name in kit.push_transports.names:
        yield _transport(kit, practice, name, about)


def _transport(kit: Convokit, practice: Practice, name: str, about: str) -> Finding:
    try:
        found = kit.push_transports.of(practice.id, name)
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
    if found is not None and found.capabilities.http == "2" and find_spec("h2") is None:
        words = f"transport {name} speaks HTTP/2 only, and what speaks it is not installed: httpx2[http2]"
        return Finding(about=about, state="fail", words=words)
    rules = practice.rules.push
    told = "that something waits" if rules.says == "waits" else "the beginning of the message (says)"
    words = f"transport {name}, settings valid; tells {told}, for {rules.hours} hours"
    return Finding(about=about, state="ok", words=words)
