"""Transcripts: downloaded by somebody, whom the thread names; filed in the medical record, or said why not."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from attrs import evolve
from convokit_dashboard.views.transcripts import FORMATS
from dashboard_site import ANA, KIM, PDF, Site, dashboard_site, token_of
from starlette.testclient import TestClient

from convokit.outcomes import Refused, Unsure
from convokit.transcripts import FORMATS as ALL_FORMATS

PARTS = {"HX-Request": "true"}
FILING = "File in the medical record"
STARTS = {"pdf": b"%PDF-", "html": b"<!", "txt": b"Happy Paws", "json": b"{", "zip": b"PK"}


def download(site: Site, web: TestClient, talk: str = "", **fields: str):
    return web.post(f"/talk/{talk or site.own.chat}/transcript", data={"token": token_of(web), **fields})


def file(site: Site, web: TestClient, talk: str):
    return web.post(f"/talk/{talk}/file", data={"token": token_of(web), "first": "1"}, headers=PARTS)


def events(site: Site, talk: str) -> list[str]:
    return [one.event or "" for one in site.desk.entries(talk) if (one.event or "").startswith("transcript_")]


def test_every_format_of_a_transcript_is_offered(site: Site, web: TestClient) -> None:
    assert {one.suffix for one in FORMATS} == set(ALL_FORMATS) == STARTS.keys()
    page = web.get(f"/active/{site.own.chat}").text
    for suffix in ALL_FORMATS:
        assert f'name="format" value="{suffix}"' in page


@pytest.mark.parametrize("suffix", sorted(STARTS))
def test_a_transcript_is_downloaded_and_the_thread_says_by_whom(site: Site, web: TestClient, suffix: str) -> None:
    answer = download(site, web, format=suffix)
    assert answer.content.lstrip().startswith(STARTS[suffix])
    assert answer.headers["content-disposition"].startswith('attachment; filename="Bella 2026-03-02')
    assert answer.headers["content-disposition"].partition(";")[0] == "attachment"
    told = [one for one in site.desk.entries(site.own.chat) if one.event == "transcript_downloaded"]
    assert [(one.author_id, one.author_name) for one in told] == [(KIM.id, KIM.name)]


def test_an_archive_has_the_files_that_were_sent(site: Site, web: TestClient) -> None:
    with ZipFile(io.BytesIO(download(site, web, format="zip").content)) as archive:
        assert archive.testzip() is None
        sent = [name for name in archive.namelist() if name.startswith("files/")]
        assert len(sent) == 1
        assert archive.read(sent[0]) == PDF


def test_notes_are_in_it_only_if_that_is_asked_for(site: Site, web: TestClient) -> None:
    site.desk.note(site.own.chat, "between us", by=KIM)
    assert "between us" not in download(site, web, format="txt").text
    assert "between us" in download(site, web, format="txt", notes="1").text
    last = list(site.desk.entries(site.own.chat))[-1]
    assert "with the internal notes" in last.text


@pytest.mark.parametrize(("field", "label"), [("no_numbers", "Without phone"), ("no_client", "Without the client")])
def test_what_is_left_out_is_left_out_and_the_thread_says_so(
    site: Site, web: TestClient, field: str, label: str
) -> None:
    where = {"no_numbers": "(303) 555-0199", "no_client": "Ruiz"}[field]
    site.desk.send(site.own.chat, f"Please call {where}.", by=KIM)
    assert label in web.get(f"/active/{site.own.chat}").text
    assert where in download(site, web, format="txt").text
    assert where not in download(site, web, format="txt", **{field: "1"}).text
    assert "downloaded the transcript, without " in web.get(f"/active/{site.own.chat}").text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_a_browser_fetches_in_advance_takes_nothing(site: Site, web: TestClient, method: str) -> None:
    assert web.request(method, f"/talk/{site.own.chat}/transcript?format=txt").status_code in (404, 405)
    assert events(site, site.own.chat) == []


@pytest.mark.parametrize("fields", [{}, {"format": "exe"}])
def test_a_format_that_is_none_is_not_found_and_nobody_took_anything(
    site: Site, web: TestClient, fields: dict[str, str]
) -> None:
    assert download(site, web, **fields).status_code == 404
    assert events(site, site.own.chat) == []


def test_staff_file_it_in_every_state(site: Site, web: TestClient) -> None:
    site.desk.end(site.own.talk, by=KIM)
    site.settle()
    site.desk.note(site.own.talk, "One more", by=KIM)
    for talk, where in ((site.own.chat, "active"), (site.own.talk, "history")):
        before = len(site.records.given)
        assert FILING in web.get(f"/{where}/{talk}").text
        answer = file(site, web, talk)
        assert answer.status_code == 200
        assert "The transcript is on its way to the medical record." in answer.text
        site.settle()
        assert len(site.records.given) == before + 1
        assert events(site, talk)[-1] == "transcript_filed"
        shown = web.get(f"/parts/thread/{talk}", headers=PARTS).text
        assert "The transcript was filed in the medical record, as Dr. Kim asked" in shown


def test_what_the_record_refuses_is_said_with_advice(site: Site, web: TestClient) -> None:
    site.records.answers.append(Refused(reason="media_problem", raw="413"))
    file(site, web, site.own.chat)
    site.settle()
    shown = web.get(f"/active/{site.own.chat}").text
    assert "The document is too large for the medical record. Please tell your administrator." in shown


def test_without_a_record_the_menu_says_why() -> None:
    with dashboard_site(records=False) as site:
        web = site.client()
        page = web.get(f"/active/{site.own.chat}").text
        assert f'action="/talk/{site.own.chat}/file"' not in page
        assert "No medical record is set up here. Please tell your administrator." in page
        assert "also filed in the medical record" not in page
        refused = file(site, web, site.own.chat)
        assert refused.status_code == 409
        assert "No medical record is set up here." in refused.text
        assert "No medical record is set up here." in web.get("/settings/record").text


def test_of_an_erased_client_nothing_is_filed(site: Site, web: TestClient) -> None:
    site.desk.erase_client(ANA.id, by=KIM, reason="asked")
    page = web.get(f"/history/{site.own.chat}").text
    assert "The client of this conversation was erased." in page
    assert file(site, web, site.own.chat).status_code == 409


def test_the_end_says_that_it_is_filed_if_it_is(site: Site, web: TestClient) -> None:
    said = "The transcript is also filed in the medical record."
    assert said in web.get(f"/active/{site.own.chat}").text
    practice = site.desk.practice
    records = evolve(practice.rules.records, on_end=False)
    site.kit.add_practice(evolve(practice, rules=evolve(practice.rules, records=records)))
    assert said not in web.get(f"/active/{site.own.chat}").text


def test_what_became_of_it_is_told_in_spanish(site: Site) -> None:
    site.acting(language="es")
    web = site.client()
    site.desk.end(site.own.talk, by=KIM)
    file(site, web, site.own.chat)
    site.settle()
    site.records.answers += [Refused(reason="media_problem", raw="413"), *[Unsure(why="?")] * 2_000]
    site.desk.note(site.own.chat, "x", by=KIM)
    file(site, web, site.own.chat)
    site.settle()
    site.desk.note(site.own.chat, "y", by=KIM)
    file(site, web, site.own.chat)
    for _ in range(9):
        site.settle()
        site.clock.pass_(hours=24)
    site.settle()
    download(site, web, format="txt", notes="1")
    ended, page = web.get(f"/history/{site.own.talk}").text, web.get(f"/active/{site.own.chat}").text
    assert "La transcripción se archivó en la historia clínica (" in ended
    for said in (
        "La transcripción se archivó en la historia clínica, como pidió Dr. Kim (",
        "El documento es demasiado grande para la historia clínica. Avise a su administrador.",
        "Nadie puede saber si la historia clínica la tiene",
        "Dr. Kim descargó la transcripción (con las notas del personal, ",
    ):
        assert said in page
    assert "The transcript" not in page + ended
