"""The dashboard inside a Flask application, under /desk, with Flask's own session."""

from __future__ import annotations

from a2wsgi import ASGIMiddleware
from convokit_dashboard import Visitor, dashboard
from flask import Flask, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from practice_of_the_host import STAFF, open_kit
from starlette.requests import Request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

import convokit


def make_app(kit: convokit.Convokit) -> Flask:
    """The application. A stream would hold a thread for each open page, so the pages ask every few seconds instead."""
    app = Flask(__name__)
    app.secret_key = "of the example only"  # noqa: S105

    @app.get("/log-in")
    def log_in() -> Response:
        session["name"] = request.args.get("name", "kim")
        return redirect("/desk/active")

    def identify(asked: Request) -> Visitor | None:
        """Who is signed in, by the cookie that Flask signed."""
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        try:
            known = signer.loads(asked.cookies.get("session", "")) if signer else {}
        except BadSignature:
            return None
        staff = STAFF.get(known.get("name", ""))
        return None if staff is None else Visitor(practice_id="happy-paws", staff=staff, manager=staff.id == "u1")

    desk = ASGIMiddleware(dashboard(kit, identify=identify, log_in="/log-in", live="poll"))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/desk": desk})
    return app


if __name__ == "__main__":
    make_app(open_kit()).run(port=8000, threaded=True)
