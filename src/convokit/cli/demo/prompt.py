"""The demo's prompt: the visitor is the front desk, and speaks for the clients too."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from convokit.cli.demo.cast import NUMBER, SAM
from convokit.cli.demo.help import about
from convokit.cli.demo.stage import MORNING, SILENT, ZONE, Stage
from convokit.cli.screen import COLUMNS, Screen, wrap
from convokit.cli.views import badge_line, day_line, entry_lines, inbox_lines, thread_lines, who
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery, Indicator
from convokit.domain.people import Client
from convokit.domain.urgency import LEVELS
from convokit.errors import ConvokitError
from convokit.gateways.simulator import Weather

_TICK: Final = 5.0
_WAIT: Final = re.compile(r"([0-9]{1,4})\s*([smh]?)")
_UNITS: Final = {"s": 1, "": 60, "m": 60, "h": 3600}
_LOOKS: Final = {"help", "?"}


class Say(Exception):
    """Something that the visitor is told instead."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Prompt:
    """Reads commands until ``quit`` or the end of the input.

    Each that is done takes five seconds of the virtual clock; what is refused, and help, take none.
    """

    def __init__(self, stage: Stage, screen: Screen, folder: Path) -> None:
        self.stage = stage
        self.desk = stage.desk
        self.screen = screen
        self.folder = folder
        self.list: Sequence[Conversation] = ()
        self.open_id: str | None = None
        self._shown: dict[str, tuple[Indicator | None, tuple[str, ...]]] = {}
        self._day: date | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            "inbox": self._inbox,
            "history": self._history,
            "open": self._open,
            "thread": self._thread,
            "reply": self._reply,
            "again": self._again,
            "leave": self._leave,
            "end": self._end,
            "restart": self._restart,
            "urgent": self._urgent,
            "unread": self._unread,
            "optout": self._opt_out,
            "optin": self._opt_in,
            "phone": self._phone,
            "app": self._app,
            "carrier": self._carrier,
            "wait": self._wait,
            "transcript": self._transcript,
            "help": self._help,
            "?": self._help,
        }

    def run(self) -> None:
        """Until ``quit`` or the end of the input."""
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # bytes that are no text must not end the visit
        self.screen.say()
        self._say("You are the front desk now. The clock stands still between commands. Type help for what you can do.")
        self.screen.say()
        self._inbox("")
        while (line := self._ask()) is not None:
            word, _, rest = line.strip().partition(" ")
            if word.lower() in {"quit", "exit", "q"}:
                return
            self._do(word.lower() or ("inbox" if self.open_id is None else "thread"), rest.strip())

    def _ask(self) -> str | None:
        self.screen.say()
        try:
            line = input(f"{self._when()} {self._name()}> ")
        except EOFError:
            self.screen.say()
            return None
        if not sys.stdin.isatty():
            self.screen.say(self.screen.clean(line))  # a script's session reads like a person's
        return line

    def _when(self) -> str:
        local = self.stage.clock().astimezone(ZONE)
        return self.stage.time if local.date() == MORNING.date() else f"{local:%a} {local.day} {local:%b %H:%M}"

    def _name(self) -> str:
        return "" if self.open_id is None else who(self.screen, self._here()).partition(" ")[0] + " "

    def _do(self, word: str, rest: str) -> None:
        command = self._commands.get(word)
        if word.isdecimal() and not rest:
            command, rest = self._open, word
        if command is None:
            self._say(f"There is no command {self.screen.clean(word)[:20]}. Type help.")
            return
        try:
            command(rest)
        except Say as answer:
            self._say(answer.words)
        except ConvokitError as error:
            limit = f" ({error.limit})" if error.limit else ""
            self._say(f"That is refused: {error.message}{limit}.")
        else:
            if word not in _LOOKS:
                self.stage.wait(_TICK)

    def _say(self, words: str) -> None:
        for line in wrap(words, COLUMNS - 2):
            self.screen.say("  " + line)

    # --- lists -------------------------------------------------------------------------------------------------
    def _inbox(self, _: str) -> None:
        self.open_id = None
        self._list(self.desk.inbox().items, "The inbox is empty.")

    def _history(self, _: str) -> None:
        self.open_id = None
        self._list(self.desk.history().items, "The history is empty.")

    def _list(self, rows: Sequence[Conversation], empty: str = "") -> None:
        self.list = rows
        if not rows:
            self._say(empty)
            return
        for line in inbox_lines(self.screen, rows, self.stage.clock(), ZONE):
            self.screen.say(line)
        self.screen.say("  " + self.screen.tone(badge_line(self.desk.badges()), "dim"))

    def _open(self, number: str) -> None:
        if not number.isdecimal() or not 1 <= int(number[:6]) <= len(self.list):
            raise Say(f"Which one? The list has {len(self.list)}: open 1.")
        self.open_id = self.list[int(number[:6]) - 1].id
        if self._here().unread:
            self.desk.mark_read(self.open_id, by=SAM)
        self._thread("")

    def _here(self) -> Conversation:
        if self.open_id is None:
            raise Say("Open a conversation first: inbox, then open 1.")
        return self.desk.conversation(self.open_id)

    def _thread(self, _: str) -> None:
        known = self._here()
        entries = self.desk.thread(known.id).items
        for line in thread_lines(self.screen, known, entries, ZONE):
            self.screen.say(line)
        self._see(entries)

    def _see(self, entries: Iterable[Entry]) -> None:
        """Remember what the visitor has been shown, so that news can be told from it."""
        for entry in entries:
            self._shown[entry.id] = entry.indicator, entry.flags
            self._day = entry.at.astimezone(ZONE).date()

    def _news(self) -> list[Entry]:
        """Entries of the open conversation that have come, or moved, since the visitor saw it."""
        entries = () if self.open_id is None else self.desk.thread(self.open_id).items
        return [entry for entry in entries if self._shown.get(entry.id) != (entry.indicator, entry.flags)]

    def _show(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            local = entry.at.astimezone(ZONE)
            if local.date() != self._day:
                self.screen.say(day_line(self.screen, local))
            for line in entry_lines(self.screen, entry, ZONE):
                self.screen.say(line)
            self._see([entry])

    def _newest(self) -> None:
        self._show(self.desk.thread(self._here().id, limit=1).items)

    def _since(self, before: Conversation) -> None:
        """What has been added to the conversation; all of it when it is another one now."""
        seen = before.last_seq
        if before.id != self.open_id:
            seen = 0
            self._say("The conversation before ended too long ago to be opened again: this is a new one.")
        self._show([entry for entry in self.desk.thread(self._here().id).items if entry.seq > seen])

    # --- staff -------------------------------------------------------------------------------------------------
    def _reply(self, words: str) -> None:
        self.desk.send(self._here().id, words, by=SAM)
        self.stage.wait(0)
        self._newest()

    def _again(self, _: str) -> None:
        known, text = self._here(), self._troubled()
        if self.desk.consent(known.address).opted_out:
            raise Say(
                "Not sent: this client has opted out of texts. They can allow them again by texting START (phone "
                "START); if they ask for it at the desk, record it: optin."
            )
        self.desk.send_again(known.id, text.id, by=SAM)
        self.stage.wait(_TICK)
        self._thread("")

    def _leave(self, _: str) -> None:
        text = self._troubled()
        if "left" in text.flags:
            raise Say("It was left already.")
        text = self.desk.leave(self._here().id, text.id, by=SAM)
        if text.delivery is Delivery.UNSURE:
            self._say("Left as it is. A late report of the carrier still settles it.")
        elif text.reason == "opted_out":
            self._say("Left as it is: it never reached the client, who has opted out. It needs nobody any more.")
        else:
            self._say("Left as it is: it did not reach the client. It needs nobody any more.")
        self._show([text])

    def _troubled(self) -> Entry:
        """The newest text that failed or is unsure; rather one that nobody has left."""
        troubled = [
            entry
            for entry in reversed(self.desk.thread(self._here().id).items)
            if entry.channel == "sms" and entry.delivery in (Delivery.FAILED, Delivery.UNSURE)
        ]
        if not troubled:
            raise Say("No text here has failed or is unsure.")
        return min(troubled, key=lambda entry: "left" in entry.flags)

    def _end(self, _: str) -> None:
        self.desk.end(self._here().id, by=SAM)
        self._say("Ended. It is in the history now; restart brings it back.")
        self._see(self._news())

    def _restart(self, _: str) -> None:
        self.desk.restart(self._here().id, by=SAM)
        self._newest()

    def _urgent(self, level: str) -> None:
        if level not in ("", *LEVELS):
            raise Say(f"The levels are {', '.join(LEVELS)}.")
        self.desk.set_urgency(self._here().id, level or "urgent", by=SAM)
        self._beside()

    def _unread(self, _: str) -> None:
        self.desk.mark_unread(self._here().id, by=SAM)
        self._beside()

    def _beside(self) -> None:
        """The list that the open conversation is in; it stays open."""
        self._list((self.desk.history() if self._here().ended else self.desk.inbox()).items)
        self._see(self._news())

    def _opt_out(self, _: str) -> None:
        known = self._by_text()
        self.desk.opt_out(known.address, by=SAM, reason="asked at the desk")
        self._newest()

    def _opt_in(self, _: str) -> None:
        known = self._by_text()
        self.desk.opt_in(known.address, by=SAM, reason="asked at the desk")
        self._newest()

    def _by_text(self) -> Conversation:
        known = self._here()
        if known.channel != "sms":
            raise Say("This conversation is in the app; that is about texts.")
        return known

    # --- the client --------------------------------------------------------------------------------------------
    def _phone(self, words: str) -> None:
        known = self._here()
        if not words:
            raise Say("What does the client write? phone See you at 5")
        if words in ("on", "off"):
            self.stage.carrier.phone(self._by_text().address).state = "off" if words == "off" else "on"
            self._say(f"The client's phone is {words}.")
            return
        if known.channel == "sms":
            self.stage.carrier.phone(known.address).text(NUMBER, words)
        else:
            self.desk.app_message(Client(id=known.address, name=known.client_name), words)
        self.stage.wait(0)
        self._follow(known)
        self._since(known)

    def _follow(self, known: Conversation) -> None:
        """The conversation that the client wrote into: after a long time it is a new one."""
        rows = self.desk.inbox(limit=200).items
        self.open_id = next((c.id for c in rows if (c.channel, c.address) == (known.channel, known.address)), known.id)

    def _app(self, word: str) -> None:
        known = self._here()
        if known.channel != "app" or known.client_id is None:
            raise Say("This conversation is by text; the client has no app here.")
        if word == "open":
            self.desk.app_opened(known.client_id)
        elif word == "read":
            self.desk.app_read(known.id, client_id=known.client_id)
        else:
            raise Say("app open, or app read?")
        self._thread("")

    def _carrier(self, word: str) -> None:
        if word not in ("silent", "ok"):
            raise Say("carrier silent, or carrier ok?")
        self.stage.carrier.weather = SILENT if word == "silent" else Weather()
        self._say("Its answers get lost from now on." if word == "silent" else "It answers again.")

    # --- the rest ----------------------------------------------------------------------------------------------
    def _wait(self, length: str) -> None:
        found = _WAIT.fullmatch(length)
        if found is None:
            raise Say("How long? wait 30s, wait 10m, wait 2h")
        before = max((change.number for change in self.desk.changes()), default=0)
        self.stage.wait(int(found[1]) * _UNITS[found[2]])
        self._say(f"It is {self._when()} now.")
        news = self._news()
        self._show(news)
        ids = [change.conversation_id for change in self.desk.changes(since=before)]
        others = [who(self.screen, self.desk.conversation(one)) for one in ids if one != self.open_id]
        if others:
            self._say(f"{'Also changed' if news else 'Changed'}: {', '.join(others)}. The inbox shows how.")
        elif not news:
            self._say("Nothing has changed.")

    def _transcript(self, name: str) -> None:
        if not name:
            raise Say("To which file? transcript bella.pdf")
        written = self.desk.transcript(self._here().id).write(self.folder / Path(name).expanduser())
        self._say(f"Written to {written}")

    def _help(self, command: str) -> None:
        topics = about(command.lower())
        if not topics:
            raise Say(f"There is no command {self.screen.clean(command)[:20]}. Type help.")
        for topic in topics:
            self.screen.say(f"  {topic.typed:<24}{topic.words}")
            for line in wrap(topic.more, COLUMNS - 26) if command and topic.more else ():
                self.screen.say(" " * 26 + line)
