"""One request, as the handlers see it: who asks, at which desk, in which language, with which fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from attrs import define, field
from starlette.responses import Response

from convokit.domain.departments import Department
from convokit.domain.people import Staff
from convokit.errors import NotFound
from convokit.runtime.desk import PracticeDesk
from convokit_dashboard.site import Site
from convokit_dashboard.views.rows import Around
from convokit_dashboard.visitor import Visitor
from convokit_dashboard.words import Words

_LONGEST_BACK: Final = 600

Handler = Callable[["Call"], Response]
"""Answers a request, in a worker thread."""


@define(eq=False, kw_only=True, slots=False)
class Call:
    """One request.

    Attributes:
        base: the path that the dashboard is mounted under, without a slash at its end.
        path: the parts of the path that vary. query, form: the fields; of one given twice the last counts.
        all_form: every field, in order.
        partial: whether only parts of the page are wanted.
    """

    site: Site = field(repr=False)
    visitor: Visitor = field(repr=False)
    words: Words
    base: str
    where: str
    path: Mapping[str, str]
    query: Mapping[str, str] = field(repr=False)
    all_form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    partial: bool = False
    headers: Mapping[str, str] = field(factory=dict, repr=False)

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The fields of the form."""
        return dict(self.all_form)

    def chosen(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return tuple(value for key, value in self.all_form if key == name)

    @cached_property
    def desk(self) -> PracticeDesk:
        """The desk that this visitor sees."""
        return self.site.kit.practice(self.visitor.practice_id, departments=self.visitor.departments)

    @property
    def staff(self) -> Staff:
        """Who acts."""
        return self.visitor.staff

    @cached_property
    def now(self) -> datetime:
        """The moment of this request."""
        return self.site.kit.now()

    @cached_property
    def departments(self) -> Mapping[str, Department]:
        """The practice's departments by id."""
        return {one.id: one for one in self.desk.departments()}

    @cached_property
    def around(self) -> Around:
        """What views are made with."""
        return Around(
            words=self.words,
            now=self.now,
            zone=ZoneInfo(self.desk.practice.time_zone),
            departments=self.departments,
        )

    def url(self, path: str = "/", *pairs: tuple[str, str]) -> str:
        """A path of the dashboard's own, as the browser asks for it."""
        query = f"?{urlencode(pairs)}" if pairs else ""
        return f"{self.base}{quote(path, safe='/')}{query}"

    def back(self, default: str) -> str:
        """Where a form wants to go on: a path of ours, or ``default``."""
        given = self.form.get("back") or self.query.get("back") or ""
        ours = given == self.base or given.startswith(f"{self.base}/")
        plain = len(given) <= _LONGEST_BACK and given.isprintable() and "\\" not in given
        return given if ours and plain and not given.startswith("//") else default

    def need(self, name: str) -> str:
        """A field that must be there; its absence is as an address that does not exist."""
        value = self.form.get(name)
        if value is None:
            raise NotFound("form.field", f"the form has no {name}", field=name)
        return value
