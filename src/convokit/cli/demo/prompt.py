"""The demo's prompt: the visitor is the front desk, and speaks for the clients too."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from convokit.cli.demo.cast import NUMBER, SAM
from convokit.cli.demo.stage import MORNING, SILENT, ZONE, Stage
from convokit.cli.screen import COLUMNS, Screen, wrap
from convokit.cli.views import badge_line, entry_lines, inbox_lines, thread_lines, who
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.people import Client
from convokit.domain.urgency import LEVELS
from convokit.errors import ConvokitError
from convokit.gateways.simulator import Weather

_HELP: Final = (
    ("inbox · history", "the lists, numbered"),
    ("open 2", "open a conversation of the list shown last, and read it"),
    ("reply TEXT", "write to the client of the open conversation, as Sam"),
    ("again · leave", "send a failed or unsure text again, or leave it"),
    ("end · restart", "move the conversation to the history and back"),
    ("urgent · urgent high", "set the urgency (low, normal, high, urgent)"),
    ("unread", "mark it unread"),
    ("optout · optin", "record what the client asked at the desk"),
    ("phone TEXT", "be the client: write to the practice (try STOP, CANCEL, START)"),
    ("phone off · phone on", "switch the client's phone"),
    ("app open · app read", "the client opens the app, or the conversation in it"),
    ("carrier silent · ok", "the carrier's answers get lost: texts are unsure, its reports come late"),
    ("wait 10m", "let time pass: s, m or h"),
    ("transcript FILE", "write the open conversation: FILE.pdf or FILE.txt"),
    ("help · quit", ""),
)
_TICK: Final = 5.0
_WAIT: Final = re.compile(r"([0-9]{1,4})\s*([smh]?)")
_UNITS: Final = {"s": 1, "": 60, "m": 60, "h": 3600}


class Say(Exception):
    """Something that the visitor is told instead."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Prompt:
    """Reads commands until ``quit`` or the end of the input. Each takes five seconds of the virtual clock."""

    def __init__(self, stage: Stage, screen: Screen, folder: Path) -> None:
        self.stage = stage
        self.desk = stage.desk
        self.screen = screen
        self.folder = folder
        self.list: Sequence[Conversation] = ()
        self.open_id: str | None = None
        self._commands: dict[str, Callable[[str], None]] = {
            "inbox": self._inbox,
            "history": self._history,
            "open": self._open,
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
            if word:
                self._do(word.lower(), rest.strip())

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
        self.stage.wait(_TICK)
        try:
            command(rest)
        except Say as answer:
            self._say(answer.words)
        except ConvokitError as error:
            limit = f" ({error.limit})" if error.limit else ""
            self._say(f"That is refused: {error.message}{limit}.")

    def _say(self, words: str) -> None:
        for line in wrap(words, COLUMNS - 2):
            self.screen.say("  " + line)

    # --- lists -------------------------------------------------------------------------------------------------
    def _inbox(self, _: str) -> None:
        self._show(self.desk.inbox().items, "The inbox is empty.")

    def _history(self, _: str) -> None:
        self._show(self.desk.history().items, "The history is empty.")

    def _show(self, rows: Sequence[Conversation], empty: str) -> None:
        self.list = rows
        self.open_id = None
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
        self._thread()

    def _here(self) -> Conversation:
        if self.open_id is None:
            raise Say("Open a conversation first: inbox, then open 1.")
        return self.desk.conversation(self.open_id)

    def _thread(self) -> None:
        known = self._here()
        for line in thread_lines(self.screen, known, self.desk.thread(known.id).items, ZONE):
            self.screen.say(line)

    def _newest(self) -> None:
        for line in entry_lines(self.screen, self.desk.thread(self._here().id, limit=1).items[-1], ZONE):
            self.screen.say(line)

    def _since(self, before: Conversation) -> None:
        """What has been added to the conversation; all of it when it is another one now."""
        seen = before.last_seq
        if before.id != self.open_id:
            seen = 0
            self._say("The conversation before ended too long ago to be opened again: this is a new one.")
        for entry in self.desk.thread(self._here().id).items:
            for line in entry_lines(self.screen, entry, ZONE) if entry.seq > seen else ():
                self.screen.say(line)

    # --- staff -------------------------------------------------------------------------------------------------
    def _reply(self, words: str) -> None:
        self.desk.send(self._here().id, words, by=SAM)
        self.stage.wait(0)
        self._newest()

    def _again(self, _: str) -> None:
        self.desk.send_again(self._here().id, self._troubled().id, by=SAM)
        self.stage.wait(_TICK)
        self._thread()

    def _leave(self, _: str) -> None:
        self.desk.leave(self._here().id, self._troubled().id, by=SAM)
        self._say("Left as it is. A late report of the carrier still settles it.")

    def _troubled(self) -> Entry:
        for entry in reversed(self.desk.thread(self._here().id).items):
            troubled = entry.channel == "sms" and entry.delivery in (Delivery.FAILED, Delivery.UNSURE)
            if troubled and "left" not in entry.flags:
                return entry
        raise Say("No text here has failed or is unsure.")

    def _end(self, _: str) -> None:
        self.desk.end(self._here().id, by=SAM)
        self._say("Ended. It is in the history now; restart brings it back.")

    def _restart(self, _: str) -> None:
        self.desk.restart(self._here().id, by=SAM)
        self._newest()

    def _urgent(self, level: str) -> None:
        if level not in ("", *LEVELS):
            raise Say(f"The levels are {', '.join(LEVELS)}.")
        self.desk.set_urgency(self._here().id, level or "urgent", by=SAM)
        self._inbox("")

    def _unread(self, _: str) -> None:
        self.desk.mark_unread(self._here().id, by=SAM)
        self._inbox("")

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
        self._thread()

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
        self.stage.wait(int(found[1]) * _UNITS[found[2]])
        self._say(f"It is {self._when()} now.")

    def _transcript(self, name: str) -> None:
        if not name:
            raise Say("To which file? transcript bella.pdf")
        written = self.desk.transcript(self._here().id).write(self.folder / Path(name).expanduser())
        self._say(f"Written to {written}")

    def _help(self, _: str) -> None:
        for command, words in _HELP:
            self.screen.say(f"  {command:<22}{words}".rstrip())
