"""The record that is a folder: safe names, one file a document, whatever dies on the way."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

import convokit
from convokit.errors import ConfigurationError, StorageError
from convokit.outcomes import Accepted, TryLater
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument, Records
from convokit.records.folder import INDEX, FolderRecords

BELLA = RecordDocument(
    id="c_1-7",
    practice_id="happy-paws",
    conversation_id="c_1",
    client_id="c17",
    patient_id="p4",
    title="Conversation with Ana Ruiz",
    file_name="2026-03-02-1530_Bella_Ana-Ruiz.pdf",
    content_type="application/pdf",
    content=b"%PDF-1",
    head="ab" * 32,
    count=7,
    began=datetime(2026, 3, 2, tzinfo=UTC),
    ended=None,
)


def documents_in(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and INDEX not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_a_folder_a_practice_and_a_patient_and_a_name_that_tells(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path / "records")
    taken = records.file(BELLA)
    ((name, content),) = documents_in(tmp_path / "records").items()
    assert re.fullmatch(
        r"happy-paws_[0-9a-f]{16}/patient_p4_[0-9a-f]{16}/2026-03-02-1530_Bella_Ana-Ruiz_[0-9a-f]{16}\.pdf", name
    )
    assert content == b"%PDF-1"
    assert taken == Accepted(provider_id=name)


def test_p03_the_same_document_again_replaces_it(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path)
    first = records.file(BELLA)
    assert records.file(evolve(BELLA, content=b"%PDF-2")) == first
    assert list(documents_in(tmp_path).values()) == [b"%PDF-2"]
    (note,) = tmp_path.glob(f"*/{INDEX}/*.json")
    told = json.loads(note.read_text())
    assert (told["id"], told["conversation"], told["patient"], told["entries"], told["head"]) == (
        "c_1-7", "c_1", "p4", 7, "ab" * 32
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"patient_id": "p5"},
        {"patient_id": None},
        {"patient_id": None, "client_id": None},
        {"file_name": "2026-03-02-1531_Belle_Ana-Ruiz.pdf"},
        {"file_name": "2026-03-02-1530_Bella_Ana-Ruiz.html"},
    ],
    ids=str,
)
def test_p03_a_document_that_belongs_elsewhere_now_is_in_one_place(tmp_path: Path, changes: dict[str, object]) -> None:
    records = FolderRecords(tmp_path)
    records.file(BELLA)
    moved = records.file(evolve(BELLA, content=b"%PDF-2", **changes))  # type: ignore[arg-type]
    ((name, content),) = documents_in(tmp_path).items()
    assert (moved, content) == (Accepted(provider_id=name), b"%PDF-2")
    records.file(BELLA)
    assert len(documents_in(tmp_path)) == 1


def test_others_stay_where_they_are(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path)
    others = [
        evolve(BELLA, id="c_1-8"),
        evolve(BELLA, practice_id="quiet-cats"),
        evolve(BELLA, practice_id="Happy-Paws"),
        evolve(BELLA, id="c_2-1", patient_id=None),
    ]
    for document in (BELLA, *others):
        records.file(document)
    assert len(documents_in(tmp_path)) == 5
    names = [name.casefold() for name in documents_in(tmp_path)]
    assert len(set(names)) == 5


SAFE = re.compile(r"[A-Za-z0-9_-]*_[0-9a-f]{16}/(nobody|(patient|client)_[A-Za-z0-9_-]+)/[A-Za-z0-9_-]+\.[a-z0-9]{1,5}")
ANY = st.one_of(st.text(), st.sampled_from(["..", "../../etc/passwd", "CON", "a\0b", "/", "x" * 500, "\ud83d", "."]))


@settings(max_examples=60)
@given(practice=ANY, document=ANY, patient=st.none() | ANY, client=st.none() | ANY, name=ANY)
def test_p15_nothing_that_anybody_chose_leads_out_of_the_folder(
    tmp_path_factory: pytest.TempPathFactory,
    practice: str,
    document: str,
    patient: str | None,
    client: str | None,
    name: str,
) -> None:
    root = tmp_path_factory.mktemp("records")
    given = evolve(BELLA, practice_id=practice, id=document, patient_id=patient, client_id=client, file_name=name)
    taken = FolderRecords(root).file(given)
    ((found, content),) = documents_in(root).items()
    assert content == BELLA.content
    assert SAFE.fullmatch(found), found
    assert all(len(part) <= 160 for part in found.split("/"))
    assert isinstance(taken, Accepted)


def test_a_note_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim.pdf"
    victim.write_bytes(b"precious")
    root = tmp_path / "records"
    FolderRecords(root).file(BELLA)
    (note,) = root.glob(f"*/{INDEX}/*.json")
    for places in (["../victim.pdf", "../../victim.pdf", "../victim.pdf/x"], "../victim.pdf", [7], {"a": 1}, None):
        note.write_text(json.dumps({"places": places}))
        FolderRecords(root).file(BELLA)
        assert victim.read_bytes() == b"precious"
        assert len(documents_in(root)) == 1
    note.write_bytes(b"\xff not JSON")
    FolderRecords(root).file(BELLA)
    assert len(documents_in(root)) == 1


def test_what_was_being_written_when_a_process_died_is_cleared(tmp_path: Path) -> None:
    FolderRecords(tmp_path).file(BELLA)
    (folder,) = tmp_path.glob("*/patient_*")
    (note,) = tmp_path.glob(f"*/{INDEX}/*.json")
    for place in (folder, note.parent):
        (place / ".convokit-0123.tmp").write_bytes(b"%PDF-ha")
    FolderRecords(tmp_path).file(BELLA)
    assert list(tmp_path.rglob(".convokit-*.tmp")) == []


def test_several_at_once_file_each_document_once(tmp_path: Path) -> None:
    def work(number: int) -> None:
        records = FolderRecords(tmp_path)
        for nth in range(6):
            records.file(evolve(BELLA, id=f"c_1-{nth}", patient_id=f"p{(number + nth) % 2}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(documents_in(tmp_path)) == 6


def test_p22_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "records").write_text("a file is in the way")
    records = FolderRecords(tmp_path / "records")
    outcome = records.file(BELLA)
    assert isinstance(outcome, TryLater)
    assert str(tmp_path) not in outcome.raw + caplog.text
    with pytest.raises(StorageError) as caught:
        records.check()
    assert (caught.value.code, caught.value.field) == ("records.folder", "records")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_p22_a_folder_that_is_read_only(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert isinstance(FolderRecords(tmp_path).file(BELLA), TryLater)
    finally:
        tmp_path.chmod(0o700)


def test_it_says_where_it_is_and_how_much_is_there(tmp_path: Path) -> None:
    records = FolderRecords(tmp_path / "made" / "records")
    assert records.check() == f"folder {tmp_path}/made/records, 0 documents"
    records.file(BELLA)
    assert records.check().endswith(", 1 document")
    assert list((tmp_path / "made" / "records").glob(".convokit-*.tmp")) == []


@pytest.mark.parametrize("root", [None, 7, "", ".", "a\0b"])
def test_p18_what_is_no_folder(root: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FolderRecords(root)  # type: ignore[arg-type]
    assert caught.value.code == "records.url"


# --- opening ----------------------------------------------------------------------------------------------------------


class Host:
    name = "host"

    @hookimpl
    def convokit_records(self) -> Records:
        return FolderRecords("somewhere")


class Shy:
    name = "shy"

    @hookimpl
    def convokit_records(self) -> Records | None:
        return None


def test_the_short_way_is_beside_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given_, place in (
        ("folder", tmp_path / "desk.db.records"),
        ("folder:///filed", tmp_path / "filed"),
        (f"folder:///{tmp_path}/abs", tmp_path / "abs"),
    ):
        with convokit.open("sqlite:///desk.db", records=given_) as kit:
            found = kit.catalogue.records
            assert isinstance(found, FolderRecords)
            assert found.root == place
            assert kit.plugin("records-folder") is found
            assert not place.exists()
    with convokit.open("memory:", plugins=[FolderRecords("filed")]) as kit:
        assert isinstance(kit.catalogue.records, FolderRecords)
    with convokit.open("memory:", plugins=[Shy()]) as kit:
        assert kit.catalogue.records is None


@pytest.mark.parametrize(
    ("url", "records", "plugins", "code"),
    [
        ("memory:", "folder", (), "records.url"),
        ("memory:", "folder:///", (), "records.url"),
        ("memory:", "folder:///a\0b", (), "records.url"),
        ("memory:", "s3://bucket", (), "records.url"),
        ("memory:", 7, (), "records.url"),
        ("memory:", "folder:///filed", (Host(),), "records.twice"),
        ("memory:", "folder:///filed", (Shy(),), "records.twice"),
    ],
)
def test_p18_records_that_cannot_be(url: str, records: str, plugins: tuple[object, ...], code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        convokit.open(url, records=records, plugins=plugins)
    assert (caught.value.code, caught.value.field) == (code, "records")
