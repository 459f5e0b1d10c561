"""Tags: what a program that reads a PDF aloud is told of its structure (ISO 32000-1, 14.7 and 14.8).

fpdf2 tags pictures and the headings of its own outline, and nothing else; so the tree is made here, with its values.
It is flat: a document of headings, paragraphs and figures, in the order of reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from fpdf import FPDF
from fpdf.syntax import PDFObject, PDFString

from convokit.transcripts.pdf_sheet import Tag

_ARTIFACT: Final = "/Artifact BMC"


class _Element(PDFObject):
    """An element of the tree with one piece of content: light, for there is one for each message."""

    __slots__ = ("_id", "_page_number", "alt", "number", "parent", "pg", "tag")

    def __init__(self, tag: Tag, parent: PDFObject, page: int, number: int, alt: str | None) -> None:
        super().__init__()
        self.tag = tag
        self.parent = parent
        self.number = number
        self.alt = alt
        self._page_number = page
        self.pg: PDFObject | None = None

    def page_number(self) -> int:
        """The page that it stands on, for fpdf2, which then sets :attr:`pg`."""
        return self._page_number

    def serialize(self, obj_dict: object = None, _security_handler: object = None) -> str:
        """The object of the element (ISO 32000-1, table 323)."""
        page = cast("PDFObject", self.pg)
        alt = [] if self.alt is None else [f"/Alt {PDFString(self.alt).serialize()}"]
        rows = (
            *alt, f"/K [{self.number}]", f"/P {self.parent.ref}", f"/Pg {page.ref}", f"/S /{self.tag}",
            "/Type /StructElem",
        )  # fmt: skip
        return "\n".join((f"{self.id} 0 obj", "<<", *rows, ">>", "endobj"))


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
        element = _Element(tag, document, page, self._number, words)
        document.k.append(element)
        # Each page is one key of the parent tree, under which the elements stand by their number on the page.
        key = self._root.spid_per_page_number.setdefault(page, len(self._root.spid_per_page_number))
        self._root.struct_tree_root.parent_tree.nums[key].append(element)
        self._pdf.pages[page].struct_parents = key
        return self._number
