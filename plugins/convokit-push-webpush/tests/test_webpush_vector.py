"""RFC 8291, section 5: the standard's own example; and other people's code reads what we write."""

from __future__ import annotations

import http_ece
import jwt
import pytest
from convokit_push_webpush.encryption import MOST_PLAIN, RECORD, encrypted
from convokit_push_webpush.keys import CURVE, fresh_private_key, from_text, point_of, private_key, public_key, to_text
from convokit_push_webpush.send import proof
from convokit_push_webpush.settings import WebPushSettings
from cryptography.hazmat.primitives.asymmetric import ec

PLAIN = b"When I grow up, I want to be a watermelon"
SALT = from_text("DGv6ra1nlYgDCS1FRnbzlw")
SENDER = private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
BROWSER = private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = from_text("BTBZMqHH6r4Tts7J_aSIgg")
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard() -> None:
    assert to_text(encrypted(PLAIN, from_text(P256DH), AUTH, sender=SENDER, salt=SALT)) == BODY
    assert len(from_text(BODY)) == 144
    assert to_text(point_of(BROWSER)) == P256DH


@pytest.mark.parametrize("plain", [b"", PLAIN, b"x" * MOST_PLAIN], ids=["nothing", "the example", "the most"])
def test_other_peoples_code_reads_it(plain: bytes) -> None:
    body = encrypted(plain, from_text(P256DH), AUTH, sender=ec.generate_private_key(CURVE), salt=SALT)
    assert len(body) <= RECORD
    assert http_ece.decrypt(body, private_key=BROWSER, auth_secret=AUTH) == plain


def test_the_signature_is_for_this_service_and_for_half_a_day() -> None:
    settings = WebPushSettings(private_key=fresh_private_key(), subject="mailto:it@vet.example")
    told = proof(settings, "https://push.example.net:8443/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", 1_453_341_205_000_000)
    signed, _, key = told.removeprefix("vapid t=").partition(", k=")
    assert key == settings.application_server_key
    claims = jwt.decode(
        signed,
        public_key(from_text(key)),
        algorithms=["ES256"],
        audience="https://push.example.net:8443",
        options={"verify_exp": False},
    )
    assert (claims["exp"], claims["sub"]) == (1_453_341_205 + 12 * 3600, "mailto:it@vet.example")


@pytest.mark.parametrize("text", ["", "AA", "é", "a b", "A" * 43 + "===", to_text(bytes(32)), to_text(b"\xff" * 32)])
def test_what_is_no_private_key(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        private_key(text)
