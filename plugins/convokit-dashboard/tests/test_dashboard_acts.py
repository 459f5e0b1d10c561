"""What staff do on the pages, without a browser: forms in, pages and parts out."""

from __future__ import annotations

import json
import re

from attrs import evolve
from dashboard_site import ANA, KIM, PDF, SAM, Site, token_of
from starlette.testclient import TestClient

PARTS = {"HX-Request": "true"}


def post(web: TestClient, path: str, *, parts: bool = True, **fields: object):
    headers = PARTS if parts else {}
    return web.post(path, data={"token": token_of(web), **fields}, headers=headers)


def targets(text: str) -> list[str]:
    return re.findall(r'<hx-partial hx-target="([^"]+)"', text)


def test_a_reply_without_a_script_leads_back_to_the_conversation(site: Site, web: TestClient) -> None:
    answer = post(web, f"/talk/{site.own.chat}/send", parts=False, text="hello\r\nthere", back="/active/x?unread=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/active/x?unread=1")
    entry = site.desk.thread(site.own.chat).items[-1]
    assert (entry.text, entry.author_id) == ("hello\nthere", KIM.id)


def test_a_reply_brings_the_parts_that_changed_and_a_fresh_reference(site: Site, web: TestClient) -> None:
    answer = post(web, f"/talk/{site.own.chat}/send", text="hello", ref="ref_1")
    assert targets(answer.text) == ["#thread-head", "#entries", "#panel"]
    assert json.loads(answer.headers["hx-trigger"])["desk:sent"]["ref"].startswith("ref")
    again = post(web, f"/talk/{site.own.chat}/send", text="hello", ref="ref_1")
    assert again.status_code == 200
    assert [one.text for one in site.desk.thread(site.own.chat).items].count("hello") == 1
    other = post(web, f"/talk/{site.own.chat}/send", text="other", ref="ref_1")
    assert other.status_code == 409
    assert "This was sent already." in other.text


def test_a_colleague_who_answered_meanwhile_is_told_of_before_anything_is_sent(site: Site, web: TestClient) -> None:
    seen = site.desk.conversation(site.own.chat).last_seq
    site.desk.send(site.own.chat, "Sam was faster", by=SAM)
    warned = post(web, f"/talk/{site.own.chat}/send", text="me too", seen=seen)
    assert warned.status_code == 409
    assert "A colleague has answered meanwhile." in warned.text
    assert "Sam was faster" in warned.text
    assert "Send anyway" in warned.text
    assert site.desk.thread(site.own.chat).items[-1].text == "Sam was faster"
    plain = post(web, f"/talk/{site.own.chat}/send", parts=False, text="me too", seen=seen)
    assert plain.status_code == 409
    sent = post(web, f"/talk/{site.own.chat}/send", text="me too", seen=seen, anyway="1")
    assert sent.status_code == 200
    assert site.desk.thread(site.own.chat).items[-1].text == "me too"


def test_ones_own_earlier_message_and_a_clients_are_no_reason_to_stop(site: Site, web: TestClient) -> None:
    seen = site.desk.conversation(site.own.chat).last_seq
    site.desk.send(site.own.chat, "mine", by=KIM)
    site.desk.app_message(ANA, "hers")
    assert post(web, f"/talk/{site.own.chat}/send", text="next", seen=seen).status_code == 200
    assert site.desk.conversation(site.own.chat).unread == 1, "what came after the writer looked stays unread"


def test_end_mails_whom_the_form_says(site: Site, web: TestClient) -> None:
    site.kit.add_practice(
        evolve(
            site.desk.practice,
            rules=evolve(
                site.desk.practice.rules,
                mail=evolve(site.desk.practice.rules.mail, sender="desk@a.example", transcript_to=["r@a.example"]),
            ),
        )
    )
    for mail, fields, told in (
        ("rule", {}, True),
        ("nobody", {}, False),
        ("chosen", {"mail_to": "x@a.example; y@a.example"}, True),
    ):
        before = site.desk.conversation(site.own.chat).last_seq
        answer = post(web, f"/talk/{site.own.chat}/end", mail=mail, **fields)
        assert answer.status_code == 200, answer.text
        assert "#composer" not in targets(answer.text)
        assert "#thread" in targets(answer.text)
        assert "The conversation has ended" in answer.text
        assert site.desk.conversation(site.own.chat).ended
        site.settle()
        after = [one.text for one in site.desk.thread(site.own.chat).items if one.seq > before]
        assert any("transcript was mailed" in one for one in after) == told, after
        site.desk.restart(site.own.chat, by=KIM)
    wrong = post(web, f"/talk/{site.own.chat}/end", mail="chosen", mail_to="nonsense")
    assert wrong.status_code == 422
    assert not site.desk.conversation(site.own.chat).ended


def test_send_and_end_is_one_act(site: Site, web: TestClient) -> None:
    assert post(web, f"/talk/{site.own.chat}/send-and-end", text="bye").status_code == 200
    assert site.desk.conversation(site.own.chat).ended
    refused = post(web, f"/talk/{site.own.chat}/send-and-end", text="bye again")
    assert refused.status_code == 409
    assert "This conversation has ended. Restart it to write." in refused.text
    assert post(web, f"/talk/{site.own.chat}/restart").status_code == 200
    assert not site.desk.conversation(site.own.chat).ended


def test_the_options_work_and_say_what_they_did(site: Site, web: TestClient) -> None:
    talk = site.own.talk
    assert "Marked as unread." in post(web, f"/talk/{talk}/unread").text
    assert site.desk.conversation(talk).unread == 1
    assert web.post(f"/talk/{talk}/read", data={"token": token_of(web), "seen": "99"}).status_code == 204
    assert site.desk.conversation(talk).unread == 0
    post(web, f"/talk/{talk}/rename", name="Dr. Kim, cardiology")
    post(web, f"/talk/{talk}/urgency", level="urgent")
    post(web, f"/talk/{talk}/assign", to="me")
    known = site.desk.conversation(talk)
    assert (known.team_member, known.urgency_level, known.assignee_id) == ("Dr. Kim, cardiology", "urgent", KIM.id)
    post(web, f"/talk/{talk}/assign")
    assert site.desk.conversation(talk).assignee_id is None
    assert "Please give a name." in post(web, f"/talk/{talk}/rename", name=" ").text


def test_handing_over_to_a_department_that_one_does_not_see(site: Site) -> None:
    site.acting(departments=("", "skin"))
    web = site.client()
    assert post(web, f"/talk/{site.own.talk}/department", department="skin").status_code == 200
    gone = post(web, f"/talk/{site.own.talk}/department", department="lab")
    assert gone.status_code == 200
    assert "You do not see that department" in gone.text
    assert web.get(f"/active/{site.own.talk}").status_code == 404
    plain = post(web, f"/talk/{site.own.chat}/department", parts=False, department="lab", back="/active")
    assert plain.status_code == 303


def test_opt_out_and_back_again_with_the_evidence(site: Site, web: TestClient) -> None:
    talk, phone = site.own.talk, ANA.phone or ""
    assert "Please say how the client asked." in post(web, f"/talk/{talk}/opt-out", reason="").text
    out = post(web, f"/talk/{talk}/opt-out", reason="by phone")
    assert "This client has opted out of texts." in out.text
    assert site.desk.consent(phone).opted_out
    assert site.desk.consent_ledger(phone)[-1].evidence == "by phone"
    post(web, f"/talk/{talk}/opt-in", reason="at the desk")
    assert not site.desk.consent(phone).opted_out
    site.carrier.phone(phone).text("+13035550100", "please no more texts maybe stop them")
    post(web, f"/talk/{talk}/dismiss")
    assert not site.desk.consent(phone).maybe
    assert post(web, f"/talk/{site.own.chat}/opt-out", reason="x").status_code == 404, "the app has no number"


def test_a_note_about_the_client_is_not_overwritten(site: Site, web: TestClient) -> None:
    assert "The note is saved." in post(web, f"/talk/{site.own.chat}/client-note", text="Shy", version="0").text
    site.desk.set_client_note(ANA.id, "of Sam", by=SAM)
    lost = post(web, f"/talk/{site.own.chat}/client-note", text="mine", version="1")
    assert "Somebody else has changed the note." in lost.text
    assert "of Sam" in lost.text
    assert site.desk.client_note(ANA.id).text == "of Sam"
    assert post(web, f"/talk/{site.own.chat}/client-note", parts=False, text="x", version="1").status_code == 409


def test_a_note_for_the_staff(site: Site, web: TestClient) -> None:
    answer = post(web, f"/talk/{site.own.chat}/note", text="only us")
    assert "Note of Dr. Kim, only for staff" in answer.text
    assert site.desk.thread(site.own.chat).items[-1].kind == "note"


def test_payments_are_asked_for_and_taken_back(site: Site, web: TestClient) -> None:
    asked = post(web, f"/talk/{site.own.talk}/pay", title="Teeth", amount="84,50", currency="USD", invoice="1042")
    assert asked.status_code == 200
    payment = site.desk.payments(site.own.talk)[-1]
    assert (payment.money.text, payment.invoice) == ("84.50 USD", "1042")
    assert (
        "Please give an amount like 84.50."
        in post(web, f"/talk/{site.own.talk}/pay", amount="x", currency="USD", title="T").text
    )
    assert post(web, f"/talk/{site.own.chat}/payment/{payment.id}/cancel").status_code == 404
    assert "The request is taken back." in post(web, f"/talk/{site.own.talk}/payment/{payment.id}/cancel").text
    assert site.desk.payment(payment.id).state == "cancelled"
    report = web.get("/settings/payments.csv?from=2026-03-01&to=2026-03-31")
    assert report.headers["content-type"].startswith("text/csv")
    assert "1042" in report.text
    assert web.get("/settings/payments.csv?from=x&to=y").status_code == 422


def test_how_long_a_text_is_and_what_makes_it_dearer(web: TestClient) -> None:
    assert "1 segment · 155 characters left" in post(web, "/parts/count", text="hello").text
    dear = post(web, "/parts/count", text="It’s time").text
    assert "makes segments shorter" in dear
    assert 'data-replace="It&#39;s time"' in dear
    assert "too-long" in post(web, "/parts/count", text="x" * 2000).text
    assert "segment" not in post(web, "/parts/count", text="").text


def test_files_are_taken_in_and_belong_to_who_uploaded_them(site: Site, web: TestClient) -> None:
    headers = {"X-Desk-Token": token_of(web), "X-File-Name": "lab%20%E2%9C%93.pdf", "HX-Request": "true"}
    path = f"/talk/{site.own.chat}/upload"
    taken = web.post(path, content=PDF, headers=headers)
    assert taken.status_code == 200
    upload = re.search(r'name="file" value="([^"]+)"', taken.text)
    assert upload is not None
    assert "lab ✓.pdf" in taken.text
    assert post(web, f"/talk/{site.own.chat}/send", text="", file=upload[1]).status_code == 200
    assert site.desk.thread(site.own.chat).items[-1].attachments[0].name == "lab ✓.pdf"
    assert post(web, f"/talk/{site.own.chat}/send", text="again", file=upload[1]).status_code in (404, 409)
    assert web.post(path, content=PDF, headers={**headers, "X-Desk-Token": ""}).status_code == 403
    assert web.post("/talk/unknown/upload", content=PDF, headers=headers).status_code == 404
    for content, why in ((b"", "The file is empty."), (b"<html>", "Only photos, videos and PDFs can be sent.")):
        refused = web.post(path, content=content, headers=headers)
        assert refused.status_code == 422
        assert why in refused.text
    huge = web.post(path, content=b"x", headers={**headers, "Content-Length": str(300 * 1024 * 1024)})
    assert huge.status_code == 413
    assert "At most: 200 MB" in huge.text


def test_a_file_is_served_as_the_media_front_serves_it(site: Site, web: TestClient) -> None:
    whole = web.get(f"/file/{site.own.file}")
    assert whole.content == PDF
    assert whole.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in whole.headers["content-security-policy"]
    part = web.get(f"/file/{site.own.file}", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"%PDF")
    assert web.get(f"/file/{site.own.file}?size=small").status_code == 404


def test_starting_asks_the_host_who_its_clients_are(site: Site, web: TestClient) -> None:
    site.desk.end(site.own.chat, by=KIM)
    shown = web.get("/start?q=ana").text
    assert "Ana Ruiz" in shown
    assert 'value="c17/p4"' in shown
    assert "Ben Ortega" in web.get("/parts/clients?q=ben", headers=PARTS).text
    wanted = {"q": "ana", "client": "c17/p4", "title": "Teeth", "channel-c17/p4": "app"}
    made = post(web, "/start", parts=False, department="skin", **wanted)
    assert made.status_code == 303
    talk = site.desk.conversation(made.headers["location"].rpartition("/")[2])
    assert (talk.client_name, talk.patient_name, talk.channel, talk.title, talk.department) == (
        "Ana Ruiz",
        "Bella",
        "app",
        "Teeth",
        "skin",
    )
    twice = post(web, "/start", parts=False, **wanted)
    assert twice.status_code == 422
    assert "Another conversation with this client is open already." in twice.text
    forged = post(web, "/start", parts=False, q="ana", client="c99/", title="T")
    assert forged.status_code == 422
    assert "Please choose the client." in forged.text


def test_an_error_page_is_a_page(site: Site, web: TestClient) -> None:
    answer = web.get("/active/nothing")
    assert answer.status_code == 404
    assert "This conversation is not here, or not for you." in answer.text
    site.acting(practice_id="gone")
    assert web.get("/active").status_code == 404


def test_the_form_of_a_body_is_checked(site: Site, web: TestClient) -> None:
    token = token_of(web)
    path = f"/talk/{site.own.chat}/send"
    assert web.post(path, data={"token": token, "text": "x" * 600_000}).status_code == 413
    assert (
        web.post(
            path,
            content=b"&".join(b"a=1" for _ in range(1_001)),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ).status_code
        == 413
    )
    assert web.post(path, json={"token": token}).status_code == 415
