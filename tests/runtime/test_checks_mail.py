"""The rules about mail are checked when a practice is added."""

from __future__ import annotations

import attrs
import pytest

import convokit
from convokit import EndOfDay, MailRules
from convokit.runtime.checks_mail import HOLIDAYS_LIMIT, RECIPIENTS_LIMIT
from convokit.runtime.checks_practice import check_rules

MAIL = MailRules(sender="desk@x.example")


@pytest.mark.parametrize(
    ("rules", "code", "field"),
    [
        ({"mail": "x"}, "rules.mail", "rules.mail"),
        ({"end_of_day": None}, "rules.end_of_day", "rules.end_of_day"),
        ({"mail": MailRules(sender="desk")}, "email.domain", "rules.mail.sender"),
        ({"mail": MailRules(sender=7)}, "email.type", "rules.mail.sender"),  # type: ignore[arg-type]
        ({"mail": MailRules(sender="Desk <desk@x.example>")}, "email.characters", "rules.mail.sender"),
        ({"mail": MailRules(sender_name=7)}, "rules.mail", "rules.mail.sender_name"),  # type: ignore[arg-type]
        ({"mail": MailRules(sender_name="x" * 201)}, "rules.mail", "rules.mail.sender_name"),
        ({"mail": MailRules(sender_name="a\x00b")}, "rules.mail", "rules.mail.sender_name"),
        ({"mail": attrs.evolve(MAIL, transcript_to=["staff"])}, "email.domain", "rules.mail.transcript_to"),
        ({"mail": attrs.evolve(MAIL, transcript_to=7)}, "rules.mail", "rules.mail.transcript_to"),
        ({"mail": attrs.evolve(MAIL, transcript_to=["a@b.example"] * (RECIPIENTS_LIMIT + 1))}, "rules.mail", None),
        ({"mail": MailRules(transcript_to=["client"])}, "rules.mail", "rules.mail.sender"),
        ({"end_of_day": EndOfDay(recipients=["a@b.example"])}, "rules.mail", "rules.mail.sender"),
        ({"end_of_day": EndOfDay(recipients=["client"])}, "email.domain", "rules.end_of_day.recipients"),
        ({"end_of_day": EndOfDay(time="5pm")}, "rules.end_of_day", "rules.end_of_day.time"),
        ({"end_of_day": EndOfDay(time="24:00")}, "rules.end_of_day", "rules.end_of_day.time"),
        ({"end_of_day": EndOfDay(time="17:30\n")}, "rules.end_of_day", "rules.end_of_day.time"),
        ({"end_of_day": EndOfDay(time=1730)}, "rules.end_of_day", "rules.end_of_day.time"),  # type: ignore[arg-type]
        ({"end_of_day": EndOfDay(weekdays=[])}, "rules.end_of_day", "rules.end_of_day.weekdays"),
        ({"end_of_day": EndOfDay(weekdays=["monday"])}, "rules.end_of_day", "rules.end_of_day.weekdays"),
        ({"end_of_day": EndOfDay(weekdays=3)}, "rules.end_of_day", "rules.end_of_day.weekdays"),  # type: ignore[arg-type]
        ({"end_of_day": EndOfDay(holidays=["2026-02-30"])}, "rules.end_of_day", "rules.end_of_day.holidays"),
        ({"end_of_day": EndOfDay(holidays=[5])}, "rules.end_of_day", "rules.end_of_day.holidays"),  # type: ignore[list-item]
        ({"end_of_day": EndOfDay(holidays=None)}, "rules.end_of_day", "rules.end_of_day.holidays"),  # type: ignore[arg-type]
        ({"end_of_day": EndOfDay(holidays=["12-25"] * (HOLIDAYS_LIMIT + 1))}, "rules.end_of_day", None),
        ({"end_of_day": EndOfDay(late_hours=0)}, "rules.end_of_day", "rules.end_of_day.late_hours"),
        ({"end_of_day": EndOfDay(late_hours=13)}, "rules.end_of_day", "rules.end_of_day.late_hours"),
        ({"end_of_day": EndOfDay(late_hours=True)}, "rules.end_of_day", "rules.end_of_day.late_hours"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(rules: dict[str, object], code: str, field: str | None) -> None:
    with pytest.raises(convokit.InvalidInput) as caught:
        check_rules(attrs.evolve(convokit.Rules(), **rules))  # type: ignore[arg-type]
    assert caught.value.code == code
    assert field in (None, caught.value.field)


def test_what_is_right_is_kept_in_one_form() -> None:
    rules = convokit.Rules(
        mail=MailRules(sender="desk@x.example", sender_name=" Happy  Paws ", transcript_to="client"),
        end_of_day=EndOfDay(
            recipients=["b@x.example", "a@x.example", "b@x.example"],
            weekdays=["sat", "mon", "sat"],
            holidays=["12-25", "4th thu nov", "2026-12-24"],
        ),
    )
    checked = check_rules(rules)
    assert (checked.mail.sender_name, checked.mail.transcript_to) == ("Happy Paws", ("client",))
    assert checked.end_of_day.recipients == ("b@x.example", "a@x.example")
    assert checked.end_of_day.weekdays == ("mon", "sat")
    assert check_rules(checked) == checked


def test_both_are_off_unless_a_practice_wants_them() -> None:
    checked = check_rules(convokit.Rules())
    assert (checked.mail, checked.end_of_day) == (MailRules(), EndOfDay())
    assert not checked.end_of_day.on
