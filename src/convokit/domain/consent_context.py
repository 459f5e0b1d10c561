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

NOT_ORDERS: Final = ("end of",)
"""``end of message`` closes one."""

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
