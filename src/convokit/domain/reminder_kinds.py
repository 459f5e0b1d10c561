"""The kinds of reminder that are known, with an emoji and a label for each: the one table of them.

Every emoji is of Emoji 12 (2019) or older, so that the front desk's computers have it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from attrs import frozen

LONGEST_EMOJI: Final = 16
_EMOJI_MARKS: Final = "\u20e3\ufe0f"
_SEPARATORS: Final = str.maketrans(dict.fromkeys("_-‐‑–—/&+", " "))


@frozen(kw_only=True)
class ReminderKind:
    """A kind of reminder.

    Attributes:
        kind: its name, in the form of :func:`kind_key`.
        label: for the screen reader, and for everybody who wonders what the emoji means.
        others: further names of the same kind.
    """

    kind: str
    emoji: str
    label: str
    others: tuple[str, ...] = ()


OTHER: Final = "other"
"""The kind whose emoji stands for every kind that is not known."""

KINDS: Final = (
    ReminderKind(
        kind="vaccination",
        emoji="💉",
        label="Vaccination",
        others=("vaccine", "vaccines", "vaccinations", "shot", "shots", "booster", "immunization", "immunisation"),
    ),
    ReminderKind(
        kind="rabies", emoji="🦇", label="Rabies vaccination", others=("rabies vaccine", "rabies vaccination")
    ),
    ReminderKind(
        kind="distemper",
        emoji="💉",
        label="Distemper combination vaccination (dogs)",
        others=("dhpp", "dapp", "da2pp", "dhlpp"),
    ),
    ReminderKind(kind="fvrcp", emoji="💉", label="Combination vaccination (cats)", others=("rcp",)),
    ReminderKind(kind="bordetella", emoji="💉", label="Kennel cough vaccination", others=("kennel cough",)),
    ReminderKind(kind="leptospirosis", emoji="💉", label="Leptospirosis vaccination", others=("lepto",)),
    ReminderKind(kind="lyme", emoji="💉", label="Lyme disease vaccination", others=("lyme disease",)),
    ReminderKind(kind="feline leukemia", emoji="💉", label="Feline leukemia vaccination", others=("felv",)),
    ReminderKind(
        kind="wellness exam",
        emoji="🩺",
        label="Wellness exam",
        others=(
            "wellness",
            "wellness check",
            "wellness visit",
            "annual exam",
            "exam",
            "physical exam",
            "checkup",
            "check up",
        ),
    ),
    ReminderKind(
        kind="dental",
        emoji="🦷",
        label="Dental care",
        others=("dental cleaning", "dental exam", "dentistry", "teeth cleaning"),
    ),
    ReminderKind(kind="heartworm test", emoji="💗", label="Heartworm test", others=("heartworm",)),
    ReminderKind(
        kind="heartworm prevention",
        emoji="🛡️",
        label="Heartworm prevention",
        others=("heartworm preventive", "heartworm preventative"),
    ),
    ReminderKind(
        kind="flea tick",
        emoji="🕷️",
        label="Flea and tick prevention",
        others=("flea", "tick", "flea and tick", "flea tick prevention", "flea and tick prevention"),
    ),
    ReminderKind(kind="deworming", emoji="🐛", label="Deworming", others=("dewormer", "worming")),
    ReminderKind(
        kind="fecal test",
        emoji="💩",
        label="Fecal test",
        others=("fecal", "fecal exam", "faecal test", "stool test", "stool sample"),
    ),
    ReminderKind(kind="bloodwork", emoji="🩸", label="Bloodwork", others=("blood work", "blood test", "blood panel")),
    ReminderKind(kind="lab test", emoji="🧪", label="Lab test", others=("lab", "labs", "lab work", "urinalysis")),
    ReminderKind(
        kind="senior screening",
        emoji="🎂",
        label="Senior screening",
        others=("senior", "senior exam", "senior wellness", "geriatric screening"),
    ),
    ReminderKind(
        kind="surgery follow up",
        emoji="🩹",
        label="Surgery follow-up",
        others=("surgery followup", "post op", "post op check", "suture removal", "stitches"),
    ),
    ReminderKind(kind="recheck", emoji="🔁", label="Recheck", others=("recheck exam", "follow up", "followup")),
    ReminderKind(
        kind="medication refill",
        emoji="💊",
        label="Medication refill",
        others=("medication", "refill", "prescription", "prescription refill"),
    ),
    ReminderKind(
        kind="spay neuter",
        emoji="✂️",
        label="Spay or neuter",
        others=("spay", "neuter", "spay or neuter", "castration", "sterilization"),
    ),
    ReminderKind(kind="microchip", emoji="🏷️", label="Microchip", others=("chip", "microchipping")),
    ReminderKind(
        kind="weight check", emoji="⚖️", label="Weight check", others=("weight", "weigh in", "nutrition check")
    ),
    ReminderKind(kind="grooming", emoji="🛁", label="Grooming", others=("groom", "bath")),
    ReminderKind(kind="nail trim", emoji="🐾", label="Nail trim", others=("nails", "nail clip")),
    ReminderKind(kind=OTHER, emoji="🔔", label="Reminder", others=("reminder",)),
)

BY_KIND: Final[Mapping[str, ReminderKind]] = {found.kind: found for found in KINDS}
_KEYS: Final = {name: found.kind for found in KINDS for name in (found.kind, *found.others)}


def kind_key(kind: str) -> str:
    """The kind that ``kind`` names: case, blanks, ``_ - / & +`` and the other names of the table make no difference."""
    words = " ".join(unicodedata.normalize("NFKC", kind).casefold().translate(_SEPARATORS).split())
    return _KEYS.get(words, words)


def is_emoji(text: str) -> bool:
    """Whether ``text`` may stand as an emoji: at most 16 characters without a blank, with a symbol among them."""
    if len(text) > LONGEST_EMOJI or any(c.isspace() or unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        return False
    return any(map(_is_symbol, text))


def _is_symbol(character: str) -> bool:
    # Emoji that are newer than this Python's tables have no category yet, but they all come from this block.
    if "\U0001f000" <= character <= "\U0001ffff" or character in _EMOJI_MARKS:
        return True
    return character > "\x7f" and unicodedata.category(character) == "So"
