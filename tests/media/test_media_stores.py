"""The two media stores that are built in, by their contract; and what is true of a folder only."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convokit.errors import ConfigurationError, StorageError
from convokit.media import folder
from convokit.media.builtin import media_url, open_media
from convokit.media.folder import FolderStore
from convokit.media.memory import MemoryMediaStore
from convokit.testing import MediaStoreContract


class TestFolderStore(MediaStoreContract):
    def make_media_store(self, tmp_path: Path) -> FolderStore:
        return FolderStore(tmp_path / "files")


class TestMemoryMediaStore(MediaStoreContract):
    def make_media_store(self, tmp_path: Path) -> MemoryMediaStore:
        return MemoryMediaStore()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def names(root: Path) -> list[str]:
    return [str(path.relative_to(root)) for path in sorted(root.rglob("*"))]


def test_p15_only_digests_are_names(store: FolderStore) -> None:
    store.put("../../etc", [b"x"])
    parts = {part for name in names(store.root) for part in Path(name).parts}
    assert all(set(part) <= set("0123456789abcdef") for part in parts - {"new"})


@pytest.mark.skipif(os.name == "nt", reason="modes of files are a matter of POSIX")
def test_nobody_else_may_look(store: FolderStore) -> None:
    store.put("a", [b"x"])
    for path in store.root.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_file_that_fails_leaves_nothing_behind(store: FolderStore) -> None:
    def broken():
        yield b"half"
        raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(StorageError) as caught:
        store.put("a", broken())
    assert caught.value.code == "media.full"
    assert not [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_p22_a_full_disk_is_said_and_cleaned_up(tmp_path: Path) -> None:
    """In a child that may write no file over 64 KiB: the system refuses as a full disk does."""
    script = f"""
import resource, signal
from pathlib import Path
from convokit.errors import StorageError
from convokit.media.folder import FolderStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
store = FolderStore(Path({str(tmp_path / "files")!r}))
small = store.put("a", [b"small"])
try:
    store.put("a", [bytes(50_000)] * 3)
except StorageError as error:
    print(error.code)
print(len([p for p in store.root.rglob("*") if p.is_file()]), b"".join(store.open("a", small.address)))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout.split("\n")[:2] == ["media.full", "1 b'small'"], ran.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="reads /proc")
def test_a_long_video_never_is_in_memory(tmp_path: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from convokit.media.folder import FolderStore
store = FolderStore(Path({str(tmp_path / "files")!r}))
piece = bytes(1024 * 1024)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
stored = store.put("a", (piece for _ in range(200)))
read = sum(map(len, store.open("a", stored.address)))
print(stored.size == read == 200 * 1024 * 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout == "True True\n", ran.stderr


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "media.full"),
        (errno.EDQUOT, "media.full"),
        (errno.EROFS, "media.read_only"),
        (errno.EACCES, "media.read_only"),
        (errno.EIO, "media.failed"),
    ],
)
def test_what_the_system_says_is_told(number: int, code: str) -> None:
    assert folder._storage_error(OSError(number, "words with a /path")).code == code
    assert "/path" not in str(folder._storage_error(OSError(number, "words with a /path")))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file stands where the folder should be")
    store = FolderStore(tmp_path / "files")
    for call in (lambda: store.put("a", [b"x"]), store.check, lambda: store.size("a", "0" * 64)):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code == "media.failed"


def test_what_a_dead_process_was_writing_is_swept(store: FolderStore) -> None:
    store.put("a", [b"x"])
    (new,) = (path for path in store.root.rglob("new"))
    dead, alive = new / "dead", new / "alive"
    for path in (dead, alive):
        path.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(dead, (yesterday, yesterday))
    FolderStore(store.root).put("a", [b"y"])
    assert (dead.exists(), alive.exists()) == (False, True)


def test_the_folder_is_made_when_the_first_file_comes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "files")
    assert store.size("a", "0" * 64) is None
    store.delete("a", "0" * 64)
    assert not store.root.exists()


@pytest.mark.parametrize(
    ("given", "store_url", "url"),
    [
        (None, "sqlite:///desk.db", "folder:///desk.db.media"),
        (None, "sqlite:////var/lib/desk.db", "folder:////var/lib/desk.db.media"),
        (None, "memory:", "memory:"),
        (None, "postgresql://db/desk", None),
        ("folder:///files", "sqlite:///desk.db", "folder:///files"),
    ],
)
def test_where_files_are_kept(given: str | None, store_url: str, url: str | None) -> None:
    assert media_url(given, store_url) == url


def test_the_folder_of_a_url(tmp_path: Path) -> None:
    store = open_media(f"folder:///{tmp_path}/files", {})
    assert isinstance(store, FolderStore)
    assert store.root == tmp_path / "files"
    assert open_media(None, {}) is None


@pytest.mark.parametrize(
    "url", ["", "s3://secret@bucket", "folder:", "folder:///", "folder://host/x", "folder:///a\x00", 7]
)
def test_a_url_that_nobody_opens_is_refused_without_repeating_it(url: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_media(url, {})
    assert caught.value.code == "media.url"
    assert "secret" not in str(caught.value)
