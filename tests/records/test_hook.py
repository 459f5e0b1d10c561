"""The hook `convokit_records`: what it may return is checked at the start."""

from __future__ import annotations

import pytest
from scripted_records import ScriptedRecords

import convokit
from convokit.outcomes import Accepted, Outcome
from convokit.plugins import hookimpl
from convokit.ports.records import RecordDocument


class Waits:
    """Filing that would have to be awaited."""

    async def file(self, document: RecordDocument) -> Outcome:
        return Accepted(provider_id=document.id)


class Pretender:
    """Has the name, and cannot be called."""

    file = "cabinet"


class Second(ScriptedRecords):
    name = "second"


def starting(result: object) -> object:
    class Starts:
        name = "cracked"

        @hookimpl
        def convokit_records(self) -> object:
            if isinstance(result, BaseException):
                raise result
            return result

    return Starts()


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (RuntimeError("no"), "plugin.raised"),
        (SystemExit(1), "plugin.raised"),
        (7, "plugin.offer"),
        (Pretender(), "plugin.offer"),
        (Waits(), "plugin.async"),
    ],
)
def test_p22_a_broken_hook_ends_the_start_and_is_named(result: object, code: str) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.open("memory:", plugins=[starting(result)])
    assert caught.value.code == code
    assert "'cracked'" in caught.value.message
    assert "convokit_records" in caught.value.message


def test_the_plugin_that_was_enabled_last_is_asked_first_and_may_pass() -> None:
    first, second = ScriptedRecords(), Second()
    for plugins, wanted in [
        ([first, second], second),
        ([second, first], first),
        ([first, starting(None)], first),
        ([starting(None)], None),
    ]:
        with convokit.open("memory:", plugins=plugins) as kit:
            assert kit.catalogue.records is wanted
