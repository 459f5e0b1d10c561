"""The contract of a media store, as tests that its author runs.

Subclass and say how to make one::

    class TestMine(MediaStoreContract):
        def make_media_store(self, tmp_path):
            return MyStore(tmp_path)
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from convokit.errors import NotFound
from convokit.ports.media import MediaStore, StoredFile
from convokit.testing.contract import Contract

NOWHERE = "0" * 64
MANY = bytes(range(256)) * 4_000


class _BrokenError(Exception):
    """What a stream raises in the middle."""


def content(store: MediaStore, practice_id: str, address: str) -> bytes:
    """Everything that is kept at an address."""
    return b"".join(store.open(practice_id, address))


class MediaStoreContract(Contract):
    """Every method and promise of :class:`convokit.ports.media.MediaStore`."""

    def make_media_store(self, tmp_path: Path) -> MediaStore:
        """A new, empty store."""
        raise NotImplementedError("fill in make_media_store: return a new, empty store of files")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[MediaStore]:
        """The store under test."""
        store = self.make_media_store(tmp_path)
        yield store
        store.close()

    def test_what_is_put_is_kept_under_its_digest(self, store: MediaStore) -> None:
        stored = store.put("a", [b"hello, ", b"", b"Bella"])
        assert stored == StoredFile(address=hashlib.sha256(b"hello, Bella").hexdigest(), size=12)
        assert content(store, "a", stored.address) == b"hello, Bella"
        assert store.size("a", stored.address) == 12

    def test_the_same_again_is_the_same(self, store: MediaStore) -> None:
        first = store.put("a", [b"same"])
        assert store.put("a", iter([b"sa", b"me"])) == first
        store.delete("a", first.address)
        assert store.size("a", first.address) is None

    def test_nothing_is_something_too(self, store: MediaStore) -> None:
        stored = store.put("a", [])
        assert stored.size == 0
        assert content(store, "a", stored.address) == b""

    @pytest.mark.parametrize(
        ("start", "length"), [(0, 0), (0, 1), (5, 10), (1_000_000, 100_000), (len(MANY) - 1, 1), (len(MANY) - 3, None)]
    )
    def test_a_part_is_read_alone(self, store: MediaStore, start: int, length: int | None) -> None:
        stored = store.put("a", [MANY])
        end = None if length is None else start + length
        assert b"".join(store.open("a", stored.address, start=start, length=length)) == MANY[start:end]

    def test_a_large_file_comes_in_pieces(self, store: MediaStore) -> None:
        stored = store.put("a", [MANY] * 3)
        pieces = list(store.open("a", stored.address))
        assert b"".join(pieces) == MANY * 3
        assert len(pieces) > 1

    def test_a_reader_may_stop(self, store: MediaStore) -> None:
        stored = store.put("a", [MANY] * 3)
        reading = store.open("a", stored.address)
        next(reading)
        reading.close()
        store.delete("a", stored.address)
        assert store.size("a", stored.address) is None

    @pytest.mark.parametrize(
        "address", [NOWHERE, "", "..", "../" + NOWHERE, NOWHERE.upper() + "/", "\x00", "a" * 9_999]
    )
    def test_p15_an_address_that_is_none_finds_nothing(self, store: MediaStore, address: str) -> None:
        store.put("a", [b"something"])
        assert store.size("a", address) is None
        with pytest.raises(NotFound) as caught:
            store.open("a", address)
        assert caught.value.code == "media.unknown"
        store.delete("a", address)

    def test_p10_another_practice_finds_nothing(self, store: MediaStore) -> None:
        stored = store.put("b", [b"of b"])
        assert store.size("a", stored.address) is None
        with pytest.raises(NotFound):
            store.open("a", stored.address)
        store.delete("a", stored.address)
        assert content(store, "b", stored.address) == b"of b"

    @pytest.mark.parametrize("practice_id", [".", "..", "A", "a", "a.B", "-", "x" * 64, "CON"])
    def test_p15_every_practices_id_is_its_own_place(self, store: MediaStore, practice_id: str) -> None:
        others = {name: store.put(name, [f"of {name}".encode()]) for name in ("a", "A", "..", ".")}
        stored = store.put(practice_id, [b"shared by all"])
        assert content(store, practice_id, stored.address) == b"shared by all"
        for name, one in others.items():
            assert content(store, name, one.address) == f"of {name}".encode()
            assert name == practice_id or store.size(name, stored.address) is None

    def test_half_a_file_is_no_file(self, store: MediaStore) -> None:
        def broken() -> Iterator[bytes]:
            yield b"half a "
            raise _BrokenError

        with pytest.raises(_BrokenError):
            store.put("a", broken())
        for half in (b"half a ", b""):
            assert store.size("a", hashlib.sha256(half).hexdigest()) is None

    def test_many_may_put_the_same_at_once(self, store: MediaStore) -> None:
        found: list[StoredFile] = []
        together = threading.Barrier(4)

        def put() -> None:
            together.wait()
            found.append(store.put("a", [MANY[:70_000]] * 5))

        threads = [threading.Thread(target=put) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
        assert content(store, "a", found[0].address) == MANY[:70_000] * 5

    def test_it_says_where_it_keeps_things(self, store: MediaStore) -> None:
        store.put("a", [b"something"])
        assert "1 file" in store.check()

    def test_closing_twice_is_fine(self, store: MediaStore) -> None:
        store.close()
        store.close()
