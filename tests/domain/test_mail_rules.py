"""The rules about mail as values, and the words for what goes wrong with one."""

from __future__ import annotations

import pytest

from convokit.domain.instant import HOUR
from convokit.domain.mail_reasons import MAIL_ADVICE, mail_advice
from convokit.domain.mail_rules import EndOfDay, MailRules
from convokit.domain.reasons import REASONS


@pytest.mark.parametrize(
    ("given", "kept"), [("client", ("client",)), (["a", "b"], ("a", "b")), ((), ()), (iter("ab"), ("a", "b")), (7, 7)]
)
def test_one_recipient_or_a_list(given: object, kept: object) -> None:
    assert MailRules(transcript_to=given).transcript_to == kept  # type: ignore[arg-type]


def test_the_reminder_is_on_with_recipients_only() -> None:
    assert not EndOfDay().on
    rules = EndOfDay(recipients="front@x.example", weekdays="mon", holidays="12-25", late_hours=3)
    assert rules.on
    assert (rules.recipients, rules.weekdays, rules.holidays) == (("front@x.example",), ("mon",), ("12-25",))
    assert rules.window == 3 * HOUR
    same = EndOfDay(recipients=["front@x.example"], weekdays=["mon"], holidays=["12-25"], late_hours=3)
    assert (rules, hash(rules)) == (same, hash(same))


def test_every_category_has_advice_about_mail() -> None:
    assert MAIL_ADVICE.keys() <= REASONS.keys()
    for category in [*REASONS, None, "made up"]:
        advice = mail_advice(category)
        assert advice.endswith(".")
        assert "text" not in advice.lower().split()
    assert mail_advice("landline") == MAIL_ADVICE["unknown"]
