"""What the doctor finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from attrs import frozen

from convokit.cli.exits import one_line
from convokit.errors import ConvokitError

State = Literal["ok", "off", "warn", "fail"]

T = TypeVar("T")


@frozen(kw_only=True)
class Finding:
    """One line of the doctor: about what, how it stands, and in words for an administrator.

    ``state``: ``"off"`` is a part that is not used, with what it would need.
    """

    about: str
    state: State
    words: str


def checked(about: str, check: Callable[[], T]) -> T | Finding:
    """What ``check`` returns; the finding of what it raises."""
    try:
        return check()
    except ConvokitError as error:
        return Finding(about=about, state="fail", words=one_line(error))
