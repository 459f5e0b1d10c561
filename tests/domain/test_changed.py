"""A changed copy is what attrs.evolve makes, whatever fields it is asked for."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry

KNOWN = (
    Conversation(id="c", channel="sms", sender="+1", address="+2", started_us=1, last_us=1, title="Bella"),
    Entry(id="m", conversation_id="c", seq=1, at_us=1, kind="message", side="client", channel="sms", text="Hi"),
)


@given(value=st.sampled_from(KNOWN), data=st.data())
def test_it_is_what_evolve_makes(value: Any, data: st.DataObject) -> None:
    names = [one.name for one in attrs.fields(type(value))]
    fields = data.draw(st.dictionaries(st.sampled_from(names), st.none() | st.integers() | st.text()))
    before = attrs.asdict(value)
    copy = changed(value, **fields)
    assert copy == attrs.evolve(value, **fields)
    assert type(copy) is type(value)
    assert attrs.asdict(value) == before


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="Conversation has no field urgencies"):
        changed(KNOWN[0], urgencies=3)  # type: ignore[call-arg]  # that a checker sees it too is tested by the ignore


def test_the_copy_is_frozen_too() -> None:
    copy = changed(KNOWN[1], seq=2)
    with pytest.raises(FrozenInstanceError):
        copy.seq = 3  # type: ignore[misc]  # what is being tested


@pytest.mark.parametrize("kind", [type(value) for value in KNOWN])
def test_what_is_copied_has_nothing_that_a_copy_would_pass_by(kind: type[attrs.AttrsInstance]) -> None:
    assert not hasattr(kind, "__slots__")
    for one in attrs.fields(kind):
        assert (one.validator, one.converter, one.init, one.alias) == (None, None, True, one.name)
