"""What the doctor says of a practice: its carrier, what its rules say, and which parts of the desk it leaves unused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from convokit.cli.exits import one_line
from convokit.cli.findings import Finding, checked
from convokit.domain.inbox import Badges
from convokit.domain.instant import DAY
from convokit.errors import ConvokitError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.plugins.catalogue import Catalogue
    from convokit.ports.sms_session import SessionState
    from convokit.runtime.kit import Convokit

_SHOWN: Final = 40
_MOST_NAMED: Final = 5


@frozen(kw_only=True)
class Part:
    """A part of the desk that a practice may use or not.

    Attributes:
        what: it does, in words.
        is_set: whether the practice's rules ask for it.
        set_by: the setting that does.
        lacks: what it needs besides and does not have, in words, or ``""``.
    """

    what: str
    is_set: Callable[[Practice], bool]
    set_by: str
    lacks: Callable[[Practice, Catalogue], str] = lambda practice, catalogue: ""


def _no_mailer(practice: Practice, catalogue: Catalogue) -> str:
    return "" if catalogue.mailers else "no mailer is enabled"


PARTS: Final[tuple[Part, ...]] = (
    Part(
        what="the transcript is mailed when a conversation ends",
        is_set=lambda practice: bool(practice.rules.mail.transcript_to),
        set_by="rules.mail.transcript_to",
        lacks=_no_mailer,
    ),
    Part(
        what="the transcript is filed in the medical record when a conversation ends",
        is_set=lambda practice: practice.rules.records.on_end,
        set_by="rules.records.on_end",
    ),
    Part(
        what="a mail at the end of the day lists what is still open",
        is_set=lambda practice: practice.rules.end_of_day.on,
        set_by="rules.end_of_day.recipients",
        lacks=_no_mailer,
    ),
    Part(
        what="conversation hours are kept",
        is_set=lambda practice: bool(practice.rules.hours.week),
        set_by="rules.hours.week",
    ),
    Part(
        what="clients who write while it is closed get an answer",
        is_set=lambda practice: bool(practice.rules.hours.away),
        set_by="rules.hours.away",
    ),
    Part(
        what="clients who begin a conversation are greeted",
        is_set=lambda practice: bool(practice.rules.hours.greeting),
        set_by="rules.hours.greeting",
    ),
    Part(
        what="what your program sends by itself waits for the end of quiet hours",
        is_set=lambda practice: practice.rules.quiet_hours.on,
        set_by="rules.quiet_hours.on",
    ),
    Part(
        what="conversations belong to departments",
        is_set=lambda practice: bool(practice.rules.departments),
        set_by="rules.departments",
    ),
    Part(
        what="clients are reached in the app",
        is_set=lambda practice: practice.rules.app.who != "disabled",
        set_by='rules.app.who = "all" or "selected"',
    ),
)
"""What a practice's rules switch on."""

HOST_PARTS: Final[Mapping[str, tuple[str, Callable[[Catalogue], bool]]]] = {
    "convokit_reminders": ("past-due reminders are shown", lambda catalogue: catalogue.reminders is not None),
    "convokit_records": (
        "transcripts are filed in the medical record",
        lambda catalogue: catalogue.records is not None,
    ),
    "convokit_directory": ("an unknown number has a client's name", lambda catalogue: catalogue.directory is not None),
}
"""What the host's own plugin switches on, by its hook."""


def practice_findings(practice: Practice, catalogue: Catalogue) -> Iterator[Finding]:
    """What a practice's rules say, and what they leave unused."""
    about = f"rules {practice.id}"
    yield Finding(about=about, state="ok", words=_what_is_set(practice))
    for part in PARTS:
        lacks = part.lacks(practice, catalogue)
        if not part.is_set(practice):
            yield Finding(about=about, state="off", words=_off(part.what, part.set_by, lacks))
        elif lacks:
            yield Finding(about=about, state="warn", words=f"{part.set_by} is set, but {lacks}")
    for hook, (what, is_there) in HOST_PARTS.items():
        if not is_there(catalogue):
            yield Finding(about=about, state="off", words=_off(what, f"a plugin with {hook}", ""))
    for number, state in practice.sender_states:
        if state != "ready":
            yield Finding(about=about, state="warn", words=f"{number} is {state}: no text leaves from it")


def _off(what: str, needs: str, lacks: str) -> str:
    return f"not used: {what}. It needs {needs}" + (f"; {lacks}" if lacks else "")


def _what_is_set(practice: Practice) -> str:
    """The rules that differ from their defaults."""
    from convokit.runtime.rules_mapping import settings_in

    rules = [one for one in settings_in(practice) if one[0].startswith("rules.")]
    own = [f"{name} = {_shown(value)}" for name, value, default in rules if value != default]
    if not own:
        return f"all {len(rules)} are the defaults"
    return f"{len(own)} of {len(rules)} are the practice's own: {', '.join(own)}"


def _shown(value: object) -> str:
    """A setting in short: what is long or a list is counted, for a line should stay one."""
    if isinstance(value, (tuple, frozenset)):
        return "none" if not value else f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f"{len(value)} characters"
    return str(value).lower() if isinstance(value, bool) else str(value)


def carrier_finding(kit: Convokit, practice_id: str) -> Finding:
    """The practice's carrier, its settings, and the URL it calls back, whose last part stays hidden."""
    from convokit.runtime.sessions import KeptSession  # the command starts without it

    about = f"practice {practice_id}"
    try:
        carrier = kit.gateways.of(practice_id)
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
    if carrier is None:
        return Finding(about=about, state="warn", words="no carrier is enabled: texts wait, the app works (--plugin)")
    if isinstance(carrier.gateway, KeptSession):
        return _session_finding(about, carrier.provider, carrier.gateway.state())
    if carrier.callback_url is None:
        words = f"carrier {carrier.provider}, settings valid; no webhook URL: give --public-url"
        return Finding(about=about, state="warn", words=words)
    front = carrier.callback_url.rpartition("/")[0]
    local = "" if front.startswith("https:") else " (only on this machine)"
    words = f"carrier {carrier.provider}, settings valid, webhook {front}/{carrier.endpoint.token[:7]}...{local}"
    return Finding(about=about, state="warn" if local else "ok", words=words)


def _session_finding(about: str, provider: str, session: SessionState) -> Finding:
    """A carrier with a connection of its own, which this command does not open: the worker has it, and may be alone."""
    words = f"carrier {provider}, settings valid, a connection that the worker opens: {session.words}"
    if session.warning:
        return Finding(about=about, state="warn", words=f"{words}; {session.warning}")
    return Finding(about=about, state="ok", words=words)


def orphan_findings(kit: Convokit, practice_id: str) -> Iterator[Finding]:
    """Reports that have waited for their text for a day: another program sends by the same account, or a backup was
    restored.
    """
    count = kit.store.orphans(practice_id, kit.world.now_us() - DAY)
    if count:
        many = (
            "1 delivery report is on a text" if count == 1 else f"{Badges.shown(count)} delivery reports are on texts"
        )
        yield Finding(about=f"practice {practice_id}", state="warn", words=f"{many} that this desk has not sent")


# --- a file of practices ----------------------------------------------------------------------------------------------


def file_findings(file: Path) -> tuple[tuple[Practice, ...], list[Finding]]:
    """The practices of a file, and what is wrong with it."""
    from convokit.runtime.rules_file import load_practices

    found = checked("file", lambda: load_practices(file))
    if isinstance(found, Finding):
        return (), [found]
    count = f"{len(found)} {'practice' if len(found) == 1 else 'practices'}"
    return found, [Finding(about="file", state="ok", words=f"{file.name}: {count}, every setting is known and fits")]


def compared(written: tuple[Practice, ...], stored: Mapping[str, Practice]) -> Iterator[Finding]:
    """Where a file and a database do not say the same: the host adds practices when it starts."""
    for practice in written:
        known = stored.get(practice.id)
        if known is None:
            words = f"{practice.id} is not in the database yet; the host adds it with kit.add_practice"
            yield Finding(about="file", state="warn", words=words)
        elif differing := _differing(practice, known):
            named = ", ".join(differing[:_MOST_NAMED]) + (", ..." if len(differing) > _MOST_NAMED else "")
            words = f"the database has other values for {practice.id}: {named}; the host has not added it since"
            yield Finding(about="file", state="warn", words=words)


def _differing(one: Practice, other: Practice) -> list[str]:
    from convokit.runtime.rules_mapping import settings_in

    theirs = {name: value for name, value, _ in settings_in(other)}
    return [name for name, value, _ in settings_in(one) if theirs.get(name) != value]
