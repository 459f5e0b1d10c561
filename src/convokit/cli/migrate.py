"""The command `convokit migrate`: bring a database to this release."""

from __future__ import annotations

import click

from convokit.cli.options import DeskOptions, url_of
from convokit.errors import ConfigurationError


@click.command(short_help="Bring a database to this release.")
@click.option(
    "--db",
    "database",
    envvar="CONVOKIT_DB",
    metavar="DB",
    required=True,
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
def migrate(database: str, app_roles: tuple[str, ...], partitions: int) -> None:
    """Bring a database to this release: all of it or nothing. What is there already is left alone.

    A SQLite file is also migrated when it is opened. On PostgreSQL the tables belong to another role than the one that
    uses them, so that row-level security holds; this command is for the former.
    """
    from convokit.stores.builtin import migrate_store

    url = url_of(database)
    if not url.startswith("postgres") and (app_roles or partitions):
        raise ConfigurationError("migrate.role", "--app-role and --partitions are for PostgreSQL", field="db")
    DeskOptions(url=url).check_file()
    revision = migrate_store(url, app_roles=app_roles, partitions=partitions)
    roles = f"; may be opened by {', '.join(app_roles)}" if app_roles else ""
    click.echo(f"schema {revision}{roles}")
