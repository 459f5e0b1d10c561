"""What a running worker says of its providers and plugins, for the doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from convokit.cli.findings import Finding, State

_SECONDS: Final = 5
_LARGEST: Final = 10_000_000
_OLD_SECONDS: Final = 300


def provider_findings(url: str) -> Iterator[Finding]:
    """One line for the page as a whole, and one for each provider that is in trouble."""
    told = _asked(url)
    if isinstance(told, Finding):
        yield told
        return
    try:
        yield from _read(told)
    except (KeyError, TypeError, AttributeError, ValueError):
        yield Finding(about="health", state="fail", words="what answers there is no health page of convokit")


def _asked(url: str) -> object:
    if urlsplit(url).scheme not in ("http", "https"):
        return Finding(about="health", state="fail", words="--health is the http or https URL of a health page")
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - http and https only
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - http and https only
            return json.loads(answer.read(_LARGEST))
    except HTTPError as error:
        try:  # a page that says that its store is away is one
            return json.loads(error.read(_LARGEST))
        except ValueError:
            return Finding(about="health", state="fail", words=f"the page answers {error.code}")
    except (URLError, OSError, HTTPException) as error:
        words = f"no health page answers ({type(error).__name__}); is the worker running with --health?"
        return Finding(about="health", state="fail", words=words)
    except ValueError:
        return Finding(about="health", state="fail", words="what answers there is no health page of convokit")


def _read(told: object) -> Iterator[Finding]:
    if not isinstance(told, dict):
        raise TypeError("no object")
    states: dict[str, State] = {"ok": "ok", "degraded": "warn", "failing": "fail"}
    advice = f"; {told['advice']}" if told["advice"] else ""
    yield Finding(about="health", state=states[told["state"]], words=f"{told['state']}{advice}")
    old = told["oldest_seconds"] is not None and told["oldest_seconds"] > _OLD_SECONDS
    age = "" if told["oldest_seconds"] is None else f", the oldest for {told['oldest_seconds']} s"
    engine = "a worker runs there" if told["running"] else "no worker runs there"
    words = f"{told['waiting']} texts wait{age}; {engine}"
    yield Finding(about="queue", state="warn" if old or not told["running"] else "ok", words=words)
    for who, count in sorted(told["late"].items()):
        yield Finding(about="plugin", state="warn", words=f"{who}: {count} calls do not come back")
    for one in told["providers"]:
        if one["state"] != "closed":
            until = f"; next try at {one['until']}" if one["state"] == "open" else "; it is tried again now"
            words = f"{one['provider']} failed {one['failures']} times in a row and is left alone{until}"
            yield Finding(about=f"{one['kind']} of practice {one['practice']}", state="warn", words=words)
    well = sum(one["state"] == "closed" for one in told["providers"])
    yield Finding(about="providers", state="ok", words=f"{well} in use and well")
