"""Who may be written to in the practice's app, and by which channel a client can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, cast

from attrs import field, frozen

from convokit.domain.delivery import Channel
from convokit.domain.people import Client

Who = Literal["all", "selected", "disabled"]
AUDIENCES: Final[tuple[Who, ...]] = ("all", "selected", "disabled")

_WHY: Final = {
    "app.disabled": "The app is switched off for this practice.",
    "app.not_selected": "The app is not switched on for this client.",
    "app.not_installed": "This client does not have the app.",
}


def _ids(given: Iterable[str]) -> frozenset[str]:
    # What cannot be converted stays as it is: add_practice refuses it by name. One text would be an id per letter.
    if isinstance(given, str):
        return cast("frozenset[str]", given)
    try:
        return frozenset(given)
    except TypeError:
        return cast("frozenset[str]", given)


@frozen(kw_only=True)
class AppAudience:
    """Which clients the practice writes to in its app.

    Attributes:
        who: ``"all"``; ``"selected"``: only ``clients``; ``"disabled"``: nobody.
        clients: ids of the selected clients.
    """

    who: Who = "all"
    clients: frozenset[str] = field(default=frozenset(), converter=_ids)


EVERYBODY: Final = AppAudience()
"""The app is there for every client."""


@frozen(kw_only=True)
class ChannelChoice:
    """Whether a client can be reached by a channel.

    Attributes:
        channel: ``"app"`` or ``"sms"``.
        available: whether a conversation can be started on it.
        code: when not, the error's code that starting one would give, else ``""``.
        reason: the same in plain words for the front desk, else ``""``.
    """

    channel: Channel
    available: bool = True
    code: str = ""
    reason: str = ""


def app_choice(audience: AppAudience, client: Client) -> ChannelChoice:
    """Whether a client can be reached in the app. Where the host does not know whether they have it, yes."""
    code = ""
    if audience.who == "disabled":
        code = "app.disabled"
    elif audience.who == "selected" and client.id not in audience.clients:
        code = "app.not_selected"
    elif client.has_app is False:
        code = "app.not_installed"
    return ChannelChoice(channel="app", available=not code, code=code, reason=_WHY.get(code, ""))
