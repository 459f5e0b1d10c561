"""The day of `convokit demo --headless` is the product map, played: what the map names, somebody does that day."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import pytest

import convokit
from convokit.cli.demo.day import Day
from convokit.cli.demo.stage import Stage
from convokit.cli.screen import this_screen

MAP = Path(__file__).resolve().parents[2] / "docs" / "reference" / "product-map.md"
NAMED = frozenset(re.findall(r"`((?:desk|kit)\.\w+)`", MAP.read_text(encoding="utf-8")))

NOT_PLAYED = {
    "desk.app_register": "a push goes by Apple, Google or Mozilla, and the demo sends nothing anywhere",
    "desk.app_registrations": "see app_register",
    "desk.app_unregister": "see app_register",
    "kit.app_front": "the same acts over HTTP, for an app that is not in the process",
    "kit.export_transcripts": "`convokit transcript export`, a script's act and no part of a day at the desk",
    "kit.payment_webhook_url": "what is typed in at a provider; the simulated one is connected in the process",
}
"""What no scene does, and why."""


def recorded(name: str, method: Callable[..., object], calls: set[str]) -> Callable[..., object]:
    @wraps(method)
    def call(*args: object, **kwargs: object) -> object:
        calls.add(name)
        return method(*args, **kwargs)

    return call


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], convokit.Convokit]:
    """The calls of the day, and the kit in the evening."""
    calls = set[str]()
    folder = tmp_path_factory.mktemp("day")
    with pytest.MonkeyPatch.context() as patch:
        for kind, prefix in ((convokit.PracticeDesk, "desk"), (convokit.Convokit, "kit")):
            for name in (name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))):
                patch.setattr(kind, name, recorded(f"{prefix}.{name}", getattr(kind, name), calls))
        stage = Stage(folder / "desk.db", folder, 7)
        Day(stage, this_screen(), folder).play()
    return calls, stage.kit


def test_every_call_of_the_map_is_played(played: tuple[set[str], convokit.Convokit]) -> None:
    calls, kit = played
    assert NAMED - calls == NOT_PLAYED.keys()
    assert kit.store.unsettled() == 0


STATES = {"paid", "partly_refunded", "declined", "expired", "cancelled", "disputed"}
EVENTS = {"opted_out", "opted_in", "patient_set", "restarted", "reopened", "transcript_filed", "transcript_mailed"}


def test_payments_end_in_every_way(played: tuple[set[str], convokit.Convokit]) -> None:
    _, kit = played
    desk = kit.practice("happy-paws")
    rows = (*desk.inbox(limit=200).items, *desk.history(limit=200).items)
    events = {entry.event for row in rows for entry in desk.entries(row.id)}
    assert {f"payment_{state}" for state in STATES} <= events
    assert events >= EVENTS
    assert {"sms", "app"} == {row.channel for row in rows}


def test_a_carriers_opt_out_and_one_in_french_are_in_the_ledger(played: tuple[set[str], convokit.Convokit]) -> None:
    _, kit = played
    desk = kit.practice("happy-paws")
    assert [(e.action, e.source) for e in desk.consent_ledger("+13035550127")] == [
        ("opt_out", "text"),
        ("opt_in", "staff"),
    ]
    assert [(e.action, e.source) for e in desk.consent_ledger("+13035550128")] == [("opt_out", "gateway")]


def test_nobody_is_reminded_on_a_holiday(played: tuple[set[str], convokit.Convokit]) -> None:
    _, kit = played
    told = {str(one.day): one.state for one in kit.practice("happy-paws").end_of_day().days}
    assert told == {"2026-05-08": "nothing_open", "2026-05-12": "sent"}, "Monday the 11th was a holiday, with one open"
