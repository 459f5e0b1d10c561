"""Signing transcripts, and checking a signature."""

from __future__ import annotations

import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from attrs import evolve
from command import convokit
from made_transcripts import document, entry
from needs import need

from convokit.domain.transcript_record import signed_bytes
from convokit.errors import ConfigurationError
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.sealing import SigningKey, read_public_key, read_signing_key, write_new_key
from convokit.transcripts.verifying import Expected, verify

# RFC 8032, 7.1, test 1: the secret key, as PKCS 8 in PEM, and its public key.
RFC_KEY = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
RFC_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    (tmp_path / "rfc.pem").write_text(RFC_KEY)
    return read_signing_key(tmp_path / "rfc.pem")


def signed(key: SigningKey) -> TranscriptDocument:
    made = document(entry(1, "Thank you!"))
    return evolve(made, seal=key.seal(made.transcript.head, made.transcript.count))


def test_the_key_of_the_rfc_gives_its_public_key(key: SigningKey) -> None:
    assert key.public_key == RFC_PUBLIC
    assert "sign" not in repr(key)


def test_a_signature_is_the_same_each_time_and_openssl_agrees(key: SigningKey, tmp_path: Path) -> None:
    (openssl,) = need("openssl", package="openssl")
    seal = key.seal("ab" * 32, 7)
    assert key.seal("ab" * 32, 7) == seal
    (tmp_path / "content").write_bytes(signed_bytes("ab" * 32, 7))
    (tmp_path / "signature").write_bytes(bytes.fromhex(seal.value))
    asked = ["-verify", "-rawin", "-inkey", "rfc.pem", "-in", "content", "-sigfile", "signature"]
    done = subprocess.run([openssl, "pkeyutl", *asked], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "Signature Verified Successfully" in done.stdout


@pytest.mark.parametrize("suffix", ["json", "pdf", "zip"])
def test_a_signed_transcript_is_verified_in_every_format(key: SigningKey, tmp_path: Path, suffix: str) -> None:
    file = signed(key).write(tmp_path / f"t.{suffix}")
    with file.open("rb") as content:
        found = verify(content, Expected(public_key=RFC_PUBLIC.upper()))
    assert found.whole
    assert f"It is signed with the key {RFC_PUBLIC}." in found.notes


def test_another_signature_an_edited_one_and_none_are_told_apart(key: SigningKey, tmp_path: Path) -> None:
    write_new_key(tmp_path / "other")
    other = read_signing_key(tmp_path / "other")
    made = signed(key)
    cases = {
        "it was signed with another key": signed(other),
        "it is not signed": evolve(made, seal=None),
        "its signature is not of this transcript": evolve(made, seal=key.seal(made.transcript.head, 2)),
        "its signature is damaged": evolve(made, seal=evolve(made.seal, value="00")),  # type: ignore[type-var]  # it is one
    }
    for why, one in cases.items():
        found = verify(BytesIO(one.record()), Expected(public_key=RFC_PUBLIC))
        assert (found.whole, found.why) == (False, why)


def test_a_signature_that_is_no_point_of_the_curve_is_no_signature(key: SigningKey) -> None:
    made = signed(key)
    for public_key in ("zz" * 32, "ff" * 32):
        strange = evolve(made, seal=evolve(made.seal, public_key=public_key))  # type: ignore[type-var]  # it is one
        assert verify(BytesIO(strange.record())).why == "its signature is not of this transcript"


def test_whoever_cuts_the_tail_of_a_signed_record_is_found(key: SigningKey) -> None:
    long = document(entry(1), entry(2))
    short = document(entry(1))
    forged = evolve(short, seal=key.seal(long.transcript.head, long.transcript.count))
    assert verify(BytesIO(forged.record())).why == "its signature is not of this transcript"


def test_a_new_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    public = write_new_key(tmp_path / "desk.pem")
    assert stat.S_IMODE((tmp_path / "desk.pem").stat().st_mode) == 0o600
    assert read_public_key(tmp_path / "desk.pem.pub") == public == read_public_key(tmp_path / "desk.pem")
    with pytest.raises(ConfigurationError) as caught:
        write_new_key(tmp_path / "desk.pem")
    assert caught.value.code == "transcript.key"


EC = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
"""


@pytest.mark.parametrize("content", ["", "secret words", EC, RFC_KEY[:60]])
def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "k").write_text(content)
    for read in (read_signing_key, read_public_key):
        with pytest.raises(ConfigurationError) as caught:
            read(tmp_path / "k")
        assert caught.value.code == "transcript.key"
        assert "secret" not in str(caught.value)
    with pytest.raises(ConfigurationError):
        read_signing_key(tmp_path / "none")


def test_a_public_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    public = X25519PrivateKey.generate().public_key()
    pem = public.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "k").write_bytes(pem)
    with pytest.raises(ConfigurationError):
        read_public_key(tmp_path / "k")


WITHOUT = """
import sys
sys.modules["cryptography"] = None
from io import BytesIO
from pathlib import Path
from convokit.errors import ConfigurationError
from convokit.transcripts.sealing import read_public_key, read_signing_key, write_new_key
from convokit.transcripts.verifying import Expected, verify
content = Path(sys.argv[1]).read_bytes()
print(verify(BytesIO(content)).notes[0])
for ask in (
    lambda: verify(BytesIO(content), Expected(public_key=sys.argv[2])),
    lambda: read_signing_key(sys.argv[3]),
    lambda: read_public_key(sys.argv[3]),
    lambda: write_new_key("new"),
):
    try:
        ask()
    except ConfigurationError as error:
        print(error.code)
"""


def test_without_the_library_it_is_said_what_to_install(key: SigningKey, tmp_path: Path) -> None:
    file = signed(key).write(tmp_path / "t.json")
    asked = [sys.executable, "-c", WITHOUT, str(file), RFC_PUBLIC, str(tmp_path / "rfc.pem")]
    done = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=tmp_path)
    told = done.stdout.splitlines()
    assert told[0] == "It is signed, but signatures cannot be checked here: the extra crypto is not installed."
    assert told[1:] == ["transcript.crypto"] * 4


def test_the_commands_make_a_key_and_check_with_it(tmp_path: Path) -> None:
    done = convokit("transcript", "keygen", str(tmp_path / "desk.pem"))
    assert done.returncode == 0
    assert "keep it secret" in done.stdout
    file = signed(read_signing_key(tmp_path / "desk.pem")).write(tmp_path / "t.pdf")
    done = convokit("transcript", "verify", str(file), "--key", str(tmp_path / "desk.pem.pub"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "It is signed with the key " in done.stdout
    done = convokit("transcript", "keygen", str(tmp_path / "desk.pem"), "--json")
    assert done.returncode == 1
    assert "[transcript.key]" in done.stderr
