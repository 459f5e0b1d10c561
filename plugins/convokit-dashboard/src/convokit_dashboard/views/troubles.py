"""The desk's errors in words for the front desk; their own words are a developer's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from convokit.errors import ConvokitError, StorageError
from convokit_dashboard.words import Words

Saying = Callable[[Words, str], str]

TABLE: Final[Mapping[str, Saying]] = {
    "conversation.unknown": lambda w, m: w("This conversation is not here, or not for you."),
    "conversation.ended": lambda w, m: w("This conversation has ended. Restart it to write."),
    "conversation.open": lambda w, m: w("This conversation is open already."),
    "conversation.already_open": lambda w, m: w("Another conversation with this client is open already."),
    "message.unknown": lambda w, m: w("This message is not here."),
    "message.empty": lambda w, m: w("There is nothing to send yet."),
    "message.too_long": lambda w, m: w("This is too long. At most: %(limit)s.", limit=m),
    "message.too_many_files": lambda w, m: w("Too many files. At most: %(limit)s.", limit=m),
    "message.client_ref": lambda w, m: w("This was sent already."),
    "message.not_failed": lambda w, m: w("This message needs no decision any more."),
    "message.automatic": lambda w, m: w("Automatic messages cannot be sent again."),
    "client.opted_out": lambda w, m: w("The client has opted out of texts."),
    "client.phone": lambda w, m: w("No phone number is known of this client."),
    "client.unknown": lambda w, m: w("Please choose the client."),
    "client.not_candidate": lambda w, m: w("This client does not have the number."),
    "client_note.changed": lambda w, m: w("Somebody else has changed the note. It is shown as it is now."),
    "client_note.too_long": lambda w, m: w("The note is too long. At most: %(limit)s.", limit=m),
    "name.empty": lambda w, m: w("Please give a name."),
    "name.too_long": lambda w, m: w("The name is too long. At most: %(limit)s.", limit=m),
    "reason.empty": lambda w, m: w("Please say how the client asked."),
    "title.empty": lambda w, m: w("Please say what it is for."),
    "title.too_long": lambda w, m: w("The title is too long. At most: %(limit)s.", limit=m),
    "upload.unknown": lambda w, m: w("A file is no longer there. Please add it again."),
    "upload.used": lambda w, m: w("A file was sent already. Please add it again."),
    "attachment.unknown": lambda w, m: w("This file is not here."),
    "file.empty": lambda w, m: w("The file is empty."),
    "file.too_large": lambda w, m: w("The file is too large. At most: %(limit)s.", limit=m),
    "file.kind": lambda w, m: w("Only photos, videos and PDFs can be sent."),
    "file.pixels": lambda w, m: w("The picture has too many pixels."),
    "file.damaged": lambda w, m: w("The file is damaged."),
    "file.unreadable": lambda w, m: w("The file cannot be read."),
    "rules.quiet_hours": lambda w, m: w("The quiet hours need a beginning, and another time as their end."),
    "file.no_link": lambda w, m: w("Files cannot be sent by text here: no public address is set up."),
    "payment.unknown": lambda w, m: w("This payment is not here."),
    "payment.settled": lambda w, m: w("This request has been paid already."),
    "search.too_long": lambda w, m: w("Please search for fewer words."),
    "page.cursor": lambda w, m: w("This list has changed. Please load it again."),
    "mail.sender": lambda w, m: w("The practice has no address to send mails from."),
    "mail.recipients": lambda w, m: w("This is not an e-mail address."),
    "department.unknown": lambda w, m: w("This department is not there."),
    "department.in_use": lambda w, m: w("The department still has open conversations. Move or end them first."),
    "records.none": lambda w, m: w("No medical record is set up here. Please tell your administrator."),
    "conversation.erased": lambda w, m: w("The client of this conversation was erased."),
    "rules.changed": lambda w, m: w("Somebody else has changed the settings. They are shown as they are now."),
    "storage.busy": lambda w, m: w("The desk is busy. Please try again."),
}
"""By the error's code. Addresses, senders and amounts have families of their own below."""

_FAMILIES: Final[Mapping[str, Saying]] = {
    "address.": lambda w, m: w("This number cannot be texted."),
    "amount.": lambda w, m: w("Please give an amount like 84.50."),
    "email.": lambda w, m: w("This is not an e-mail address."),
    "invoice.": lambda w, m: w("The invoice number is too long."),
    "sender.": lambda w, m: w("The practice's number cannot send texts at the moment."),
    "hours.": lambda w, m: w("These hours cannot be read. An example: %(limit)s", limit=m),
}


def trouble_words(error: ConvokitError, words: Words) -> str:
    """What went wrong and what to do."""
    limit = error.limit or ""
    found = TABLE.get(error.code)
    if found is None:
        found = next((say for family, say in _FAMILIES.items() if error.code.startswith(family)), None)
    if found is not None:
        return found(words, limit)
    if isinstance(error, StorageError):
        return words("The desk cannot do this now. Please try again.")
    said = words(error.message).rstrip(".")
    return f"{said[0].upper()}{said[1:]}." if said else words("This is wrong.")
