"""What staff do to a conversation: write, end, restart, and the options menu."""

from __future__ import annotations

import json
from collections.abc import Callable

from starlette.responses import Response

from convokit.domain.conversation import Conversation
from convokit.domain.people import Staff
from convokit.domain.sms_segments import count_segments
from convokit.errors import Conflict, NotFound
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.pages import Part
from convokit_dashboard.routes.loading import entries_since, load_thread
from convokit_dashboard.routes.talks import fresh, whole
from convokit_dashboard.views.composer import count_view
from convokit_dashboard.views.thread import answers_meanwhile


def seq_of(call: Call, name: str) -> int | None:
    """A sequence number of the form, or ``None``."""
    given = call.form.get(name, "")
    return int(given[:15]) if given.isdigit() else None


def answered(call: Call, conversation_id: str, *said: Part, anew: bool = False, event: str = "") -> Response:
    """The conversation after an act: its parts for htmx, else on with the page."""
    if not call.partial:
        return pages.redirect(call.back(call.url(f"/active/{conversation_id}")))
    first = seq_of(call, "first")
    thread = load_thread(call, conversation_id, first=first)
    shown = whole(call, thread) if anew else fresh(call, thread, composer=_composer_differs(call, thread.composer.key))
    return pages.parts(call, *shown, *said, headers=_trigger(event, thread.ref) if event else None)


def _composer_differs(call: Call, key: str) -> bool:
    return call.form.get("composer", key) != key


def _trigger(event: str, ref: str) -> dict[str, str]:
    return {"HX-Trigger": json.dumps({event: {"ref": ref}})}


# --- writing ---------------------------------------------------------------------------------------------------------


def send(call: Call) -> Response:
    """Write to the client; first warn if a colleague has answered meanwhile."""
    return _send(call, end=False)


def send_and_end(call: Call) -> Response:
    """Write a last message and end the conversation, in one act."""
    return _send(call, end=True)


def _send(call: Call, *, end: bool) -> Response:
    talk_id, seen = call.path["id"], seq_of(call, "seen")
    if seen is not None and not call.form.get("anyway"):
        warned = _warning(call, talk_id, seen, end=end)
        if warned is not None:
            return warned
    files = [call.desk.uploaded(one, by=call.staff) for one in call.chosen("file")]
    text, ref = call.form.get("text", "").replace("\r\n", "\n"), call.form.get("ref") or None
    if end:
        call.desk.send_and_end(talk_id, text, by=call.staff, attachments=files, client_ref=ref, seen_seq=seen)
        return answered(call, talk_id, ended_notice(call), anew=True, event="desk:sent")
    call.desk.send(talk_id, text, by=call.staff, attachments=files, client_ref=ref, seen_seq=seen)
    return answered(call, talk_id, event="desk:sent")


def _warning(call: Call, talk_id: str, seen: int, *, end: bool) -> Response | None:
    """What a colleague wrote since the writer began, if anything: nothing is sent before the writer has seen it."""
    others = answers_meanwhile(entries_since(call, talk_id, seen), seen, call.staff.id)
    if not others:
        return None
    if not call.partial:
        why = call.words("A colleague has answered meanwhile. Please look first.")
        raise Conflict("message.answered", why)
    thread = load_thread(call, talk_id, first=seq_of(call, "first"))
    shown = {"text": others[-1].text, "end": end, "talk": talk_id}
    return pages.parts(
        call,
        *fresh(call, thread, composer=False),
        Part("#composer-notice", "parts/collision.html", shown, swap="innerHTML"),
        status=409,
    )


def note(call: Call) -> Response:
    """A note for the staff."""
    ref = call.form.get("ref") or None
    call.desk.note(call.path["id"], call.form.get("text", "").replace("\r\n", "\n"), by=call.staff, client_ref=ref)
    return answered(call, call.path["id"], event="desk:sent")


def again(call: Call) -> Response:
    """Hand a text over once more."""
    call.desk.send_again(call.path["id"], call.path["message"], by=call.staff)
    return answered(call, call.path["id"], pages.notice(call.words("It is being sent again.")))


def leave(call: Call) -> Response:
    """Decide that a text is not sent again."""
    call.desk.leave(call.path["id"], call.path["message"], by=call.staff)
    return answered(call, call.path["id"])


# --- the conversation as a whole -------------------------------------------------------------------------------------


def ended_notice(call: Call) -> Part:
    """What is said after the end."""
    return pages.notice(call.words("The conversation has ended. You find it in the history."))


def end(call: Call) -> Response:
    """End the conversation; who gets the transcript is as the practice has it, or as chosen."""
    mail = call.form.get("mail", "rule")
    to: tuple[str, ...] | None = None
    if mail == "nobody":
        to = ()
    elif mail == "chosen":
        to = tuple(part.strip() for part in call.form.get("mail_to", "").replace(";", ",").split(",") if part.strip())
    call.desk.end(call.path["id"], by=call.staff, mail_to=to)
    return answered(call, call.path["id"], ended_notice(call), anew=True)


def restart(call: Call) -> Response:
    """Open an ended conversation again."""
    call.desk.restart(call.path["id"], by=call.staff)
    return answered(call, call.path["id"], pages.notice(call.words("The conversation is open again.")), anew=True)


def read(call: Call) -> Response:
    """Staff have seen the conversation, up to what was on the screen."""
    talk = call.desk.conversation(call.path["id"])
    if talk.unread:
        call.desk.mark_read(talk.id, by=call.staff, upto_seq=seq_of(call, "seen"))
    return Response(status_code=204)


def unread(call: Call) -> Response:
    """Mark it unread."""
    call.desk.mark_unread(call.path["id"], by=call.staff)
    return answered(call, call.path["id"], pages.notice(call.words("Marked as unread.")), event="desk:unread")


def rename(call: Call) -> Response:
    """Edit the name that the client sees."""
    call.desk.rename_team_member(call.path["id"], call.need("name"), by=call.staff)
    return answered(call, call.path["id"])


def urgency(call: Call) -> Response:
    """Set the urgency."""
    call.desk.set_urgency(call.path["id"], call.need("level"), by=call.staff)
    return answered(call, call.path["id"])


def department(call: Call) -> Response:
    """Hand it to another department; perhaps one that this visitor does not see."""
    call.desk.move(call.path["id"], call.need("department"), by=call.staff)
    try:
        return answered(call, call.path["id"])
    except NotFound:
        return _gone(call)


def _gone(call: Call) -> Response:
    if not call.partial:
        return pages.redirect(call.url("/active"))
    said = pages.notice(call.words("Handed over. You do not see that department's conversations."))
    return pages.parts(
        call,
        Part("#thread", "parts/nothing.html", swap="innerHTML"),
        Part("#panel", "parts/no_panel.html", swap="innerHTML"),
        said,
    )


def assign(call: Call) -> Response:
    """Take it oneself, or leave it to nobody."""
    whom: Staff | None = call.staff if call.form.get("to") == "me" else None
    call.desk.assign(call.path["id"], whom, by=call.staff)
    return answered(call, call.path["id"])


# --- the client ------------------------------------------------------------------------------------------------------


def _about_number(act: Callable[[Call, Conversation], object]) -> Callable[[Call], Response]:
    def handle(call: Call) -> Response:
        talk = call.desk.conversation(call.path["id"])
        if talk.channel != "sms" or talk.is_erased:
            raise NotFound("conversation.channel", "no conversation by text", field="conversation_id")
        act(call, talk)
        return answered(call, talk.id, anew=True)

    return handle


def _reason(call: Call) -> str:
    return call.form.get("reason", "")


opt_out = _about_number(lambda call, talk: call.desk.opt_out(talk.address, by=call.staff, reason=_reason(call)))
opt_in = _about_number(lambda call, talk: call.desk.opt_in(talk.address, by=call.staff, reason=_reason(call)))
dismiss = _about_number(
    lambda call, talk: call.desk.dismiss_maybe(talk.address, by=call.staff, reason="looked at on the dashboard")
)


def choose(call: Call) -> Response:
    """Say which of several clients with one number it is with."""
    call.desk.choose_client(call.path["id"], call.need("client"), by=call.staff)
    return answered(call, call.path["id"], anew=True)


def client_note(call: Call) -> Response:
    """Write the note about the client."""
    talk = call.desk.conversation(call.path["id"])
    if talk.client_id is None:
        raise NotFound("client.unknown", "nobody knows who the client is", field="client_id")
    said = pages.notice(call.words("The note is saved."))
    try:
        call.desk.set_client_note(
            talk.client_id, call.form.get("text", ""), by=call.staff, expected_version=seq_of(call, "version")
        )
    except Conflict:
        if not call.partial:
            raise
        why = call.words("Somebody else has changed the note. It is shown as it is now.")
        said = pages.notice(why, tone="bad")
    return answered(call, talk.id, said)


def count(call: Call) -> Response:
    """How long a text is in segments."""
    text = call.form.get("text", "").replace("\r\n", "\n")
    most = call.desk.practice.rules.max_text_segments
    shown = count_view(count_segments(text), most, call.words) if text else None
    return pages.parts(call, Part("#count", "parts/count.html", {"count": shown}))
