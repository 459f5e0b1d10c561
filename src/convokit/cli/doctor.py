"""The command `convokit doctor`: what is set up, what is risky, what is broken, one line each."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Literal

import click
from attrs import asdict, frozen

from convokit.cli.exits import FAILED, one_line
from convokit.cli.options import DeskOptions, desk_of, desk_options, print_json
from convokit.errors import ConfigurationError, ConvokitError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit

State = Literal["ok", "warn", "fail"]

_PACKAGES: Final = ("convokit-vet", "SQLAlchemy", "alembic", "attrs", "phonenumbers", "pluggy", "tzdata")
_MANY_OWED: Final = 1000


@frozen(kw_only=True)
class Finding:
    """One line of the doctor: about what, how it stands, and in words for an administrator."""

    about: str
    state: State
    words: str


@click.command()
@desk_options
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def doctor(ctx: click.Context, /, as_json: bool, **desk: object) -> None:
    """Check this set-up and explain what is wrong. Nothing is sent, and no secret is printed."""
    findings = examine(desk_of(desk, ctx))
    failed = sum(finding.state == "fail" for finding in findings)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    if failed:
        ctx.exit(FAILED)


def examine(desk: DeskOptions) -> list[Finding]:
    """Every check, in an order in which the first failure is the one to mend first."""
    findings = [*_versions(), *_time_zones(), *_plugins(desk)]
    found = _checked("settings", desk.settings)
    findings += [found] if isinstance(found, Finding) else []
    findings += _store(desk)
    if not any(finding.state == "fail" for finding in findings):
        findings += _desk(desk)
    return findings


def _checked(about: str, check: Callable[[], object]) -> object:
    """What ``check`` returns; the finding of what it raises."""
    try:
        return check()
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))


def _versions() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    yield Finding(about="python", state="ok", words=f"{platform.python_implementation()} {platform.python_version()}")
    known = []
    for name in _PACKAGES:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding(about="packages", state="fail", words=f"{name} is not installed")
    yield Finding(about="packages", state="ok", words=", ".join(known))


def _time_zones() -> Iterator[Finding]:
    from zoneinfo import available_timezones

    count = len(available_timezones())
    state: State = "ok" if count else "fail"
    yield Finding(about="time zones", state=state, words=f"{count} zones known" if count else "no data: install tzdata")


def _plugins(desk: DeskOptions) -> Iterator[Finding]:
    from convokit.cli.plugins import plugin_states

    for plugin in plugin_states(desk.plugins):
        words = f"{plugin.name} ({plugin.source}) is {plugin.state}"
        if plugin.offers:
            words += f": {', '.join(plugin.offers)}"
        if plugin.problem:
            words = plugin.problem
        yield Finding(about="plugin", state="fail" if plugin.state == "broken" else "ok", words=words)


def _store(desk: DeskOptions) -> Iterator[Finding]:
    def opened() -> None:
        from convokit.plugins.catalogue import Catalogue

        # Plugins have lines of their own; a broken one must not hide what is wrong with the store.
        try:
            offered = dict(Catalogue(desk.plugins).stores)
        except ConfigurationError:
            offered = {}
        desk.open_store(offered).close()

    failed = _checked("store", opened)
    if isinstance(failed, Finding):
        yield failed
    elif desk.url.startswith("sqlite:"):
        yield from _sqlite(desk.url)
    else:
        yield Finding(about="store", state="ok", words="it opens")


def _sqlite(url: str) -> Iterator[Finding]:
    import sqlite3

    from convokit.stores.sql.engine import connect, sqlite_version_risk
    from convokit.stores.sql.opening import path_of
    from convokit.stores.sql.schema import REVISIONS

    connection = connect(path_of(url), "rw")
    try:
        journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = {1: "NORMAL", 2: "FULL", 3: "EXTRA"}.get(connection.execute("PRAGMA synchronous").fetchone()[0])
    finally:
        connection.close()
    safe = journal == "wal" and synchronous in ("FULL", "EXTRA")
    words = f"SQLite file, schema {REVISIONS[-1]}, journal {str(journal).upper()}, synchronous {synchronous or 'OFF'}"
    yield Finding(about="store", state="ok" if safe else "warn", words=words)
    risk = sqlite_version_risk()
    yield Finding(about="sqlite", state="warn" if risk else "ok", words=risk or f"SQLite {sqlite3.sqlite_version}")


def _desk(desk: DeskOptions) -> Iterator[Finding]:
    try:
        with desk.open() as kit:
            yield _owed(kit)
            practices = kit.practices()
            if not practices:
                yield Finding(about="practice", state="warn", words="there is none yet: kit.add_practice(...)")
            for practice in practices:
                yield from _practice(kit, practice)
    except ConvokitError as error:
        yield Finding(about="desk", state="fail", words=one_line(error))


def _owed(kit: Convokit) -> Finding:
    from convokit.cli.waiting import waiting

    found = waiting(kit.store)
    hint = "; is a worker running?" if found.count and not found.tries else ""
    hint = "; the worker's log says why" if found.tries else hint
    state: State = "warn" if found.tries or found.count > _MANY_OWED else "ok"
    return Finding(about="worker", state=state, words=f"{found}{hint}")


def _practice(kit: Convokit, practice: Practice) -> Iterator[Finding]:
    about = f"practice {practice.id}"
    region = practice.region or "none (numbers need a country code)"
    numbers = ", ".join(practice.numbers) or "none, so it cannot text"
    known = _checked(about, lambda: _zone(practice.time_zone))
    if isinstance(known, Finding):
        yield known
    words = f"{practice.name}: {practice.time_zone}, region {region}, numbers {numbers}"
    yield Finding(about=about, state="ok" if practice.numbers and practice.region else "warn", words=words)
    yield carrier_finding(kit, practice.id)


def _zone(name: str) -> None:
    from convokit.runtime.checks import check_zone

    check_zone(name)


def carrier_finding(kit: Convokit, practice_id: str) -> Finding:
    """The practice's carrier, its settings, and the URL it calls back, whose last part stays hidden."""
    about = f"practice {practice_id}"
    try:
        carrier = kit.gateways.of(practice_id)
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
    if carrier is None:
        return Finding(about=about, state="warn", words="no carrier is enabled: texts wait, the app works (--plugin)")
    if carrier.callback_url is None:
        words = f"carrier {carrier.provider}, settings valid; no webhook URL: give --public-url"
        return Finding(about=about, state="warn", words=words)
    front = carrier.callback_url.rpartition("/")[0]
    local = "" if front.startswith("https:") else " (only on this machine)"
    words = f"carrier {carrier.provider}, settings valid, webhook {front}/{carrier.endpoint.token[:7]}...{local}"
    return Finding(about=about, state="warn" if local else "ok", words=words)


def _print(findings: list[Finding]) -> None:
    from convokit.cli.screen import COLUMNS, this_screen, wrap

    screen = this_screen()
    for finding in findings:
        tone: Literal["red", "bold", "dim"] = (
            "red" if finding.state == "fail" else "bold" if finding.state == "warn" else "dim"
        )
        first, *rest = wrap(screen.clean(f"{finding.about}: {finding.words}"), COLUMNS - 8)
        screen.say(f"  {screen.tone(f'{finding.state:<4}', tone)}  {first}")
        for line in rest:
            screen.say(f"        {line}")
    counts = {state: sum(finding.state == state for finding in findings) for state in ("ok", "warn", "fail")}
    screen.say("  " + ", ".join(f"{count} {state}" for state, count in counts.items()))
