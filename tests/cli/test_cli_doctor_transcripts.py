"""What the doctor says of transcripts: fonts, signature, the medical record and what waits to be filed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from desks import ANA, HAPPY_PAWS, KIM
from scripted_records import ScriptedRecords

import convokit
from convokit.cli.doctor_transcripts import transcript_findings
from convokit.errors import ConfigurationError
from convokit.outcomes import TryLater
from convokit.records.folder import FolderRecords
from convokit.transcripts.sealing import write_new_key

FONTS = Path(convokit.__file__).parent / "transcripts" / "fonts"
PLAIN = ("transcripts", "ok", "drawn with the built-in fonts; not signed")


class Checked(ScriptedRecords):
    """One that can be asked."""

    said: object = "practice software 12.1, reachable"

    def check(self) -> object:
        if isinstance(self.said, BaseException):
            raise self.said
        return self.said


def told(kit: convokit.Convokit) -> list[tuple[str, str, str]]:
    return [(one.about, one.state, one.words) for one in transcript_findings(kit)]


def findings(*plugins: object, transcripts: convokit.TranscriptSettings | None = None) -> list[tuple[str, str, str]]:
    settings = transcripts or convokit.TranscriptSettings()
    with convokit.open("memory:", plugins=plugins, transcripts=settings) as kit:
        return told(kit)


def test_without_anything_set_up_it_says_how_they_are_made() -> None:
    assert findings() == [PLAIN]


def test_fonts_and_the_key_are_told(tmp_path: Path) -> None:
    public = write_new_key(tmp_path / "key.pem")
    settings = convokit.TranscriptSettings(fonts=[FONTS], key=tmp_path / "key.pem")
    ((_, state, words),) = findings(transcripts=settings)
    assert state == "ok"
    assert words.endswith(f" further fonts; signed, public key {public[:16]}...")


def test_fonts_of_which_none_can_be_used_are_a_warning(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    ((_, state, words),) = findings(transcripts=convokit.TranscriptSettings(fonts=[tmp_path / "none"]))
    assert (state, words) == (
        "warn",
        "drawn with 0 further fonts; not signed; none of the fonts that are named can be used",
    )


def test_the_folder_says_where_it_is(tmp_path: Path) -> None:
    root = tmp_path / "records"
    assert findings(FolderRecords(root)) == [PLAIN, ("records", "ok", f"folder {root}, 0 documents")]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user who can be kept out")
def test_p22_a_folder_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    (_, (about, state, words)) = findings(FolderRecords(tmp_path / "locked" / "records"))
    assert (about, state) == ("records", "fail")
    assert words.startswith("[records.folder] the folder of records cannot be written: Permission denied")


def test_a_file_where_the_folder_should_be_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "records").touch()
    (_, (about, state, words)) = findings(FolderRecords(tmp_path / "records"))
    assert (about, state) == ("records", "fail")
    assert words.startswith("[records.folder] the folder of records cannot be written: ")


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        ("practice software 12.1, reachable", "ok", "practice software 12.1, reachable"),
        (
            ConfigurationError("host.login", "the login was turned down", field="login"),
            "fail",
            "[host.login] the login was turned down (field login)",
        ),
        (RuntimeError("token s3cret"), "fail", "asked how they stand, they raised RuntimeError"),
    ],
)
def test_records_of_the_host_are_asked(said: object, state: str, words: str) -> None:
    records = Checked()
    records.said = said
    assert findings(records)[1] == ("records", state, words)


def test_records_that_cannot_be_asked_are_named() -> None:
    assert findings(ScriptedRecords())[1] == ("records", "ok", "the host's, ScriptedRecords; it cannot be asked")


def test_what_waits_is_counted(tmp_path: Path) -> None:
    url, records = f"sqlite:///{tmp_path}/desk.db", ScriptedRecords(answers=[TryLater(raw="503")])
    with convokit.open(url, plugins=[records]) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        desk.end(desk.start(client=ANA, channel="app", by=KIM).id, by=KIM)
        assert told(kit)[2:] == [("records", "ok", "1 transcript waits to be filed, not tried yet")]
        kit.work()
        desk.end(desk.start(client=ANA, channel="app", by=KIM).id, by=KIM)
        assert told(kit)[2:] == [("records", "warn", "2 transcripts wait to be filed, tried once in vain")]
    with convokit.open(url) as kit:
        (_, (_, state, words)) = told(kit)
    assert (state, words) == (
        "warn",
        "2 transcripts wait to be filed, tried once in vain; no medical record is set up here (--records, --plugin)",
    )
