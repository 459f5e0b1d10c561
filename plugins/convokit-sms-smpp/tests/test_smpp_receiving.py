"""From ``deliver_sm`` to the kit's intake: ids, repetitions, numbers, and receipts on texts whose answer was lost."""

from __future__ import annotations

import pytest
from attrs import define, evolve, field
from convokit_sms_smpp import SmppSettings
from convokit_sms_smpp.pdu import LATER, OK, Address, Message, Tag
from convokit_sms_smpp.receiving import Receiver
from convokit_sms_smpp.talk import Answered
from convokit_sms_smpp.testing import inbound

from convokit.ports.sms import DeliveryReport, Event, InboundText, OutboundText

ANA, OURS = "+13035550123", "+13035550100"
SETTINGS = SmppSettings(host="smsc.example", system_id="desk", password="hush-hush")
MESSAGE = OutboundText(id="m_1.1", sender=OURS, to=ANA, text="Hello")
(HELLO,) = inbound(ANA, OURS, "Hello?")
LONG = inbound(ANA, OURS, "How is Bella today? " * 10, 3)


@define
class Kit:
    """The other side of the intake."""

    settings: SmppSettings = SETTINGS
    stores: bool = True
    seen: list[tuple[str, Event]] = field(factory=list)
    receiver: Receiver = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.receiver = Receiver(self.settings)
        self.receiver.take = self.take

    def take(self, number: str, event: Event) -> bool:
        self.seen.append((number, event))
        return self.stores

    def texts(self) -> list[InboundText]:
        return [event for _, event in self.seen if isinstance(event, InboundText)]

    def ids(self) -> set[str]:
        return {text.provider_id for text in self.texts()}


def receipt(client: str = ANA, **tlvs: bytes) -> Message:
    return Message(
        source=Address(ton=1, npi=1, digits=client.lstrip("+")),
        destination=Address(ton=1, npi=1, digits=OURS.lstrip("+")),
        esm_class=4,
        tlvs=tuple((Tag[name.upper()], value) for name, value in tlvs.items()),
    )


@pytest.mark.parametrize(
    ("address", "plain", "number"),
    [
        (Address(ton=1, npi=1, digits="13035550123"), "international", "+13035550123"),
        (Address(ton=0, npi=0, digits="13035550123"), "international", "+13035550123"),
        (Address(ton=0, npi=0, digits="3035550123"), "national", "3035550123"),
        (Address(ton=2, npi=1, digits="3035550123"), "international", "3035550123"),
        (Address(ton=1, npi=1, digits="+13035550123"), "international", "+13035550123"),
        (Address(ton=1, npi=1, digits="77420"), "international", "77420"),
        (Address(ton=5, npi=0, digits="HappyPaws"), "international", "HappyPaws"),
    ],
)
def test_a_number_is_written_as_people_write_it(address: Address, plain: str, number: str) -> None:
    kit = Kit(evolve(SETTINGS, plain_numbers=plain))
    assert kit.receiver.delivered(evolve(HELLO, source=address), 0) == OK
    assert kit.texts()[0].sender == number


def test_every_text_has_an_id_of_its_own() -> None:
    kit = Kit()
    for now in range(3):
        assert kit.receiver.delivered(HELLO, now) == OK
    assert len(kit.ids()) == 3
    assert not kit.ids() & Kit(seen=[]).ids()


def test_p02_what_was_not_stored_comes_again_under_its_id() -> None:
    kit = Kit(stores=False)
    assert [kit.receiver.delivered(HELLO, now) for now in (0, 1)] == [LATER, LATER]
    kit.stores = True
    assert kit.receiver.delivered(HELLO, 2) == OK
    assert len(kit.ids()) == 1
    assert kit.receiver.delivered(HELLO, 3) == OK
    assert len(kit.ids()) == 2


@pytest.mark.parametrize(("later", "ids"), [(59, 1), (61, 2)])
def test_p02_what_was_answered_just_before_the_connection_broke_may_come_again(later: float, ids: int) -> None:
    kit = Kit()
    kit.receiver.delivered(HELLO, 0)
    kit.receiver.broken(later)
    for _ in range(2):  # the second one is another text in any case
        assert kit.receiver.delivered(HELLO, later + 1) == OK
    assert len(kit.ids()) == ids + 1


def test_doubts_are_bounded() -> None:
    kit = Kit(stores=False)
    for number in range(10_002):
        kit.receiver.delivered(evolve(HELLO, protocol_id=0, short_message=str(number).encode()), 0)
    assert len(kit.ids()) == 10_002
    kit.receiver.delivered(evolve(HELLO, short_message=b"10001"), 0)
    assert len(kit.ids()) == 10_002
    kit.receiver.delivered(evolve(HELLO, short_message=b"0"), 0)
    assert len(kit.ids()) == 10_003


def test_a_long_text_is_taken_in_once_when_it_is_whole() -> None:
    kit = Kit()
    assert [kit.receiver.delivered(part, 0) for part in reversed(LONG)] == [OK, OK, OK]
    (text,) = kit.texts()
    assert (text.text, text.raw) == ("How is Bella today? " * 10, "")
    kit.receiver.broken(1)
    assert [kit.receiver.delivered(part, 2) for part in LONG] == [OK, OK, OK]
    assert len(kit.texts()) == 1, "its parts came again after the connection broke"


def test_p01_a_long_text_that_is_not_stored_is_repeated_by_its_last_part() -> None:
    kit = Kit()
    kit.receiver.delivered(LONG[0], 0)
    kit.receiver.delivered(LONG[1], 0)
    kit.stores = False
    assert kit.receiver.delivered(LONG[2], 0) == LATER
    kit.stores = True
    assert kit.receiver.delivered(LONG[2], 0) == OK
    assert len(kit.texts()) == 2
    assert len(kit.ids()) == 1


def test_what_does_not_become_whole_is_handed_over_as_it_is() -> None:
    kit = Kit()
    kit.receiver.delivered(LONG[0], 0)
    assert kit.receiver.tick(119) == 120
    kit.stores = False
    assert kit.receiver.tick(120) == 125
    kit.stores = True
    assert kit.receiver.tick(125) is None
    assert kit.texts()[-1].text.endswith("[...]")
    assert len(kit.ids()) == 1


def test_at_the_end_nothing_is_kept_back(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit()
    kit.receiver.delivered(LONG[0], 0)
    kit.receiver.give_all()
    assert len(kit.texts()) == 1
    kit.receiver.delivered(LONG[1], 0)
    kit.stores = False
    kit.receiver.give_all()
    assert "the parts of 1 texts of clients could not be stored" in caplog.text
    assert "Bella" not in caplog.text


def test_what_is_no_text_is_kept_raw() -> None:
    kit = Kit()
    kit.receiver.delivered(evolve(HELLO, data_coding=8, short_message=b"\x00a\xd8\x3d"), 0)
    (text,) = kit.texts()
    assert (text.text, text.raw) == ("a\ufffd", "0061d83d")


def test_nobody_takes_anything_before_it_is_opened() -> None:
    assert Receiver(SETTINGS).delivered(HELLO, 0) == LATER


# --- receipts ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("client", "reference", "attempt"),
    [(ANA, b"\0\7", "m_1.1"), (ANA, b"\0\x08", None), ("+13035550144", b"\0\7", None), (ANA, b"", None)],
)
def test_a_receipt_on_a_text_in_doubt_names_it_by_its_reference_and_its_client(
    client: str, reference: bytes, attempt: str | None
) -> None:
    kit = Kit()
    kit.receiver.references.expect(7, MESSAGE)
    message = receipt(client, receipted_message_id=b"c1\0", message_state=b"\2", user_message_reference=reference)
    assert kit.receiver.delivered(message, 0) == OK
    ((number, event),) = kit.seen
    assert isinstance(event, DeliveryReport)
    assert (number, event.attempt_id, event.provider_id, event.state) == (OURS, attempt, "c1", "delivered")


def test_a_text_that_was_answered_is_found_by_the_carriers_id_alone() -> None:
    kit = Kit()
    kit.receiver.references.expect(7, MESSAGE)
    kit.receiver.references.forget(7)
    kit.receiver.references.forget(7)
    kit.receiver.delivered(receipt(receipted_message_id=b"c1\0", user_message_reference=b"\0\7"), 0)
    ((_, event),) = kit.seen
    assert isinstance(event, DeliveryReport)
    assert (event.attempt_id, event.provider_id) == (None, "c1")


def test_references_are_bounded() -> None:
    kit = Kit()
    for number in range(10_001):
        kit.receiver.references.expect(number, MESSAGE)
        kit.receiver.references.name(f"c{number}", "m_2.1")
    for number, attempt in ((0, None), (1, "m_1.1")):
        assert kit.receiver.references.attempt_of(number, ANA, None) == attempt
        assert kit.receiver.references.attempt_of(None, ANA, f"c{number}") == (attempt and "m_2.1")


def test_p01_a_receipt_that_is_not_stored_is_repeated() -> None:
    kit = Kit(stores=False)
    assert kit.receiver.delivered(receipt(receipted_message_id=b"c1\0", message_state=b"\2"), 0) == LATER


def test_a_receipt_that_names_nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit()
    assert kit.receiver.delivered(receipt(message_state=b"\2"), 0) == OK
    assert kit.seen == []
    assert "a receipt that names no text" in caplog.text


@pytest.mark.parametrize(
    ("answer", "is_last", "report"),
    [
        (Answered(status=0, message_id="c1"), True, ("c1", "sent", None)),
        (Answered(status=0, message_id="c1"), False, None),
        (Answered(status=0x0B), False, (None, "failed", "invalid_number")),
        (Answered(status=0x58), True, (None, "failed", "rate_limited")),
    ],
)
def test_a_late_answer_is_as_good_as_a_report(
    answer: Answered, is_last: bool, report: tuple[str | None, str, str | None] | None
) -> None:
    kit = Kit()
    kit.receiver.answered_late(MESSAGE, answer, is_last=is_last)
    found = [
        (event.provider_id, event.state, event.reason)
        for _, event in kit.seen
        if isinstance(event, DeliveryReport) and event.attempt_id == "m_1.1"
    ]
    assert found == ([] if report is None else [report])
    kit.receiver.delivered(receipt(receipted_message_id=b"c1\0", message_state=b"\2"), 0)
    _, later = kit.seen[-1]
    assert isinstance(later, DeliveryReport)
    assert later.attempt_id == ("m_1.1" if answer.status == 0 and is_last else None)
