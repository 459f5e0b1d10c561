"""Fonts are shared between documents, and no byte of a document tells what was drawn before it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from made_transcripts import day_at_the_desk, document, entry

import convokit
from convokit.transcripts import pdf_shared_fonts
from convokit.transcripts.font_shelf import FontFile
from convokit.transcripts.pdf_fonts import FONT_FILES
from convokit.transcripts.pdf_shared_fonts import SharedFont

FOLDER = Path(convokit.__file__).parent / "transcripts" / "fonts"


@pytest.fixture(autouse=True)
def nothing_is_shared_yet() -> Iterator[None]:
    pdf_shared_fonts._shared.cache_clear()
    yield
    pdf_shared_fonts._shared.cache_clear()


SIGNS = [*map(chr, range(0x20, 0x7F)), *"äöüßéñ“”’—…€½"]
ODD = [chr(code) for first, last in ((0x391, 0x3C9), (0x410, 0x44F), (0x1F400, 0x1F440)) for code in range(first, last)]
DROPPED = "FFTM GDEF GPOS GSUB MATH hdmx meta sbix CBDT CBLC EBDT EBLC EBSC CPAL COLR".split()


def texts(chance: random.Random) -> list[str]:
    """Messages of some day: mostly Latin, now and then Greek, Cyrillic and emoji that nobody used before."""
    odd = [chance.choices(ODD, k=chance.choice((0, 0, 1, 4))) for _ in range(4)]
    return ["".join((*chance.choices(SIGNS, k=60), *some)) for some in odd]


def drawn(seed: int) -> bytes:
    chance = random.Random(seed)
    return document(*[entry(seq, text) for seq, text in enumerate(texts(chance), 1)]).pdf()


def test_p14_a_document_is_the_same_whatever_was_drawn_before() -> None:
    warm = [drawn(seed) for seed in range(25)]
    again = [drawn(seed) for seed in reversed(range(25))]
    assert again[::-1] == warm
    for seed in (0, 7, 24):
        pdf_shared_fonts._shared.cache_clear()
        assert drawn(seed) == warm[seed]


def test_p14_shaped_lines_and_many_scripts_too() -> None:
    first = day_at_the_desk().pdf()
    for seed in range(6):
        drawn(seed)
    assert day_at_the_desk().pdf() == first


def whole_cut(name: str, letters: list[str]) -> bytes:
    """What the first document of a process gets."""
    return cut(SharedFont(FontFile(FOLDER / name))._whole(), letters)


def cut(font: TTFont, letters: list[str]) -> bytes:
    options = subset.Options(notdef_outline=True, recommended_glyphs=True)
    options.drop_tables += [*DROPPED, "SVG "]
    cutting = subset.Subsetter(options)
    cutting.populate(glyphs=letters)
    cutting.subset(font)
    made = BytesIO()
    font.save(made)
    font.close()
    return made.getvalue()


@pytest.mark.parametrize("name", FONT_FILES.values())
def test_p14_a_cut_of_a_cut_is_the_cut_of_the_whole(name: str) -> None:
    shared, chance = SharedFont(FontFile(FOLDER / name)), random.Random(name)
    with TTFont(FOLDER / name) as font:
        names = sorted(set(font.getBestCmap().values()))
    smaller = 0
    for _ in range(24):
        letters = sorted(chance.sample(names[: chance.choice((60, 300, len(names)))], chance.randint(1, 50)))
        given = shared._holding(frozenset(letters))
        smaller += len(given.getGlyphOrder()) < len(names)
        assert cut(given, letters) == whole_cut(name, letters)
    assert smaller > 3


def test_the_smaller_font_is_made_ever_more_rarely() -> None:
    shared = SharedFont(FontFile(FOLDER / "NotoEmoji-Regular.ttf"))
    with TTFont(FOLDER / "NotoEmoji-Regular.ttf") as font:
        names = sorted(set(font.getBestCmap().values()))
    made = 0
    for name in names[:200]:
        before = shared._small
        shared._holding(frozenset({name})).close()
        made += shared._small is not before
    assert 5 <= made <= 9


def test_several_threads_draw_the_same() -> None:
    alone = [drawn(seed) for seed in range(12)]
    pdf_shared_fonts._shared.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(drawn, range(12))) == alone


def test_a_font_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "some.ttf"
    path.write_bytes((FOLDER / "DejaVuSans.ttf").read_bytes())
    first, digest = pdf_shared_fonts.shared(FontFile(path)), pdf_shared_fonts.digest_of(path)
    assert pdf_shared_fonts.shared(FontFile(path)) is first
    path.write_bytes((FOLDER / "NotoEmoji-Regular.ttf").read_bytes())
    assert pdf_shared_fonts.shared(FontFile(path)).widths != first.widths
    assert pdf_shared_fonts.digest_of(path) != digest
