"""What happened. Frozen, keyword-only values; ids and time are in them, so that deciding needs neither."""

from __future__ import annotations

from convokit.facts.acts import (
    AssigneeSet,
    ClientChosen,
    ClientSet,
    ConsentRecorded,
    ConversationEnded,
    ConversationMoved,
    ConversationRestarted,
    FilingAsked,
    NoteWritten,
    PatientSet,
    PeopleFact,
    RepliedAndEnded,
    StaffAct,
    TeamMemberRenamed,
    TranscriptTaken,
    UrgencySet,
)
from convokit.facts.payments import (
    PaymentAsked,
    PaymentCancelled,
    PaymentPageWanted,
    PaymentReported,
    PaymentRequested,
)
from convokit.facts.push import PushSettled
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
from convokit.facts.work import (
    CarrierPolled,
    FilingSettled,
    MailSettled,
    MediaFetched,
    PollWanted,
    TextLookedUp,
    TextReleased,
    TimePassed,
)

__all__ = [
    "AppOpened",
    "AssigneeSet",
    "CarrierPolled",
    "ClientChosen",
    "ClientSet",
    "ConsentRecorded",
    "ConversationEnded",
    "ConversationMoved",
    "ConversationRestarted",
    "ConversationStarted",
    "DeliveryReported",
    "EffectSettled",
    "Fact",
    "FilingAsked",
    "FilingSettled",
    "JobSettled",
    "MailSettled",
    "MarkedUnread",
    "MediaFetched",
    "NoteWritten",
    "PatientSet",
    "PaymentAsked",
    "PaymentCancelled",
    "PaymentPageWanted",
    "PaymentReported",
    "PaymentRequested",
    "PeopleFact",
    "PollWanted",
    "PushSettled",
    "RepliedAndEnded",
    "SendAgainAsked",
    "StaffAct",
    "StaffRead",
    "StaffReplied",
    "TeamMemberRenamed",
    "TextArrived",
    "TextLookedUp",
    "TextReleased",
    "ThreadRead",
    "TimePassed",
    "TranscriptTaken",
    "UnsureLeft",
    "UrgencySet",
]

JobSettled = (
    MailSettled
    | PaymentAsked
    | MediaFetched
    | FilingSettled
    | TextLookedUp
    | TextReleased
    | CarrierPolled
    | PushSettled
)
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
    | PaymentPageWanted
    | PaymentAsked
    | PaymentReported
    | TimePassed
    | MailSettled
    | MediaFetched
    | TextLookedUp
    | TextReleased
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
    | NoteWritten
    | ClientSet
    | PatientSet
    | TranscriptTaken
    | FilingAsked
    | FilingSettled
    | PushSettled
)
"""Everything that can happen."""
