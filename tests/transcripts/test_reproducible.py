"""The same transcript is the same bytes, in any process, zone, locale and hash seed; and it is filed whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import made_transcripts
import pytest
from golden import golden
from made_transcripts import day_at_the_desk, document, entry
from same_bytes import hashes

from convokit.errors import InvalidInput, StorageError
from convokit.transcripts import FORMATS

PRINT_HASHES = """
from same_bytes import hashes
from golden import golden
from made_transcripts import day_at_the_desk
for made in (day_at_the_desk(), golden("photos")):
    print(hashes(made))
"""
WORLDS = [
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C"},
    {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "0"},
    {"TZ": "America/Caracas", "PYTHONHASHSEED": "4242", "LC_ALL": "POSIX", "SOURCE_DATE_EPOCH": "1"},
]


def test_p14_same_bytes_in_every_world() -> None:
    """All five formats, with hostile characters, pictures and files."""
    here = [hashes(made) for made in (day_at_the_desk(), golden("photos"))]
    assert [set(found) for found in here] == [set(FORMATS), set(FORMATS)]
    assert all(len(set(found.values())) == len(FORMATS) for found in here)
    support = str(Path(made_transcripts.__file__).parent)
    for world in WORLDS:
        told = subprocess.run(
            [sys.executable, "-c", PRINT_HASHES],
            env={**os.environ, **world, "PYTHONPATH": support},
            check=True,
            capture_output=True,
            text=True,
        )
        assert told.stdout.split("\n")[:-1] == [f"{found}" for found in here], world


def test_fpdf_is_imported_only_for_a_pdf() -> None:
    told = "import sys, convokit.transcripts; print(sorted({'fpdf', 'PIL', 'fontTools'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_p14_rendering_twice_is_the_same_and_an_edit_is_not() -> None:
    made = document(entry(1))
    assert made.pdf() == made.pdf()
    assert made.pdf() != document(entry(1, "Hello.")).pdf()


@pytest.mark.parametrize(
    "name", ["bella.pdf", "bella.PDF", "bella.html", "bella.json", "bella.txt", "Bella, May 5.txt"]
)
def test_write_chooses_by_suffix_and_replaces(tmp_path: Path, name: str) -> None:
    made = document(entry(1, "🐶"))
    target = tmp_path / name
    target.write_bytes(b"old")
    assert made.write(str(target)) == target
    formats = {
        ".pdf": made.pdf(),
        ".html": made.html().encode(),
        ".json": made.json().encode(),
        ".txt": made.text().encode(),
    }
    assert target.read_bytes() == formats[target.suffix.lower()]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["bella", "bella.docx", "bella.pdf.exe", ".pdf"])
def test_other_suffixes_are_refused_and_leave_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        document(entry(1)).write(tmp_path / name)
    assert (caught.value.code, caught.value.field) == ("transcript.format", "path")
    assert caught.value.limit == ".pdf, .html, .json, .txt, .zip"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_our_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        document(entry(1)).write(tmp_path / "missing" / "bella.txt")
    assert caught.value.code == "transcript.not_written"
    assert "bella" not in str(caught.value)
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(StorageError):
        document(entry(1)).write(tmp_path / "folder.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.txt"]
