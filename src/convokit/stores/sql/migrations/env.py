"""Alembic runs this for every command; the connection, and its one transaction, are given by the caller."""

from alembic import context

from convokit.stores.sql.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
