"""The dashboard inside a FastAPI (or Starlette) application, under /desk, with the application's own log-in."""

from __future__ import annotations

from convokit_dashboard import Visitor, dashboard
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from practice_of_the_host import STAFF, open_kit
from starlette.middleware.sessions import SessionMiddleware

import convokit


def identify(request: Request) -> Visitor | None:
    """Who is signed in, as the application itself knows it."""
    staff = STAFF.get(request.session.get("name", ""))
    return None if staff is None else Visitor(practice_id="happy-paws", staff=staff, manager=staff.id == "u1")


def make_app(kit: convokit.Convokit) -> FastAPI:
    """The application."""
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key="of the example only")  # noqa: S106

    @app.get("/log-in")
    def log_in(request: Request, name: str = "kim") -> RedirectResponse:
        request.session["name"] = name
        return RedirectResponse("/desk/active", status_code=303)

    app.mount("/desk", dashboard(kit, identify=identify, log_in="/log-in"))
    return app


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(make_app(open_kit()), port=8000)
