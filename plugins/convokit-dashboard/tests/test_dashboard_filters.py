"""The form of the filters: whatever the address asks for is in it, so that changing one filter keeps the others."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from convokit_dashboard.views.filters import read_filters
from dashboard_site import KIM, SAM, Site
from starlette.testclient import TestClient

FIELD = re.compile(r'<input type="checkbox" name="(\w+)" value="(\d)"( checked)?>')
SELECT = re.compile(r'<select name="(\w+)">(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"( selected)?>([^<]*)</option>')


def form_of(web: TestClient, query: str) -> str:
    return web.get(f"/active{query}").text.partition('<form id="filter-form"')[2].partition("</form>")[0]


def submitted(form: str) -> list[tuple[str, str]]:
    """What a browser would send of it."""
    ticked = [(name, value) for name, value, checked in FIELD.findall(form) if checked]
    chosen = [
        (name, next((value for value, selected, _ in OPTION.findall(body) if selected), ""))
        for name, body in SELECT.findall(form)
    ]
    return [*ticked, *chosen]


def offered(form: str, name: str) -> dict[str, str]:
    return {value: label for value, _, label in OPTION.findall(dict(SELECT.findall(form))[name])}


@pytest.mark.parametrize(
    "query",
    [
        "?unread=1&by=app&waiting=1&failed=1&sort=department",
        "?urgency=high",
        "?urgency=urgent&assignee=-&department=-",
        "?assignee=u2&unread=0",
        "?assignee=u9&waiting=0&failed=0&from=client",
        "?department=removed&urgency=low",
    ],
)
def test_what_the_address_asks_for_is_in_the_form(site: Site, query: str) -> None:
    asked = dict(parse_qsl(query.removeprefix("?")))
    assert read_filters(asked).pairs
    assert read_filters(dict(submitted(form_of(site.client(), query)))) == read_filters(asked)


def test_every_urgency_and_department_and_all_who_have_something_are_offered(site: Site) -> None:
    site.desk.assign(site.own.chat, KIM, by=KIM)
    site.desk.assign(site.hidden.chat, SAM, by=KIM)
    web = site.client()
    form = form_of(web, "")
    assert list(offered(form, "urgency")) == ["", "urgent", "high", "normal", "low"]
    assert offered(form, "assignee") == {"": "Anybody", "u1": "Me", "-": "Nobody", "u2": "Sam"}
    assert list(offered(form, "department")) == ["", "-", "skin", "lab"]
    site.acting(departments=("", "skin"))
    narrowed = form_of(web, "")
    assert "Sam" not in narrowed
    assert list(offered(narrowed, "department")) == ["", "-", "skin"]


def test_the_button_of_what_is_urgent_turns_that_alone(site: Site) -> None:
    web = site.client()
    for query, goal, pressed in (
        ("?unread=1", "/parts/filter/active?unread=1&amp;urgency=urgent", "false"),
        ("?unread=1&urgency=urgent", "/parts/filter/active?unread=1", "true"),
    ):
        assert f'id="only-urgent" aria-pressed="{pressed}" hx-get="{goal}"' in form_of(web, query)
