"""What the doctor says of transcripts: their fonts, their signature, and the record that they are filed in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from convokit.cli.exits import one_line
from convokit.cli.findings import Finding, State
from convokit.effects import FileTranscript
from convokit.errors import ConvokitError

if TYPE_CHECKING:
    from convokit.runtime.kit import Convokit

_EVER: Final = 2**62
_MOST: Final = 1000
_SHOWN: Final = 16


def transcript_findings(kit: Convokit) -> Iterator[Finding]:
    """How transcripts are made here, and whether one could be filed now."""
    yield _made(kit)
    records = kit.catalogue.records
    if records is not None:
        yield _record(records)
    yield from _waiting(kit)


def _made(kit: Convokit) -> Finding:
    documents = kit.documents
    asked, found = documents.settings.fonts, len(documents.fonts.fonts)
    fonts = f"{found} further {'font' if found == 1 else 'fonts'}" if asked else "the built-in fonts"
    key = documents.public_key
    signed = "not signed" if key is None else f"signed, public key {key[:_SHOWN]}..."
    words = f"drawn with {fonts}; {signed}"
    if asked and not found:
        return Finding(
            about="transcripts", state="warn", words=f"{words}; none of the fonts that are named can be used"
        )
    return Finding(about="transcripts", state="ok", words=words)


def _record(records: object) -> Finding:
    from convokit.ports.records import CheckedRecords

    if not isinstance(records, CheckedRecords):
        return Finding(about="records", state="ok", words=f"the host's, {type(records).__name__}; it cannot be asked")
    try:
        return Finding(about="records", state="ok", words=str(records.check()))
    except ConvokitError as error:
        return Finding(about="records", state="fail", words=one_line(error))
    except Exception as error:  # whatever a plugin raises; its words may hold a secret
        return Finding(about="records", state="fail", words=f"asked how they stand, they raised {type(error).__name__}")


def _waiting(kit: Convokit) -> Iterator[Finding]:
    waiting = [owed for owed in kit.store.due_jobs(_EVER, _MOST) if isinstance(owed.job, FileTranscript)]
    if waiting:
        tries = max(owed.tries for owed in waiting)
        many = "1 transcript waits" if len(waiting) == 1 else f"{len(waiting)} transcripts wait"
        tried = f"tried {tries} times in vain" if tries > 1 else "tried once in vain" if tries else "not tried yet"
        hint = "" if kit.catalogue.records is not None else "; no medical record is set up here (--records, --plugin)"
        state: State = "warn" if tries or hint else "ok"
        yield Finding(about="records", state=state, words=f"{many} to be filed, {tried}{hint}")
