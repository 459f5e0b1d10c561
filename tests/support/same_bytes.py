"""The bytes of a transcript in all its formats."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from convokit.transcripts import FORMATS, TranscriptDocument


def hashes(made: TranscriptDocument) -> dict[str, str]:
    """SHA-256 of what is written, by format."""
    with TemporaryDirectory() as folder:
        files = {form: made.write(Path(folder, f"t.{form}")) for form in FORMATS}
        return {form: sha256(file.read_bytes()).hexdigest() for form, file in files.items()}
