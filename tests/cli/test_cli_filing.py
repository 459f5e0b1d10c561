"""The command line makes and files transcripts with the record, the fonts and the key that it is given."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import convokit, environment, install
from desks import ANA, BELLA, HAPPY_PAWS, KIM

import convokit as api
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.sealing import write_new_key
from convokit.transcripts.verifying import Expected, verify

FONTS = Path(api.__file__).parent / "transcripts" / "fonts"


@pytest.fixture
def desk(tmp_path: Path) -> str:
    """A desk whose only conversation is about to be filed; its URL."""
    url = f"sqlite:///{tmp_path.as_posix()}/desk.db"
    with api.open(url, records="folder") as kit:
        kit.add_practice(HAPPY_PAWS)
        own = kit.practice("happy-paws")
        begun = own.start(client=ANA, patient=BELLA, channel="app", by=KIM)
        own.send(begun.id, "All is well.", by=KIM)
        own.end(begun.id, by=KIM)
    return url


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """A signing key's file, and its public half."""
    return tmp_path / "key.pem", write_new_key(tmp_path / "key.pem")


def whole(path: Path, public_key: str) -> bool:
    with path.open("rb") as file:
        return verify(file, Expected(public_key=public_key), FontShelf([FONTS])).whole


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("by_environment", [False, True])
def test_a_worker_files_what_is_owed(desk: str, key: tuple[Path, str], tmp_path: Path, by_environment: bool) -> None:
    given = ["--db", desk, "--records", f"folder:///{tmp_path}/filed", "--fonts", str(FONTS), "--key", str(key[0])]
    changes = {}
    if by_environment:
        fonts = os.pathsep.join([str(tmp_path), str(FONTS)])
        names = ("DB", desk), ("RECORDS", given[3]), ("FONTS", fonts), ("KEY", str(key[0]))
        given, changes = [], {f"CONVOKIT_{name}": value for name, value in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "convokit", "worker", *given], stderr=subprocess.PIPE, env=environment(**changes)
    )
    with api.open(desk) as kit:
        while kit.store.due_jobs(2**62, 9) and process.poll() is None:
            pass
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    (filed,) = (tmp_path / "filed").rglob("*.pdf")
    assert filed.parent.name.startswith("patient_")
    assert whole(filed, key[1])


def test_an_export_is_signed_too(desk: str, key: tuple[Path, str], tmp_path: Path) -> None:
    options = ["--db", desk, "--fonts", str(FONTS), "--key", str(key[0]), "--processes", "2"]
    done = convokit("transcript", "export", "--all", "--out", str(tmp_path / "out"), *options)
    assert done.returncode == 0, done.stderr
    (pdf,) = (tmp_path / "out").glob("*.pdf")
    assert whole(pdf, key[1])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--key", "nowhere.pem"], "[transcript.key]"),
        (["--fonts", "nowhere"], "[transcript.fonts]"),
        (["--records", "s3://bucket"], "[records.url]"),
    ],
)
def test_p18_what_cannot_be_is_one_line(desk: str, given: list[str], words: str) -> None:
    done = convokit("doctor", "--db", desk, *given)
    assert words in done.stdout + done.stderr
    done = convokit("inbox", "--db", desk, *given)
    assert words in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_the_doctor_tells_of_the_record(desk: str, tmp_path: Path) -> None:
    done = convokit("doctor", "--db", desk, "--records", "folder", "--json")
    found = [one["words"] for one in json.loads(done.stdout) if one["about"] == "records"]
    assert found == [
        f"folder {tmp_path / 'desk.db.records'}, 0 documents",
        "1 transcript waits to be filed, not tried yet",
    ]


def test_plugins_lists_a_medical_record(tmp_path: Path) -> None:
    source = (
        "import sys\nfrom convokit.plugins import hookimpl\n"
        "@hookimpl\ndef convokit_records():\n    return sys.modules[__name__]\n"
        "def file(document):\n    raise LookupError\n"
    )
    done = convokit("plugins", "--plugin", "cabinet", PYTHONPATH=install(tmp_path / "site", "cabinet", source))
    line, hooks = [line.split() for line in done.stdout.splitlines() if "cabinet" in line]
    assert line[-2:] == ["medical", "records"]
    assert hooks == ["cabinet:", "convokit_records"]
