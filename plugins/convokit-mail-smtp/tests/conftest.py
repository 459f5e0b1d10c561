"""Servers and certificates for the tests of one session."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme
from mail_servers import Certificates, Handler, Script, Server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder = tmp_path_factory.mktemp("certificates")
    ours, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(context)
    for name, authority in (("ours.pem", ours), ("other.pem", other)):
        authority.cert_pem.write_to_path(str(folder / name))
    return Certificates(server=context, ca_file=str(folder / "ours.pem"), other_ca_file=str(folder / "other.pem"))


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    """Starts scripted servers."""
    started: list[Script] = []

    def start(**answers: bytes) -> Script:
        started.append(Script(**answers))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts real servers."""
    started: list[Server] = []

    def start(handler: Handler, **options: object) -> Server:
        started.append(Server(handler, **options))
        return started[-1]

    yield start
    for server in started:
        server.close()
