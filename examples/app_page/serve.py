"""A practice's app as a page: messages, Web Push, and the two acknowledgements. The host here is 100 lines of WSGI.

    python examples/app_page/serve.py

It keeps a desk in app_page.db, prints where the page is, and sends what you type to the client. Open the page in a
browser, let it tell you, close it, and type. It needs the plugin ``convokit-push-webpush``.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from convokit_push_webpush import WebPushSettings
from convokit_push_webpush.keys import to_text

import convokit

HERE = Path(__file__).parent
ANA = convokit.Client(id="c17", name="Ana Ruiz")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/app.css": ("app.css", "text/css; charset=utf-8"),
    "/app.js": ("app.js", "text/javascript; charset=utf-8"),
    "/worker.js": ("worker.js", "text/javascript; charset=utf-8"),
}
SAFE = [
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
]


class Site:
    """What the host serves: the page, the client's messages, and convokit's front for the app under /app."""

    def __init__(self, kit: convokit.Convokit, application_server_key: str) -> None:
        self.desk = kit.practice("happy-paws")
        self.key = application_server_key
        self.sessions = {"4711": ANA}  # a real host signs people in, and its cookies are random and Secure
        self.front = convokit.wsgi_app(kit.app_front(self.identify))
        self.routes: dict[str, Callable[[convokit.Client], object]] = {
            "/messages": self.messages,
            "/key": lambda client: self.key,
        }

    def client_of(self, cookies: str) -> convokit.Client | None:
        found = SimpleCookie(cookies).get("session")
        return None if found is None else self.sessions.get(found.value)

    def identify(self, request: convokit.HttpRequest) -> convokit.AppUser | None:
        """Who is signed in, for convokit."""
        client = self.client_of(request.header("Cookie") or "")
        return None if client is None else convokit.AppUser(practice_id="happy-paws", client_id=client.id)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/app/"):
            return self.front(environ, start_response)
        if path in FILES:
            name, kind = FILES[path]
            cookie = [("Set-Cookie", "session=4711; HttpOnly; SameSite=Strict; Path=/")] if path == "/" else []
            start_response("200 OK", [*SAFE, ("Content-Type", kind), *cookie])
            return [(HERE / name).read_bytes()]
        client = self.client_of(environ.get("HTTP_COOKIE", ""))
        told = self.routes.get(path)
        if client is None or told is None:
            start_response("404 Not Found", [*SAFE])
            return [b""]
        start_response("200 OK", [*SAFE, ("Content-Type", "application/json")])
        return [json.dumps(told(client)).encode()]

    def messages(self, client: convokit.Client) -> list[dict[str, object]]:
        """The client's conversations with their newest messages, and nothing that is between staff."""
        return [
            {
                "id": talk.id,
                "title": talk.title or "Your practice",
                "messages": [
                    {"seq": one.seq, "author": "You" if one.ours else one.author, "text": one.text}
                    for one in self.desk.app_thread(talk.id, client_id=client.id).items
                ],
            }
            for talk in self.desk.app_conversations(client.id)
        ]


class Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called there
        pass


def serve(site: Site, port: int = 0) -> WSGIServer:
    """Serve the site on this machine until ``shutdown()``. Browsers have Web Push on https, and on 127.0.0.1."""
    server = make_server("127.0.0.1", port, site, server_class=Threads, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


def main() -> None:
    url = "sqlite:///app_page.db"
    with convokit.open(url) as first:
        private_key = to_text(first.secret("web push"))  # yours comes from a vault
    settings = {"private_key": private_key, "subject": "mailto:it@vet.example"}
    with convokit.open(url, plugins=["webpush"], settings={"webpush": settings}) as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws"))
        server = serve(Site(kit, WebPushSettings(**settings).application_server_key), 8017)
        print(f"http://127.0.0.1:{server.server_port}/ - type what Dr. Kim writes to Ana; an empty line ends it")
        desk = kit.practice("happy-paws")
        known = [one for one in desk.app_conversations(ANA.id) if not one.ended]
        talk = known[0].id if known else desk.start(client=ANA, channel="app", title="Bella", by=KIM).id
        for line in sys.stdin:
            if not line.strip():
                break
            sent = desk.send(talk, line.strip(), by=KIM)
            kit.work()
            shown = desk.message(sent.id).indicator
            print("" if shown is None else shown.label)
        server.shutdown()


if __name__ == "__main__":
    main()
