"""The settings pages: what is shown is what holds, and what is saved is checked by the kit's own door."""

from __future__ import annotations

import re

import pytest
from attrs import evolve
from dashboard_site import Site, token_of
from starlette.testclient import TestClient

import convokit
from convokit.domain.department_rules import all_departments
from convokit.domain.hours import ConversationHours

SECTIONS = ("urgency", "hours", "reminder", "record", "emojis", "departments", "keywords", "texts", "payments")


def version(web: TestClient, section: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', web.get(f"/settings/{section}").text)
    assert found is not None
    return found[1]


def save(web: TestClient, section: str, data: dict[str, object] | None = None):
    return web.post(
        f"/settings/{section}", data={"token": token_of(web), "version": version(web, section), **(data or {})}
    )


def fields_of(text: str) -> dict[str, list[str]]:
    """The form as a browser would send it back unchanged."""
    from html import unescape

    form = text[text.index("<main") :].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, value in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(unescape(value))
    for name, body in re.findall(r'<select name="([^"]*)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found.setdefault(name, []).append(chosen[1] if chosen else "")
    return found


def test_a_department_keeps_hours_of_its_own_or_those_of_the_practice(site: Site, web: TestClient) -> None:
    own = ConversationHours(week={"mon-tue": "8:00-12:00"}, exceptions={"2026-12-24": ""}, away="Back at 8.")
    kept = [evolve(one, hours=own) if one.id == "skin" else one for one in site.desk.practice.rules.departments]
    site.kit.add_practice(evolve(site.desk.practice, rules=evolve(site.desk.practice.rules, departments=kept)))
    form = fields_of(web.get("/settings/departments").text)
    assert form["own_hours"] == ["1"]
    assert (form["day-mon"], form["day-wed"]) == (["", "8:00-12:00", "", ""], [""] * 4)
    form["day-wed"][2], form["holidays"][2], form["first_reply"][2] = "9:00-17:00", "12-25", "Hello"
    form["own_hours"].append("2")
    assert web.post("/settings/departments", data=form).status_code == 303
    _, skin, lab = all_departments(site.desk.practice.rules)
    assert skin.hours == evolve(own, week={"mon": "8:00-12:00", "tue": "8:00-12:00"})
    assert lab.hours == ConversationHours(week={"wed": "9:00-17:00"}, holidays=["12-25"], greeting="Hello")
    form = fields_of(web.get("/settings/departments").text) | {"own_hours": ["1"]}
    form["day-mon"][1] = "soon"
    assert web.post("/settings/departments", data=form).status_code == 422
    form = fields_of(web.get("/settings/departments").text) | {"own_hours": []}
    assert web.post("/settings/departments", data=form).status_code == 303
    assert [one.hours for one in all_departments(site.desk.practice.rules)] == [None, None, None]


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_an_unchanged_form_changes_nothing_that_matters(site: Site, web: TestClient, section: str) -> None:
    before = site.desk.practice.rules
    answer = web.post(f"/settings/{section}", data=fields_of(web.get(f"/settings/{section}").text))
    assert answer.status_code == 303, answer.text
    after = site.desk.practice.rules
    if section == "departments":
        assert {one.id for one in after.departments} >= {one.id for one in before.departments}
    else:
        assert after == before
    assert "Saved." in web.get(answer.headers["location"]).text


def test_the_first_section_is_the_home_and_an_unknown_one_is_not_found(web: TestClient) -> None:
    assert web.get("/settings").headers["location"] == "/settings/urgency"
    assert web.get("/settings/nothing").status_code == 404


def test_each_section_is_saved(site: Site, web: TestClient) -> None:
    save(web, "urgency", {"reopen_hours": "24"})
    assert (site.desk.practice.rules.urgency, site.desk.practice.rules.reopen_hours) == (False, 24)
    quiet = {"quiet": "1", "quiet_begin": "20:00", "quiet_end": "09:00"}
    days = {"day-mon": "8:00-12:00, 13:00-18:00", "holidays": "12-25\n4th thu nov", "away": "Closed."}
    save(web, "hours", days | quiet)
    hours = site.desk.practice.rules.hours
    assert hours.week == (("mon", "8:00-12:00, 13:00-18:00"),)
    assert hours.holidays == ("12-25", "4th thu nov")
    assert site.desk.practice.rules.quiet_hours == convokit.QuietHours(begin="20:00", end="09:00")
    save(web, "hours", days | quiet | {"quiet": ""})
    assert site.desk.practice.rules.quiet_hours == convokit.QuietHours(on=False, begin="20:00", end="09:00")
    save(
        web,
        "reminder",
        {"recipients": "a@x.example", "time": "18:00", "weekday": ["mon", "sat"], "sender": "d@x.example"},
    )
    rules = site.desk.practice.rules
    assert (rules.end_of_day.time, rules.end_of_day.weekdays, rules.mail.sender) == (
        "18:00",
        ("mon", "sat"),
        "d@x.example",
    )
    save(web, "record", {"format": "html"})
    assert (site.desk.practice.rules.records.on_end, site.desk.practice.rules.records.format) == (False, "html")
    save(web, "emojis", {"reminder_months": "12", "kind": ["rabies", "dental"], "emoji": ["🐺", "🦷"]})
    assert site.desk.practice.rules.reminder_emojis == (("rabies", "🐺"),)
    save(
        web,
        "keywords",
        {"stop_words": "basta\nno gracias", "confirmation": "{practice}: bye", "help_reply": "Call {phone}"},
    )
    assert site.desk.practice.rules.stop_words == {"basta", "no gracias"}
    save(web, "texts", {"title": ["Ready", ""], "text": ["Hi {client}", ""], "department": ["skin", "*"]})
    assert [(one.title, one.department) for one in site.desk.practice.rules.canned] == [("Ready", "skin")]
    assert (
        "Hi Ana" in web.get(f"/active/{site.own.chat}").text
        or site.desk.conversation(site.own.chat).department != "skin"
    )
    save(web, "payments", {"expiry_hours": "24", "prompt": "Pay {link}", "receipt": ""})
    assert site.desk.practice.rules.payments.expiry_hours == 24


def form(ids: list[str], names: list[str], greetings: list[str]) -> dict[str, object]:
    return {"id": ids, "name": names, "greeting": greetings}


def test_departments_are_made_renamed_and_only_removed_when_nobody_is_in_them(site: Site, web: TestClient) -> None:
    names = {
        "id": ["-", "skin", "lab", ""],
        "name": ["Desk", "Derma", "Lab", "Dental care"],
        "greeting": ["", "", "", "Hi"],
    }
    assert save(web, "departments", {**names, "in_app": ["0", "3"]}).status_code == 303
    found = {one.id: one for one in site.desk.departments()}
    assert found[""].name == "Desk"
    assert (found["skin"].name, found["skin"].in_app) == ("Derma", False)
    assert (found["dental-care"].greeting, found["dental-care"].in_app) == ("Hi", True)
    busy = save(
        web, "departments", {"id": ["-", "skin", "lab"], "name": ["Desk", "Derma", ""], "greeting": ["", "", ""]}
    )
    assert busy.status_code == 422
    assert "still has open conversations" in busy.text
    free = save(web, "departments", form(["-", "skin", "lab"], ["Desk", "", "Lab"], [""] * 3))
    assert free.status_code == 303
    assert {one.id for one in site.desk.departments()} == {"", "lab"}


@pytest.mark.parametrize(
    ("section", "data", "why"),
    [
        ("urgency", {"reopen_hours": "x"}, "whole number"),
        ("hours", {"day-mon": "8 to 12"}, "These hours cannot be read."),
        ("hours", {"quiet": "1", "quiet_begin": "9", "quiet_end": "08:00"}, "need a beginning"),
        ("hours", {"quiet": "1", "quiet_begin": "08:00", "quiet_end": "08:00"}, "another time as their end"),
        ("reminder", {"recipients": "nonsense", "time": "17:30", "weekday": ["mon"]}, "This is not an e-mail address."),
        ("record", {"format": "zip"}, "Unknown format"),
        ("emojis", {"reminder_months": "18", "kind": ["rabies"], "emoji": ["x"]}, "emoji"),
        ("keywords", {"confirmation": "{practise}", "help_reply": "x"}, "practise"),
        ("texts", {"title": ["a"], "text": ["{clinet}"], "department": ["*"]}, "clinet"),
        ("payments", {"expiry_hours": "72", "prompt": "no link", "receipt": ""}, "link"),
    ],
)
def test_what_cannot_be_is_refused_with_words(
    site: Site, web: TestClient, section: str, data: dict[str, object], why: str
) -> None:
    before = site.desk.practice.rules
    answer = save(web, section, data)
    assert answer.status_code == 422
    assert why in answer.text.partition('role="alert">')[2].partition("</p>")[0]
    assert site.desk.practice.rules == before


def test_what_others_changed_meanwhile_is_not_overwritten(site: Site, web: TestClient) -> None:
    old = version(web, "urgency")
    save(web, "urgency", {"reopen_hours": "10", "urgency": "1"})
    late = web.post("/settings/urgency", data={"token": token_of(web), "version": old, "reopen_hours": "90"})
    assert late.status_code == 422
    assert "Somebody else has changed the settings." in late.text
    assert site.desk.practice.rules.reopen_hours == 10


def test_what_was_filled_in_stays_on_the_page_when_something_is_wrong(site: Site, web: TestClient) -> None:
    """By htmx only what is wrong comes back, and the form stays as it was filled in."""
    fields = {"token": token_of(web), "version": version(web, "urgency"), "reopen_hours": "many"}
    wrong = web.post("/settings/urgency", data=fields, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert wrong.text.count("<hx-partial") == 1
    assert 'hx-target="#said"' in wrong.text
    right = web.post("/settings/urgency", data=fields | {"reopen_hours": "9"}, headers={"HX-Request": "true"})
    assert (right.status_code, right.headers["hx-redirect"]) == (200, "/settings/urgency?saved=1")
    assert site.desk.practice.rules.reopen_hours == 9


def test_as_many_ready_texts_as_a_practice_may_have_are_saved(site: Site, web: TestClient) -> None:
    titles = [f"Text {number}" for number in range(200)]
    fields = {"title": titles, "text": ["Hi {client}"] * 200, "department": ["*"] * 200}
    assert save(web, "texts", fields).status_code == 303
    assert len(site.desk.practice.rules.canned) == 200
