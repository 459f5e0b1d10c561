"""Ending a conversation, alone or with a last message, and who gets the transcript."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import NOW, PRACTICE, conversation, replied

from convokit.decisions import Before, Needs, decide, needs
from convokit.domain.consent_ledger import Consent
from convokit.domain.mail_rules import MailRules
from convokit.domain.rules import Rules
from convokit.effects import SendMail
from convokit.errors import Conflict
from convokit.facts import ConversationEnded, RepliedAndEnded

END = ConversationEnded(conversation_id="c_1", entry_id="m_e", at_us=NOW, by_id="u1", by_name="Dr. Kim")
BOTH = RepliedAndEnded(reply=replied(client_ref="r1", fingerprint="f1"), end=END)
MAILS = MailRules(sender="desk@x.example", transcript_to=["client", "front@x.example", "vet@x.example"])
MAILING = evolve(PRACTICE, rules=Rules(mail=MAILS))
KNOWN = conversation(client_email="ana@x.example")


def mail(who: str, *to: str) -> SendMail:
    return SendMail(mail_id=f"m_e-{who}", because="transcript", to=to, conversation_id="c_1", to_client=who == "client")


@pytest.mark.parametrize(
    ("mail_to", "mails"),
    [
        (None, (mail("staff", "front@x.example", "vet@x.example"), mail("client", "ana@x.example"))),
        ((), ()),
        (("boss@x.example",), (mail("staff", "boss@x.example"),)),
        (("client",), (mail("client", "ana@x.example"),)),
    ],
)
def test_the_transcript_is_owed_in_the_same_decision(
    mail_to: tuple[str, ...] | None, mails: tuple[SendMail, ...]
) -> None:
    made = decide(Before(conversation=KNOWN), evolve(END, mail_to=mail_to), MAILING)
    assert made.jobs == mails
    assert [(e.event, e.seq) for e in made.entries] == [("ended", 2)]


def test_nothing_is_mailed_unless_the_practice_says_so() -> None:
    assert decide(Before(conversation=KNOWN), END, PRACTICE).jobs == ()


def test_a_client_without_an_address_is_said_at_once() -> None:
    made = decide(Before(conversation=conversation()), END, MAILING)
    assert made.jobs == (mail("staff", "front@x.example", "vet@x.example"),)
    assert [(e.id, e.seq, e.event) for e in made.entries] == [
        ("m_e", 2, "ended"),
        ("m_e-client", 3, "transcript_not_mailed"),
    ]
    assert made.conversation is not None
    assert (made.conversation.last_seq, made.conversation.version) == (3, 2)


def test_a_last_message_and_the_end_are_one() -> None:
    current = evolve(KNOWN, unread=2, awaiting_us=1)
    made = decide(Before(conversation=current), BOTH, MAILING)
    assert [(e.id, e.kind, e.event, e.seq) for e in made.entries] == [
        ("m_new", "message", None, 2),
        ("m_e", "event", "ended", 3),
    ]
    after = made.conversation
    assert after is not None
    assert (after.ended, after.ended_us, after.version, after.last_seq, after.unread) == (True, NOW, 2, 3, 0)
    assert after.last_text == "Bella is fine."
    assert [effect.key for effect in made.effects] == ["m_new.1"]
    assert [job.key for job in made.jobs] == ["m_e-staff.1", "m_e-client.1"]
    assert needs(BOTH) == Needs(conversation_id="c_1", consent=True, reach=True)
    assert (BOTH.identity, BOTH.fingerprint, BOTH.conversation_id, BOTH.at_us) == ("ref:r1", "f1:end", "c_1", NOW)


def test_to_a_client_who_opted_out_the_conversation_still_ends() -> None:
    out = Consent(address=KNOWN.address, opted_out=True, since_us=1)
    made = decide(Before(conversation=KNOWN, consent=out), BOTH, PRACTICE)
    assert made.effects == ()
    assert made.conversation is not None
    assert (made.conversation.ended, made.conversation.failed) == (True, 1)


@pytest.mark.parametrize("fact", [END, BOTH])
def test_what_has_ended_is_not_ended_again(fact: ConversationEnded | RepliedAndEnded) -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=evolve(KNOWN, ended=True, ended_us=5)), fact, MAILING)
    assert caught.value.code == "conversation.ended"
