"""The twelve items of the conversations dashboard by name, walked by staff and a pet owner in two browsers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from convokit_dashboard.demo import cast
from made_files import photo
from playwright.sync_api import expect

if TYPE_CHECKING:
    from conftest import Stage
    from playwright.sync_api import Locator, Page

    import convokit

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def rows(page: Page) -> Locator:
    return page.locator("#row-list > .row")


def row(page: Page, name: str) -> Locator:
    return rows(page).filter(has_text=name).first


def open_talk(page: Page, name: str) -> None:
    row(page, name).locator("a").click()
    expect(page.locator("#thread-head h1")).to_contain_text(name)


def write(page: Page, words: str) -> None:
    page.fill("#text", words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#text")).to_have_value("")


def bubble(page: Page, words: str) -> Locator:
    return page.locator("article.said").filter(has_text=words).last


def mark(page: Page, words: str) -> Locator:
    return bubble(page, words).locator(".mark")


def option(page: Page, name: str) -> Locator:
    page.locator("#options-menu > summary").click()
    return page.locator("#options-menu").get_by_role("button", name=name)


def shows(page: Page, ids: list[str]) -> None:
    """The list comes to hold just these conversations, in this order."""
    shown = "[...document.querySelectorAll('#row-list > .row')].map(row => row.dataset.id).join()"
    page.wait_for_function(f"wanted => {shown} === wanted", arg=",".join(ids))


def ids(found: convokit.Page[convokit.Conversation]) -> list[str]:
    return [one.id for one in found.items]


def phone(owner: Page, stage: Stage, who: str, screen: str) -> None:
    owner.goto(f"{stage.url}/phone/{who}/{screen}")


def test_01_active_conversations(staff: Page, stage: Stage) -> None:
    """All open ones: by urgency, then newest on top; without urgency, newest on top."""
    listed = [one.client_name or one.address for one in stage.desk.inbox().items]
    names = rows(staff).locator(".row-who").all_inner_texts()
    assert "Ben Ortega" in names[0]
    assert "Lena Park" in names[1]
    assert len(names) == len(listed)
    assert staff.locator("#count-active").inner_text() == str(len(listed))
    expect(row(staff, "Ben Ortega").locator(".tag")).to_contain_text("Urgent")
    open_talk(staff, "Chloe Tran")
    staff.locator("#options-menu > summary").click()
    staff.locator("#options-menu select[name=level]").select_option("urgent")
    expect(rows(staff).nth(1)).to_contain_text("Chloe Tran")
    staff.locator("#options-menu > summary").click()
    staff.locator("#options-menu select[name=level]").select_option("normal")
    expect(row(staff, "Chloe Tran").locator(".tag")).to_have_count(0)
    staff.goto(f"{stage.url}/desk/settings/urgency")
    staff.get_by_label("Sort by urgency first").uncheck()
    staff.get_by_role("button", name="Save").click()
    expect(staff.get_by_text("Saved.")).to_be_visible()
    staff.goto(f"{stage.url}/desk/active")
    newest = max(stage.desk.inbox().items, key=lambda one: one.last_us)
    expect(rows(staff).first).to_contain_text(newest.client_name or newest.address)
    staff.goto(f"{stage.url}/desk/settings/urgency")
    staff.get_by_label("Sort by urgency first").check()
    staff.get_by_role("button", name="Save").click()
    expect(staff.get_by_text("Saved.")).to_be_visible()


def test_02_history(staff: Page, stage: Stage) -> None:
    """Ended conversations, newest ending first; the transcript, downloaded and filed in the medical record; restart."""
    staff.get_by_role("link", name=re.compile("History")).click()
    ended = [one.client_name for one in stage.desk.history().items]
    expect(rows(staff).locator(".row-who")).to_have_text([re.compile(f"^{re.escape(name)}( ·|$)") for name in ended])
    open_talk(staff, "Karl Moe")
    expect(staff.locator("#composer")).to_contain_text("This conversation has ended.")
    staff.locator("#options-menu > summary").click()
    for kind, start in (("PDF", b"%PDF-"), ("HTML", b"<!"), ("Text", b"Happy Paws"), ("JSON", b"{"), ("ZIP", b"PK")):
        with staff.expect_download() as got:
            staff.locator(".formats").get_by_role("button", name=kind).click()
        assert Path(got.value.path()).read_bytes().lstrip().startswith(start)
        assert got.value.suggested_filename.startswith("Bruno 20")
    expect(staff.locator(".event", has_text="Dr. Kim downloaded the transcript")).to_have_count(5)
    staff.locator("#options-menu").get_by_role("button", name="File in the medical record").click()
    expect(staff.locator("#notices")).to_contain_text("The transcript is on its way to the medical record.")
    filed = "The transcript was filed in the medical record, as Dr. Kim asked"
    expect(staff.locator(".event", has_text=filed)).to_be_visible()
    kept = list(Path(f"{stage.file}.records").rglob("*_Bruno_Karl-Moe_*.pdf"))
    assert len(kept) == 2, kept  # the one of the end, and this one
    staff.get_by_role("button", name="Restart conversation").first.click()
    expect(staff.locator("#text")).to_be_visible()
    expect(staff.get_by_text("restarted the conversation.").last).to_be_visible()
    assert len(stage.desk.history().items) == len(ended) - 1
    stage.desk.end(stage.living.of(cast.KARL).id, by=cast.KIM)


def test_03_past_due_emojis(staff: Page) -> None:
    """One emoji per kind, each with its label."""
    shown = row(staff, "Lena Park").locator(".emoji")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("aria-label").startswith("Heartworm test,")
    expect(row(staff, "Chloe Tran").locator(".emoji")).to_have_count(0)
    open_talk(staff, "Lena Park")
    expect(staff.locator(".past-due")).to_contain_text("Heartworm test")


def test_04_delivery_method(staff: Page, stage: Stage) -> None:
    """Shown on each conversation, with the address; starting one: the app first, and why not."""
    open_talk(staff, "Dan White")
    expect(staff.locator(".head-sub .way")).to_contain_text("By text (303) 555-0144")
    staff.get_by_role("link", name="Start").click()
    staff.get_by_label("Title").fill("Teeth")
    staff.get_by_label("Client").press_sequentially("nora")
    found = staff.locator(".found")
    expect(found).to_contain_text("Nora Quinn")
    expect(found).to_contain_text("This client does not have the app.")
    assert found.get_by_label("In the app").is_disabled()
    assert found.get_by_label("By text").is_checked()
    found.get_by_label("Nora Quinn").check()
    staff.get_by_role("main").get_by_role("button", name="Start").click()
    expect(staff.locator("#thread-head")).to_contain_text("Nora Quinn")
    expect(staff.locator("#thread-head")).to_contain_text("Teeth")
    talk = stage.living.of(cast.NORA)
    assert (talk.channel, talk.address, talk.title) == ("sms", cast.NORA.phone, "Teeth")


def test_05_page_filters(staff: Page, stage: Stage) -> None:
    """Each filters, all combine, each can be the sort, and they live in the address; search finds everything."""
    inbox, everybody = stage.desk.inbox, rows(staff).count()
    staff.locator(".chip", has_text="Unread").click()
    expect(staff).to_have_url(re.compile("unread=1"))
    expect(staff.locator("#row-list > .row:not(.unread)")).to_have_count(0)
    unread = rows(staff).count()
    assert 0 < unread < everybody
    staff.locator("#more-filters > summary").click()
    staff.locator("select[name=by]").select_option("app")
    expect(staff).to_have_url(re.compile("unread=1.*by=app"))
    assert 0 < rows(staff).count() < unread
    staff.reload()
    assert staff.locator("select[name=by]").input_value() == "app"
    staff.get_by_role("link", name="Clear filters").click()
    expect(rows(staff)).to_have_count(everybody)
    staff.get_by_role("button", name="Urgent").click()
    shows(staff, ids(inbox(urgency="urgent")))
    expect(staff).to_have_url(re.compile("urgency=urgent"))
    staff.locator("#more-filters > summary").click() if not staff.locator("select[name=from]").is_visible() else None
    stage.desk.assign(stage.living.of(cast.GRACE).id, cast.SAM, by=cast.KIM)
    for name, value, asked in (
        ("urgency", "high", {"urgency": "high"}),
        ("urgency", "normal", {"urgency": "normal"}),
        ("from", "client", {"urgency": "normal", "initiated_by": "client"}),
        ("urgency", "", {"initiated_by": "client"}),
        ("from", "", {}),
        ("department", "skin", {"department": "skin"}),
        ("department", "", {}),
        ("assignee", cast.SAM.id, {"assignee": cast.SAM.id}),
        ("assignee", "-", {"assignee": ""}),
        ("assignee", "", {}),
    ):
        staff.locator(f"select[name={name}]").select_option(value)
        shows(staff, ids(inbox(**asked)))
    for sort in ("newest", "unread", "initiated_by", "channel", "department", "assignee", "awaiting_reply", "failed"):
        staff.locator("select[name=sort]").select_option(sort)
        expect(staff).to_have_url(re.compile(f"sort={sort}"))
        shows(staff, ids(inbox(sort=sort)))
    staff.goto(f"{stage.url}/desk/active?assignee=gone&unread=0")
    staff.locator("select[name=by]").select_option("app")
    expect(staff).to_have_url(re.compile("unread=0.*by=app.*assignee=gone"))
    stage.desk.assign(stage.living.of(cast.GRACE).id, None, by=cast.KIM)
    for asked, name in (
        ("thyroid", "Chloe Tran"),
        ("bella", "Ana Ruiz"),
        ("303 555 0144", "Dan White"),
        ("ines@example.com", "Ines Costa"),
        ("stitches", "Dan White"),
    ):
        staff.keyboard.press("Escape")
        staff.fill("#find", asked)
        staff.keyboard.press("Enter")
        expect(rows(staff).first).to_contain_text(name)


def test_06_end_conversation(staff: Page, owner: Page, stage: Stage) -> None:
    """End mails the transcript and moves it to the history; send and end is one step; who writes again reopens it."""
    open_talk(staff, "Hanna" if row(staff, "Hanna").count() else "(303) 555-0111")
    staff.locator(".warn-card").get_by_role("button", name="Hugo Berg").click()
    expect(staff.locator("#thread-head h1")).to_contain_text("Hugo Berg")
    staff.fill("#text", "So glad to hear it!")
    staff.get_by_role("button", name="Send and end").click()
    expect(staff.get_by_text("The conversation has ended. You find it in the history.")).to_be_visible()
    expect(row(staff, "Hugo Berg")).to_have_count(0)
    assert stage.living.of(cast.HUGO).ended
    open_talk(staff, "Ana Ruiz")
    staff.keyboard.press("Escape")
    staff.locator("#thread-head h1").click()
    staff.keyboard.press("e")
    dialog = staff.locator("#end-dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="End conversation").click()
    expect(dialog).to_be_hidden()
    expect(staff.locator("#composer")).to_contain_text("This conversation has ended.")
    expect(staff.locator("#entries")).to_contain_text("The transcript was mailed to ana@example.com.")
    phone(owner, stage, cast.ANA.id, "messages")
    owner.fill("#say", "One more thing")
    owner.keyboard.press("Enter")
    expect(staff.locator("#entries")).to_contain_text("Reopened: the client wrote again.")
    expect(staff.locator("#text")).to_be_visible()
    expect(row(staff, "Ana Ruiz")).to_contain_text("One more thing")


def test_07_options_menu(staff: Page, stage: Stage) -> None:
    """Mark unread, edit the team member, opt out: possible in every state, ended included."""
    staff.get_by_role("link", name=re.compile("History")).click()
    name = rows(staff).filter(has_text="Karl Moe")
    name.locator("a").click()
    option(staff, "Mark as unread").click()
    expect(row(staff, "Karl Moe").locator(".unread-count")).to_be_visible()
    option(staff, "Edit team member").click()
    staff.get_by_label("Name", exact=True).fill("Dr. Kim, orthopedics")
    staff.locator("#rename-dialog").get_by_role("button", name="Save").click()
    expect(staff.locator(".team")).to_contain_text("Dr. Kim, orthopedics")
    option(staff, "Opt the client out of texts").click()
    staff.get_by_label("How did the client ask?").fill("by phone")
    staff.locator("#opt-out-dialog").get_by_role("button", name="Opt out").click()
    expect(staff.locator("#panel")).to_contain_text("Opted out")
    assert stage.desk.consent(cast.KARL.phone).opted_out
    option(staff, "Client allows texts again").click()
    staff.get_by_label("How did the client say so?").fill("by phone")
    staff.locator("#opt-in-dialog").get_by_role("button", name="Allow texts").click()
    expect(staff.locator("#panel")).to_contain_text("Allowed")


def test_08_team_member(staff: Page, stage: Stage) -> None:
    """The name that the client sees, apart from the author, who cannot be edited."""
    open_talk(staff, "Ines Costa")
    option(staff, "Edit team member").click()
    staff.get_by_label("Name", exact=True).fill("The skin team")
    staff.locator("#rename-dialog").get_by_role("button", name="Save").click()
    expect(staff.locator(".team")).to_contain_text("The skin team")
    write(staff, "See you on Thursday.")
    expect(bubble(staff, "See you on Thursday.")).to_be_visible()
    entry = stage.desk.thread(stage.living.of(cast.INES).id).items[-1]
    assert (entry.author_id, entry.author_name) == (cast.KIM.id, "The skin team")


def test_09_photo_and_video(staff: Page, owner: Page, stage: Stage) -> None:
    """To the client and from the client, with their pictures shown."""
    open_talk(staff, "Chloe Tran")
    staff.locator("#pick").set_input_files({"name": "pill.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(staff.locator(".upload[data-done]")).to_contain_text("pill.jpg")
    write(staff, "These ones?")
    expect(bubble(staff, "These ones?").locator("img")).to_be_visible()
    assert bubble(staff, "These ones?").locator("img").evaluate("one => one.complete && one.naturalWidth > 0")
    phone(owner, stage, cast.CHLOE.id, f"chat/{stage.living.of(cast.CHLOE).id}")
    expect(owner.locator(".b img")).to_have_count(1)
    owner.set_input_files("#photo", {"name": "box.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(staff.locator(".said.in img")).to_have_count(1)
    open_talk(staff, "Grace Lee")
    phone(owner, stage, cast.GRACE.id, "messages")
    owner.set_input_files("#photo", {"name": "ears.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(owner.locator(".b.mine").last).to_contain_text("[1 photo]")
    expect(staff.locator(".said.in img")).to_have_count(1)
    staff.locator("#pick").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"<html>"})
    expect(staff.locator(".upload.bad")).to_contain_text("Only photos, videos and PDFs can be sent.")


def test_10_pdf(staff: Page, owner: Page, stage: Stage) -> None:
    """A PDF to the client is a file to download, on both sides; by text it goes as a link."""
    open_talk(staff, "Chloe Tran")
    staff.locator("#pick").set_input_files({"name": "refill.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(staff.locator(".upload[data-done]")).to_contain_text("refill.pdf")
    write(staff, "Your form")
    with staff.expect_download() as got:
        bubble(staff, "Your form").locator("a.file").click()
    assert got.value.suggested_filename == "refill.pdf"
    phone(owner, stage, cast.CHLOE.id, f"chat/{stage.living.of(cast.CHLOE).id}")
    expect(owner.locator(".doc")).to_contain_text("refill.pdf")
    open_talk(staff, "Grace Lee")
    staff.locator("#pick").set_input_files({"name": "bath.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(staff.locator(".upload[data-done]")).to_contain_text("bath.pdf")
    write(staff, "Our price list")
    expect(bubble(staff, "Our price list")).to_contain_text("Sent as a link")


def test_11_virtual_payment(staff: Page, owner: Page, stage: Stage) -> None:
    """Asked for in the conversation, paid on the phone, seen by both; grayed out with the reason where it cannot be."""
    open_talk(staff, "Ben Ortega")
    staff.get_by_role("button", name="Ask for a payment").click()
    staff.get_by_label("What for").fill("Max: treatment")
    staff.get_by_label("Invoice number").fill("1042")
    staff.get_by_label("Amount").fill("184.50")
    staff.locator("#pay-dialog").get_by_role("button", name="Ask").click()
    card = staff.locator("#entries .payment")
    expect(card).to_contain_text("184.50")
    expect(card).to_contain_text("Requested")
    phone(owner, stage, cast.BEN.id, f"chat/{stage.living.of(cast.BEN).id}")
    owner.get_by_role("button", name=re.compile("Pay")).click()
    expect(card).to_contain_text("Paid")
    expect(owner.locator("#chat")).to_contain_text("Thank you!")
    for talk, why in (
        (stage.living.of(cast.EVA), "opted out of texts"),
        (stage.living.of(cast.KARL), "The conversation has ended; restart it first."),
    ):
        staff.goto(f"{stage.url}/desk/active/{talk.id}")
        button = staff.get_by_role("button", name="Ask for a payment")
        expect(button).to_be_disabled()
        assert why in (button.get_attribute("title") or "")
        expect(button).to_contain_text(why)
    staff.goto(f"{stage.url}/desk/settings/payments")
    with staff.expect_download() as got:
        staff.get_by_role("button", name="Payments as CSV").click()
    assert "1042" in Path(got.value.path()).read_text(encoding="utf-8")


def test_12_message_delivery_status(staff: Page, owner: Page, stage: Stage) -> None:
    """One gray check, two gray, two blue; by text never blue; the black "i" with reason and advice; unsure."""
    open_talk(staff, "Lena Park")
    write(staff, "Monday at 9?")
    expect(mark(staff, "Monday at 9?")).to_have_text("Sent, unread")
    phone(owner, stage, cast.LENA.id, "home")
    owner.get_by_role("button", name=re.compile("Happy Paws")).click()
    expect(mark(staff, "Monday at 9?")).to_have_text("Received: the client opened the app")
    expect(mark(staff, "Monday at 9?")).to_have_class(re.compile("gray"))
    owner.get_by_role("link", name=re.compile("Heartworm")).click()
    expect(mark(staff, "Monday at 9?")).to_have_text("Read: the client opened the conversation")
    expect(mark(staff, "Monday at 9?")).to_have_class(re.compile("blue"))
    open_talk(staff, "Grace Lee")
    write(staff, "Friday is fine")
    expect(mark(staff, "Friday is fine")).to_have_text("Delivered, says the carrier")
    open_talk(staff, "Dan White")
    failed = bubble(staff, "Rex's stitches")
    expect(failed).to_contain_text("The phone was switched off or had no reception. Try again later, or call.")
    phone(owner, stage, cast.DAN.id, "home")
    owner.get_by_role("button", name="Switch on").click()
    failed.get_by_role("button", name="Send again").click()
    expect(mark(staff, "Rex's stitches")).to_have_text("Delivered, says the carrier")
    open_talk(staff, "Farid Aziz")
    unsure = bubble(staff, "Luna is due")
    expect(unsure.locator(".mark")).to_contain_text("It is not known whether the carrier took this text")
    unsure.get_by_role("button", name="Leave").click()
    expect(unsure).to_contain_text("Left: it is not sent again.")
    phone(owner, stage, cast.EVA.id, "messages")
    open_talk(staff, "Eva Lind")
    expect(staff.locator(".banner.opted_out")).to_contain_text("This client has opted out of texts.")
