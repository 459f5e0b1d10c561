"""Where a database is, and how it is used: read from its URL."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from convokit.errors import ConfigurationError

_SCHEMES: Final = ("postgresql", "postgres")
# A network that broke is noticed within a minute or so, not within hours.
_KEEPALIVE: Final = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SHAPE: Final = "postgresql://ROLE@HOST/DATABASE"
_OURS: Final = {
    "convokit_connections": (1, 1000),
    "convokit_statement_seconds": (1, 3600),
}
_SWITCHES: Final = {"convokit_prepare": ("on", "off"), "convokit_role": ("app", "owner")}


@frozen(kw_only=True)
class Address:
    """What a URL says.

    Attributes:
        conninfo: for libpq; it may hold a password.
        connections: the most at once, of this process.
        statement_ms: how long a statement may run, in milliseconds.
        prepare: whether the server keeps statements between transactions.
        owner: whether the role may be the owner of the tables; then opening migrates.
    """

    conninfo: str = field(repr=False)
    connections: int = 10
    statement_ms: int = 30_000
    prepare: bool = True
    owner: bool = False


def address_of(url: str) -> Address:
    """The address in a URL. What of it is not ours is libpq's: host, port, ``sslmode``, ``options``, ...

    Raises:
        ConfigurationError: ``store.url``; the message never shows the URL.
    """
    import psycopg.conninfo

    try:
        parts = urlsplit(url)
        asked = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _wrong("it cannot be read") from None
    if parts.scheme.partition("+")[0] not in _SCHEMES or "+" in parts.scheme.removesuffix("+psycopg"):
        raise _wrong("its scheme is not postgresql")
    ours = {name: value for name, value in asked if name.startswith("convokit_")}
    theirs = urlencode([(name, value) for name, value in asked if name not in ours])
    plain = urlunsplit(("postgresql", parts.netloc, parts.path, theirs, ""))
    try:
        known = psycopg.conninfo.conninfo_to_dict(plain)
    except psycopg.Error:
        raise _wrong("PostgreSQL's client cannot read it") from None
    settings = _settings(ours)
    return Address(
        conninfo=psycopg.conninfo.make_conninfo(plain, **{k: v for k, v in _KEEPALIVE.items() if k not in known}),
        connections=settings.get("convokit_connections", 10),
        statement_ms=1000 * settings.get("convokit_statement_seconds", 30),
        prepare=ours.get("convokit_prepare", "on") == "on",
        owner=ours.get("convokit_role", "app") == "owner",
    )


def _settings(ours: dict[str, str]) -> dict[str, int]:
    """Our own whole numbers, every one of our own parameters checked."""
    found = {}
    for name, value in ours.items():
        if name in _OURS:
            low, high = _OURS[name]
            if not value.isdecimal() or not low <= int(value) <= high:
                raise _wrong(f"{name} is a whole number from {low} to {high}", name)
            found[name] = int(value)
        elif name not in _SWITCHES:
            raise _wrong(f"there is no {name}; there are {', '.join([*_OURS, *_SWITCHES])}", name)
        elif value not in _SWITCHES[name]:
            raise _wrong(f"{name} is {' or '.join(_SWITCHES[name])}", name)
    return found


def _wrong(why: str, limit: str = _SHAPE) -> ConfigurationError:
    return ConfigurationError("store.url", f"this is no URL of a PostgreSQL database: {why}", field="url", limit=limit)
