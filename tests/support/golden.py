"""The golden set: conversations that a transcript tool must get right, each with what must be found in every format."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

from made_transcripts import HOSTILE, SHOWN_AS_IS, START, conversation, entry, event, outbound, practice
from PIL import Image

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE
from convokit.domain.redaction import Redaction
from convokit.domain.transcript_building import build_transcript
from convokit.transcripts import TranscriptDocument

END = START + 200_000 * MINUTE


@cache
def picture(number: int) -> bytes:
    """A small JPEG."""
    made = Image.new("RGB", (64, 48), (40 * number % 256, 90, 160))
    kept = BytesIO()
    made.save(kept, "JPEG", quality=80)
    return kept.getvalue()


ORIGINALS = {sha256(content).hexdigest(): content for content in (b"photo " * 5000, b"%PDF-1.4 " * 900, b"video " * 9)}
PICTURES = {sha256(content).hexdigest(): content for content in map(picture, range(3))}


def photo(number: int, name: str = "Bella after surgery.jpg") -> Attachment:
    """A photo with its small picture and its original."""
    digest, content = next(iter(ORIGINALS.items()))
    return Attachment(
        id=f"f{number}", name=name, kind="photo", media_type="image/jpeg", size=len(content), sha256=digest,
        width=640, height=480, thumbnail=list(PICTURES)[number % 3],
    )  # fmt: skip


def pdf_file() -> Attachment:
    """A PDF that was sent."""
    digest, content = list(ORIGINALS.items())[1]
    return Attachment(
        id="f8", name="Labs of March.pdf", kind="pdf", media_type="application/pdf", size=len(content), sha256=digest
    )


def _ordinary() -> list[Entry]:
    return [
        event(1, "Dr. Kim started the conversation.", event="started"),
        outbound(2, "Bella's results are in. Can you call us?"),
        entry(3, "Thank you! Tomorrow at 9 is fine."),
        outbound(4, "We look forward to it.", delivery=Delivery.SENT),
        event(5),
    ]


def _ten_thousand() -> list[Entry]:
    words = "Bella ate well and slept all night".split()
    return [
        (outbound if seq % 2 else entry)(seq, f"{seq}: {' '.join(words[: seq % 8])}", at_us=START + seq * 9 * MINUTE)
        for seq in range(1, 10_001)
    ]


def _scripts() -> list[Entry]:
    texts = [*SHOWN_AS_IS.values(), "Größe Ελληνικά Русский", "שלום בלה", "مرحبا بيلا", "你好", "नमस्ते", "\U00013000"]
    return [entry(seq, text) for seq, text in enumerate(texts, 1)]


def _families() -> list[Entry]:
    texts = ["👨\u200d👩\u200d👧\u200d👦 👩🏽\u200d⚕️ 🐕\u200d🦺", "🏳️\u200d🌈 🇺🇸🇩🇪 1️⃣ ❤️‍🩹", "🐶" * 400]
    return [entry(seq, text) for seq, text in enumerate(texts, 1)]


def _photos() -> list[Entry]:
    lost = Attachment(
        id="f9", name="gone.mov", kind="video", media_type="", size=0, sha256="", state="failed", reason="file.gone"
    )
    return [
        outbound(1, "Three photos", attachments=(photo(0), photo(1), photo(2), pdf_file())),
        entry(2, "", attachments=(photo(3, "../../e\u202evil.jpg"),)),
        entry(3, "and a video", attachments=(lost,)),
    ]


def _payments_and_notes() -> list[Entry]:
    return [
        event(1, "Dr. Kim asked for a payment: Invoice 1042, $84.50.", event="payment_requested"),
        event(2, "Paid: Invoice 1042, $84.50.", event="payment_paid"),
        entry(3, "Owner was upset about the bill", kind="note", side="practice", author_name="Sam"),
        event(4, "The client opted out of texts.", event="opted_out"),
        event(5, "Sam moved the conversation to Surgery.", event="moved"),
        event(6, "Sam restarted the conversation.", event="restarted"),
        outbound(7, "Bye", kind="automatic", author_name="", delivery=Delivery.FAILED, reason="opted_out"),
    ]


MAKERS: dict[str, tuple[Callable[[], list[Entry]], dict[str, Any]]] = {
    "ordinary": (_ordinary, {}),
    "ten thousand messages": (_ten_thousand, {}),
    "every script": (_scripts, {}),
    "emoji families": (_families, {}),
    "no blank for 100,000 characters": (lambda: [entry(1, "x" * 100_000), entry(2, "after")], {}),
    "hostile characters": (lambda: [entry(n, t) for n, (t, _) in enumerate(HOSTILE.values(), 1)], {}),
    "photos": (_photos, {}),
    "payments and notes": (_payments_and_notes, {"internal_notes": True}),
    "redacted": (_ordinary, {"redact": Redaction(phone_numbers=True, client_name=True, messages=["e3"])}),
    "empty": (list, {}),
}


@cache
def golden(name: str) -> TranscriptDocument:
    """One of the set."""
    make, options = MAKERS[name]
    entries = make()
    ended = max((one.at_us for one in entries), default=START) + HOUR
    made = build_transcript(practice(), conversation(ended_us=ended), entries, **options)
    return TranscriptDocument(made, pictures=PICTURES.get, originals=_original)


def _original(digest: str) -> list[bytes] | None:
    content = ORIGINALS.get(digest)
    return None if content is None else [content[:100], content[100:]]
