"""What happened. Frozen, keyword-only values; ids and time are in them, so that deciding needs neither."""

from __future__ import annotations

from convokit.facts.acts import (
    AssigneeSet,
    ClientChosen,
    ConsentRecorded,
    ConversationEnded,
    ConversationMoved,
    ConversationRestarted,
    PeopleFact,
    RepliedAndEnded,
    StaffAct,
    TeamMemberRenamed,
    UrgencySet,
)
from convokit.facts.payments import PaymentAsked, PaymentCancelled, PaymentReported, PaymentRequested
from convokit.facts.texts import (
    AppOpened,
    ConversationStarted,
    DeliveryReported,
    EffectSettled,
    MarkedUnread,
    SendAgainAsked,
    StaffRead,
    StaffReplied,
    TextArrived,
    ThreadRead,
    UnsureLeft,
)
from convokit.facts.work import CarrierPolled, MailSettled, MediaFetched, PollWanted, TextLookedUp, TimePassed

__all__ = [
    "AppOpened",
    "AssigneeSet",
    "CarrierPolled",
    "ClientChosen",
    "ConsentRecorded",
    "ConversationEnded",
    "ConversationMoved",
    "ConversationRestarted",
    "ConversationStarted",
    "DeliveryReported",
    "EffectSettled",
    "Fact",
    "JobSettled",
    "MailSettled",
    "MarkedUnread",
    "MediaFetched",
    "PaymentAsked",
    "PaymentCancelled",
    "PaymentReported",
    "PaymentRequested",
    "PeopleFact",
    "PollWanted",
    "RepliedAndEnded",
    "SendAgainAsked",
    "StaffAct",
    "StaffRead",
    "StaffReplied",
    "TeamMemberRenamed",
    "TextArrived",
    "TextLookedUp",
    "ThreadRead",
    "TimePassed",
    "UnsureLeft",
    "UrgencySet",
]

JobSettled = MailSettled | PaymentAsked | MediaFetched | TextLookedUp | CarrierPolled
"""How a job went, by its kind."""

Fact = (
    ConversationStarted
    | TextArrived
    | StaffReplied
    | SendAgainAsked
    | UnsureLeft
    | DeliveryReported
    | EffectSettled
    | AppOpened
    | ThreadRead
    | StaffRead
    | MarkedUnread
    | PaymentRequested
    | PaymentCancelled
    | PaymentAsked
    | PaymentReported
    | TimePassed
    | MailSettled
    | MediaFetched
    | TextLookedUp
    | PollWanted
    | CarrierPolled
    | ConversationEnded
    | RepliedAndEnded
    | ConversationRestarted
    | UrgencySet
    | ConsentRecorded
    | TeamMemberRenamed
    | AssigneeSet
    | ConversationMoved
    | ClientChosen
)
"""Everything that can happen."""
