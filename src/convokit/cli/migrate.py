"""The command `convokit migrate`: bring a database to this release, or move a desk into another one."""

from __future__ import annotations

import click

from convokit.cli.options import DeskOptions, url_of, with_plugins
from convokit.cli.root import enabled_plugins
from convokit.errors import ConfigurationError


@click.command(short_help="Bring a database to this release, or move it to PostgreSQL.")
@click.option(
    "--db",
    "database",
    envvar="CONVOKIT_DB",
    metavar="DB",
    show_envvar=True,
    help="A SQLite file or its URL; or postgresql://OWNER@HOST/DATABASE, as the role that owns the tables.",
)
@click.option(
    "--app-role",
    "app_roles",
    multiple=True,
    metavar="ROLE",
    help="PostgreSQL: a role that may then open the database; repeatable. Give it again after every migration.",
)
@click.option(
    "--partitions",
    type=click.IntRange(0, 1024),
    default=0,
    show_default=True,
    help="PostgreSQL, a new database: into how many parts the tables are divided by practice.",
)
@click.option("--from", "source", metavar="DB", help="Move this SQLite desk, row by row, into the database of --to.")
@click.option("--to", "target", metavar="URL", help="A new postgresql://OWNER@HOST/DATABASE, as its owner.")
@click.option("--verify", is_flag=True, help="With --from and --to: only compare both sides; copy nothing.")
@click.option(
    "--media", metavar="URL", help="With --from: where the desk's files are. Default: beside the SQLite file."
)
@click.option("--json", "as_json", is_flag=True, help="With --from: for programs.")
@with_plugins
@click.pass_context
def migrate(
    ctx: click.Context,
    /,
    database: str | None,
    source: str | None,
    target: str | None,
    app_roles: tuple[str, ...],
    partitions: int,
    **given: object,
) -> None:
    """Bring a database to this release: all of it or nothing. What is there already is left alone.

    A SQLite file is also migrated when it is opened. On PostgreSQL the tables belong to another role than the one that
    uses them, so that row-level security holds; this command is for the former.

    With --from and --to it moves a desk from SQLite to PostgreSQL. Stop everything that uses the desk first. Killed,
    the same command goes on where it was; nobody can open the target before both sides are the same.
    """
    if source is None and target is None:
        if database is None:
            raise click.UsageError("give --db; or --from and --to")
        _here(database, app_roles, partitions)
        return
    if source is None or target is None:
        raise click.UsageError("--from and --to belong together")
    from convokit.cli.move import move

    media, plugins = given["media"], given["plugins"]
    move(
        ctx,
        source,
        target,
        app_roles=app_roles,
        partitions=partitions,
        verify=bool(given["verify"]),
        media=media if isinstance(media, str) else None,
        plugins=enabled_plugins(plugins if isinstance(plugins, tuple) else (), ctx),
        as_json=bool(given["as_json"]),
    )


def _here(database: str, app_roles: tuple[str, ...], partitions: int) -> None:
    from convokit.stores.builtin import migrate_store

    url = url_of(database)
    if not url.startswith("postgres") and (app_roles or partitions):
        raise ConfigurationError("migrate.role", "--app-role and --partitions are for PostgreSQL", field="db")
    DeskOptions(url=url).check_file()
    revision = migrate_store(url, app_roles=app_roles, partitions=partitions)
    roles = f"; may be opened by {', '.join(app_roles)}" if app_roles else ""
    click.echo(f"schema {revision}{roles}")
