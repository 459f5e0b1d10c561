"""The command `convokit procrastinate`."""

from __future__ import annotations

from importlib.metadata import version

import click


@click.command(short_help="Make the tables of Procrastinate's queue in the desk's database.")
@click.option(
    "--db",
    "database",
    envvar="CONVOKIT_DB",
    metavar="DB",
    required=True,
    show_envvar=True,
    help="postgresql://OWNER@HOST/DATABASE, as the role that owns the desk's tables.",
)
@click.option(
    "--app-role",
    "app_roles",
    multiple=True,
    metavar="ROLE",
    help="A role that may then use the queue; repeatable.",
)
def procrastinate(database: str, app_roles: tuple[str, ...]) -> None:
    """Make the tables of Procrastinate's queue in the desk's database: all of them or none.

    What is there already is left alone; an older release's tables are told, and are Procrastinate's own to migrate.
    """
    from convokit_engine_procrastinate.address import conninfo_of
    from convokit_engine_procrastinate.schema import make

    made = make(conninfo_of(database), app_roles)
    roles = f"; may be used by {', '.join(app_roles)}" if app_roles else ""
    click.echo(f"Procrastinate {version('procrastinate')}: {'tables made' if made else 'tables are there'}{roles}")
