"""Where a file may be fetched from: the carrier's hosts first, and then no address that is not on the open internet."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, as text. Raises ``OSError`` when there are none."""

LONGEST_URL: Final = 2_000
_NAT64: Final = IPv6Network("64:ff9b::/96")
_PORTS: Final = {"http": 80, "https": 443}
# RFC 6890 and its registries; older Pythons take some of these for global.
_CLOSED: Final = tuple(
    map(
        ip_network,
        "192.0.0.0/24 192.88.99.0/24 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
        " 5f00::/16".split(),
    )
)


class ForbiddenError(Exception):
    """Nothing may be fetched there; the text says why, and never the URL."""


@frozen(kw_only=True)
class Target:
    """One request's destination, its address pinned: the name is not looked up again."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def authority(self) -> str:
        """The ``Host`` header: without the port that its scheme has anyway (RFC 9110 4.2.3)."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def target_of(url: str, hosts: Collection[str], private: Collection[str], resolve: Resolve) -> Target:
    """Where ``url`` leads.

    Args:
        hosts: names that may be asked; ``"*.cdn.example"`` stands for all below it.
        private: ``"host:port"`` that may be asked by plain HTTP too, and may have any address.

    Raises:
        ForbiddenError: it is not https, not on the list, or one of its addresses is not on the open internet.
        OSError: the name has no address now.
    """
    parts, port = _split(url)
    host = (parts.hostname or "").rstrip(".")
    trusted = f"{host}:{port}" in private
    if not trusted:
        if parts.scheme != "https" or port != _PORTS["https"]:
            raise ForbiddenError("only https is fetched")
        if not any(_is_on_list(host, pattern) for pattern in hosts):
            raise ForbiddenError("the host is none of the carrier's")
    found = resolve(host, port)
    if not found:
        raise OSError("no address")
    if not trusted and not all(map(is_public, found)):
        raise ForbiddenError("the host has an address that is not on the open internet")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port, path=path, address=found[0])


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ForbiddenError("this is no URL that a carrier makes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ForbiddenError("the URL is broken") from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ForbiddenError("only https is fetched")
    return parts, port if port is not None else _PORTS[parts.scheme]


def _is_on_list(host: str, pattern: str) -> bool:
    wanted = pattern.lower()
    return host.endswith(wanted[1:]) and host != wanted[2:] if wanted.startswith("*.") else host == wanted


def is_public(address: str) -> bool:
    """Whether an address is on the open internet, whatever it is wrapped into."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inside(found)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    if any(found in network for network in _CLOSED if network.version == found.version):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _inside(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def system_resolve(host: str, port: int) -> Sequence[str]:
    """What the system says.

    Raises:
        OSError: it does not know the host; also for a name that no host can have.
    """
    try:
        host.encode("idna")
    except UnicodeError:
        raise OSError("no host can have this name") from None
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
