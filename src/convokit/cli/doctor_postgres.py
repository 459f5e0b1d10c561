"""What the doctor says of a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator

from convokit.cli.findings import Finding, checked


def postgres_findings(url: str) -> Iterator[Finding]:
    """The server, the role and the second wall; the store has been opened, so nothing here is broken."""
    from convokit.stores.sql.postgres.looking import look
    from convokit.stores.sql.schema import REVISIONS

    found = checked("store", lambda: look(url))
    if isinstance(found, Finding):
        yield found
        return
    parts = f", in {found.partitions} parts" if found.partitions else ""
    words = (
        f"PostgreSQL {found.version}, schema {REVISIONS[-1]}, role {found.role}, row-level security on"
        f" {found.tables} tables{parts}"
    )
    yield Finding(about="store", state="ok", words=words)
    if found.owns:
        why = f"{found.role} owns the tables it uses, and could take row-level security off; use a second role"
        yield Finding(about="role", state="warn", words=why)
    for name, value, why in (
        ("fsync", found.fsync, "a power cut loses what was acknowledged"),
        ("autovacuum", found.autovacuum, "deleted rows stay on the disk, and the tables grow"),
    ):
        if value != "on":
            yield Finding(about="postgresql", state="warn", words=f"{name} is {value}: {why}")
    if not found.encrypted and not found.local:
        yield Finding(about="postgresql", state="warn", words="the connection is not encrypted; see sslmode in the URL")
    words = f"at most {found.connections} of this process; the server allows {found.server_connections} in all"
    state = "ok" if found.connections < found.server_connections else "warn"
    yield Finding(about="connections", state="ok" if state == "ok" else "warn", words=words)
