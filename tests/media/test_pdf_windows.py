"""What a PDF may hide at the edge of a window that is looked at."""

from __future__ import annotations

from pathlib import Path

from convokit.media.pdf import _WINDOW, has_active_content

NAME = b"/#4A#61#76#61#53#63#72#69#70#74(x)"


def is_active(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    with path.open("rb") as file:
        return has_active_content(file)


def test_p15_a_name_in_hex_is_found_wherever_it_stands(tmp_path: Path) -> None:
    edges = range(_WINDOW - len(NAME) - 20, _WINDOW + 2)
    hidden = (b"%PDF-1.4\n" + b"#" * before + b" 1 0 obj<</S" + NAME + b">>endobj" for before in edges)
    assert all(is_active(tmp_path / "a.pdf", content) for content in hidden)


def test_p15_hex_from_end_to_end_is_no_script(tmp_path: Path) -> None:
    assert not is_active(tmp_path / "a.pdf", b"%PDF-1.4\n" + b"#41" * 100_000)
