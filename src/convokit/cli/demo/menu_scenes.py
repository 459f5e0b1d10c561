"""Scenes of the day: files that go by text, and the options of conversations, ended ones included."""

from __future__ import annotations

import re
from typing import Final

from convokit.cli.demo.cast import BEN, FARID, GRACE, KARL, KIM, LENA, SAM
from convokit.cli.demo.props import handout, photo, video
from convokit.cli.demo.telling import Telling
from convokit.ports.wire import HttpRequest

_LINK: Final = re.compile(r"https://\S+")
_WAYS: Final = {"mms": "with the text", "link": "as a signed link"}


class MenuScenes(Telling):
    """What stands in a conversation's menus."""

    def files_by_text(self) -> None:
        """A photo, a video and a PDF to a client who has no app."""
        stage, desk = self.stage, self.desk
        stage.at("10:40")
        known = stage.of(FARID)
        given = (("luna-at-home.jpg", photo()), ("luna-walks.mp4", video()), ("after-the-shot.pdf", handout()))
        sent = desk.send(
            known.id,
            "Here is Luna at her last visit, and what to watch for after the shot.",
            by=SAM,
            attachments=[desk.upload(name, content, by=SAM) for name, content in given],
        )
        stage.wait(30)
        links = _LINK.findall(stage.phone(FARID).received[-1].text)
        opened = [stage.kit.front(HttpRequest(method="GET", url=link)).status for link in links]
        ways = ", ".join(f"the {file.kind} {_WAYS[file.via]}" for file in sent.attachments)
        self.tell(
            f"Farid has not got the app yet, so his files go by text: {ways}. He opens "
            f"{opened.count(200)} of {len(links)} links; they hold for three days."
        )
        self.thread(FARID, newest=1)
        stage.at("10:44")
        ended = desk.revoke_links(sent.id)
        after = {stage.kit.front(HttpRequest(method="GET", url=link)).status for link in links}
        self.tell(
            f"The hand-out was for another vaccine. Sam revokes the links of that message, to {ended} files; who opens "
            f"one now gets {' or '.join(map(str, sorted(after)))}."
        )

    def options(self) -> None:
        """The options menu of conversations that have ended."""
        stage, desk = self.stage, self.desk
        stage.at("15:20")
        ended = stage.of(BEN)
        desk.mark_unread(ended.id, by=SAM)
        desk.rename_team_member(ended.id, "Dr. Kim, emergency", by=SAM)
        desk.set_client_note(BEN.id, "Max bites when he is in pain: two people, please.", by=SAM)
        shown, note = desk.conversation(ended.id), desk.client_note(BEN.id).text
        self.tell(
            f"Ben's conversation has ended, and its menu works: Sam marks it unread ({shown.unread} unread) and shows "
            f'its team member as "{shown.team_member}". A note about Ben, for staff only: {note}'
        )
        desk.mark_read(ended.id, by=KIM)
        desk.opt_out(KARL.phone or "", by=SAM, reason="by phone: no texts to the landline")
        line = desk.consent_ledger(KARL.phone or "")[-1]
        self.tell(
            "Karl calls and wants no texts to his landline. Sam records it; the ledger keeps who, when and why "
            f'({line.actor}, {stage.time}, "{line.evidence}").'
        )
        self.thread(KARL, newest=1)
        desk.file_transcript(stage.of(GRACE).id, by=SAM)
        stage.wait(5)
        self.tell("A transcript can be filed by hand, too: Sam files what Grace wrote so far in Pepper's record.")
        self.thread(GRACE, newest=1)
        stage.at("15:25")
        desk.restart(stage.of(LENA).id, by=SAM)
        stage.reply(LENA, "One more thing: Coco should rest for a week.", SAM)
        stage.wait(30)
        self.tell("Sam has forgotten to tell Lena something, and restarts her conversation.")
        self.thread(LENA, newest=2)
        desk.end(stage.of(LENA).id, by=SAM, mail_to=())
