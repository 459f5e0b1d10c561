"""Files at the desk: uploaded, sent, read, linked and dropped."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import made_files as made
import pytest
from attrs import evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, World, world
from PIL import Image

import convokit
from convokit.domain.attachment import size_words
from convokit.gateways.simulator import Simulator
from convokit.ports.wire import HttpRequest, HttpResponse

PUBLIC = "https://desk.example/hooks"
LEE = convokit.Staff(id="u2", name="Lee")
ROSA = convokit.Client(id="c2", name="Rosa")


@pytest.fixture(params=["memory:", "sqlite:///{}/desk.db"], ids=["memory", "sqlite"])
def w(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(request.param.format(tmp_path), public_url=PUBLIC) as made_world:
        yield made_world


def text_to_ana(w: World) -> str:
    return w.desk.start(client=ANA, channel="sms", by=KIM).id


def get(w: World, url: str, method: str = "GET", **headers: str) -> HttpResponse:
    asked = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return w.kit.front(HttpRequest(method=method, url=url, headers=asked))


def body(response: HttpResponse) -> bytes:
    return response.body if response.chunks is None else b"".join(response.chunks)


def test_a_picture_goes_with_the_text_and_a_pdf_as_a_link(w: World) -> None:
    photo = w.desk.upload("bella.jpg", made.photo(), by=KIM)
    message = w.desk.send(text_to_ana(w), "Bella!", by=KIM, attachments=[photo, made.pdf()])
    assert [(file.kind, file.via) for file in message.attachments] == [("photo", "mms"), ("pdf", "link")]
    assert w.desk.message(message.id).attachments == message.attachments
    w.settle()
    (taken,) = w.carrier.phone(ANA_PHONE).received
    (file,) = taken.files
    assert file.media_type == "image/jpeg"
    assert made.CANARY not in file.content
    assert Image.open(io.BytesIO(file.content)).size == (640, 480)
    words, link = taken.text.split("\nPDF: ")
    assert words == "Bella!"
    assert body(get(w, link)) == made.pdf()
    assert w.desk.message(message.id).delivery == convokit.Delivery.DELIVERED


def test_a_picture_needs_no_words(w: World) -> None:
    talk = text_to_ana(w)
    for words in ("", "  \n"):
        assert w.desk.send(talk, words, by=KIM, attachments=[made.photo((60, 40))]).text == ""
    w.settle()
    assert [taken.text for taken in w.carrier.phone(ANA_PHONE).received] == ["", ""]
    assert w.desk.conversation(talk).last_text == "[Photo]"
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.send(talk, "", by=KIM)
    assert caught.value.code == "message.empty"


def test_links_count_in_the_length_of_a_text(w: World) -> None:
    talk = text_to_ana(w)
    most = 10 * 153
    w.desk.send(talk, "a" * most, by=KIM)
    with pytest.raises(convokit.InvalidInput) as caught:
        w.desk.send(talk, "a" * (most - 50), by=KIM, attachments=[made.pdf()])
    assert (caught.value.code, caught.value.limit) == ("message.too_long", "10 segments")
    w.desk.send(talk, "a" * most, by=KIM, attachments=[made.photo((60, 40))])


def test_without_a_public_url_no_file_goes_by_text(tmp_path: Path) -> None:
    with world() as w:
        with pytest.raises(convokit.InvalidInput) as caught:
            w.desk.send(text_to_ana(w), "x", by=KIM, attachments=[made.photo((60, 40))])
        assert caught.value.code == "file.no_link"
        talk = w.desk.start(client=ANA, by=KIM).id
        file = w.desk.send(talk, "x", by=KIM, attachments=[made.photo((60, 40))]).attachments[0]
        assert w.desk.file_url(file.id, by=KIM).startswith("/media/happy-paws.")


def test_in_the_app_files_go_both_ways(w: World, tmp_path: Path) -> None:
    path = tmp_path / "Bella's labs.pdf"
    path.write_bytes(made.pdf())
    talk = w.desk.start(client=ANA, by=KIM).id
    sent = w.desk.send(talk, "labs", by=KIM, attachments=[str(path), path])
    assert [(file.name, file.via) for file in sent.attachments] == [("Bella's labs.pdf", "app")] * 2
    upload = w.desk.upload("me.mov", io.BytesIO(made.video(b"qt  ")), by=ANA)
    got = w.desk.app_message(ANA, "", attachments=[upload])
    assert got.attachments == (upload.attachment,)
    assert w.desk.conversation(talk).last_text == "[Video]"
    for by in (ANA, KIM, LEE):
        assert b"".join(w.desk.open_file(sent.attachments[0].id, by=by)) == made.pdf()
        assert b"".join(w.desk.open_file(upload.id, by=by, start=4, length=4)) == b"ftyp"
        assert w.desk.attachment(upload.id, by=by).name == "me.mov"
    for file in (sent.attachments[0], got.attachments[0]):
        with pytest.raises(convokit.NotFound) as caught:
            w.desk.file_url(file.id, by=ROSA)
        assert caught.value.code == "attachment.unknown"


def test_p02_the_same_reference_again_is_the_same_message_with_its_files(w: World) -> None:
    talk = w.desk.start(client=ANA, by=KIM).id
    upload = w.desk.upload("labs.pdf", made.pdf(), by=KIM)
    first = w.desk.send(talk, "labs", by=KIM, client_ref="r1", attachments=[upload])
    again = w.desk.send(talk, "labs", by=KIM, client_ref="r1", attachments=[upload])
    from_disk = w.desk.send(talk, "labs", by=KIM, client_ref="r1", attachments=[made.pdf()])
    assert first.id == again.id == from_disk.id
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send(talk, "labs", by=KIM, client_ref="r1", attachments=[made.pdf(b"/Other 1")])
    assert caught.value.code == "message.client_ref"
    with pytest.raises(convokit.Conflict) as caught:
        w.desk.send(talk, "once more", by=KIM, attachments=[upload])
    assert caught.value.code == "upload.used"


def test_a_message_and_the_end_in_one_act_with_a_file(w: World) -> None:
    talk = w.desk.start(client=ANA, by=KIM).id
    assert w.desk.send_and_end(talk, "", by=KIM, attachments=[made.pdf()]).ended
    assert [entry.attachments[0].kind for entry in w.desk.entries(talk) if entry.attachments] == ["pdf"]


WRONG: list[tuple[str, object, str]] = [
    ("no list", "labs.pdf", "message.attachments"),
    ("bytes alone", made.pdf(), "message.attachments"),
    ("eleven", [made.pdf()] * 11, "message.too_many_files"),
    ("a number", [7], "file.type"),
    ("nothing", [None], "file.type"),
    ("a stream of text", [io.StringIO("x" * 9)], "file.type"),
    ("no such path", ["/no/such/file.pdf"], "file.path"),
    ("a path with NUL", ["a\x00b"], "file.path"),
    ("a folder", [Path("/")], "file.path"),
]


@pytest.mark.parametrize(("given", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_p18_what_is_no_file_is_refused_and_nothing_is_sent(given: object, code: str) -> None:
    with world(public_url=PUBLIC) as w:
        talk = text_to_ana(w)
        with pytest.raises(convokit.InvalidInput) as caught:
            w.desk.send(talk, "x", by=KIM, attachments=given)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert w.desk.conversation(talk).last_seq == 1


def test_p18_other_wrong_values_are_told(w: World) -> None:
    upload = w.desk.upload("labs.pdf", made.pdf(), by=KIM)
    calls = {
        "by.type": lambda: w.desk.upload("x", made.pdf(), by="Kim"),  # type: ignore[arg-type]
        "file.name": lambda: w.desk.upload(None, made.pdf(), by=KIM),  # type: ignore[arg-type]
        "message.attachments": lambda: w.desk.send(text_to_ana(w), "x", by=KIM, attachments=[upload, upload]),
        "file_url.minutes": lambda: w.desk.file_url(upload.id, by=KIM, minutes=0),
        "upload_id.type": lambda: w.desk.uploaded(None, by=KIM),  # type: ignore[arg-type]
        "message.unknown": lambda: w.desk.revoke_links("m_0"),
    }
    for code, call in calls.items():
        with pytest.raises(convokit.ConvokitError) as caught:
            call()
        assert caught.value.code == code


def test_an_upload_that_nobody_sends_is_dropped_after_a_day(w: World) -> None:
    kept, left = (w.desk.upload("labs.pdf", made.pdf(more), by=KIM) for more in (b"/Kept 1", b"/Left 1"))
    same = w.desk.upload("again.pdf", made.pdf(b"/Kept 1"), by=KIM)
    talk = w.desk.start(client=ANA, by=KIM).id
    w.desk.send(talk, "", by=KIM, attachments=[kept])
    w.clock.pass_(hours=23)
    w.kit.work()
    assert w.desk.uploaded(left.id, by=KIM) == left
    w.clock.pass_(hours=1)
    with pytest.raises(convokit.NotFound):
        w.desk.uploaded(left.id, by=KIM)
    with pytest.raises(convokit.NotFound) as caught:
        w.desk.send(talk, "", by=KIM, attachments=[same])
    assert caught.value.code == "upload.unknown"
    w.kit.work()
    size = w.kit.files.media.size
    assert size("happy-paws", left.attachment.sha256) is None
    assert b"".join(w.desk.open_file(kept.id, by=LEE)) == made.pdf(b"/Kept 1")


def link_of(w: World) -> tuple[str, str]:
    """A PDF as a link in a text: the message's id and the URL."""
    message = w.desk.send(text_to_ana(w), "labs", by=KIM, attachments=[made.pdf()])
    w.settle()
    return message.id, w.carrier.taken[-1].text.split("PDF: ")[1]


def test_a_link_holds_as_long_as_the_practice_says(w: World) -> None:
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=convokit.Rules(link_hours=2)))
    _, link = link_of(w)
    w.clock.pass_(hours=1, minutes=50)
    assert get(w, link).status == 200
    w.clock.pass_(minutes=15)
    gone = get(w, link)
    assert (gone.status, b"no longer valid" in gone.body) == (410, True)


def test_revoked_links_end_and_new_ones_do_not(w: World) -> None:
    message_id, link = link_of(w)
    (file,) = w.desk.message(message_id).attachments
    mine = w.desk.file_url(file.id, by=KIM)
    assert w.desk.revoke_links(message_id) == 1
    assert [get(w, url).status for url in (link, mine)] == [410, 410]
    assert get(w, w.desk.file_url(file.id, by=KIM)).status == 200


def test_p15_a_link_that_was_changed_is_no_link(w: World) -> None:
    _, link = link_of(w)
    front, token = link.rsplit("/", 1)
    practice, file, size, expires, revoked, signature = token.rsplit(".", 5)
    forged = [
        [practice, file, "s", expires, revoked, signature],
        [practice, file, size, "7fffffff", revoked, signature],
        [practice, file, size, expires, "1", signature],
        ["other", file, size, expires, revoked, signature],
        [practice, "f_000001", size, expires, revoked, signature],
        [practice, file, size, expires, revoked, signature[:-1]],
        [practice, file, size, expires, revoked, ""],
        [practice, file, size, expires, revoked, "ü"],
    ]
    assert get(w, link).status == 200
    for parts in forged:
        assert get(w, f"{front}/{'.'.join(parts)}").status == 404, parts
    for token in ("", "......", "a.b.c.d.e.f", "x" * 100_000, "%00"):
        assert w.kit.media(HttpRequest(method="GET", url=f"{front}/{token}")).status == 404


def test_p15_what_a_browser_gets_runs_nothing_and_stays_nowhere(w: World) -> None:
    photo = w.desk.upload('be"lla ü.jpg', made.photo((60, 40)), by=KIM)
    response = get(w, w.desk.file_url(photo.id, by=KIM))
    assert dict(response.headers) == {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "image/jpeg",
        "Content-Disposition": "inline; filename=\"bella _.jpg\"; filename*=UTF-8''bella%20%C3%BC.jpg",
        "Accept-Ranges": "bytes",
        "Content-Length": str(photo.attachment.size),
    }
    small = get(w, w.desk.file_url(photo.id, by=KIM, size="small"))
    assert (small.header("Content-Type"), body(small)[:2]) == ("image/jpeg", b"\xff\xd8")
    for answer in (response, small, get(w, "/media/a.b.c.d.e.f")):
        assert answer.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    ("asked", "status", "told", "part"),
    [
        ("bytes=0-3", 206, "bytes 0-3/{}", slice(0, 4)),
        ("bytes=4-", 206, "bytes 4-{last}/{}", slice(4, None)),
        ("bytes=-4", 206, "bytes {tail}-{last}/{}", slice(-4, None)),
        ("bytes=0-99999999", 200, None, slice(None)),
        ("bytes=9999999-", 416, "bytes */{}", slice(0, 0)),
        ("bytes=-0", 416, "bytes */{}", slice(0, 0)),
        ("bytes=5-3", 416, "bytes */{}", slice(0, 0)),
        ("bytes=0-1,3-4", 200, None, slice(None)),
        ("bytes=-", 200, None, slice(None)),
        ("rows=0-3", 200, None, slice(None)),
    ],
)
def test_a_part_of_a_file_is_served_alone(asked: str, status: int, told: str | None, part: slice) -> None:
    with world(public_url=PUBLIC) as w:
        content = made.video()
        url = w.desk.file_url(w.desk.upload("walk.mp4", content, by=KIM).id, by=KIM)
        response = get(w, url, Range=asked)
        size = len(content)
        expected = None if told is None else told.format(size, last=size - 1, tail=size - 4)
        assert (response.status, response.header("Content-Range")) == (status, expected)
        assert body(response) == content[part]


def test_head_opens_nothing_and_other_methods_are_refused(w: World) -> None:
    url = w.desk.file_url(w.desk.upload("labs.pdf", made.pdf(), by=KIM).id, by=KIM)
    head = get(w, url, "HEAD")
    assert (head.status, head.chunks, head.header("Content-Length")) == (200, None, str(len(made.pdf())))
    refused = get(w, url, "POST")
    assert (refused.status, refused.header("Allow")) == (405, "GET, HEAD")


def test_the_front_tells_files_and_webhooks_apart(w: World) -> None:
    _, link = link_of(w)
    assert get(w, link).status == 200
    path = w.kit.webhook_path("happy-paws")
    assert get(w, f"{PUBLIC}/{path}").status == 403
    assert get(w, f"{PUBLIC}/media/{path}").status == 403
    assert get(w, "http://[half").status == 404


def test_a_file_that_was_lost_fails_its_text_and_not_the_worker(w: World) -> None:
    message = w.desk.send(text_to_ana(w), "labs", by=KIM, attachments=[made.pdf()])
    (file,) = message.attachments
    upload = w.kit.store.media("happy-paws", file.id)
    assert upload is not None
    assert w.kit.files.drop("happy-paws", upload)
    w.settle()
    after = w.desk.message(message.id)
    assert (after.delivery, after.reason) == (convokit.Delivery.FAILED, "media_problem")
    assert not w.carrier.taken


def test_to_a_client_who_opted_out_no_file_leaves(w: World) -> None:
    talk = text_to_ana(w)
    w.desk.opt_out(ANA_PHONE, by=KIM, reason="asked")
    message = w.desk.send(talk, "labs", by=KIM, attachments=[made.pdf()])
    w.settle()
    assert message.reason == "opted_out"
    assert not w.carrier.taken


def test_send_again_makes_fresh_links(w: World) -> None:
    w.carrier.phone(ANA_PHONE).state = "off"
    message_id, first = link_of(w)
    talk = w.desk.message(message_id).conversation_id
    w.carrier.phone(ANA_PHONE).state = "on"
    w.clock.pass_(hours=100)
    assert get(w, first).status == 410
    w.desk.send_again(talk, message_id, by=KIM)
    w.settle()
    assert get(w, w.carrier.taken[-1].text.split("PDF: ")[1]).status == 200


def test_files_are_still_there_after_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    with world(url, public_url=PUBLIC) as w:
        _, link = link_of(w)
    assert re.fullmatch(r"https://desk\.example/hooks/media/[A-Za-z0-9._-]+", link)
    with convokit.open(url, plugins=[Simulator()], clock=w.clock) as kit:
        assert body(kit.media(HttpRequest(method="GET", url=link))) == made.pdf()


def test_a_store_without_media_says_how_to_get_one() -> None:
    with world() as w:
        w.kit.files._media = None
        with pytest.raises(convokit.ConfigurationError) as caught:
            w.desk.upload("labs.pdf", made.pdf(), by=KIM)
        assert caught.value.code == "media.none"
        assert w.kit.media(HttpRequest(method="GET", url="/media/x")).status == 404


def test_p10_a_desk_of_other_departments_reads_no_file(tmp_path: Path) -> None:
    with world(public_url=PUBLIC) as w:
        rules = convokit.Rules(departments=[convokit.Department(id="surgery", name="Surgery")])
        w.kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
        talk = w.kit.practice("happy-paws").start(client=ANA, by=KIM).id
        message = w.desk.send(talk, "", by=KIM, attachments=[made.pdf()])
        surgery = w.kit.practice("happy-paws", departments=["surgery"])
        for call in (
            lambda: surgery.open_file(message.attachments[0].id, by=LEE),
            lambda: surgery.revoke_links(message.id),
        ):
            with pytest.raises(convokit.NotFound):
                call()


def test_p14_a_transcript_names_its_files_with_size_and_digest(w: World, tmp_path: Path) -> None:
    talk = w.desk.start(client=ANA, by=KIM).id
    pdf = w.desk.upload("Bella's labs 🐶.pdf", made.pdf(), by=KIM)
    message = w.desk.send(talk, "", by=KIM, attachments=[pdf, made.video()])
    told = "".join(w.desk.transcript(talk).text().split())
    for file, words in zip(message.attachments, ("PDF,application/pdf,", "Video,video/mp4,"), strict=True):
        name, size = "".join(file.name.split()), "".join(size_words(file.size).split())
        assert f"File:{name}({words}{size})SHA-256{file.sha256}" in told
    assert "(emptymessage)" not in told
    for suffix in ("pdf", "html", "json"):
        path = tmp_path / f"t.{suffix}"
        w.desk.transcript(talk).write(path)
        assert suffix == "pdf" or pdf.attachment.sha256 in path.read_text(encoding="utf-8")
