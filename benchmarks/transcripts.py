"""A transcript as PDF beside three ways to draw the same conversation: time of whole processes, and memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Final

from harness import Check, Effort, Goal, Report, Side, compare, race

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import MINUTE
from convokit.domain.rules import Practice
from convokit.domain.transcript_building import build_transcript
from convokit.transcripts import TranscriptDocument

_SIDES: Final = Path(__file__).with_name("transcript_sides.py")
_PHOTOS: Final = 20
_NAMES: Final = {"naive_fpdf2": "fpdf2, as its tutorial does it", "reportlab": "reportlab", "weasyprint": "WeasyPrint"}
_OURS: Final = "ours"
_NAIVE: Final = "naive_fpdf2"
_GOALS: Final = {"naive_fpdf2": 0.6, "reportlab": 0.6, "weasyprint": 0.4}
_LATIN: Final = (
    "Bella's results are in and look fine. Please call us when you have a quiet moment. Is 5 pm still ok for it? "
    "She ate well, slept all night, and her temperature was 38.5 this morning. Größe naïve Łódź “It’s time” — €5 ½. "
).split()
_EMOJI: Final = "🐶 👍 😀 🐱 🎉".split()
_START: Final = 1_700_000_000_000_000


def run(effort: Effort) -> Report:
    """A thousand messages, then ten thousand; the same with emoji. A peer that is not installed is left out."""
    few, many = effort.of(1_000, 300, 20), effort.of(10_000, 3_000, 60)
    with tempfile.TemporaryDirectory() as folder:
        plain = _Made(Path(folder) / "plain", few, emoji=0.0)
        mixed = _Made(Path(folder) / "mixed", few, emoji=0.2)
        long = _Made(Path(folder) / "long", many, emoji=0.0)
        there = {name: named for name, named in _NAMES.items() if name == _NAIVE or find_spec(name) is not None}
        sides = {name: plain.side(name) for name in (_OURS, *there)}
        sides |= {"mixed": mixed.side(_OURS), "mixed, naive": mixed.side(_NAIVE), "long": long.side(_OURS)}
        if "reportlab" in there:
            sides["long, reportlab"] = long.side("reportlab")
        if not effort.smoke:
            race(sides, rounds=1)  # what comes first pays for cold files
        times = race(sides, rounds=effort.of(7, 3, 1))
        more = long.memory(_OURS) - plain.memory(_OURS)
    what = f"{few:,} messages, {_PHOTOS} photos"
    figures = [
        compare(times, _OURS, name, what=what, goal=Goal("<=", _GOALS[name]), named=named)
        for name, named in there.items()
    ]
    emoji, naive = f"{what}, a fifth with emoji", _NAMES[_NAIVE]
    figures.append(compare(times, "mixed", "mixed, naive", what=emoji, goal=Goal("<=", 0.85), named=naive))
    growth, fewer = f"{many:,} messages", f"{few:,} messages"
    figures.append(compare(times, "long", _OURS, what=growth, goal=Goal("<=", 11), named=fewer))
    if "reportlab" in there:
        figures.append(compare(times, "long", "long, reportlab", what=growth, named="reportlab"))
    check = Check(what=f"{growth} take at most 25 MiB more memory than {fewer}", holds=more <= 25 * 1024)
    gone = tuple(f"not installed: {_NAMES[name]}" for name in _NAMES if name not in there)
    return Report(figures=tuple(figures), checks=(check,), notes=(f"{more / 1024:.1f} MiB more", *gone))


class _Made:
    """A made conversation on disk, and the processes that draw it."""

    def __init__(self, folder: Path, messages: int, *, emoji: float) -> None:
        self._record = folder / "record.json"
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True)
        seeded = random.Random(8)  # noqa: S311 - the same conversation each time
        digests = [self._photo(number, seeded) for number in range(_PHOTOS)]
        entries = [_entry(seq, messages, digests, emoji, seeded) for seq in range(1, messages + 1)]
        conversation = Conversation(
            id="c1", channel="sms", sender="+13035550100", address="+13035550123", title="Lab results",
            client_name="Ana Ruiz", patient_name="Bella", team_member="Dr. Kim", started_us=_START, last_us=_START,
        )  # fmt: skip
        practice = Practice(id="hp", name="Happy Paws", time_zone="America/Denver", region="US")
        self._record.write_text(TranscriptDocument(build_transcript(practice, conversation, entries)).json(), "ascii")

    def _photo(self, number: int, seeded: random.Random) -> str:
        """A small picture, as convokit makes them of photos."""
        from PIL import Image, ImageFilter

        noise = Image.frombytes("RGB", (40, 30), seeded.randbytes(3600)).resize((320, 240))
        kept = BytesIO()
        noise.filter(ImageFilter.SMOOTH).save(kept, "JPEG", quality=80)
        (self._pictures / f"{number}.jpg").write_bytes(kept.getvalue())
        return sha256(kept.getvalue()).hexdigest()

    def command(self, side: str, out: Path) -> list[str]:
        return [sys.executable, str(_SIDES), side, str(self._record), str(self._pictures), str(out)]

    def side(self, name: str) -> Side:
        out = self._record.with_name(f"{name}.pdf")

        def work(_: int) -> object:
            return subprocess.run(self.command(name, out), check=True, capture_output=True)

        return lambda: nullcontext(work)

    def memory(self, name: str) -> int:
        """The most memory that the process had, KiB."""
        process = subprocess.Popen(self.command(name, self._record.with_name("memory.pdf")))
        _, code, used = os.wait4(process.pid, 0)
        process.returncode = code
        return used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024


def _entry(seq: int, of: int, digests: list[str], emoji: float, seeded: random.Random) -> Entry:
    words = seeded.choices(_LATIN, k=seeded.randint(3, 45))
    if seeded.random() < emoji:
        words.append(seeded.choice(_EMOJI))
    every = of // len(digests)
    files = (_file(digests[seq // every - 1], seq),) if seq % every == 0 and seq // every <= len(digests) else ()
    ours = seq % 2 == 0
    return Entry(
        id=f"e{seq}", conversation_id="c1", seq=seq, at_us=_START + seq * 37 * MINUTE, kind="message",
        side="practice" if ours else "client", channel="sms", text=" ".join(words),
        author_name="Dr. Kim" if ours else "Ana Ruiz", delivery=Delivery.DELIVERED if ours else None, attachments=files,
    )  # fmt: skip


def _file(digest: str, seq: int) -> Attachment:
    return Attachment(
        id=f"f{seq}", name=f"photo {seq}.jpg", kind="photo", media_type="image/jpeg", size=2_345_678, sha256="ab" * 32,
        width=1600, height=1200, thumbnail=digest,
    )  # fmt: skip
