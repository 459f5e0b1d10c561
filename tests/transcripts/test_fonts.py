"""Further fonts: found in files and folders, asked in order, and never trusted."""

from __future__ import annotations

import logging
import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import evolve
from font_files import droid, lohit
from made_transcripts import document, entry
from needs import need
from squeezing import squeezed

from convokit.transcripts import font_shelf
from convokit.transcripts.font_shelf import FontShelf, characters_of

CHINESE = "你好世界，贝拉今天好吗？"
DEVANAGARI = "नमस्ते बेला, क्षत्रिय कार्य"


def extracted(shelf: FontShelf, text: str, folder: Path) -> str:
    (pdftotext,) = need("pdftotext", package="poppler-utils")
    file = evolve(document(entry(1, text)), fonts=shelf).write(folder / "t.pdf")
    return subprocess.run([pdftotext, file, "-"], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("text", "font"), [(CHINESE, droid), (DEVANAGARI, lohit)], ids=["chinese", "devanagari"])
def test_p14_what_a_further_font_has_comes_out_as_it_went_in(text: str, font: object, tmp_path: Path) -> None:
    shelf = FontShelf([font()])  # type: ignore[operator]  # one of two functions
    assert squeezed(text) in squeezed(extracted(shelf, text, tmp_path))


def test_what_the_fonts_of_the_system_have_is_printed(tmp_path: Path) -> None:
    droid(), lohit()
    told = extracted(FontShelf(["system"]), f"{CHINESE} {DEVANAGARI} \U00013000", tmp_path)
    assert squeezed(CHINESE) in squeezed(told)
    assert squeezed(DEVANAGARI) in squeezed(told)
    assert "[U+13000]" in told


def test_a_folder_is_searched_through_and_asked_by_name(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    shutil.copy(lohit(), tmp_path / "deep" / "b.ttf")
    shutil.copy(droid(), tmp_path / "a.TTF")
    (tmp_path / "notes.txt").write_text("no font")
    shelf = FontShelf([tmp_path, str(droid())])
    assert [font.path.name for font in shelf.fonts] == ["a.TTF", "b.ttf", droid().name]
    assert shelf.having(ord("你")) == shelf.fonts[0]
    assert shelf.having(ord("क")) == shelf.fonts[1]
    assert shelf.having(0x13000) is None


def test_the_fonts_of_a_collection_are_told_apart(tmp_path: Path) -> None:
    from fontTools.ttLib import TTCollection, TTFont

    collection = TTCollection()
    collection.fonts = [TTFont(droid()), TTFont(lohit())]
    collection.save(tmp_path / "both.ttc")
    shelf = FontShelf([tmp_path])
    assert [font.face for font in shelf.fonts] == ["both.ttc#0", "both.ttc#1"]
    assert squeezed(DEVANAGARI) in squeezed(extracted(shelf, f"{DEVANAGARI} 你", tmp_path))


@pytest.mark.parametrize("content", [b"", b"ttcf", b"\x00\x01\x00\x00" + b"\xff" * 200, b"<svg/>"])
def test_a_damaged_font_is_left_out_and_told_of_once(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bad.ttf").write_bytes(content)
    shutil.copy(lohit(), tmp_path / "good.ttf")
    with caplog.at_level(logging.WARNING, "convokit"):
        assert [font.path.name for font in FontShelf([tmp_path]).fonts] == ["good.ttf"]
        assert [font.path.name for font in FontShelf([tmp_path]).fonts] == ["good.ttf"]
    assert [record.getMessage().split(" (")[0] for record in caplog.records] == ["the font bad.ttf cannot be used"]


def test_a_font_that_its_maker_does_not_let_embed_is_left_out(tmp_path: Path) -> None:
    from fontTools.ttLib import TTFont

    with TTFont(lohit()) as font:
        font["OS/2"].fsType = 0x0002
        font.save(tmp_path / "forbidden.ttf")
    assert FontShelf([tmp_path]).fonts == ()


def test_the_folders_of_each_system(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {}
    for name in ("linux", "darwin", "win32"):
        monkeypatch.setattr(font_shelf.sys, "platform", name)
        folders[name] = [str(folder) for folder in font_shelf._system_folders()]
    assert folders["linux"][0] == "/usr/share/fonts"
    assert "/Library/Fonts" in folders["darwin"]
    assert folders["win32"][0].endswith("Fonts")


def test_no_font_is_opened_before_a_character_asks() -> None:
    shelf = FontShelf([droid()])
    evolve(document(entry(1, "plain é 🐶")), fonts=shelf).pdf()
    assert shelf._fonts is None
    assert ord("你") in characters_of(shelf.fonts[0])
