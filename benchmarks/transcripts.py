"""A transcript as PDF beside three ways to draw the same conversation: time of whole processes, and memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Final

from harness import Check, Effort, Figure, Goal, Report, Side, Times, compare, race

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import MINUTE
from convokit.domain.rules import Practice
from convokit.domain.transcript_building import build_transcript
from convokit.media.child import convert
from convokit.transcripts import TranscriptDocument

_SIDES: Final = Path(__file__).with_name("transcript_sides.py")
_PHOTOS: Final = 20
_NAMES: Final = {"naive_fpdf2": "fpdf2, as its tutorial does it", "reportlab": "reportlab", "weasyprint": "WeasyPrint"}
_OURS: Final = "ours"
_WITH_PHOTOS: Final = "ours_with_photos"
_NAIVE: Final = "naive_fpdf2"
_GOALS: Final = {"naive_fpdf2": 0.6, "reportlab": 0.6, "weasyprint": 0.4}
_SMALL_GOALS: Final = {"naive_fpdf2": Goal("<=", 0.6), "weasyprint": Goal("<=", 0.4)}
"""None for reportlab: the yardstick is a conversation as it came, and somebody has shrunk the pictures here."""
_LATIN: Final = (
    "Bella's results are in and look fine. Please call us when you have a quiet moment. Is 5 pm still ok for it? "
    "She ate well, slept all night, and her temperature was 38.5 this morning. Größe naïve Łódź “It’s time” — €5 ½. "
).split()
_EMOJI: Final = "🐶 👍 😀 🐱 🎉".split()
_START: Final = 1_700_000_000_000_000


def run(effort: Effort) -> Report:
    """A thousand mixed messages with photos as they come; with small pictures made before; then ten thousand messages.

    A peer that is not installed is left out.
    """
    few, many, photos = effort.of(1_000, 300, 20), effort.of(10_000, 3_000, 60), effort.of(_PHOTOS, _PHOTOS, 2)
    with tempfile.TemporaryDirectory() as folder:
        plain = _Made(Path(folder) / "plain", few, emoji=0.0, photos=photos)
        mixed = _Made(Path(folder) / "mixed", few, emoji=0.2, photos=photos)
        long = _Made(Path(folder) / "long", many, emoji=0.0, photos=photos)
        there = {name: named for name, named in _NAMES.items() if name == _NAIVE or find_spec(name) is not None}
        sides = {f"photos, {name}": mixed.side(name, photos=True) for name in (_WITH_PHOTOS, *there)}
        sides |= {name: plain.side(name) for name in (_OURS, *there)}
        sides |= {"mixed": mixed.side(_OURS), "mixed, naive": mixed.side(_NAIVE), "long": long.side(_OURS)}
        if "reportlab" in there:
            sides["long, reportlab"] = long.side("reportlab")
        if not effort.smoke:
            race(sides, rounds=1)  # what comes first pays for cold files
        times = race(sides, rounds=effort.of(5, 3, 1))
        more = long.memory(_OURS) - plain.memory(_OURS)
    figures = _figures(times, there, few, many, photos)
    check = Check(what=f"{many:,} messages take at most 25 MiB more memory than {few:,}", holds=more <= 25 * 1024)
    gone = tuple(f"not installed: {_NAMES[name]}" for name in _NAMES if name not in there)
    return Report(figures=figures, checks=(check,), notes=(f"{more / 1024:.1f} MiB more", *gone))


def _figures(times: Times, there: Mapping[str, str], few: int, many: int, photos: int) -> tuple[Figure, ...]:
    messages, more = f"{few:,} messages", f"{many:,} messages"
    came, small = f"{few:,} mixed messages, {photos} photos as they came", f"{messages}, {photos} small pictures"
    ours = f"photos, {_WITH_PHOTOS}"
    figures = [
        compare(times, ours, f"photos, {name}", what=came, goal=Goal("<=", _GOALS[name]), named=named)
        for name, named in there.items()
    ]
    figures += [
        compare(times, _OURS, name, what=small, goal=_SMALL_GOALS.get(name), named=named)
        for name, named in there.items()
    ]
    emoji = f"{small}, a fifth with emoji"
    figures.append(compare(times, "mixed", "mixed, naive", what=emoji, goal=Goal("<=", 0.85), named=_NAMES[_NAIVE]))
    figures.append(compare(times, "long", _OURS, what=more, goal=Goal("<=", 11), named=messages))
    if "reportlab" in there:
        figures.append(compare(times, "long", "long, reportlab", what=more, named="reportlab"))
    return tuple(figures)


class _Made:
    """A made conversation on disk, and the processes that draw it."""

    def __init__(self, folder: Path, messages: int, *, emoji: float, photos: int) -> None:
        self._record = folder / "record.json"
        self._pictures, self._photos = folder / "pictures", folder / "photos"
        self._pictures.mkdir(parents=True)
        self._photos.mkdir()
        seeded = random.Random(8)  # noqa: S311 - the same conversation each time
        made = [self._photo(number, seeded) for number in range(photos)]
        entries = [_entry(seq, messages, made, emoji, seeded) for seq in range(1, messages + 1)]
        conversation = Conversation(
            id="c1", channel="sms", sender="+13035550100", address="+13035550123", title="Lab results",
            client_name="Ana Ruiz", patient_name="Bella", team_member="Dr. Kim", started_us=_START, last_us=_START,
        )  # fmt: skip
        practice = Practice(id="hp", name="Happy Paws", time_zone="America/Denver", region="US")
        self._record.write_text(TranscriptDocument(build_transcript(practice, conversation, entries)).json(), "ascii")

    def _photo(self, number: int, seeded: random.Random) -> tuple[bytes, bytes]:
        """A photo as a phone sends it by text, about 600 kB, and the small picture that convokit makes of it."""
        from PIL import Image, ImageFilter

        noise = Image.frombytes("RGB", (200, 150), seeded.randbytes(90_000)).resize((1600, 1200))
        came = self._photos / f"{number}.jpg"
        noise.filter(ImageFilter.SMOOTH).save(came, "JPEG", quality=90)
        with came.open("rb") as source, BytesIO() as result:
            told = convert(source, "image/jpeg", result)
            small = result.getvalue()[told["main"] :]
        (self._pictures / f"{number}.jpg").write_bytes(small)
        return came.read_bytes(), small

    def command(self, side: str, out: Path, *, photos: bool = False) -> list[str]:
        pictures = self._photos if photos else self._pictures
        return [sys.executable, str(_SIDES), side, str(self._record), str(pictures), str(out)]

    def side(self, name: str, *, photos: bool = False) -> Side:
        out = self._record.with_name(f"{name}.pdf")

        def work(_: int) -> object:
            return subprocess.run(self.command(name, out, photos=photos), check=True, capture_output=True)

        return lambda: nullcontext(work)

    def memory(self, name: str) -> int:
        """The most memory that the process had, KiB."""
        process = subprocess.Popen(self.command(name, self._record.with_name("memory.pdf")))
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = code
        return used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024


def _entry(seq: int, of: int, photos: list[tuple[bytes, bytes]], emoji: float, seeded: random.Random) -> Entry:
    words = seeded.choices(_LATIN, k=seeded.randint(3, 45))
    if seeded.random() < emoji:
        words.append(seeded.choice(_EMOJI))
    every = of // len(photos)
    files = (_file(*photos[seq // every - 1], seq),) if seq % every == 0 and seq // every <= len(photos) else ()
    ours = seq % 2 == 0
    return Entry(
        id=f"e{seq}", conversation_id="c1", seq=seq, at_us=_START + seq * 37 * MINUTE, kind="message",
        side="practice" if ours else "client", channel="sms", text=" ".join(words),
        author_name="Dr. Kim" if ours else "Ana Ruiz", delivery=Delivery.DELIVERED if ours else None, attachments=files,
    )  # fmt: skip


def _file(photo: bytes, small: bytes, seq: int) -> Attachment:
    return Attachment(
        id=f"f{seq}", name=f"photo {seq}.jpg", kind="photo", media_type="image/jpeg", size=len(photo),
        sha256=sha256(photo).hexdigest(), width=1600, height=1200, thumbnail=sha256(small).hexdigest(),
    )  # fmt: skip
