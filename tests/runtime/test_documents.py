"""Every way to a transcript makes the same document: with the files, the fonts and the signature of the kit."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import made_files
import pytest
from desks import ANA, ANA_PHONE, BELLA, HAPPY_PAWS, KIM, World, world
from made_transcripts import HOSTILE
from same_bytes import hashes
from scripted_mailer import ScriptedMailer, mailing
from scripted_records import ScriptedRecords

import convokit
from convokit.errors import ConfigurationError
from convokit.transcripts import FORMATS
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.sealing import write_new_key
from convokit.transcripts.verifying import Expected, verify

FONTS = Path(convokit.__file__).parent / "transcripts" / "fonts"


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """A signing key's file, and its public half."""
    return tmp_path / "key.pem", write_new_key(tmp_path / "key.pem")


def with_a_photo(kit: convokit.Convokit) -> convokit.Conversation:
    kit.add_practice(HAPPY_PAWS)
    desk = kit.practice("happy-paws")
    found = desk.start(client=ANA, patient=BELLA, channel="app", by=KIM)
    desk.send(found.id, "Bella today", by=KIM, attachments=[desk.upload("bella.jpg", made_files.photo(), by=KIM)])
    return found


def test_a_transcript_has_the_pictures_the_fonts_and_the_signature(tmp_path: Path, key: tuple[Path, str]) -> None:
    settings = convokit.TranscriptSettings(fonts=[FONTS], key=key[0])
    with convokit.open(f"sqlite:///{tmp_path}/desk.db", transcripts=settings) as kit:
        found = with_a_photo(kit)
        document = kit.practice("happy-paws").transcript(found.id)
        pdf, page = document.pdf(), document.html()
        assert kit.documents.public_key == key[1]
    assert b"/DCTDecode" in pdf
    assert "data:image/jpeg" in page
    assert verify(BytesIO(pdf), Expected(public_key=key[1]), FontShelf([FONTS])).whole


@pytest.mark.parametrize("processes", [1, 2])
def test_an_export_makes_the_same_documents_in_every_process(
    tmp_path: Path, key: tuple[Path, str], processes: int
) -> None:
    settings = convokit.TranscriptSettings(key=key[0])
    with convokit.open(f"sqlite:///{tmp_path}/desk.db", transcripts=settings) as kit:
        found = with_a_photo(kit)
        kit.export_transcripts(tmp_path / "out", processes=processes)
        kit.export_transcripts(tmp_path / "zips", processes=processes, format="zip")
        wanted = kit.practice("happy-paws").transcript(found.id).pdf()
    (pdf,) = (tmp_path / "out").glob("*.pdf")
    assert pdf.read_bytes() == wanted
    assert b"/DCTDecode" in wanted
    (archive,) = (tmp_path / "zips").glob("*.zip")
    with zipfile.ZipFile(archive) as opened, archive.open("rb") as file:
        assert [name for name in opened.namelist() if name.startswith("files/")] == ["files/00002-1-bella.jpg"]
        assert verify(file, Expected(public_key=key[1])).whole


def test_files_that_only_this_process_has_are_exported_by_it_alone(tmp_path: Path) -> None:
    with convokit.open(f"sqlite:///{tmp_path}/desk.db", media="memory:") as kit:
        with_a_photo(kit)
        kit.export_transcripts(tmp_path / "out", processes=2)
    (pdf,) = (tmp_path / "out").glob("*.pdf")
    assert b"/DCTDecode" in pdf.read_bytes()


@pytest.fixture
def served(store_url: str, tmp_path: Path) -> Iterator[tuple[World, ScriptedMailer, ScriptedRecords]]:
    mailer, records = ScriptedMailer(), ScriptedRecords()
    with world(store_url, plugins=(mailer, records), media=f"folder:///{tmp_path}/files") as w:
        yield w, mailer, records


def test_what_is_mailed_and_filed_has_the_pictures_too(served: tuple[World, ScriptedMailer, ScriptedRecords]) -> None:
    w, mailer, records = served
    found = with_a_photo(w.kit)
    w.kit.add_practice(mailing(HAPPY_PAWS))
    desk = w.kit.practice("happy-paws")
    desk.end(found.id, by=KIM)
    w.settle()
    ((mailed,), (filed,)) = (mailer.sent[0].attachments, records.given)
    for content in (mailed.content, filed.content):
        assert b"/DCTDecode" in content
        assert verify(BytesIO(content)).whole


def test_one_place_of_fonts_may_be_given_as_it_is() -> None:
    assert convokit.TranscriptSettings(fonts="system").fonts == ("system",)
    assert convokit.TranscriptSettings(fonts=FONTS).fonts == (FONTS,)
    assert convokit.TranscriptSettings(fonts=["a", FONTS]).fonts == ("a", FONTS)


@pytest.mark.parametrize(
    ("settings", "code", "field"),
    [
        ("system", "transcript.settings", "transcripts"),
        (convokit.TranscriptSettings(fonts=7), "transcript.settings", "transcripts"),  # type: ignore[arg-type]
        (convokit.TranscriptSettings(fonts=[7]), "transcript.settings", "transcripts"),  # type: ignore[list-item]
        (convokit.TranscriptSettings(fonts=["no/such.ttf"]), "transcript.fonts", "transcripts.fonts"),
        (convokit.TranscriptSettings(key="no/such.pem"), "transcript.key", "key"),
        (convokit.TranscriptSettings(key=__file__), "transcript.key", "key"),
        (convokit.TranscriptSettings(key=7), "transcript.key", "key"),  # type: ignore[arg-type]
    ],
)
def test_p18_settings_that_cannot_be_open_nothing(tmp_path: Path, settings: object, code: str, field: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open(f"sqlite:///{tmp_path}/desk.db", transcripts=settings)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == (code, field)
    assert list(tmp_path.glob("desk.db-*")) == []  # nothing is still open


@cache
def picture() -> bytes:
    """One photo; another has other noise in it."""
    return made_files.photo()


def written_on(url: str, media: Path) -> list[dict[str, str]]:
    """The hashes of two conversations, in all formats, after the same day on a store."""
    with world(url, media=f"folder:///{media}/files") as made:
        texts = made.desk.start(client=ANA, patient=BELLA, channel="sms", title="Größe \U0001f436", by=KIM)
        made.desk.send(texts.id, "Bella's results are in.", by=KIM)
        made.settle()
        for text, _ in HOSTILE.values():
            made.carrier.phone(ANA_PHONE).text(HAPPY_PAWS.numbers[0], text)
        made.settle()
        made.desk.note(texts.id, "Call her tomorrow.", by=KIM)
        made.desk.end(texts.id, by=KIM)
        photos = made.desk.start(client=ANA, patient=BELLA, channel="app", by=KIM)
        for name, content in (("bella.jpg", picture()), ("labs.pdf", made_files.pdf())):
            made.desk.send(photos.id, name, by=KIM, attachments=[made.desk.upload(name, content, by=KIM)])
        made.settle()
        return [hashes(made.desk.transcript(one.id, internal_notes=True)) for one in (texts, photos)]


def test_p14_the_same_day_gives_the_same_bytes_on_every_store(store_url: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    memory = written_on("memory:", tmp_path / "other")
    assert [set(found) for found in memory] == [set(FORMATS)] * 2
    assert written_on(store_url, tmp_path) == memory
