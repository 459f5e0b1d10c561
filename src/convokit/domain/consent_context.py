"""What stands before or in an order and changes it: questions, quotations, threats. Data only; this table is law.

The notation is that of :mod:`convokit.domain.consent_phrase_table`.
"""

from __future__ import annotations

from typing import Final

ASKING: Final = (
    "how|when|why|where|what|whats|way|comment|como|cuando|pourquoi|porque|possible|means|mean|if|tell|ask",
    "can|could|may|do|should|shall|might i|we",
    "will|does|would this|it|that|he|she",
    "faut il",
    "dois je",
    "est ce que",
)
"""Before an order these make it a question: at most ``maybe``."""

REPORTING: Final = (
    "you|they|it|he|she said|says|say",
    "does|did|means|mean",
    "says|said to? reply|text",
)
"""Before an order these make it a quotation: nothing is asked."""

NOT_ORDERS: Final = ("end of", "to miss|lose|skip|ignore")
"""``end of message`` closes one; who does not want *to miss messages* wants them."""

OWN_ACTS: Final = (
    "i|we will|shall|can|promise just|also|really|to* $",
    "ill $",
    "i|we am|m|are going|gonna to? $",
    "im going|gonna to? $",
    "let me just? $",
)
"""Before an order without an object these make it what the writer does: ``I'll stop texting now``."""

OWN_ACTS_TO_YOU: Final = ("i|we|ive have|need|got|want to $", "i|we should|must|better $", *OWN_ACTS)
"""The same where it goes on with *you*: ``I have to stop texting you so much``."""

OWN_TEXT: Final = ("^ that|which? i|we|ive|weve just|have|already* sent|wrote|texted|typed|forwarded|ve",)
"""After an order: it is about what the writer sent (``cancel the text I just sent``)."""

FOR_NOW: Final = ("^ for tonight|tomorrow", "^ for $")
"""After an order, without courtesy words (*for now*, *for today*): a wish for quiet that may end by itself."""

REQUESTS: Final = (
    "^ why? wont|cant|couldnt|wouldnt|dont you|u",
    "why? wont|cant|couldnt|dont you|u|ya please? just? $",
)
"""Negative in form, a request in meaning (``can't you stop texting me``)."""

CONDITIONS: Final = (
    "if you|u|yall|this|it dont|do|cant|wont not?",
    "unless you",
    "si no",
    "si vous ne",
    "or if you dont",
)
"""Threats (``if you don't stop texting me ...``): still an order."""
