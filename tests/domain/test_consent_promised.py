"""Each case that the promises and the product name, one row a case: what a client may write, and what it does."""

from __future__ import annotations

import pytest

from convokit.domain.consent import classify_text

STOP = {
    # rows 19 and 21 of the table of bad inputs
    "zero width": "ST\u200bOP",
    "full width": "\uff33\uff34\uff2f\uff30",
    "quotes": "\u201cStop.\u201d",
    "straight quotes": '"STOP"',
    "exclamation marks": "stop!!",
    "dots": "S.T.O.P",
    "FCC: stop": "stop",
    "FCC: quit": "quit",
    "FCC: end": "END",
    "FCC: revoke": "Revoke",
    "FCC: opt out": "opt out",
    "FCC: cancel": "cancel",
    "FCC: unsubscribe": "unsubscribe",
    "OPTOUT": "OPTOUT",
    "opt-out": "Opt-Out",
    "STOPALL": "STOPALL",
    "stop all": "stop all",
    "ARRÊT": "ARRÊT",
    "ARRÊT, decomposed": "ARRE\u0302T",
    "no mas": "no mas",
    # courtesy words, spacing, signatures
    "please": "Please stop",
    "thanks": "Stop. Thank you",
    "courtesy on both sides": "please STOP, thanks",
    "Spanish courtesy": "STOP por favor",
    "French courtesy": "stop svp",
    "spaced letters": "s t o p",
    "blanks and lines": "  \n STOP \t\n",
    "phone's signature": "STOP\nSent from my iPhone",
    "name below": "Stop\n-- \nAna Ruiz",
    # unmistakable phrases
    "stop texting me": "please stop texting me",
    "do not text": "Don't text me anymore",
    "take me off": "take me off your list",
    "remove me": "remove me from this list please",
    "no more texts": "no more texts",
    "unsubscribe me": "unsubscribe me",
    "leave me alone": "leave me alone",
    # Spanish and French
    "Spanish: alto": "Alto",
    "Spanish: baja": "BAJA",
    "Spanish: phrase": "no más mensajes",
    "Spanish: order": "Por favor dejen de enviarme mensajes",
    "French: word": "arrêter",
    "French: unsubscribe": "désabonner",
    "French: phrase": "ne m'envoyez plus de messages",
}
MAYBE = {
    # row 20: look-alikes
    "Cyrillic": "ЅТОР",
    "zero for O": "ST0P",
    "accent": "ŚTOP",
    "stop sign": "\U0001f6d1",
    "cancel and more": "cancel please",
    "two minds": "Stop texting me. Actually, start texting me again",
}
NONE = {
    # row 22: sentences that only contain the word
    "stop by": "Can you stop by at 3? Bella won't stop coughing",
    "stop by, short": "stop by at 5?",
    "won't stop": "She won't stop scratching",
    "end of the day": "I can come at the end of the day",
    "cancel an appointment": "I need to cancel my appointment on Friday",
    "quit eating": "He quit eating yesterday",
    "do not stop": "please don't stop",
    "Spanish": "No puedo parar en la clínica hoy",
    "French": "Il n'arrête pas de tousser",
    "help in a sentence": "Can you help me with the pills?",
    "yes while allowed": "YES",
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param(text, kind, id=f"{kind}-{name}")
        for kind, rows in (("stop", STOP), ("maybe", MAYBE), ("none", NONE))
        for name, text in rows.items()
    ],
)
def test_p06_what_a_text_that_is_named_does(text: str, kind: str) -> None:
    assert classify_text(text, opted_out=False).kind == kind


@pytest.mark.parametrize("text", ["CANCEL", "cancel", "Cancel.", "cancelar"])
def test_p06_a_bare_cancel_opts_out_and_tells_staff_that_it_may_have_meant_an_appointment(text: str) -> None:
    verdict = classify_text(text, opted_out=False)
    assert (verdict.kind, verdict.note) == ("stop", "may_be_appointment")


@pytest.mark.parametrize(
    ("text", "opted_out", "kind"),
    [
        ("START", True, "start"),
        ("UNSTOP", True, "start"),
        ("unstop!", True, "start"),
        ("YES", True, "start"),
        ("Sí", True, "start"),
        ("oui", True, "start"),
        ("YES", False, "none"),
        ("HELP", False, "help"),
        ("INFO", True, "help"),
        ("ayuda", False, "help"),
        ("aide", False, "help"),
    ],
)
def test_p06_the_ways_back_and_help(text: str, opted_out: bool, kind: str) -> None:
    assert classify_text(text, opted_out=opted_out).kind == kind


def test_p06_the_words_of_a_practice_opt_out_in_any_dress() -> None:
    for text in ("Genug", "GENUG!!", "bitte genug", "“genug”"):
        kind = classify_text(text, opted_out=False, practice_words={"genug", "bitte genug"}).kind
        assert kind == "stop"
    assert classify_text("das ist genug für heute", opted_out=False, practice_words={"genug"}).kind == "none"
