"""The limits of plugins, as the host gives them."""

from __future__ import annotations

import pytest

import convokit
from convokit.domain.circuit import CircuitRules
from convokit.domain.instant import SECOND


def test_they_become_the_rules_of_the_circuits() -> None:
    given = convokit.PluginLimits(failures=2, pause_seconds=0.5, longest_pause_seconds=7)
    assert given.circuit == CircuitRules(failures=2, pause=SECOND // 2, longest_pause=7 * SECOND)
    assert convokit.PluginLimits().circuit == CircuitRules()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seconds", 0),
        ("seconds", float("nan")),
        ("seconds", float("inf")),
        ("seconds", True),
        ("pause_seconds", -1),
        ("longest_pause_seconds", 86_401),
        ("failures", 1.5),
        ("failures", 0),
        ("most_lost", 1001),
        ("most_lost", "4"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(field: str, value: object) -> None:
    limits = convokit.PluginLimits(**{field: value})  # type: ignore[arg-type]
    with pytest.raises(convokit.ConfigurationError) as refused:
        convokit.open("memory:", plugin_limits=limits)
    assert (refused.value.code, refused.value.field) == ("plugin_limits.value", f"plugin_limits.{field}")


def test_something_else_is_refused() -> None:
    with pytest.raises(convokit.ConfigurationError) as refused:
        convokit.open("memory:", plugin_limits={"failures": 2})  # type: ignore[arg-type]
    assert refused.value.code == "plugin_limits.type"
