"""From values to HTML: whole pages, and the parts of one that htmx puts in place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from attrs import field, frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from convokit.errors import ConvokitError
from convokit_dashboard.call import Call
from convokit_dashboard.icons import icon
from convokit_dashboard.live.kept import packed as pack
from convokit_dashboard.views.troubles import trouble_words
from convokit_dashboard.words import Words, words_of

_WORTH_PACKING: Final = 1_000


@cache
def environment(language: str) -> Environment:
    """The templates in one language. Whatever is not marked safe is escaped."""
    found = Environment(
        loader=PackageLoader("convokit_dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = words_of(language)
    found.globals.update({"_": words, "many": words.many, "icon": icon, "language": language})
    return found


@frozen
class Part:
    """A part of the page, and where it belongs.

    ``swap``: ``"innerMorph"`` changes only what differs, so that focus, scroll position and what is being typed stay.
    """

    target: str
    template: str
    values: Mapping[str, object] = field(factory=dict)
    swap: str = "innerMorph"


def draw(call: Call, template: str, values: Mapping[str, object]) -> str:
    """A template with its values and what every template may use."""
    return environment(call.words.language).get_template(template).render(common(call) | dict(values))


def common(call: Call) -> dict[str, object]:
    """What every template may use."""
    options = call.site.options
    return {
        "call": call,
        "url": call.url,
        "back": call.where,
        "practice": call.desk.practice,
        "visitor": call.visitor,
        "token": call.site.token_for(call.visitor),
        "brand": options.theme.name or call.desk.practice.name,
        "has_logo": options.theme.logo is not None,
        "shows_settings": options.settings and call.visitor.manager,
        "live": options.live,
        "line": call.site.line_for(call.visitor),
    }


def page(call: Call, template: str, values: Mapping[str, object], *, status: int = 200) -> Response:
    """A whole page."""
    return html(call, draw(call, template, values), status=status)


def parts(call: Call, *given: Part, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Parts of the page, for htmx."""
    drawn = "\n".join(wrap(part.target, part.swap, draw(call, part.template, part.values)) for part in given)
    return html(call, drawn, status=status, headers=headers)


def wrap(target: str, swap: str, html: str) -> str:
    """HTML with where it belongs."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


def draw_shared(call: Call, template: str, values: Mapping[str, object]) -> str:
    """A template that many visitors get alike: nothing of the visitor is in it, no token and no name."""
    shared = {"call": call, "url": call.url, "practice": call.desk.practice}
    return environment(call.words.language).get_template(template).render(shared | dict(values))


def html(
    call: Call,
    drawn: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    packed: bytes | None = None,
) -> Response:
    """An answer of HTML, compressed where the browser takes that; ``packed`` is the same, compressed already."""
    more = {"Vary": "Accept-Encoding", **(headers or {})}
    if "gzip" not in call.headers.get("accept-encoding", "") or len(drawn) < _WORTH_PACKING:
        return HTMLResponse(drawn, status_code=status, headers=more)
    content = pack(drawn) if packed is None else packed
    return HTMLResponse(content, status_code=status, headers={**more, "Content-Encoding": "gzip"})


def redirect(path: str) -> Response:
    """Go on with a page, after a form."""
    return RedirectResponse(path, status_code=303)


def go_on(call: Call, path: str) -> Response:
    """Go on with a page, after a form that htmx may have sent."""
    return Response(headers={"HX-Redirect": path}) if call.partial else redirect(path)


_NOTICES: Final = "#notices"


def notice(text: str, *, tone: str = "good") -> Part:
    """A line that says what happened, and goes away."""
    return Part(_NOTICES, "parts/notice.html", {"text": text, "tone": tone}, swap="beforeend")


def trouble(call: Call, status: int, text: str) -> Response:
    """What went wrong: as a line on the page that is there, or as a page."""
    if call.partial:
        return parts(call, notice(text, tone="bad"), status=status)
    try:
        return page(call, "trouble.html", {"status": status, "text": text}, status=status)
    except ConvokitError:  # the practice itself is not there: nothing of it can be shown
        return HTMLResponse(Markup("<p>{}</p>").format(text), status_code=status)


def words_of_error(error: ConvokitError, words: Words) -> str:
    """An error in words for the front desk."""
    return trouble_words(error, words)
