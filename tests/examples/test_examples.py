"""Each example runs as its reader would run it; the one of the README is the README's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from desks import ANA, BELLA, KIM, World, world

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HEADING = "## Thirty lines of embedding\n"


def run(name: str, *arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run an example to its end; any warning is an error."""
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *map(str, arguments)],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language in the README's section on embedding."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def test_no_example_is_without_a_test() -> None:
    tested = ["embed_in_thirty_lines.py", "export_transcript.py", "write_a_carrier.py"]
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == tested


def test_the_readme_shows_the_embedding_example_as_it_is() -> None:
    assert blocks("python")[:1] == [(EXAMPLES / "embed_in_thirty_lines.py").read_text(encoding="utf-8")]


def test_the_embedding_example_prints_what_the_readme_says(tmp_path: Path) -> None:
    ran = run("embed_in_thirty_lines.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [ran.stdout] == blocks("text")[:1]
    assert ran.stdout == "Ana Ruiz / Bella: Great, thank you!  (1 unread)\nSent, not yet delivered\n"
    assert (tmp_path / "bella.pdf").read_bytes().startswith(b"%PDF-")


def test_a_carrier_is_written_and_used(tmp_path: Path) -> None:
    ran = run("write_a_carrier.py", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == [
        "  the front desk sees: Waiting to be sent",
        "  the front desk sees: Sent, not yet delivered",
        "Ana reads: Bella's results are in. All good! 🐶",
        "  the front desk sees: Delivered, says the carrier",
        "  the inbox shows: [('Great, thank you!', 1)]",
        "A forged report is answered with 403.",
    ]
    assert list(tmp_path.iterdir()) == []


def ended_talk(w: World, text: str) -> str:
    """A conversation that is over; its id."""
    talk = w.desk.start(client=ANA, patient=BELLA, channel="sms", by=KIM)
    w.desk.send(talk.id, text, by=KIM)
    w.settle()
    return w.desk.end(talk.id, by=KIM).id


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A desk with two ended conversations and an open one."""
    path = tmp_path / "the desk.db"
    with world(f"sqlite:///{path}") as w:
        ended_talk(w, "Bella's results are in.")
        w.clock.pass_(days=1)
        ended_talk(w, "How is Bella? 🐶")
        open_one = w.desk.start(client=ANA, channel="sms", by=KIM)
        w.desk.send(open_one.id, "not over yet", by=KIM)
    return path


def test_transcripts_of_ended_conversations_are_exported(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "transcripts"
    ran = run("export_transcript.py", database, folder, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "2 ended conversations\n")
    texts, pdfs = sorted(folder.glob("*.txt")), sorted(folder.glob("*.pdf"))
    assert {path.stem[:37] for path in texts} == {
        "happy-paws_2026-03-02_Ana-Ruiz-Bella_",
        "happy-paws_2026-03-03_Ana-Ruiz-Bella_",
    }
    assert [path.stem for path in texts] == [path.stem for path in pdfs]
    assert sorted(ran.stdout.splitlines()) == sorted(map(str, [*texts, *pdfs]))
    first, second = (path.read_text(encoding="utf-8") for path in texts)
    assert "Bella's results are in." in first
    assert "How is Bella? 🐶" in second
    assert "not over yet" not in first + second

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run("export_transcript.py", database, folder, cwd=tmp_path).returncode == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    ran = run("export_transcript.py", "missing.db", "out", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no file missing.db" in ran.stderr
    assert list(tmp_path.iterdir()) == []
