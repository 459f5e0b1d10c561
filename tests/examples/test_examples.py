"""Each example runs as its reader would run it; the one of the README is the README's."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import made_files
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
    tested = [
        "attachments.py",
        "departments.py",
        "embed_in_thirty_lines.py",
        "end_of_day.py",
        "erase_a_person.py",
        "export_transcript.py",
        "file_transcripts.py",
        "find_conversations.py",
        "health_page.py",
        "hours_and_away.py",
        "load_practices.py",
        "move_to_postgresql.py",
        "one_transaction.py",
        "payment_link.py",
        "payments.py",
        "restore_a_backup.py",
        "run_with_procrastinate.py",
        "try_a_carrier.py",
        "try_smpp.py",
        "try_square.py",
        "try_stripe.py",
        "wake_the_app.py",
        "write_a_carrier.py",
    ]
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


@pytest.mark.parametrize("name", ["bandwidth", "plivo", "sinch", "telnyx", "twilio", "vonage"])
def test_a_carrier_is_tried_without_an_account(name: str, tmp_path: Path) -> None:
    ran = run("try_a_carrier.py", name, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "no answer from 127.0.0.1: ReadError\n")
    assert ran.stdout.splitlines() == [
        f"{name} took it; the front desk sees: Sent, not yet delivered",
        "it reports; the front desk sees: Delivered, says the carrier",
        "Ana answers; the inbox shows: Great, thank you!",
        "the answer was lost, the report was not: Delivered, says the carrier",
        "it left 1 time",
        "Ben had texted STOP: Could not be delivered (opted_out)",
    ]
    assert list(tmp_path.iterdir()) == []


def test_stripe_is_tried_without_an_account(tmp_path: Path) -> None:
    ran = run("try_stripe.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "no answer from 127.0.0.1: ReadError\n")
    assert ran.stdout.splitlines() == [
        "Ana opens https://checkout.stripe.com/c/pay/cs_ and is asked for 8450 usd",
        "her first card is declined: declined 0.00 USD",
        "her second card is not: paid 84.50 USD",
        "ten dollars go back: partly_refunded 84.50 USD",
        "the answer with the link was lost, the payment was not: paid 500 JPY",
        "Stripe made 2 sessions for two requests",
        "Kim takes a request back: cancelled 0.00 EUR, its page is expired",
    ]
    assert list(tmp_path.iterdir()) == []


def test_square_is_tried_without_an_account(tmp_path: Path) -> None:
    ran = run("try_square.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "no answer from 127.0.0.1: ReadError\n")
    assert ran.stdout.splitlines() == [
        "Ana opens https://sandbox.square.link/u/00000001 and is asked for 8450 USD",
        "her first card is declined: declined 0.00 USD",
        "her second card is not: paid 84.50 USD",
        "ten dollars go back: partly_refunded 84.50 USD",
        "they do not arrive: paid 84.50 USD refund_failed",
        "the answer with the link was lost, and Square made 2 links for two requests",
        "nobody pays for three days: expired 0.00 USD, deleted: True",
    ]
    assert list(tmp_path.iterdir()) == []


def test_smpp_is_tried_without_a_carrier(tmp_path: Path) -> None:
    ran = run("try_smpp.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr.endswith("not encrypted: the carrier hung up\n")) == (0, True)
    assert ran.stdout.splitlines() == [
        "Ana writes in two parts; the inbox shows: How is Bella? It has been two days, and I worry...",
        "the centre took 2 parts; the front desk sees: Sent, not yet delivered",
        "its receipt comes; the front desk sees: Delivered, says the carrier",
        "the connection breaks before the answer: It is not known whether the carrier took this text",
        "it is made again, and the receipt settles it: Delivered, says the carrier; it left 1 time",
        "the centre was bound to 2 times, and taken leave of 1 time",
    ]
    assert list(tmp_path.iterdir()) == []


def test_only_known_carriers_are_tried(tmp_path: Path) -> None:
    ran = run("try_a_carrier.py", "os", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "python try_a_carrier.py telnyx" in ran.stderr


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


def test_a_photo_and_a_pdf_are_sent(tmp_path: Path) -> None:
    (tmp_path / "bella.jpg").write_bytes(made_files.photo((640, 480)))
    (tmp_path / "labs.pdf").write_bytes(made_files.pdf())
    ran = run("attachments.py", "bella.jpg", "labs.pdf", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    photo, *rest = ran.stdout.splitlines()
    assert re.fullmatch(r"photo  bella\.jpg: [0-9]{2,3},[0-9]{3} bytes, goes as mms", photo)
    assert rest == [
        f"pdf    labs.pdf: {len(made_files.pdf())} bytes, goes as link",
        "Ana's phone: Here is Bella, and her results. (1 picture)",
        "the link: 200, application/pdf, attachment; filename=\"labs.pdf\"; filename*=UTF-8''labs.pdf",
        "after revoking it: 410",
        "the inbox: [Photo]",
    ]
    assert {path.name for path in tmp_path.iterdir()} >= {"desk.db", "desk.db.media"}


def test_practices_are_loaded_from_a_file(tmp_path: Path) -> None:
    for _ in range(2):
        ran = run("load_practices.py", EXAMPLES / "practices.toml", "sqlite:///desk.db", cwd=tmp_path)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.splitlines() == [
            "happy-paws: Happy Paws, +13035550100, +13035550101",
            "quiet-cats: Quiet Cats, +442079460958",
        ]
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[[practice]]\nid = "a"\nname = "A"\nrules.urgncy = true\n', encoding="utf-8")
    ran = run("load_practices.py", wrong, "sqlite:///desk.db", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("rules.urgncy: wrong.toml, practice a: there is no setting rules.urgncy; did you mean")


def test_departments_and_audience_as_a_front_desk_meets_them(tmp_path: Path) -> None:
    ran = run("departments.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "The app shows: Reception, Surgery",
        "Before the number is verified:",
        "  Ana Ruiz, app: available",
        "  Ana Ruiz, sms: The carriers are still checking the practice's texting number.",
        "  Ben Diaz, app: The app is not switched on for this client.",
        "  Ben Diaz, sms: The carriers are still checking the practice's texting number.",
        "Afterwards:",
        "  Ben Diaz, app: The app is not switched on for this client.",
        "  Ben Diaz, sms: available",
        "Open: surgery sees 1, billing sees 0",
        "Open: surgery sees 0, billing sees 1",
        "The surgery writes: conversation.unknown",
        "Billing reads: Works nights: text, do not call. (Dr. Kim)",
    ]


def test_a_day_ends_with_a_reminder(tmp_path: Path) -> None:
    ran = run("end_of_day.py", tmp_path, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "Transcript: Ana Ruiz (Bella, Lab results) -> records@happy-paws.example",
        "Your conversation with Happy Paws (Bella, Lab results) -> ana@example.com",
        "Happy Paws: 2 conversations are still open -> front@happy-paws.example",
        "Happy Paws: 2 conversations are still open -> front@happy-paws.example",
        "2026-03-02: sent, 2 open",
        "2026-03-03: sent, 2 open",
    ]
    text = (tmp_path / "hp-end-of-day-2026-03-02.txt").read_text(encoding="utf-8")
    assert text.index("[URGENT] Cleo Marsh, Momo") < text.index("Ben Okafor, Rex")
    assert (tmp_path / "transcript-2026-03-02-bella.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "hp-end-of-day-2026-03-03.html").exists()


def test_what_ends_is_filed_in_the_practices_own_record(tmp_path: Path) -> None:
    ran = run("file_transcripts.py", tmp_path / "records.db", cwd=tmp_path)
    assert (ran.returncode, ran.stderr.count("\n")) == (0, 1)
    assert ran.stderr.endswith("refused (unknown) a transcript\n")
    bella, rex, nobody = ran.stdout.splitlines()
    filed, digest = "The transcript was filed in the medical record", "SHA-256 [0-9a-f]{12}"
    assert re.fullmatch(rf"{filed} \(3 entries, {digest}\)\. \[D-1\]", bella)
    assert re.fullmatch(rf"{filed}, as Dr\. Kim asked \(1 entry, {digest}\)\. \[D-2\]", rex)
    assert nobody.startswith("The transcript could not be filed in the medical record. The medical record did not say")
    with closing(sqlite3.connect(tmp_path / "records.db")) as record:
        filed = record.execute(
            "SELECT patient, entries, substr(content, 1, 5) FROM document ORDER BY number"
        ).fetchall()
    assert filed == [("p4", 3, b"%PDF-"), ("p9", 1, b"%PDF-")]


def test_conversations_are_found_as_a_front_desk_looks_for_them(tmp_path: Path) -> None:
    ran = run("find_conversations.py", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "Waiting for an answer: Ben O'Hara",
        "Nobody looks after: Ben O'Hara",
        "Lee looks after: Ana Núñez",
        "Unread first: Ben O'Hara, Ana Núñez",
        "'nunez' found Ana Núñez (ended) by client_name: Ana Núñez",
        "'ohara' found Ben O'Hara (open) by client_name: Ben O'Hara",
        "'303.555.0123' found Ana Núñez (ended) by phone: +13035550123",
        "'bella norm' found Ana Núñez (ended) by text: Bella's values are back to normal.",
        "'limp' found Ben O'Hara (open) by text: Max limps since this morning.",
    ]


def test_a_health_page(tmp_path: Path) -> None:
    done = run("health_page.py", cwd=tmp_path)
    assert (done.returncode, done.stdout.count("200 OK")) == (0, 2)
    well, sick = done.stdout.split("200 OK\n")[1:]
    assert well.startswith("state: ok\nstore: ok\nqueue: 0 texts wait\n")
    assert "queue: 3 texts wait" in sick
    assert "sms: simulator for practice happy-paws: open, 2 failures in a row, next try at " in sick
