"""`convokit migrate --from ... --to ...`: move a desk from SQLite to PostgreSQL."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click
from attrs import asdict

from convokit.cli.exits import FAILED, PARTLY_DONE
from convokit.cli.options import DeskOptions, print_json, url_of

if TYPE_CHECKING:
    from convokit.runtime.moving import MoveProgress, MoveReport

_DIFFERS: Final = "the target differs from the source"


def move(
    ctx: click.Context,
    source: str,
    target: str,
    *,
    app_roles: tuple[str, ...],
    partitions: int,
    verify: bool,
    media: str | None,
    plugins: tuple[str, ...],
    as_json: bool,
) -> None:
    """Move, or only compare, and say what was found."""
    from convokit.runtime.moving import move_desk

    url = url_of(source)
    DeskOptions(url=url).check_file()
    with _Bars() as bars:
        report = move_desk(
            url,
            target,
            app_roles=app_roles,
            partitions=partitions,
            verify_only=verify,
            media=media,
            plugins=plugins,
            progress=bars.show,
        )
    if as_json:
        print_json(asdict(report))
    else:
        _tell(report, verify=verify)
    for words in report.differs:
        click.echo(f"convokit: {words}", err=True)
    if report.missing:
        click.echo(f"convokit: {report.missing} files are missing, or are not what they were", err=True)
    ctx.exit(FAILED if report.differs else PARTLY_DONE if report.missing else 0)


def _tell(report: MoveReport, *, verify: bool) -> None:
    for table in report.tables:
        click.echo(f"{table.table:<26} {table.rows:>10} rows  {table.digest[:16]}")
    files = "not looked at" if report.files is None else f"{report.files - report.missing} of {report.files} are there"
    click.echo(f"files: {files}")
    if report.differs:
        click.echo(_DIFFERS if verify else f"{_DIFFERS}; it was not opened to anybody")
    else:
        click.echo("both sides are the same")


class _Bars:
    """A bar for each table on stderr; a line for each where nobody watches."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._width = 0

    def show(self, so_far: MoveProgress) -> None:
        """Move on."""
        done = so_far.done == so_far.of
        words = f"{so_far.doing} {so_far.what.removeprefix('convokit_')}: {so_far.done} of {so_far.of}"
        if self._watched:
            click.echo(f"\r{words:<{self._width}}", nl=done, err=True)
            self._width = 0 if done else len(words)
        elif done:
            click.echo(f"convokit: {words}", err=True)

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *ending: object) -> None:
        if self._width:
            click.echo(err=True)
