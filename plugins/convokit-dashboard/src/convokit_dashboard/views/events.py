"""What happened in a conversation, in the visitor's language.

The timeline keeps each event as an English sentence. The table says which parts of it are names; a sentence that is not
in the table is shown as it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from convokit.domain.conversation import Entry
from convokit.domain.mail_reasons import MAIL_ADVICE
from convokit.domain.payment import FLAGS
from convokit_dashboard.views import event_transcripts as transcripts
from convokit_dashboard.views.people import urgency_words
from convokit_dashboard.words import Words

ICONS: Final[Mapping[str, str]] = {
    "opted_out": "ban",
    "transcript_not_mailed": "alert",
    "transcript_unsure": "alert",
    "payment_flagged": "alert",
    "payment_link_failed": "alert",
    "payment_refund_failed": "alert",
    "payment_paid": "paid",
    "transcript_filed": "record",
    "transcript_not_filed": "alert",
    "transcript_downloaded": "download",
}
"""Events that have a sign of their own."""

Saying = Callable[[Words, Mapping[str, str]], str]

_TABLE: Final[tuple[tuple[str, Saying], ...]] = (
    (r"(?P<name>.+) started the conversation\.", lambda w, v: w("%(name)s started the conversation.", **v)),
    (r"(?P<name>.+) ended the conversation\.", lambda w, v: w("%(name)s ended the conversation.", **v)),
    (r"(?P<name>.+) restarted the conversation\.", lambda w, v: w("%(name)s restarted the conversation.", **v)),
    (r"Reopened: the client wrote again\.", lambda w, v: w("Reopened: the client wrote again.")),
    (r"The client opted out of texts\.", lambda w, v: w("The client opted out of texts.")),
    (r"The client allowed texts again\.", lambda w, v: w("The client allowed texts again.")),
    (r"Team member is now (?P<name>.+)\.", lambda w, v: w("Team member is now %(name)s.", **v)),
    (
        r"Urgency is now (?P<level>low|normal|high|urgent)\.",
        lambda w, v: w("Urgency is now: %(level)s.", level=urgency_words(v["level"], w)),
    ),
    (r"Nobody is assigned any more\.", lambda w, v: w("Nobody is assigned any more.")),
    (r"Assigned to (?P<name>.+)\.", lambda w, v: w("Assigned to %(name)s.", **v)),
    (
        r"(?P<name>.+) moved the conversation to (?P<what>.+)\.",
        lambda w, v: w("%(name)s moved the conversation to %(what)s.", **v),
    ),
    (r"(?P<name>.+) chose (?P<who>.+) as the client\.", lambda w, v: w("%(name)s chose %(who)s as the client.", **v)),
    (
        r"Several clients have this number: (?P<names>.+)\. Please choose who wrote\.",
        lambda w, v: w("Several clients have this number: %(names)s. Please choose who wrote.", **v),
    ),
    (r"(?P<name>.+) opted the client out of texts\.", lambda w, v: w("%(name)s opted the client out of texts.", **v)),
    (
        r"(?P<name>.+) recorded that the client allows texts again\.",
        lambda w, v: w("%(name)s recorded that the client allows texts again.", **v),
    ),
    (
        r"(?P<name>.+) decided that the text did not mean an opt-out\.",
        lambda w, v: w("%(name)s decided that the text did not mean an opt-out.", **v),
    ),
    (
        r"This text may mean that the client wants no more texts\. Please decide\.",
        lambda w, v: w("This text may mean that the client wants no more texts. Please decide."),
    ),
    (r"The transcript was mailed to (?P<whom>.+)\.", lambda w, v: w("The transcript was mailed to %(whom)s.", **v)),
    (
        r"The transcript could not be mailed to the client: no e-mail address is known\.",
        lambda w, v: w("The transcript could not be mailed to the client: no e-mail address is known."),
    ),
    (
        r"Nobody can know whether the transcript reached (?P<whom>.+)\. It is not sent again\.",
        lambda w, v: w("Nobody can know whether the transcript reached %(whom)s. It is not sent again.", **v),
    ),
    (
        r"(?P<name>.+) asked for (?P<amount>[0-9.,]+ [A-Z]{3}): (?P<title>.+)\.",
        lambda w, v: w("%(name)s asked for %(amount)s: %(title)s.", **v),
    ),
    (
        r"(?P<name>.+) cancelled the request for (?P<amount>[^:]+): (?P<title>.+)\.",
        lambda w, v: w("%(name)s cancelled the request for %(amount)s: %(title)s.", **v),
    ),
    (
        r"(?P<back>[0-9.,]+ [A-Z]{3}) of (?P<amount>[0-9.,]+ [A-Z]{3}) refunded: (?P<title>.+)\.",
        lambda w, v: w("%(back)s of %(amount)s refunded: %(title)s.", **v),
    ),
    (
        r"A refund failed; (?P<back>[0-9.,]+ [A-Z]{3}) of (?P<amount>[0-9.,]+ [A-Z]{3}) refunded: (?P<title>.+)\.",
        lambda w, v: w("A refund failed; %(back)s of %(amount)s refunded: %(title)s.", **v),
    ),
    (
        r"(?P<amount>[0-9.,]+ [A-Z]{3}) paid: (?P<title>.+)\.",
        lambda w, v: w("%(amount)s paid: %(title)s.", **v),
    ),
    (
        r"(?P<amount>[0-9.,]+ [A-Z]{3}) refunded: (?P<title>.+)\.",
        lambda w, v: w("%(amount)s refunded: %(title)s.", **v),
    ),
    (
        r"The client's bank disputes the payment of (?P<amount>.+?): (?P<title>.+)\.",
        lambda w, v: w("The client's bank disputes the payment of %(amount)s: %(title)s.", **v),
    ),
    (
        r"The payment of (?P<amount>.+) was declined: (?P<title>.+)\. The client can try again\.",
        lambda w, v: w("The payment of %(amount)s was declined: %(title)s. The client can try again.", **v),
    ),
    (
        r"Please look at the payment of (?P<amount>[0-9.,]+ [A-Z]{3}), (?P<title>.+?)\. (?P<rest>The .+)",
        lambda w, v: w(
            "Please look at the payment of %(amount)s, %(title)s. %(advice)s",
            amount=v["amount"],
            title=v["title"],
            advice=_advice(v["rest"], w),
        ),
    ),
    (
        r"(?P<rest>The payment link could not be made\..+) It was for (?P<amount>[^:]+): (?P<title>.+)\.",
        lambda w, v: w(
            "%(advice)s It was for %(amount)s: %(title)s.",
            amount=v["amount"],
            title=v["title"],
            advice=_advice(v["rest"], w),
        ),
    ),
    (
        r"The transcript could not be mailed to (?P<whom>\S+)\. (?P<rest>.+)",
        lambda w, v: w(
            "The transcript could not be mailed to %(whom)s. %(advice)s",
            whom=v["whom"],
            advice=_advice(v["rest"], w),
        ),
    ),
    (
        r"The request for (?P<amount>[^:]+) was cancelled: (?P<title>.+)\.",
        lambda w, v: w("The request for %(amount)s was cancelled: %(title)s.", **v),
    ),
    (
        r"The request for (?P<amount>[^:]+) has expired: (?P<title>.+)\.",
        lambda w, v: w("The request for %(amount)s has expired: %(title)s.", **v),
    ),
    (transcripts.DOWNLOADED, transcripts.downloaded),
    (transcripts.FILED, transcripts.filed),
    (transcripts.NOT_FILED, transcripts.not_filed),
)


def _advice(text: str, words: Words) -> str:
    """Sentences of the desk's own, one after the other, each in the visitor's language."""
    known = sorted((one for one in (*FLAGS.values(), *MAIL_ADVICE.values()) if one in text), key=text.index)
    return " ".join(words(one) for one in known) or text


_PATTERNS: Final = tuple((re.compile(pattern, re.DOTALL), say) for pattern, say in _TABLE)


def event_words(entry: Entry, words: Words) -> str:
    """The event as a sentence in the visitor's language."""
    if words.language == "en":
        return entry.text
    for pattern, say in _PATTERNS:
        found = pattern.fullmatch(entry.text)
        if found is not None:
            return say(words, found.groupdict())
    return entry.text
