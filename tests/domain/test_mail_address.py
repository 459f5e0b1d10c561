"""E-mail addresses: what is one, what is refused, under which code."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convokit.domain.mail_address import MAX_LABEL, MAX_LENGTH, MAX_LOCAL_PART, MailAddress, parse_mail_address
from convokit.errors import InvalidInput

LONGEST = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 58}.ex"


@pytest.mark.parametrize(
    ("typed", "local_part", "domain"),
    [
        ("ana@example.com", "ana", "example.com"),
        ("Ana.Ruiz+vet@Mail.Example.COM", "Ana.Ruiz+vet", "Mail.Example.COM"),
        ("o'hara!#$%&*/?=^_`{|}~-@a-b.example", "o'hara!#$%&*/?=^_`{|}~-", "a-b.example"),
        ("ana@bücher.example", "ana", "bücher.example"),
        ("ana@bu\u0308cher.example", "ana", "bücher.example"),
        ("ana@例え.テスト", "ana", "例え.テスト"),
        ("ana@हिन्दी.example", "ana", "हिन्दी.example"),
        ("ana@xn--bcher-kva.example", "ana", "xn--bcher-kva.example"),
        ("josé@example.com", "josé", "example.com"),
        ("1@2.example3", "1", "2.example3"),
        (LONGEST, "a" * 64, LONGEST.partition("@")[2]),
    ],
)
def test_an_address_is_kept_as_it_was_typed(typed: str, local_part: str, domain: str) -> None:
    found = parse_mail_address(typed)
    assert found == MailAddress(local_part=local_part, domain=domain)
    assert parse_mail_address(str(found)) == found


@pytest.mark.parametrize(
    ("typed", "code", "limit"),
    [
        (None, "email.type", None),
        (b"ana@example.com", "email.type", None),
        ("", "email.empty", None),
        (LONGEST + "a", "email.too_long", "254"),
        ("ana@" + "ü" * 60 + ("." + "ü" * 60) * 2 + ".example", "email.too_long", "254"),
        ("a" * 10_000_000, "email.too_long", "254"),
        ("ana@example.com\n", "email.characters", None),
        (" ana@example.com", "email.characters", None),
        ("ana@example.com\r\nBcc: eve@evil.example", "email.characters", None),
        ("ana\x00@example.com", "email.characters", None),
        ("ana\u200b@example.com", "email.characters", None),
        ("ana\u2028@example.com", "email.characters", None),
        ("ana\u00a0@example.com", "email.characters", None),
        ("ana@exam\u202eple.com", "email.characters", None),
        ("ana\ud800@example.com", "email.characters", None),
        ("Ana Ruiz <ana@example.com>", "email.characters", None),
        ("ana@example.com,eve@evil.example", "email.several", "1"),
        ("ana@example.com;", "email.several", "1"),
        ("ana@eve@evil.example", "email.several", "1"),
        ("a" * 65 + "@example.com", "email.local_part_too_long", "64"),
        ("ü" * 33 + "@example.com", "email.local_part_too_long", "64"),
        ("@example.com", "email.local_part", None),
        (".ana@example.com", "email.local_part", None),
        ("ana.@example.com", "email.local_part", None),
        ("a..b@example.com", "email.local_part", None),
        ('"ana"@example.com', "email.local_part", None),
        ("ana(x)@example.com", "email.local_part", None),
        ("<ana@example.com>", "email.local_part", None),
        ("ana\\@example.com", "email.local_part", None),
        ("=?utf-8?q?a=0Ab?=@example.com", "email.local_part", None),
        ("ana", "email.domain", None),
        ("ana@", "email.domain", None),
        ("ana@localhost", "email.domain", None),
        ("ana@example..com", "email.domain", None),
        ("ana@example.com.", "email.domain", None),
        ("ana@-example.com", "email.domain", None),
        ("ana@example-.com", "email.domain", None),
        ("ana@exam_ple.com", "email.domain", None),
        ("ana@example.com>", "email.domain", None),
        ("ana@[192.0.2.1]", "email.domain", None),
        ("ana@192.0.2.1", "email.domain", None),
        ("ana@ｅxample.com", "email.domain", None),
        ("ana@example\u3002com", "email.domain", None),
        ("ana@☃.example", "email.domain", None),
        ("ana@\u0301a.example", "email.domain", None),
        ("ana@" + "b" * 64 + ".example", "email.domain", None),
        ("ana@" + "ü" * 58 + ".example", "email.domain", None),
    ],
)
def test_what_is_not_exactly_one_address_is_refused(typed: object, code: str, limit: str | None) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_mail_address(typed, field="transcript_to")
    assert (refused.value.code, refused.value.field, refused.value.limit) == (code, "transcript_to", limit)
    assert "ana" not in refused.value.message


@given(st.text(max_size=300) | st.from_regex(r"[^@]{0,70}@[^@]{0,200}"))
@example("ana@example.com\n")
def test_e31_what_is_let_through_cannot_do_anything_in_a_header(typed: str) -> None:
    try:
        found = parse_mail_address(typed)
    except InvalidInput:
        return
    text = str(found)
    assert text.count("@") == 1
    assert text.isprintable()
    assert not set(text) & set(' ,;:<>()[]"\\')
    assert len(text.encode()) <= MAX_LENGTH
    assert len(found.local_part.encode()) <= MAX_LOCAL_PART
    assert all(len(label) <= MAX_LABEL for label in found.domain.split("."))
