"""English and Spanish: complete, compiled, and chosen by the host or the browser."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from convokit_dashboard.core_words import CHANNEL_REASONS, PAYMENT_REASONS, core_words
from convokit_dashboard.views.events import event_words
from convokit_dashboard.words import choose_language, languages, words_of
from dashboard_site import ANA, KIM, Site
from starlette.testclient import TestClient
from tree import ROOT

sys.path.insert(0, str(ROOT / "tools"))


def test_every_sentence_is_translated_and_compiled() -> None:
    import translations

    assert translations.missing() == []
    assert languages() == ("en", "es")


def test_a_translation_fills_in_what_the_sentence_fills_in() -> None:
    import translations

    for language, path in translations.catalogues().items():
        for message in translations.read(path, language):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = set(re.findall(r"%\(\w+\)s|\{\w+\}", " ".join(ids)))
            for said in strings if ids[0] else ():
                assert set(re.findall(r"%\(\w+\)s|\{\w+\}", said)) == wanted, said


def test_the_sentences_of_the_desk_are_those_of_its_code() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "src/convokit/runtime/desk").glob("*.py")
    ) + Path(ROOT / "src/convokit/decisions/base.py").read_text(encoding="utf-8")
    for sentence in (*PAYMENT_REASONS, *CHANNEL_REASONS):
        assert sentence in code, sentence
    assert len(core_words()) > 70


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "es", "es"),
        (None, "es-MX,es;q=0.9,en;q=0.8", "es"),
        (None, "en;q=0.5, es;q=0.7", "es"),
        (None, "fr, *;q=0.1", "en"),
        (None, "es;q=0, en", "en"),
        (None, "es;q=rubbish", "en"),
        (None, "x" * 5_000, "en"),
        ("es_US", "en", "es"),
        ("en", "es", "en"),
        ("fr", "es", "en"),
    ],
)
def test_the_host_or_the_browser_chooses(wanted: str | None, accepted: str, language: str) -> None:
    assert choose_language(wanted, accepted) == language


def test_a_language_that_is_not_spoken_is_english() -> None:
    assert words_of("fr")("Send") == "Send"
    assert words_of("es")("Send") == "Enviar"
    assert words_of("es").many("%(n)s segment", "%(n)s segments", 2) == "2 segmentos"
    assert words_of("en")("") == ""


def test_the_pages_speak_spanish(site: Site) -> None:
    site.acting(language="es")
    web = site.client()
    page = web.get(f"/active/{site.own.chat}").text
    assert '<html lang="es">' in page
    for said in ("Activas", "Historial", "Enviar y terminar", "inició la conversación", "Urgencia"):
        assert said in page
    assert "started the conversation" not in page
    by_browser = TestClient(web.app)
    site.acting(language=None)
    assert '<html lang="es">' in by_browser.get("/active", headers={"Accept-Language": "es-ES"}).text


def test_every_event_that_the_desk_makes_is_told_in_spanish(site: Site) -> None:
    """An event whose sentence is not in the table would be shown in English."""
    desk, words = site.desk, words_of("es")
    talk, chat = site.own.talk, site.own.chat
    desk.rename_team_member(talk, "The team", by=KIM)
    desk.set_urgency(talk, "urgent", by=KIM)
    desk.assign(talk, KIM, by=KIM)
    desk.assign(talk, None, by=KIM)
    desk.move(talk, "skin", by=KIM)
    phone = ANA.phone or ""
    site.carrier.phone(phone).text("+13035550100", "I may not want these texts any more, stop maybe?")
    desk.dismiss_maybe(phone, by=KIM, reason="asked")
    desk.opt_out(phone, by=KIM, reason="asked")
    desk.opt_in(phone, by=KIM, reason="asked")
    site.carrier.phone(phone).text("+13035550100", "STOP")
    site.carrier.phone(phone).text("+13035550100", "START")
    first = desk.request_payment(chat, title="A: b", amount="10", currency="USD", by=KIM)
    second = desk.request_payment(chat, title="B", amount="12", currency="USD", by=KIM)
    desk.cancel_payment(second.id, by=KIM)
    site.settle()
    link = site.payments.link(first.id)
    for act in (link.open, link.decline, link.pay, lambda: link.refund("4"), link.refund, link.dispute):
        act()
        site.settle()
    link.fail_refund(link.refund("1"))
    site.settle()
    late = desk.request_payment(chat, title="C", amount="3", currency="USD", by=KIM)
    site.settle()
    site.payments.link(late.id).expire()
    site.settle()
    desk.end(chat, by=KIM)
    desk.restart(chat, by=KIM)
    desk.end(chat, by=KIM)
    desk.app_message(ANA, "again")
    events = [one for id_ in (talk, chat) for one in desk.entries(id_) if one.kind == "event"]
    assert len({one.event for one in events}) > 15
    in_english = [one.text for one in events if event_words(one, words) == one.text]
    assert in_english == []
    assert all(event_words(one, words_of("en")) == one.text for one in events)
