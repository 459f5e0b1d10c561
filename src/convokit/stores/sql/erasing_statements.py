"""The statements that erase a person. ``talks`` are the keys of their conversations as a JSON list."""

# ruff: noqa: S608 - what is put together here are names of our own columns

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.decisions import filing
from convokit.stores.sql import rows
from convokit.stores.sql.statement import Statement

COLUMNS: Final = (
    "address title client_id client_name patient_id patient_name ended unread ended_us last_seq last_text last_delivery"
    " awaiting_us failed client_email client_phone version"
).split()
"""What an erasure assigns to a conversation, ``change`` and ``candidates`` besides."""

_THEIRS: Final = "practice_pk = :practice AND conversation_pk IN (SELECT value FROM json_each(:talks))"
_ENTRIES: Final = (
    "(SELECT {} FROM convokit_entry"
    " WHERE practice_pk = :of_practice AND conversation_pk IN (SELECT value FROM json_each(:talks)))"
)
_ENTRY_IDS: Final = _ENTRIES.format("public_id")
_JOBS: Final = (
    "practice_pk = :practice AND json_extract(payload, '$.conversation_id') IN (SELECT value FROM json_each(:ids))"
    " AND coalesce(json_extract(payload, '$.ask'), '') <> 'close'"
)


def _all(text: str, names: str) -> Statement:
    return Statement(sa.text(text), names)


FIND: Final = _all(
    f"SELECT {', '.join(rows.CONVERSATION)} FROM convokit_conversation WHERE practice_pk = :practice"
    " AND (client_id = :client OR candidates <> '' OR (channel = 'app' AND address = :app)"
    " OR address IN (SELECT value FROM json_each(:numbers)) OR client_phone IN (SELECT value FROM json_each(:phones)))",
    "practice client app numbers phones",
)
"""The client's conversations, those at their numbers, and all that have candidates."""
BEGUN: Final = _all(f"SELECT 1 FROM convokit_owed WHERE {_THEIRS} AND state = 1 LIMIT 1", "practice talks")
JOB_BEGUN: Final = _all(f"SELECT 1 FROM convokit_job WHERE {_JOBS} AND state = 1 LIMIT 1", "practice ids")
JOBS_OWED: Final = _all(f"SELECT count(*) FROM convokit_job WHERE {_JOBS} AND state = 0", "practice ids")
DROP_JOBS: Final = _all(f"DELETE FROM convokit_job WHERE {_JOBS}", "practice ids")
OWED: Final = _all(f"SELECT key, state FROM convokit_owed WHERE {_THEIRS}", "practice talks")
SETTLE: Final = _all(
    f"UPDATE convokit_owed SET recipient = '', state = 2, lease_us = NULL WHERE {_THEIRS}", "practice talks"
)
DROP_PARKED: Final = _all(
    "DELETE FROM convokit_parked WHERE practice_pk = :practice"
    f" AND (entry_id IN {_ENTRY_IDS}"
    f" OR (provider, provider_id) IN (SELECT provider, provider_id FROM convokit_owed WHERE"
    " practice_pk = :also_practice AND conversation_pk IN (SELECT value FROM json_each(:also_talks))))",
    "practice of_practice talks also_practice also_talks",
)
DROP_FACTS: Final = _all(
    "DELETE FROM convokit_fact WHERE practice_pk = :practice AND identity >= :first AND identity < :last",
    "practice first last",
)
_AFTER_PROVIDER: Final = "substr(identity, 5 + instr(substr(identity, 5), ':'))"  # "dlr:<provider>:<key>:..."
DROP_REPORTS: Final = _all(
    "DELETE FROM convokit_fact WHERE practice_pk = :practice AND identity >= 'dlr:' AND identity < 'dlr;'"
    f" AND substr({_AFTER_PROVIDER}, 1, instr({_AFTER_PROVIDER}, ':') - 1) IN"
    " (SELECT key FROM convokit_owed"
    " WHERE practice_pk = :of_practice AND conversation_pk IN (SELECT value FROM json_each(:talks)))",
    "practice of_practice talks",
)
DROP_REFERENCES: Final = _all(
    "DELETE FROM convokit_fact WHERE practice_pk = :practice AND identity >= 'ref:' AND identity < 'ref;'"
    f" AND entry_pk IN {_ENTRIES.format('pk')}",
    "practice of_practice talks",
)
BLANK_FACTS: Final = _all(
    "UPDATE convokit_fact SET fingerprint = :erased WHERE practice_pk = :practice AND fingerprint <> ''"
    f" AND entry_pk IN {_ENTRIES.format('pk')}",
    "erased practice of_practice talks",
)
ENTRIES: Final = _all(f"SELECT pk FROM convokit_entry WHERE {_THEIRS}", "practice talks")
FILED: Final = _all(
    "SELECT talk.public_id FROM convokit_entry AS told"
    " JOIN convokit_conversation AS talk ON talk.pk = told.conversation_pk"
    " WHERE told.practice_pk = :practice AND told.conversation_pk IN (SELECT value FROM json_each(:talks))"
    f" AND told.event = '{filing.FILED}' ORDER BY told.pk",
    "practice talks",
)
"""The conversation of each transcript that was filed, in the order in which they were."""
DELIVERY: Final = _all(
    "SELECT delivery FROM convokit_entry WHERE practice_pk = :practice AND conversation_pk = :talk AND seq = :seq",
    "practice talk seq",
)
HOLD_BACK: Final = _all(
    "UPDATE convokit_entry SET delivery = :delivery, reason = 'cancelled', flags = ltrim(flags || ' left')"
    " WHERE practice_pk = :practice AND public_id = :entry",
    "delivery practice entry",
)
ERASE_ENTRIES: Final = _all(
    "UPDATE convokit_entry SET text = :erased, raw = '', provider_id = NULL, client_ref = NULL, attachments = '',"
    f" author_name = CASE side WHEN 'client' THEN '' ELSE author_name END WHERE {_THEIRS}",
    "erased practice talks",
)
PAYMENTS: Final = _all(
    f"UPDATE convokit_payment SET title = :erased, url = NULL WHERE {_THEIRS}", "erased practice talks"
)
FILES: Final = _all(
    "SELECT attachment, owner, expires_us, entry_id, revoked FROM convokit_media WHERE practice_pk = :practice"
    f" AND (entry_id IN {_ENTRY_IDS} OR owner = :owner OR owner = 'erased')",
    "practice of_practice talks owner",
)
RELEASE_FILE: Final = _all(
    "UPDATE convokit_media SET entry_id = NULL, expires_us = :expires_us, owner = :owner, attachment = :attachment"
    " WHERE practice_pk = :practice AND public_id = :file",
    "expires_us owner attachment practice file",
)
ERASE_CONVERSATION: Final = _all(
    f"UPDATE convokit_conversation SET {', '.join(f'{name} = :{name}' for name in COLUMNS)}, change = :change,"
    " candidates = :candidates WHERE practice_pk = :practice AND public_id = :talk",
    f"{' '.join(COLUMNS)} change candidates practice talk",
)
DROP_CHOICES: Final = _all(
    "DELETE FROM convokit_client_choice WHERE practice_pk = :practice"
    " AND (client_id = :client OR address IN (SELECT value FROM json_each(:numbers)))",
    "practice client numbers",
)
DROP_NOTE: Final = _all(
    "DELETE FROM convokit_client_note WHERE practice_pk = :practice AND client_id = :client", "practice client"
)
DROP_CONSENT: Final = _all(
    "DELETE FROM convokit_consent WHERE practice_pk = :practice AND address = :address", "practice address"
)
BLANK_LINES: Final = _all(
    "UPDATE convokit_consent_line SET address = '', evidence = '', provider_id = NULL"
    " WHERE practice_pk = :practice AND address = :address",
    "practice address",
)
DROP_UNREADABLE: Final = _all(
    "DELETE FROM convokit_unreadable WHERE practice_pk = :practice AND instr(body, :trace) > 0", "practice trace"
)
DROP_TEXT: Final = _all("DELETE FROM convokit_search_text WHERE rowid = :entry", "entry")
REWRITE_HEADERS: Final = _all("INSERT INTO convokit_search_header (convokit_search_header) VALUES ('optimize')", "")
REWRITE_TEXTS: Final = _all("INSERT INTO convokit_search_text (convokit_search_text) VALUES ('optimize')", "")
"""FTS5 only marks words as deleted until it merges them; this merges everything."""
