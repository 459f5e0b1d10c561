"""The owner's phone: texts and the practice's app, as small pages. Whoever opens them holds the phone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import Final

import anyio.to_thread
from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from convokit.domain.app_view import AppConversation, AppMessage
from convokit.domain.attachment import LIMITS, SHOWN
from convokit.domain.people import Client
from convokit.errors import ConvokitError
from convokit.runtime.media_front import disposition
from convokit_dashboard.bodies import read_file, read_form
from convokit_dashboard.demo.cast import PETS, PHONES, PRACTICE
from convokit_dashboard.demo.living import ZONE, Living, Texted
from convokit_dashboard.icons import icon

SCREENS: Final = ("home", "messages", "app", "chat", "new")
_LINK: Final = re.compile(r"https?://[!-~]+/pay/[A-Za-z0-9._-]+")


Handle = Callable[[Request, dict[str, str]], Response]


@frozen(kw_only=True)
class Bubble:
    """A message on the phone. ``pay`` is the id of a payment that can be made here."""

    mine: bool
    text: str
    author: str
    clock: str
    photos: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    pay: str = ""
    amount: str = ""
    paid: bool = False


@frozen(kw_only=True)
class Screen:
    """What the phone shows."""

    client: Client
    name: str
    on: bool
    clock: str
    texts: tuple[Bubble, ...] = ()
    new_texts: int = 0
    talks: tuple[AppConversation, ...] = ()
    talk: AppConversation | None = None
    chat: tuple[Bubble, ...] = ()
    has_app: bool = False
    news: bool = False
    greeting: str = ""


@cache
def _templates() -> Environment:
    found = Environment(
        loader=PackageLoader("convokit_dashboard.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    found.globals["icon"] = icon
    return found


class Phones:
    """The phones of all clients of the demo."""

    def __init__(self, living: Living) -> None:
        self._living = living
        self._seen: dict[str, int] = {}

    def routes(self) -> list[Route]:
        """The addresses of the phones."""
        return [
            Route("/phone", self._first, methods=["GET"]),
            Route("/phone/{client}/file/{file}", self._served(self._file), methods=["GET"]),
            Route("/phone/{client}/photo/{talk}", self._photo, methods=["POST"]),
            Route("/phone/{client}/mms", self._mms, methods=["POST"]),
            Route("/carrier/{name}", self._at_carrier, methods=["GET"]),
            Route("/phone/{client}/{act}", self._served(self._act), methods=["POST"]),
            Route("/phone/{client}/{screen}", self._served(self._show), methods=["GET"]),
            Route("/phone/{client}/{screen}/{talk}", self._served(self._show), methods=["GET"]),
        ]

    async def _first(self, request: Request) -> Response:
        return RedirectResponse(f"/phone/{PHONES[0].id}/home", status_code=303)

    def _served(self, handle: Handle) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            form = dict(await read_form(request)) if request.method == "POST" else {}
            try:
                return await anyio.to_thread.run_sync(handle, request, form)
            except (ConvokitError, LookupError) as error:
                return HTMLResponse(type(error).__name__, status_code=404)

        return serve

    # --- showing -----------------------------------------------------------------------------------------------------
    def _show(self, request: Request, form: dict[str, str]) -> Response:
        client = client_of(request)
        name = request.path_params["screen"]
        if name not in SCREENS:
            return HTMLResponse("no such screen", status_code=404)
        shown = self.screen(client, name, request.path_params.get("talk"))
        template = "screen.html" if request.headers.get("hx-request") == "true" else "phone.html"
        values = {"screen": shown, "phones": PHONES, "pets": PETS, "practice": PRACTICE}
        return HTMLResponse(_templates().get_template(template).render(values))

    def screen(self, client: Client, name: str, talk_id: str | None) -> Screen:
        """What a screen of a client's phone shows. A chat that is on the screen is read."""
        living, desk = self._living, self._living.desk
        phone = living.carrier.phone(client.phone or "none")
        received = len(phone.received)
        if name == "messages":
            self._seen[client.id] = received
        on = phone.state != "off"
        talks = desk.app_conversations(client.id)
        talk = next((one for one in talks if one.id == talk_id), None)
        if talk is not None and name == "chat" and on and talk.has_news:
            desk.app_opened(client.id)
            desk.app_read(talk.id, client_id=client.id)
        texts = living.on_phone(client.phone) if name == "messages" and client.phone else ()
        return Screen(
            client=client,
            name=name,
            on=on,
            clock=f"{living.clock().astimezone(ZONE):%H:%M}",
            texts=tuple(self._text_bubble(one) for one in texts),
            new_texts=received - self._seen.get(client.id, 0),
            talks=talks,
            talk=talk,
            chat=() if talk is None else self._chat(client, talk),
            has_app=client.has_app is True,
            news=any(one.has_news for one in talks),
            greeting=desk.departments()[0].greeting,
        )

    def _chat(self, client: Client, talk: AppConversation) -> tuple[Bubble, ...]:
        page = self._living.desk.app_thread(talk.id, client_id=client.id, limit=60)
        return tuple(self._app_bubble(client, one) for one in page.items)

    def _app_bubble(self, client: Client, one: AppMessage) -> Bubble:
        files = [file for file in one.attachments if file.state == "ready"]
        pay, amount, paid = self._payment(one.text)
        return Bubble(
            mine=one.ours,
            text=one.text,
            author="" if one.ours else one.author or PRACTICE.name,
            clock=_clock(one.at),
            photos=tuple((file.id, file.name) for file in files if file.media_type in SHOWN),
            files=tuple((file.id, file.name) for file in files if file.media_type not in SHOWN),
            pay=pay,
            amount=amount,
            paid=paid,
        )

    def _text_bubble(self, one: Texted) -> Bubble:
        pay, amount, paid = self._payment(one.text)
        text = f"{one.text} [{one.photos} photo]".strip() if one.photos else one.text
        return Bubble(mine=one.mine, text=text, author="", clock=_clock(one.at), pay=pay, amount=amount, paid=paid)

    def _payment(self, text: str) -> tuple[str, str, bool]:
        found = _LINK.search(text)
        if found is None:
            return "", "", False
        made, desk = reversed(self._living.payments.links), self._living.desk
        link = next((one for one in made if desk.payment(one.prompt.id).url == found[0]), None)
        if link is None:
            return "", "", False
        return link.prompt.id, link.prompt.money.text, bool(link.paid)

    # --- acting ------------------------------------------------------------------------------------------------------
    def _act(self, request: Request, form: dict[str, str]) -> Response:
        client, act = client_of(request), request.path_params["act"]
        acts: dict[str, Callable[[Client, dict[str, str]], str]] = {
            "text": self._send_text,
            "write": self._write,
            "open-app": self._open_app,
            "power": self._power,
            "pay": self._pay,
        }
        goal = acts[act](client, form)
        if request.headers.get("hx-request") == "true":
            return self._again(client, goal)
        return RedirectResponse(f"/phone/{client.id}/{goal}", status_code=303)

    def _again(self, client: Client, goal: str) -> Response:
        name, _, talk = goal.partition("/")
        shown = self.screen(client, name, talk or None)
        values = {"screen": shown, "phones": PHONES, "pets": PETS, "practice": PRACTICE}
        html = _templates().get_template("screen.html").render(values)
        return HTMLResponse(html, headers={"HX-Push-Url": f"/phone/{client.id}/{goal}"})

    def _send_text(self, client: Client, form: dict[str, str]) -> str:
        words = form.get("text", "").strip()
        if words and self._living.carrier.phone(client.phone or "").state == "on":
            self._living.texts(client, words)
        return "messages"

    def _write(self, client: Client, form: dict[str, str]) -> str:
        words = form.get("text", "").strip()
        if not words:
            return f"chat/{form.get('talk', '')}"
        entry = self._living.desk.app_message(client, words, patient=PETS[client.id])
        return f"chat/{entry.conversation_id}"

    def _open_app(self, client: Client, form: dict[str, str]) -> str:
        self._living.desk.app_opened(client.id)
        return "app"

    def _power(self, client: Client, form: dict[str, str]) -> str:
        phone = self._living.carrier.phone(client.phone or "none")
        phone.state = "on" if phone.state == "off" else "off"
        return "home"

    def _pay(self, client: Client, form: dict[str, str]) -> str:
        link = self._living.payments.link(form.get("payment", ""))
        link.open()
        if not link.paid:
            link.pay()
        return form.get("screen", "home")

    async def _photo(self, request: Request) -> Response:
        client = client_of(request)
        body = await read_file(request, LIMITS["photo"])

        def take() -> str:
            upload = self._living.desk.upload(request.headers.get("x-file-name", "photo.jpg"), body, by=client)
            entry = self._living.desk.app_message(client, "", patient=PETS[client.id], attachments=[upload])
            return entry.conversation_id

        try:
            talk = await anyio.to_thread.run_sync(take)
        except ConvokitError as error:
            return Response(error.code, status_code=422)
        finally:
            body.close()
        return Response(f"/phone/{client.id}/chat/{talk}", media_type="text/plain")

    async def _mms(self, request: Request) -> Response:
        client = client_of(request)
        body = await read_file(request, LIMITS["photo"])

        def take() -> None:
            if self._living.carrier.phone(client.phone or "").state == "on":
                self._living.texts(client, "", photo=body.read())

        try:
            await anyio.to_thread.run_sync(take)
        finally:
            body.close()
        return Response(f"/phone/{client.id}/messages", media_type="text/plain")

    async def _at_carrier(self, request: Request) -> Response:
        found = self._living.at_carrier.get(request.path_params["name"])
        return Response(status_code=404) if found is None else Response(found, media_type="application/octet-stream")

    def _file(self, request: Request, form: dict[str, str]) -> Response:
        client, desk = client_of(request), self._living.desk
        file = desk.attachment(request.path_params["file"], by=client)
        shown = file.media_type in SHOWN
        content = b"".join(desk.open_file(file.id, by=client))
        headers = {"Content-Disposition": disposition("inline" if shown else "attachment", file.name)}
        return Response(content, media_type=file.media_type, headers=headers)


def client_of(request: Request) -> Client:
    """Whose phone it is.

    Raises:
        LookupError: nobody's.
    """
    return {one.id: one for one in PHONES}[request.path_params["client"]]


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%H:%M}"
