"""What the demo's prompt says about its commands."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Topic:
    """One line of the help: the commands it is about, how they are typed, and what they do.

    ``more`` is what ``help COMMAND`` adds.
    """

    commands: tuple[str, ...]
    typed: str
    words: str
    more: str = ""


TOPICS: Final = (
    Topic(
        commands=("inbox", "history"),
        typed="inbox · history",
        words="the lists, numbered",
        more="The inbox has what is open, the most urgent on top, then the newest. The history has what was ended. "
        "Either closes the open conversation.",
    ),
    Topic(
        commands=("open",),
        typed="open 2",
        words="open a conversation of the list shown last, and read it",
        more="The number alone does the same. What is opened is read, for everybody at the practice.",
    ),
    Topic(
        commands=("thread",),
        typed="thread, or Enter",
        words="show the open conversation again",
        more="Enter alone shows the inbox when no conversation is open.",
    ),
    Topic(
        commands=("reply",),
        typed="reply TEXT",
        words="write to the client of the open conversation, as Sam",
        more="By text it is handed to the carrier, whose reports come seconds later: press Enter, or wait 10s, and see "
        "the check move. In the app it is there at once; app open and app read move its check.",
    ),
    Topic(
        commands=("again", "leave"),
        typed="again · leave",
        words="send a failed or unsure text again, or leave it",
        more="Both are about the newest text here that failed or is unsure. What is left no longer counts as needing "
        "somebody.",
    ),
    Topic(
        commands=("end", "restart"),
        typed="end · restart",
        words="move the conversation to the history and back",
        more="A client who writes within 72 hours opens it again; later, a new conversation begins.",
    ),
    Topic(
        commands=("urgent",),
        typed="urgent · urgent high",
        words="set the urgency (low, normal, high, urgent)",
        more="Without a level it becomes urgent, and jumps to the top of the inbox.",
    ),
    Topic(commands=("unread",), typed="unread", words="mark it unread", more="For whoever looks at the inbox next."),
    Topic(
        commands=("optout", "optin"),
        typed="optout · optin",
        words="record what the client asked at the desk",
        more="After optout no text leaves for this number until the client texts START, or you record optin.",
    ),
    Topic(
        commands=("phone",),
        typed="phone TEXT",
        words="be the client: write to the practice (try STOP, CANCEL, START)",
        more="In a conversation by app the client writes in the app.",
    ),
    Topic(
        commands=("phone",),
        typed="phone off · phone on",
        words="switch the client's phone",
        more="A text to a phone that is off fails, with the reason: wait 10s, then switch it on and say again.",
    ),
    Topic(commands=("app",), typed="app open · app read", words="the client opens the app, or the conversation in it"),
    Topic(
        commands=("carrier",),
        typed="carrier silent · ok",
        words="the carrier's answers get lost, or come again",
        more="While it is silent it takes texts, but its answer never comes. So nobody can know whether it has them: "
        "they are unsure, and a person decides, again or leave. Its reports come 25 minutes late and settle them: "
        "wait 30m. carrier ok makes it answer again.",
    ),
    Topic(
        commands=("wait",),
        typed="wait 5",
        words="let 5 minutes pass, and see what has changed; also 30s, 10m, 2h",
        more="A number alone is minutes. Nothing else in this demo makes more than a few seconds pass.",
    ),
    Topic(
        commands=("transcript",),
        typed="transcript FILE",
        words="write the open conversation: .pdf .html .txt .json",
        more="A name without a folder goes where the other files of this day are.",
    ),
    Topic(commands=("help", "?"), typed="help · help reply · ?", words="this, or more about one command"),
    Topic(commands=("quit", "exit", "q"), typed="quit", words="end the demo; the files of the day stay"),
)


def about(command: str) -> tuple[Topic, ...]:
    """The topics that explain a command; all of them for no command."""
    return tuple(topic for topic in TOPICS if not command or command in topic.commands)
