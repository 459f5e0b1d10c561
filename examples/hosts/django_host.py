"""The dashboard inside a Django project, under /desk: with ASGI, and with WSGI. The log-in is Django's session."""

from __future__ import annotations

import django
from convokit_dashboard import Visitor, dashboard, mounted
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from practice_of_the_host import STAFF, open_kit
from starlette.requests import Request

import convokit

if not settings.configured:  # a project has this in its settings.py
    settings.configure(
        SECRET_KEY="of the example only",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        USE_TZ=True,
    )
    django.setup()


def log_in(request: HttpRequest) -> HttpResponse:
    """Sign in; a project has django.contrib.auth here."""
    request.session["name"] = request.GET.get("name", "kim")
    return HttpResponseRedirect("/desk/active")


urlpatterns = [path("log-in", log_in)]


def identify(request: Request) -> Visitor | None:
    """Who is signed in, by Django's session. A plain function is called in a thread, where Django's ORM may be used.

    With django.contrib.auth: ``get_user`` of a request that has this session.
    """
    from importlib import import_module

    store = import_module(settings.SESSION_ENGINE).SessionStore
    session = store(request.cookies.get(settings.SESSION_COOKIE_NAME))
    staff = STAFF.get(session.get("name", ""))
    return None if staff is None else Visitor(practice_id="happy-paws", staff=staff, manager=staff.id == "u1")


def make_asgi(kit: convokit.Convokit):
    """asgi.py of the project."""
    from django.core.asgi import get_asgi_application

    return mounted(get_asgi_application(), dashboard(kit, identify=identify, log_in="/log-in"), at="/desk")


def make_wsgi(kit: convokit.Convokit):
    """wsgi.py of the project. A stream would hold a thread for each open page, so the pages ask instead."""
    from a2wsgi import ASGIMiddleware
    from django.core.wsgi import get_wsgi_application
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    desk = ASGIMiddleware(dashboard(kit, identify=identify, log_in="/log-in", live="poll"))
    return DispatcherMiddleware(get_wsgi_application(), {"/desk": desk})


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(make_asgi(open_kit()), port=8000, lifespan="off")
