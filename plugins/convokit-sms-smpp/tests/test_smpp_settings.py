from __future__ import annotations

from pathlib import Path

import pytest
from convokit_sms_smpp import SmppSession, SmppSettings
from convokit_sms_smpp.testing import PretendedCentre

from convokit.errors import ConfigurationError

GOOD = {"host": "smsc.example", "system_id": "desk", "password": "hush-hush"}


def test_the_usual_ports_are_those_of_the_registry() -> None:
    assert SmppSettings(**GOOD).address == ("smsc.example", 3550)
    assert SmppSettings(**GOOD, tls=False, allow_plaintext=True).address == ("smsc.example", 2775)
    assert SmppSettings(**GOOD, port=8056).address == ("smsc.example", 8056)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"host": "smsc.example:2775"}, "host"),
        ({"host": ""}, "host"),
        ({"host": "smsc..example"}, "host"),
        ({"port": 0}, "port"),
        ({"system_id": ""}, "system_id"),
        ({"system_id": "x" * 16}, "system_id"),
        ({"password": "x" * 65}, "password"),
        ({"password": "hush\0hush"}, "password"),
        ({"password": "hüsh"}, "password"),
        ({"system_type": "x" * 13}, "system_type"),
        ({"tls": False}, "tls"),
        ({"ca_file": "/nowhere.pem"}, "ca_file"),
        ({"window": 0}, "window"),
        ({"throttle_seconds": 61}, "throttle_seconds"),
        ({"enquire_link": 4}, "enquire_link"),
        ({"timeout": 61}, "timeout"),
        ({"deadline": 101}, "deadline"),
        ({"timeout": 30, "deadline": 29}, "timeout"),
        ({"reconnect_seconds": 0}, "reconnect_seconds"),
        ({"long_texts": "cut"}, "long_texts"),
        ({"max_parts": 256}, "max_parts"),
        ({"default_alphabet": "utf-8"}, "default_alphabet"),
        ({"message_ids": "octal"}, "message_ids"),
        ({"plain_numbers": "local"}, "plain_numbers"),
        ({"source_ton": 16}, "source_ton"),
        ({"dest_npi": -1}, "dest_npi"),
        ({"service_type": "abcdef"}, "service_type"),
        ({"id_tlv": 0x13FF}, "id_tlv"),
        ({"assembly_seconds": 4}, "assembly_seconds"),
    ],
)
def test_what_cannot_work_is_refused_by_its_name(wrong: dict[str, object], name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SmppSettings(**{**GOOD, **wrong})
    assert (caught.value.code, caught.value.field) == ("settings.invalid", name)
    assert "hush" not in str(caught.value)


def test_a_connection_that_others_can_read_is_warned_of() -> None:
    open_to_others = SmppSession(SmppSettings(**GOOD, tls=False, allow_plaintext=True)).state()
    assert open_to_others.warning == "the connection is not encrypted"
    assert open_to_others.words == "smsc.example:2775, not encrypted, not open in this process"
    for settings in (SmppSettings(**GOOD), SmppSettings(**{**GOOD, "host": "127.0.0.1"}, tls=False)):
        assert SmppSession(settings).state().warning == ""


def test_p19_the_password_does_not_show() -> None:
    settings = SmppSettings(**GOOD)
    assert "hush" not in f"{settings!r} {SmppSession(settings)!r} {SmppSession(settings).state()!r}"


def test_a_readable_file_of_certificates_is_taken(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    assert SmppSettings(**GOOD, ca_file=str(tmp_path / "ca.pem")).ca_file


def test_the_pretended_centre_says_its_own_settings() -> None:
    with PretendedCentre() as centre:
        assert SmppSettings(**centre.settings()).address == ("127.0.0.1", centre.port)
