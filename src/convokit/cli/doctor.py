"""The command `convokit doctor`: what is set up, what is risky, what is broken, one line each."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click
from attrs import asdict

from convokit.cli.doctor_mail import mail_findings
from convokit.cli.doctor_payments import payment_finding
from convokit.cli.doctor_postgres import postgres_findings
from convokit.cli.doctor_practice import (
    carrier_finding,
    compared,
    file_findings,
    orphan_findings,
    practice_findings,
)
from convokit.cli.doctor_providers import provider_findings
from convokit.cli.doctor_push import push_findings
from convokit.cli.doctor_transcripts import transcript_findings
from convokit.cli.exits import FAILED, one_line
from convokit.cli.findings import Finding, State, checked
from convokit.cli.options import DeskOptions, desk_of, optional_desk_options, print_json
from convokit.cli.root import enabled_plugins
from convokit.errors import ConfigurationError, ConvokitError

if TYPE_CHECKING:
    from convokit.domain.rules import Practice
    from convokit.runtime.kit import Convokit

_PACKAGES: Final = ("convokit-vet", "SQLAlchemy", "alembic", "attrs", "phonenumbers", "pluggy", "tzdata")
_MANY_OWED: Final = 1000


@click.command()
@optional_desk_options
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check this TOML file of practices, alone or against --db.",
)
@click.option("--health", metavar="URL", help="Ask a running worker, by the URL of its health page.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def doctor(ctx: click.Context, /, rules_file: Path | None, health: str | None, as_json: bool, **desk: object) -> None:
    """Check this set-up and explain what is wrong. Nothing is sent, and no secret is printed."""
    given = desk["plugins"]
    enabled = enabled_plugins(given if isinstance(given, tuple) else (), ctx)
    findings = examine(None if desk["database"] is None else desk_of(desk, ctx), enabled, rules_file)
    findings += [] if health is None else provider_findings(health)
    failed = sum(finding.state == "fail" for finding in findings)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    if failed:
        ctx.exit(FAILED)


def examine(desk: DeskOptions | None, enabled: tuple[str, ...], rules_file: Path | None = None) -> list[Finding]:
    """Every check, in an order in which the first failure is the one to mend first."""
    findings = [*_versions(), *_time_zones(), *_plugins(enabled)]
    written: tuple[Practice, ...] = ()
    if rules_file is not None:
        written, found = file_findings(rules_file)
        findings += found
    if desk is None:
        none = Finding(about="store", state="off", words="not looked at: give --db, as desk.db")
        return [*findings, none, *_written(written, enabled, findings)]
    settings = checked("settings", desk.settings)
    findings += [settings] if isinstance(settings, Finding) else []
    findings += _store(desk)
    if not any(finding.state == "fail" for finding in findings):
        findings += _desk(desk, written)
    return findings


def _written(written: tuple[Practice, ...], enabled: tuple[str, ...], so_far: list[Finding]) -> list[Finding]:
    """What a file says of its practices, as far as that can be told without a database."""
    from convokit.plugins.catalogue import Catalogue

    if any(finding.state == "fail" for finding in so_far):
        return []
    catalogue = Catalogue(enabled)
    return [finding for practice in written for finding in practice_findings(practice, catalogue)]


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


def _plugins(enabled: tuple[str, ...]) -> Iterator[Finding]:
    from convokit.plugins.overview import plugin_states

    for plugin in plugin_states(enabled):
        words = f"{plugin.name} ({plugin.source}) is {plugin.state}"
        if plugin.offers:
            words += f": {', '.join(plugin.offers)}"
        if plugin.problem:
            words = plugin.problem
        state: State = {"broken": "fail", "blocked": "warn"}.get(plugin.state, "ok")  # type: ignore[assignment]  # words of State
        yield Finding(about="plugin", state=state, words=words)


def _store(desk: DeskOptions) -> Iterator[Finding]:
    def opened() -> None:
        from convokit.plugins.catalogue import Catalogue

        # Plugins have lines of their own; a broken one must not hide what is wrong with the store.
        try:
            offered = dict(Catalogue(desk.plugins).stores)
        except ConfigurationError:
            offered = {}
        desk.open_store(offered).close()

    failed = checked("store", opened)
    if isinstance(failed, Finding):
        yield failed
    elif desk.url.startswith("sqlite:"):
        yield from _sqlite(desk.url)
    elif desk.url.startswith("postgres"):
        yield from postgres_findings(desk.url)
    else:
        yield Finding(about="store", state="ok", words="it opens")


def _sqlite(url: str) -> Iterator[Finding]:
    import sqlite3

    from convokit.stores.sql.schema import REVISIONS
    from convokit.stores.sql.sqlite.engine import connect, sqlite_version_risk
    from convokit.stores.sql.sqlite.opening import path_of

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


def _desk(desk: DeskOptions, written: tuple[Practice, ...]) -> Iterator[Finding]:
    try:
        with desk.open() as kit:
            yield _owed(kit)
            yield _engine(kit)
            yield _files(kit)
            yield from transcript_findings(kit)
            practices = kit.practices()
            yield from compared(written, {practice.id: practice for practice in practices})
            if not practices:
                yield Finding(about="practice", state="warn", words="there is none yet: kit.add_practice(...)")
            for practice in practices:
                yield from _practice(kit, practice)
    except ConvokitError as error:
        yield Finding(about="desk", state="fail", words=one_line(error))


def _owed(kit: Convokit) -> Finding:
    from convokit.runtime.waiting import waiting

    found = waiting(kit.store)
    hint = "; is a worker running?" if found.count and not found.tries else ""
    hint = "; the worker's log says why" if found.tries else hint
    state: State = "warn" if found.tries or found.count > _MANY_OWED else "ok"
    return Finding(about="worker", state=state, words=f"{found}{hint}")


def _engine(kit: Convokit) -> Finding:
    """What performs the work, as it says itself."""
    health = kit.dispatcher.health()
    return Finding(about="engine", state="warn" if health.problem else "ok", words=health.problem or health.words)


def _files(kit: Convokit) -> Finding:
    """Whether a file could be kept now, where, and how much is there."""
    try:
        return Finding(about="files", state="ok", words=kit.files.media.check())
    except ConfigurationError as error:
        return Finding(about="files", state="warn", words=one_line(error))
    except ConvokitError as error:
        return Finding(about="files", state="fail", words=one_line(error))


def _practice(kit: Convokit, practice: Practice) -> Iterator[Finding]:
    about = f"practice {practice.id}"
    region = practice.region or "none (numbers need a country code)"
    numbers = ", ".join(practice.numbers) or "none, so it cannot text"
    known = checked(about, lambda: _zone(practice.time_zone))
    if isinstance(known, Finding):
        yield known
    words = f"{practice.name}: {practice.time_zone}, region {region}, numbers {numbers}"
    yield Finding(about=about, state="ok" if practice.numbers and practice.region else "warn", words=words)
    yield carrier_finding(kit, practice.id)
    yield from orphan_findings(kit, practice.id)
    yield from mail_findings(kit, practice)
    yield payment_finding(kit, practice)
    yield from push_findings(kit, practice)
    yield from practice_findings(practice, kit.catalogue)


def _zone(name: str) -> None:
    from convokit.runtime.checks import check_zone

    check_zone(name)


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
    counts = {state: sum(finding.state == state for finding in findings) for state in ("ok", "off", "warn", "fail")}
    screen.say("  " + ", ".join(f"{count} {state}" for state, count in counts.items()))
