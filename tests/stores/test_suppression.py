"""The list of numbers that stay opted out after their person was erased."""

from __future__ import annotations

from convokit.stores.checks import digest_of

ANA, BEN = "+13035550123", "+13035550124"
KEY = b"k" * 32


def test_p07_a_digest_is_of_one_number_under_one_key() -> None:
    digests = [digest_of(KEY, ANA), digest_of(KEY, BEN), digest_of(b"x" * 32, ANA)]
    assert len({*digests}) == 3
    assert digest_of(KEY, ANA) == digests[0]
    assert all(len(digest) == 64 and ANA[1:] not in digest for digest in digests)
