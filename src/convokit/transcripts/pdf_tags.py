"""Tags: what a program that reads a PDF aloud is told of its structure (ISO 32000-1, 14.7 and 14.8).

fpdf2 tags pictures and the headings of its own outline, and nothing else; so the tree is made here, with its values.
It is flat: a document of headings, paragraphs and figures, in the order of reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fpdf import FPDF
from fpdf.structure_tree import StructElem

from convokit.transcripts.pdf_sheet import Tag

_ARTIFACT: Final = "/Artifact BMC"


class Tags:
    """The tags of a document. One block of a page after the other, none inside another."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        self._root = pdf.struct_builder
        self._page = 0
        self._number = 0

    @contextmanager
    def block(self, tag: Tag, words: str | None = None) -> Iterator[None]:
        """What is drawn meanwhile belongs together; ``words`` stand for what cannot be read."""
        if tag == "Artifact":
            self._pdf._out(_ARTIFACT)
        else:
            self._pdf._out(f"/{tag} <</MCID {self._next(tag, words)}>> BDC")
        yield
        self._pdf._out("EMC")

    def _next(self, tag: Tag, words: str | None) -> int:
        page = self._pdf.page
        if page != self._page:
            self._page, self._number = page, 0
        else:
            self._number += 1
        document = self._root.doc_struct_elem
        element = StructElem(f"/{tag}", document, [self._number], page_number=page, alt=words)
        document.k.append(element)
        # Each page is one key of the parent tree, under which the elements stand by their number on the page.
        key = self._root.spid_per_page_number.setdefault(page, len(self._root.spid_per_page_number))
        self._root.struct_tree_root.parent_tree.nums[key].append(element)
        self._pdf.pages[page].struct_parents = key
        return self._number
