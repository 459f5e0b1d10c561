"""Whether what was filed is whole: every change is found, in every format, and nothing else is called one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from importlib import resources
from io import BytesIO
from pathlib import Path

import made_transcripts
import pytest
from command import convokit
from golden import golden
from made_transcripts import document, entry

from convokit.errors import InvalidInput
from convokit.transcripts import pdf_metadata, versions
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.verifying import Expected, verify

PDF = golden("photos").pdf()


def archive() -> bytes:
    kept = BytesIO()
    golden("photos").zip(kept)
    return kept.getvalue()


def is_whole(content: bytes) -> bool:
    try:
        return verify(BytesIO(content)).whole
    except InvalidInput:
        return False


@pytest.mark.parametrize(("name", "changes"), [("pdf", 10_000), ("zip", 250)])
def test_p14_random_changes_of_a_file_are_all_found(name: str, changes: int) -> None:
    seed, original = 20_261_128, PDF if name == "pdf" else archive()
    chance, missed = random.Random(seed), []
    for number in range(changes):
        changed = bytearray(original)
        at = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at]
            case _:
                changed.insert(at, chance.randrange(256))
        if bytes(changed) != original and is_whole(bytes(changed)):
            missed.append((seed, number, at))
    assert missed == []


def sealed_again(content: bytes) -> bytes:
    """What a forger does who knows how the id is made."""
    start = content.rindex(b"/ID [<")
    return bytes(
        pdf_metadata.sealed(
            bytearray(content[:start] + pdf_metadata._PLACE + content[content.index(b"]", start) + 1 :])
        )
    )


def test_p14_a_forged_page_with_a_new_id_is_found() -> None:
    """A page says something else than the record: the id holds, the pages drawn again do not."""
    plain = golden("ordinary").pdf()
    at = plain.index(b"/Title (Saturday, March 8, 2025)")
    forged = sealed_again(plain[:at] + plain[at:].replace(b"March 8", b"March 7", 1))
    assert pdf_metadata.is_sealed(forged)
    found = verify(BytesIO(forged))
    assert not found.whole
    assert found.why == "the record inside is whole, but the file around it was changed"


def test_p14_a_check_of_the_id_alone_would_miss_a_forged_page() -> None:
    """The harness catches its mutant."""
    at = PDF.index(b"/Title (")
    assert pdf_metadata.is_sealed(sealed_again(PDF[:at] + PDF[at:].replace(b"March", b"Marhc", 1)))


def with_producer(content: bytes, before: bytes, after: bytes) -> bytes:
    """What a forger does who has found out that other versions are told apart."""
    found = content.index(b"<pdf:Producer>")
    at = content.index(before, found)
    assert len(before) == len(after)
    return sealed_again(content[:at] + after + content[at + len(before) :])


def blanked(content: bytes) -> bytes:
    """The same file with nothing on its first page."""
    at = content.index(b"stream\n", content.index(b"/Contents"))
    header = content.rindex(b"/Length ", 0, at)
    length = int(content[header + len(b"/Length ") : content.index(b"\n", header)])
    start = at + len(b"stream\n")
    blank = zlib.compress(b"", 0)
    filled = blank + bytes(length - len(blank))  # what is behind the end of the packed page is not read
    return content[:start] + filled + content[start + length :]


@pytest.mark.parametrize("forge", [lambda content: content, blanked], ids=["same pages", "blank page"])
def test_p14_pages_of_another_version_are_never_called_whole(forge: Callable[[bytes], bytes]) -> None:
    forged = with_producer(forge(PDF), b"fpdf2 2.", b"fpdf2 9.")
    assert pdf_metadata.is_sealed(forged)
    assert (forged == with_producer(PDF, b"fpdf2 2.", b"fpdf2 9.")) == (forge(PDF) == PDF)
    found = verify(BytesIO(forged))
    assert (found.whole, found.outcome) == (False, "record_only")
    assert found.why.startswith("the record is whole, but the pages could not be compared with it, ")
    assert "; fpdf2 9." in found.why
    assert (found.head, found.count) == (golden("photos").transcript.head, 3)
    assert not any("pages" in note for note in found.notes)


def test_p14_what_claims_other_versions_must_have_the_id_of_its_bytes() -> None:
    assert verify(BytesIO(PDF.replace(b"fpdf2 2.", b"fpdf2 9.", 1))).outcome == "changed"


def test_p14_a_pdf_of_older_data_is_whole_when_its_pages_are_the_same() -> None:
    """Zones change several times a year; hardly ever one that is in a record."""
    here = versions.zone_data("America/Denver")
    older = with_producer(PDF, f"tzdata {here}".encode(), b"tzdata 1999a")
    found = verify(BytesIO(older))
    assert (found.whole, found.outcome, found.why) == (True, "whole", "")
    (note,) = found.notes
    assert note.startswith("Its pages are those that its record gives, though they were drawn with tzdata 1999a, Unic")
    assert verify(BytesIO(with_producer(blanked(PDF), f"tzdata {here}".encode(), b"tzdata 1999a"))).outcome == (
        "record_only"
    )
    assert verify(BytesIO(with_producer(PDF, f"tzdata {here}".encode(), b"tzdata <b>&a"))).outcome != "whole"


def test_p14_an_unchanged_pdf_is_never_called_changed_with_other_zone_data(tmp_path: Path) -> None:
    """A zone moved its clocks, and the data of the one who filed did not know yet: another time stands on the page."""
    place = tmp_path / "America"
    place.mkdir()
    shutil.copy(zone_file("America/New_York"), place / "Denver")
    (tmp_path / "tzdata.zi").write_text("# version 2015a\n")
    code = "import sys; from golden import golden; sys.stdout.buffer.write(golden('ordinary').pdf())"
    made = in_other_zone_data(tmp_path, code)
    assert b"; tzdata 2015a; Unicode " in made
    assert made != golden("ordinary").pdf()
    found = verify(BytesIO(made))
    assert found.outcome == "record_only"
    assert "; tzdata 2015a; Unicode " in found.why


def test_zone_data_that_do_not_say_their_release_are_known_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "America").mkdir()
    shutil.copy(zone_file("America/Denver"), tmp_path / "America" / "Denver")
    code = "from convokit.transcripts import versions; print(versions.zone_data('America/Denver'))"
    digest = hashlib.sha256(zone_file("America/Denver").read_bytes()).hexdigest()[:16]
    assert in_other_zone_data(tmp_path, code).decode().strip() == digest
    assert re.fullmatch("[0-9]{4}[a-z]{1,2}", in_other_zone_data(tmp_path / "none", code).decode().strip())
    (tmp_path / "tzdata.zi").write_text("# no version\n")
    assert in_other_zone_data(tmp_path, code).decode().strip() == digest


def zone_file(zone: str) -> Path:
    return Path(str(resources.files("tzdata") / "zoneinfo")) / zone


def in_other_zone_data(folder: Path, code: str) -> bytes:
    """What a process prints that finds its time zones in a folder."""
    world = {**os.environ, "PYTHONTZPATH": str(folder), "PYTHONPATH": str(Path(made_transcripts.__file__).parent)}
    return subprocess.run([sys.executable, "-c", code], env=world, check=True, capture_output=True).stdout


def test_what_a_file_tells_of_its_making_cannot_move_the_cursor() -> None:
    found = verify(BytesIO(with_producer(PDF, b"fpdf2 2.", b"\x1b[2Jpdf2")))
    assert found.outcome == "record_only"
    assert "[U+001B][2Jpdf2" in found.why


def test_where_the_record_inside_differs_is_said() -> None:
    at = PDF.index(b"/Type /EmbeddedFile\n>>\nstream\n") + len(b"/Type /EmbeddedFile\n>>\nstream\n")
    packed = zlib.decompressobj()
    record = packed.decompress(PDF[at:])
    changed = zlib.compress(record.replace(b"Three photos", b"Three fotos!", 1))
    end = PDF.index(b"\nendstream", at)
    before = PDF[:at].replace(b"/Length %d\n" % (end - at), b"/Length %d\n" % len(changed))
    found = verify(BytesIO(before + changed + PDF[end:]))
    assert (found.whole, found.position) == (False, 1)
    assert found.why == "the record inside: line 1 was changed, moved, added, or stands where one was removed"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\n/Length 9\n/Type /EmbeddedFile\n>>\nstream\nnot zlib!\nendstream",
        b"%PDF-1.7\n/Length 20\n/Type /EmbeddedFile\n>>\nstream\n" + zlib.compress(b"x" * 99)[:9],
        b"PK\x03\x04",
        b"PK\x03\x04" + os.urandom(500),
        b"",
        b"%PDF",
    ],
)
def test_what_is_no_transcript_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        verify(BytesIO(content))
    assert (caught.value.code, caught.value.field) == ("transcript.unreadable", "file")


def test_a_record_that_would_unpack_to_gigabytes_is_refused() -> None:
    packer, packed = zlib.compressobj(9), bytearray()
    for _ in range(300):
        packed += packer.compress(bytes(1 << 20))
    packed += packer.flush()
    bomb = b"%%PDF-1.7\n/Length %d\n/Type /EmbeddedFile\n>>\nstream\n" % len(packed) + bytes(packed)
    with pytest.raises(InvalidInput):
        verify(BytesIO(bomb))


def changed_archive(**members: bytes | None) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(BytesIO(archive())) as before, zipfile.ZipFile(kept, "w") as after:
        for info in before.infolist():
            content = members.get(
                info.filename.replace("/", "_").replace(".", "_").replace("-", "_"), before.read(info)
            )
            if content is not None:
                after.writestr(info, content)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({"files_00002_1_e_vil_jpg": b"x"}, "files/00002-1-e-vil.jpg is not the file that was sent"),
        ({"transcript_txt": b"All well."}, "transcript.txt is not what the record gives"),
        ({"transcript_html": b"<p>"}, "transcript.html is not what the record gives"),
        ({"transcript_pdf": golden("ordinary").pdf()}, "transcript.pdf has another record inside than transcript.json"),
        ({"transcript_pdf": PDF[:-1] + b" "}, "transcript.pdf: the record inside is whole, but the file around it was"),
    ],
    ids=["file", "text", "html", "another pdf", "changed pdf"],
)
def test_what_differs_in_an_archive_is_named(members: dict[str, bytes], why: str) -> None:
    found = verify(BytesIO(changed_archive(**members)))
    assert not found.whole
    assert found.why.startswith(why)


OTHER = with_producer(PDF, b"fpdf2 2.", b"fpdf2 9.")
OTHER_DATA = with_producer(PDF, f"tzdata {versions.zone_data('America/Denver')}".encode(), b"tzdata 1999a")


def test_p14_text_and_html_beside_pages_of_another_version_are_compared() -> None:
    """Neither depends on what draws pages."""
    found = verify(BytesIO(changed_archive(transcript_pdf=OTHER)))
    assert (found.outcome, found.why[:50]) == ("record_only", "the record is whole, but the pages could not be co")
    assert found.notes == ("transcript.html and transcript.txt are those that its record gives.",)
    for suffix in ("txt", "html"):
        forged = changed_archive(transcript_pdf=OTHER, **{f"transcript_{suffix}": b"All well."})
        found = verify(BytesIO(forged))
        assert (found.outcome, found.why) == ("changed", f"transcript.{suffix} is not what the record gives")
    found = verify(BytesIO(changed_archive(transcript_pdf=OTHER, files_00002_1_e_vil_jpg=b"x")))
    assert found.why == "files/00002-1-e-vil.jpg is not the file that was sent"


def test_p14_text_and_html_of_other_data_are_not_called_changed_nor_whole() -> None:
    found = verify(BytesIO(changed_archive(transcript_pdf=OTHER_DATA, transcript_txt=b"All well.")))
    assert found.outcome == "record_only"
    assert found.why.startswith("the record is whole, but transcript.txt could not be compared with it, ")
    other = with_producer(OTHER, b"look 1;", b"look 9;")
    found = verify(BytesIO(changed_archive(transcript_pdf=other, transcript_html=b"All well.")))
    assert found.why.startswith(
        "the record is whole, but the pages and transcript.html could not be compared with it, "
    )
    found = verify(BytesIO(changed_archive(transcript_pdf=OTHER_DATA)))
    assert found.why == "the record is whole, but the archive around it was changed"  # packed anew by others


def test_p14_pictures_that_another_version_embeds_in_another_way_are_found_in_the_html() -> None:
    other = sealed_again(OTHER.replace(b"/Filter /DCTDecode\n", b"/Filter/DCTDecode \n"))
    found = verify(BytesIO(changed_archive(transcript_pdf=other)))
    assert found.notes == ("transcript.html and transcript.txt are those that its record gives.",)


def test_what_does_not_belong_into_an_archive_is_named() -> None:
    kept = BytesIO(archive())
    with zipfile.ZipFile(kept, "a") as more:
        more.writestr("read me\x1b.txt", "All well.")
    kept.seek(0)
    found = verify(kept)
    assert (found.outcome, found.why) == ("changed", "read me[U+001B].txt is no part of it, or there twice")
    kept = BytesIO(archive())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(kept, "a") as more:
        more.writestr("transcript.txt", golden("photos").text())
    kept.seek(0)
    assert verify(kept).why == "transcript.txt is no part of it, or there twice"


def test_an_archive_without_its_documents_is_none() -> None:
    with pytest.raises(InvalidInput):
        verify(BytesIO(changed_archive(transcript_html=None)))


def test_an_archive_without_a_file_says_so() -> None:
    """Files may be erased by law; whoever has the archive is told how many are missing."""
    found = verify(BytesIO(changed_archive(files_00001_4_Labs_of_March_pdf=None)))
    assert not found.whole or "1 of its files are not in the archive." in found.notes


@pytest.mark.parametrize("content", [PDF, archive(), golden("photos").record()], ids=["pdf", "zip", "json"])
def test_what_was_kept_is_compared(content: bytes) -> None:
    made = golden("photos").transcript
    assert verify(BytesIO(content), Expected(head=made.head, count=made.count)).whole
    assert not verify(BytesIO(content), Expected(head="0" * 64)).whole
    assert not verify(BytesIO(content), Expected(count=made.count + 1)).whole


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_says_that_it_is_whole(tmp_path: Path) -> None:
    for suffix in ("pdf", "zip", "json"):
        file = golden("photos").write(tmp_path / f"t.{suffix}")
        done = convokit("transcript", "verify", str(file))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{file}: whole and unchanged, 3 entries, SHA-256 chain ends in ")
        assert ("Its pages are those that its record gives.\n" in done.stdout) == (suffix != "json")


def test_the_command_says_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "t.pdf"
    file.write_bytes(PDF[:-1] + b" ")
    done = convokit("transcript", "verify", str(file), "--json")
    assert done.returncode == 1
    assert '"whole": false' in done.stdout
    done = convokit("transcript", "verify", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert "not as it was written: the record inside is whole, but the file around it was changed" in done.stderr


def test_the_command_says_that_the_pages_were_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "t.pdf"
    file.write_bytes(with_producer(blanked(PDF), b"fpdf2 2.", b"fpdf2 9."))
    done = convokit("transcript", "verify", str(file))
    assert done.returncode == 5
    assert done.stdout.startswith(f"{file}: only its record is whole, 3 entries, SHA-256 chain ends in ")
    assert "unchanged" not in done.stdout
    assert done.stderr.startswith(f"convokit: {file}: not compared: the record is whole, but the pages could not be ")
    done = convokit("transcript", "verify", str(file), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["whole"], told["outcome"]) == (5, False, "record_only")


def test_a_font_that_is_missing_is_told(tmp_path: Path) -> None:
    from attrs import evolve
    from font_files import droid

    shelf = FontShelf([droid()])
    made = evolve(document(entry(1, "你好")), fonts=shelf).pdf()
    assert verify(BytesIO(made), fonts=shelf).notes == ("Its pages are those that its record gives.",)
    found = verify(BytesIO(made))
    assert found.outcome == "record_only"
    assert "DroidSansFallback" in found.why


def test_verifying_imports_no_library_of_ours_by_itself() -> None:
    code = "import sys, convokit.cli.transcript_verify; print('fpdf' in sys.modules, 'cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False False\n"
