"""A transcript as PDF, read back by a program that we did not write."""

from __future__ import annotations

import hashlib
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from made_transcripts import (
    HOSTILE,
    SHOWN_AS_IS,
    START,
    day_at_the_desk,
    document,
    entry,
    event,
    outbound,
    practice,
)
from needs import need
from squeezing import DIRECTIONS, squeezed

from convokit.domain.delivery import Delivery
from convokit.domain.instant import DAY, HOUR
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.pdf_fonts import FONT_FILES, Fonts
from convokit.transcripts.pdf_layout import TEXT_LIMIT, lay_out
from convokit.transcripts.pdf_sheet import Page


@pytest.fixture
def run(tmp_path: Path) -> object:
    """The output of a poppler program on a document."""

    def poppler(made: TranscriptDocument, program: str = "pdftotext", *options: str) -> str:
        (path,) = need(program, package="poppler-utils")
        file = made.write(tmp_path / "t.pdf")
        output = ["-"] if program == "pdftotext" else []
        done = subprocess.run([path, *options, file, *output], check=True, capture_output=True)
        assert done.stderr == b""
        return done.stdout.decode()

    return poppler


def test_it_says_what_the_text_says(run) -> None:
    made = document(
        outbound(1, "Bella's results are in."),
        entry(2, "Thank you!\n\nSee you."),
        outbound(3, "Failed", delivery=Delivery.FAILED, reason="landline", attempt=2),
        outbound(4, "Unsure", delivery=Delivery.UNSURE, flags=("left",)),
        outbound(5, "Automatic", kind="automatic", author_name=""),
        event(6),
        ended_us=START + HOUR,
    )
    told = run(made, "pdftotext", "-layout")
    for words in (
        "Patient: Bella · Ana Ruiz · Happy Paws",
        "Conversation transcript",
        "Lab results",
        "Text messages: client +13035550123, practice +13035550100",
        "Started          Saturday, March 8, 2025, 09:05 MST, by the practice",
        "Ended            Saturday, March 8, 2025, 10:05 MST",
        "Dr. Kim practice",
        "Ana Ruiz client",
        "Happy Paws automatic message",
        "✓✓ Delivered, says the carrier",
        "i Could not be delivered: the number is a landline or another line that cannot receive texts",
        "(attempt 2)",
        "? It is not known whether the carrier took this text",
        "Note: Staff decided not to send this text again.",
        "Event: Dr. Kim ended the conversation.",
        "6 entries",
        made.transcript.head,
        "Page 1 of 1",
        "Conversation transcript c1",
    ):
        assert squeezed(words) in squeezed(told), words


def test_title_language_and_head_are_in_the_document(run) -> None:
    made = document(entry(1), ended_us=START + HOUR)
    told = run(made, "pdfinfo", "-meta")
    assert ">Conversation transcript: Happy Paws · Ana Ruiz · Bella<" in told
    assert f"<pdf:Keywords>sha256:{made.transcript.head} entries:1</pdf:Keywords>" in told
    assert "<xmp:CreateDate>2025-03-08T17:05:00+00:00</xmp:CreateDate>" in told
    assert "/Lang (en-US)" in made.pdf().decode("latin-1")
    assert b"D:20250308170500" in made.pdf()


@pytest.mark.parametrize(
    ("region", "size"), [("US", "612 x 792"), ("GB", "595.28 x 841.89"), (None, "595.28 x 841.89")]
)
def test_the_paper_is_the_regions(run, region: str | None, size: str) -> None:
    assert f"{size} pts" in run(document(entry(1), by=practice(region=region)), "pdfinfo")


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_p14_hidden_characters_are_spelled_out(run, text: str, shown: str) -> None:
    assert squeezed(f"Ana Ruiz client {shown} End of the transcript") in squeezed(body(run(document(entry(1, text)))))


@pytest.mark.parametrize("text", SHOWN_AS_IS.values(), ids=SHOWN_AS_IS)
def test_p14_text_comes_out_as_it_went_in(run, text: str) -> None:
    assert squeezed(text) in squeezed(run(document(entry(1, text))))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\U0001f9ff 你好", "\U0001f9ff [U+4F60][U+597D]"),
        ("\U00013000", "[U+13000]"),
        ("\uffff\ufdd0\U0010ffff", "[U+FFFF][U+FDD0][U+10FFFF]"),
        ("A\u20e3", "A\u20e3"),
        ("🐶\u0301", "🐶\u0301"),
    ],
    ids=["chinese", "hieroglyph", "noncharacters", "a letter of one font, its mark of another", "an accent on a dog"],
)
def test_p14_what_no_font_has_is_spelled_out(run, text: str, shown: str) -> None:
    assert squeezed(shown) in squeezed(run(document(entry(1, text))))


def places(run, made: TranscriptDocument) -> dict[str, float]:
    """Where each word begins, from the left; pdftotext gives here the letters as the eye meets them."""
    boxes = re.findall('xMin="([^"]+)".*>(.*)</word>', run(made, "pdftotext", "-bbox"))
    return {DIRECTIONS.sub("", word): float(x) for x, word in boxes}


def test_hebrew_is_read_from_the_right(run) -> None:
    made = document(entry(1, "שלום, זה מקס"), entry(2, "Bella is בלה here"))
    told = squeezed(run(made))
    assert all(word in told for word in ("שלום", "זה", "מקס", "Bellaisבלהhere"))
    left = {word.strip(","): x for word, x in places(run, made).items()}
    assert left["שלום"[::-1]] > left["זה"[::-1]] > left["מקס"[::-1]]
    assert left["is"] < left["בלה"[::-1]] < left["here"]


def test_a_paragraph_that_begins_in_hebrew_stands_at_the_right_margin(run) -> None:
    made = document(entry(1, "שלום 123 (Bella) " * 9), entry(2, "Bella"), entry(3, "בלה"))
    boxes = re.findall('xMax="([^"]+)" yMax="([^"]+)">([^<]*)</word>', run(made, "pdftotext", "-bbox"))
    ends = [float(x) for x, _, word in boxes if DIRECTIONS.sub("", word) in {"הלב", "םולש"}]
    assert max(ends) == pytest.approx(612 - 20 * 72 / 25.4, abs=1)
    assert "(Bella) 123" in DIRECTIONS.sub("", run(made))


def test_brackets_of_hebrew_open_to_the_left(run) -> None:
    assert re.search(
        r"\(\W*הלב\W*\)", run(document(entry(1, "שלום (בלה)")), "pdftotext", "-bbox").replace("</word>", "")
    )


@pytest.mark.parametrize(
    "text",
    ["لا إله الله سلام", "السلام عليكم ورحمة الله وبركاته", "Bella لا تأكل today", "مرحبا كيف حالك"],
)
def test_p14_joined_arabic_letters_come_out_as_they_went_in(run, text: str) -> None:
    assert squeezed(text) in squeezed(run(document(entry(1, text))))


def test_arabic_letters_are_joined(run) -> None:
    """Joined letters are narrower than each by itself; and the line is read from the right."""
    left = places(run, document(entry(1, "سلام بيلا")))
    assert left["مالس"] > left["اليب"]
    fonts = Fonts(lambda _: dict.fromkeys(range(0x600, 0x700), 600.0))
    apart = fonts.measure("regular", 9.5)("سلام بيلا".replace(" ", "")) * 72 / 25.4
    assert 612 - 20 * 72 / 25.4 - left["اليب"] < apart


def test_a_role_that_does_not_fit_beside_the_name_stands_below(run) -> None:
    told = run(document(entry(1, author_name="W" * 39)), "pdftotext", "-layout")
    assert re.search("^ *[0-9:]+ MST +W{39}\n +client\n +Hello$", told, re.M)


def test_every_script_in_names_and_titles(run) -> None:
    made = document(
        entry(1, author_name="Zoë 🐶 \u202eeve" + " long" * 40),
        title="a\nb",
        client_name="Łukasz \ud83d",
        patient_name="Ρεξ " * 60,
    )
    told = squeezed(run(made))
    assert squeezed("Zoë 🐶 [U+202E]eve" + " long" * 40 + "client") in told
    assert "a[U+000A]b" in told
    assert "Łukasz[U+D83D]" in told


def test_p14_a_very_long_message_is_cut_and_says_so(run) -> None:
    told = squeezed(run(document(entry(1, "x" * (TEXT_LIMIT + 7)), entry(2, "after"))))
    assert told.count("x") >= TEXT_LIMIT
    assert "[7morecharactersareinthetextformatofthistranscript]" in told
    assert "after" in told


def test_long_conversations_have_pages_and_a_bookmark_for_each_day(run) -> None:
    written = [
        entry(n, f"message-{n} " * 30, at_us=START + n * DAY // 8, side="practice" if n % 2 else "client")
        for n in range(1, 60)
    ]
    made = document(*written)
    told = run(made, "pdftotext", "-raw")
    pages = told.split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Patient: Bella · Ana Ruiz · Happy Paws" in page
    assert [told.count(f"message-{n} ") + told.count(f"message-{n}\n") for n in range(1, 60)] == [30] * 59
    assert made.pdf().count(b"/Title") == len(made.transcript.days)


def test_no_page_starts_with_a_check_or_ends_with_a_name(run) -> None:
    for lines in range(1, 12):
        written = [outbound(n, "one line\n" * lines + "last") for n in range(1, 40)]
        for page in run(document(*written), "pdftotext", "-raw").split("\f")[:-1]:
            inside = page.splitlines()[:-3]  # what stands above and below comes last
            assert not inside[0].startswith("✓")
            assert not inside[-1].startswith("Dr. Kim")


def test_the_bar_beside_the_client_runs_over_page_ends() -> None:
    fonts = Fonts(lambda _: dict.fromkeys(range(0x250), 500.0))
    pages: list[Page] = []
    lay_out(document(entry(1, "a line\n" * 150), outbound(2)).transcript, fonts, {}, pages.append)
    bars = [[(round(rule.y), round(rule.y2)) for rule in page.rules if rule.x == rule.x2] for page in pages]
    assert len(pages) == 4
    assert [len(on_page) for on_page in bars] == [1, 1, 1, 1]
    assert {on_page[0] for on_page in bars[1:-1]} == {(23, 259)}


def test_a_real_reader_finds_no_fault(tmp_path: Path) -> None:
    (qpdf,) = need("qpdf", package="qpdf")
    file = day_at_the_desk().write(tmp_path / "t.pdf")
    done = subprocess.run([qpdf, "--check", file], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fonts_are_the_pinned_files() -> None:
    folder = files("convokit.transcripts") / "fonts"
    pinned = dict(re.findall(r"^\| `([^`]+)`.*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M))
    assert set(pinned) == set(FONT_FILES.values())
    for name, digest in pinned.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_fonts_are_loaded_only_when_a_character_needs_them() -> None:
    loaded: list[str] = []

    def load(face: str) -> dict[int, float]:
        loaded.append(face)
        return dict.fromkeys(range(0x250), 500.0) if face != "emoji" else {0x1F436: 1000.0}

    fonts = Fonts(load)
    assert fonts.printable("plain é") == "plain é"
    assert fonts.measure("regular", 72)("ab") == pytest.approx(25.4)
    assert loaded == ["regular"]
    assert fonts.printable("🐶") == "🐶"
    assert loaded == ["regular", "emoji"]


def body(told: str) -> str:
    """The part between the first speaker and the closing line."""
    return told[told.index("Ana Ruiz\nclient") if "Ana Ruiz\nclient" in told else told.index("Ana Ruiz client") :]
