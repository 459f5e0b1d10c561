"""Where files may be fetched from: every form of an address inside is refused before a byte leaves."""

from __future__ import annotations

import pytest

import convokit
from convokit.runtime.fetching.addresses import ForbiddenError, Target, is_public, target_of
from convokit.runtime.fetching.client import check_private_hosts

HOSTS = ("api.carrier.example", "*.cdn.example")
OUTSIDE = "93.184.215.14"

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 127.0.0.1 127.1.2.3 169.254.169.254 169.254.0.1 172.16.0.1
172.31.255.255 192.0.0.8 192.0.2.1 192.168.0.1 192.168.255.255 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1
239.1.2.3 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::ffff:0:0 ::ffff:c0a8:1
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::
fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff0e::1
""".split()

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

NOWHERE = [
    "",
    "localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "not an address",
]


@pytest.mark.parametrize("address", [*INSIDE, *NOWHERE])
def test_p16_an_address_inside_is_not_on_the_open_internet(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(ForbiddenError):
        target_of("https://api.carrier.example/x", HOSTS, (), lambda host, port: [address])
    with pytest.raises(ForbiddenError):
        target_of("https://api.carrier.example/x", HOSTS, (), lambda host, port: [OUTSIDE, address])


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_outside_is(address: str) -> None:
    assert is_public(address)


REFUSED = [
    "http://api.carrier.example/x",
    "https://api.carrier.example:8443/x",
    "https://api.carrier.example.evil.example/x",
    "https://evil.example/https://api.carrier.example/x",
    "https://api.carrier.example@evil.example/x",
    "https://user:password@api.carrier.example/x",
    "https://cdn.example/x",
    "https://xcdn.example/x",
    "https://evilapi.carrier.example/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://[::ffff:169.254.169.254]/x",
    "https://2130706433/x",
    "https://api.carrier.example\\@127.0.0.1/x",
    "https://api.carrier.example\t.evil.example/x",
    "https://api.carrier.example /x",
    "https://api.carrier.example/\r\nX: y",
    "https://ａpi.carrier.example/x",
    "https://api.carrier.example:99999/x",
    "https://api.carrier.example:x/x",
    "https://[half/x",
    "https:///x",
    "https:x",
    "//api.carrier.example/x",
    "file:///etc/passwd",
    "ftp://api.carrier.example/x",
    "gopher://127.0.0.1:25/x",
    "data:text/plain,x",
    "",
    "https://api.carrier.example/" + "x" * 2_000,
]


@pytest.mark.parametrize("url", REFUSED, ids=[ascii(url)[:50] for url in REFUSED])
def test_p16_a_url_that_is_not_the_carriers_is_refused_before_its_name_is_looked_up(url: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    with pytest.raises(ForbiddenError) as caught:
        target_of(url, HOSTS, (), never)
    assert not url or url not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://api.carrier.example/a?b=c", "api.carrier.example", "/a?b=c"),
        ("https://API.carrier.example:443", "api.carrier.example", "/"),
        ("https://api.carrier.example./x", "api.carrier.example", "/x"),
        ("https://a.b.cdn.example/x#y", "a.b.cdn.example", "/x"),
    ],
)
def test_the_carriers_own_are_pinned_to_the_first_address(url: str, host: str, path: str) -> None:
    found = target_of(url, HOSTS, (), lambda host, port: [OUTSIDE, "8.8.8.8"])
    assert found == Target(scheme="https", host=host, port=443, path=path, address=OUTSIDE)
    assert found.authority == host


def test_a_host_of_our_own_is_asked_only_by_its_port() -> None:
    private = check_private_hosts(["127.0.0.1:8080", "gateway.local:443"])
    inside = ["10.0.0.7"]
    assert target_of("http://127.0.0.1:8080/x", (), private, lambda host, port: inside).authority == "127.0.0.1:8080"
    assert target_of("https://gateway.local/x", (), private, lambda host, port: inside).address == "10.0.0.7"
    for url in ("http://127.0.0.1:8081/x", "http://127.0.0.1/x", "https://gateway.local:444/x"):
        with pytest.raises(ForbiddenError):
            target_of(url, (), private, lambda host, port: inside)


def test_a_name_without_an_address_is_tried_later() -> None:
    with pytest.raises(OSError, match="no address"):
        target_of("https://api.carrier.example/x", HOSTS, (), lambda host, port: [])


@pytest.mark.parametrize("given", ["127.0.0.1:80", b"x", 7, ["127.0.0.1"], ["http://x:80"], [7], [":80"], ["a b:80"]])
def test_p18_private_hosts_are_named_with_their_ports(given: object) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", private_media_hosts=given)  # type: ignore[arg-type]
    assert caught.value.code == "media.private_hosts"
