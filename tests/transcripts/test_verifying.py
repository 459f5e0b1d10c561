"""Whether what was filed is whole: every change is found, in every format, and nothing else is called one."""

from __future__ import annotations

import os
import random
import subprocess
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from command import convokit
from golden import golden
from made_transcripts import document, entry

from convokit.errors import InvalidInput
from convokit.transcripts import pdf_metadata
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.verifying import OTHERWISE, Expected, verify

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


def test_p14_what_was_drawn_with_other_versions_is_told_apart() -> None:
    other = PDF.replace(b"fpdf2 2.", b"fpdf2 9.", 1)
    assert other != PDF
    found = verify(BytesIO(sealed_again(other)))
    assert found.whole
    assert [note.startswith(OTHERWISE) for note in found.notes] == [True]
    assert not is_whole(other)


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
        ({"transcript_txt": b"All well."}, "the record is whole, but the archive around it was changed"),
        ({"transcript_html": b"<p>"}, "the record is whole, but the archive around it was changed"),
        ({"transcript_pdf": golden("ordinary").pdf()}, "transcript.pdf has another record inside than transcript.json"),
        ({"transcript_pdf": PDF[:-1] + b" "}, "transcript.pdf: the record inside is whole, but the file around it was"),
    ],
    ids=["file", "text", "html", "another pdf", "changed pdf"],
)
def test_what_differs_in_an_archive_is_named(members: dict[str, bytes], why: str) -> None:
    found = verify(BytesIO(changed_archive(**members)))
    assert not found.whole
    assert found.why.startswith(why)


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


def test_a_font_that_is_missing_is_told(tmp_path: Path) -> None:
    from attrs import evolve
    from font_files import droid

    shelf = FontShelf([droid()])
    made = evolve(document(entry(1, "你好")), fonts=shelf).pdf()
    assert verify(BytesIO(made), fonts=shelf).notes == ("Its pages are those that its record gives.",)
    (note,) = verify(BytesIO(made)).notes
    assert "DroidSansFallback" in note


def test_verifying_imports_no_library_of_ours_by_itself() -> None:
    code = "import sys, convokit.cli.transcript_verify; print('fpdf' in sys.modules, 'cryptography' in sys.modules)"
    import sys

    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False False\n"
