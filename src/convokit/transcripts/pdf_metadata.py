"""What a PDF transcript says of itself: the XMP packet of PDF/A, and an id that is made of all its bytes."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import sha256
from html import escape, unescape
from typing import Final

NO_ID: Final = f"<{'0' * 64}><{'0' * 64}>"
"""Stands in a document in the place of its id until that is known."""

_PLACE: Final = f"/ID [{NO_ID}]".encode("ascii")
_PREFIX: Final = b"/ID [<"
_PRODUCER: Final = re.compile(rb"<pdf:Producer>([^<]{1,2000})</pdf:Producer>")


def xmp(*, title: str, author: str, keywords: str, producer: str, made_at: datetime) -> str:
    """The packet: conformance to PDF/A-3a, and the words for catalogues (ISO 19005-3, 6.6; ISO 16684-1).

    Made here, because fpdf2 dates it by the clock.
    """
    moment = made_at.isoformat(timespec="seconds")
    return f"""\
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about=""
        xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
        xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
      <pdfaid:part>3</pdfaid:part>
      <pdfaid:conformance>A</pdfaid:conformance>
      <dc:format>application/pdf</dc:format>
      <dc:title>
        <rdf:Alt><rdf:li xml:lang="x-default">{_written(title)}</rdf:li></rdf:Alt>
      </dc:title>
      <dc:creator><rdf:Seq><rdf:li>{_written(author)}</rdf:li></rdf:Seq></dc:creator>
      <dc:language><rdf:Bag><rdf:li>en-US</rdf:li></rdf:Bag></dc:language>
      <xmp:CreatorTool>convokit</xmp:CreatorTool>
      <xmp:CreateDate>{moment}</xmp:CreateDate>
      <xmp:ModifyDate>{moment}</xmp:ModifyDate>
      <xmp:MetadataDate>{moment}</xmp:MetadataDate>
      <pdf:Producer>{_written(producer)}</pdf:Producer>
      <pdf:Keywords>{_written(keywords)}</pdf:Keywords>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""


def _written(text: str) -> str:
    return escape(text, quote=True)


def sealed(content: bytearray) -> bytearray:
    """A document, made with :data:`NO_ID`, with its id: SHA-256 of all its bytes as they are without it.

    ISO 32000-1, 14.4, asks for an id that is made of the contents. Whoever changes a byte must at least know this.
    """
    start = content.rindex(_PLACE)
    content[start : start + len(_PLACE)] = _id_of(sha256(content).hexdigest())
    return content


def is_sealed(content: bytes) -> bool:
    """Whether a document has the id of its bytes."""
    start = content.rfind(_PREFIX)
    end = start + len(_PLACE)
    if start < 0 or len(content) < end:
        return False
    digest = sha256(content[:start])
    digest.update(_PLACE)
    digest.update(content[end:])
    return content[start:end] == _id_of(digest.hexdigest())


def producer_of(content: bytes) -> str:
    """What a document says it was drawn with, or nothing. It is a claim: anybody can write it."""
    found = _PRODUCER.search(content)
    return "" if found is None else unescape(found[1].decode("utf-8", "replace"))


def with_producer(content: bytes, told: str) -> bytes:
    """A document as it would be if it were drawn with what is ``told``, where that is no longer or shorter."""
    found, words = _PRODUCER.search(content), _written(told).encode("utf-8")
    if found is None or len(words) != len(found[1]):
        return content
    changed = bytearray(content)
    changed[found.start(1) : found.end(1)] = words
    start = changed.rindex(_PREFIX)
    changed[start : start + len(_PLACE)] = _PLACE
    return bytes(sealed(changed))


def _id_of(digest: str) -> bytes:
    return f"/ID [<{digest.upper()}><{digest.upper()}>]".encode("ascii")
