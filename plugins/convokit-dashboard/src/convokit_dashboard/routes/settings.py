"""The settings that a manager may change: shown as forms, saved as the practice's rules."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve, frozen
from starlette.responses import Response

from convokit.domain.rules import Practice, Rules
from convokit.errors import Conflict, ConvokitError, NotFound
from convokit_dashboard import pages
from convokit_dashboard.call import Call
from convokit_dashboard.pages import Part
from convokit_dashboard.routes import settings_forms as forms
from convokit_dashboard.words import Words


@frozen(kw_only=True)
class Section:
    """One page of settings."""

    name: str
    title: Callable[[Words], str]
    icon: str
    shown: Callable[[Call], Mapping[str, object]]
    read: Callable[[Call, Rules], Rules]


SECTIONS: Final = (
    Section(
        name="urgency",
        title=lambda w: w("Urgency and reopening"),
        icon="up",
        shown=forms.show_urgency,
        read=forms.read_urgency,
    ),
    Section(
        name="hours",
        title=lambda w: w("Conversation hours"),
        icon="clock",
        shown=forms.show_hours,
        read=forms.read_hours,
    ),
    Section(
        name="reminder",
        title=lambda w: w("Reminder and transcripts"),
        icon="mail",
        shown=forms.show_reminder,
        read=forms.read_reminder,
    ),
    Section(
        name="record",
        title=lambda w: w("Medical record"),
        icon="record",
        shown=forms.show_record,
        read=forms.read_record,
    ),
    Section(
        name="emojis", title=lambda w: w("Past-due emojis"), icon="paw", shown=forms.show_emojis, read=forms.read_emojis
    ),
    Section(
        name="departments",
        title=lambda w: w("Departments"),
        icon="department",
        shown=forms.show_departments,
        read=forms.read_departments,
    ),
    Section(
        name="keywords",
        title=lambda w: w("Opt-out words"),
        icon="ban",
        shown=forms.show_keywords,
        read=forms.read_keywords,
    ),
    Section(
        name="texts", title=lambda w: w("Ready texts"), icon="canned", shown=forms.show_texts, read=forms.read_texts
    ),
    Section(
        name="payments",
        title=lambda w: w("Payments"),
        icon="pay",
        shown=forms.show_payments,
        read=forms.read_payments,
    ),
)


def home(call: Call) -> Response:
    """The first section."""
    return pages.redirect(call.url(f"/settings/{SECTIONS[0].name}"))


def section_of(call: Call) -> Section:
    """The section that the address names.

    Raises:
        NotFound: there is none.
    """
    found = next((one for one in SECTIONS if one.name == call.path["section"]), None)
    if found is None:
        raise NotFound("settings.section", "no such settings", field="section")
    return found


def version_of(practice: Practice) -> str:
    """Says whether the settings are still those that a form was made from."""
    return hashlib.sha256(repr(practice.rules).encode()).hexdigest()[:16]


def page(call: Call) -> Response:
    """A section as a form."""
    return _shown(call, section_of(call))


def _shown(call: Call, section: Section, *, error: str = "", saved: bool = False, status: int = 200) -> Response:
    shown = {
        "sections": [(one.name, one.title(call.words), one.icon) for one in SECTIONS],
        "section": section.name,
        "title": section.title(call.words),
        "version": version_of(call.desk.practice),
        "error": error,
        "saved": saved or call.query.get("saved") == "1",
        "since": call.desk.newest_change(),
        "here": "",
        **section.shown(call),
    }
    return pages.page(call, f"settings/{section.name}.html", shown, status=status)


def save(call: Call) -> Response:
    """Save a section; what others changed meanwhile is not overwritten."""
    section, practice = section_of(call), call.desk.practice
    try:
        if call.form.get("version") != version_of(practice):
            raise Conflict("rules.changed", "the settings were changed meanwhile")
        rules = section.read(call, practice.rules)
        call.site.kit.add_practice(evolve(practice, rules=rules))
    except ConvokitError as error:
        return _refused(call, section, pages.words_of_error(error, call.words))
    return pages.go_on(call, call.url(f"/settings/{section.name}", ("saved", "1")))


def _refused(call: Call, section: Section, error: str) -> Response:
    """What is wrong; on a page that is there, beside all that was filled in."""
    if call.partial:
        said = Part("#said", "parts/said.html", {"error": error, "saved": False}, swap="innerHTML")
        return pages.parts(call, said, status=422, headers={"HX-Trigger": "desk:refused"})
    return _shown(call, section, error=error, status=422)
