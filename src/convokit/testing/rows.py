"""The rows that the author of a plugin fills in: what is asked, what the provider answers, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import field, frozen

from convokit.domain.money import Money
from convokit.outcomes import Outcome
from convokit.ports.payments import PaymentPrompt
from convokit.ports.push import PushMessage, PushOutcome, PushToken
from convokit.ports.sms import OutboundText
from convokit.ports.sms_asking import Fetched, ListedText, LookedUp, PollResult, UncertainText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing.wire import Fields

Answer = HttpResponse | NoAnswer

CALLBACK_URL: Final = "https://desk.example/hooks/hook_0123456789abcdef"
MESSAGE: Final = OutboundText(
    id="m_0f1e2d3c.1",
    sender="+13035550100",
    to="+13035550123",
    text="Bella's results are in: all good! “Vets” say so — €0. 🐶",
    callback_url=CALLBACK_URL,
)
"""The text that is sent where a row does not say otherwise."""


def _several(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _answers(given: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(given)


def _parts(given: Iterable[str]) -> frozenset[str]:
    return frozenset(given)


def _nothing() -> Mapping[str, object]:
    return {}


@frozen(kw_only=True)
class Asked:
    """A request that a plugin must make.

    Attributes:
        url: the whole of it, query included.
        headers: those that must be there with this value; there may be others.
        form: the body as a form: these parameters and no others, in any order.
        json: the body as JSON: exactly this value.
        body: the raw bytes, where it is neither.
    """

    method: str = "POST"
    url: str
    headers: Mapping[str, str] = field(factory=dict)
    form: Fields | None = None
    json: object = None
    body: bytes | None = None


@frozen(kw_only=True)
class Row:
    """One exchange with a provider, under a label that the test's name shows.

    Attributes:
        label: a few words.
        shows: the required situations, or the capabilities, that the row shows.
        answers: what the provider answers, one after the other. All of them must be asked for.
        outcome: what must come of it, exactly.
        asks: the requests that must be made; ``None``: what they are is shown by another row.
        settings: settings that differ from those of the contract.
    """

    label: str
    shows: tuple[str, ...] = field(default=(), converter=_several)
    answers: tuple[Answer, ...] = field(default=(), converter=_answers)
    outcome: object
    asks: tuple[Asked, ...] | None = None
    settings: Mapping[str, object] = field(factory=_nothing)


@frozen(kw_only=True)
class SendRow(Row):
    """A text is handed over. ``message`` is the text."""

    outcome: Outcome
    message: OutboundText = MESSAGE


PROMPT: Final = PaymentPrompt(
    id="pay_0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    title="Invoice 1042: Bella’s operation – 2 nights & “extras”",
    money=Money(minor=8450, currency="USD"),
    practice="Happy Paws",
    expires_at=1_800_086_400_000_000,
    invoice="1042",
    callback_url=CALLBACK_URL,
)
"""The payment that is asked for where a row does not say otherwise: $84.50, a day to pay."""


@frozen(kw_only=True)
class AskRow(Row):
    """A payment provider is asked to make a link for ``prompt``; or to close the one it made as ``closes``."""

    outcome: Outcome
    prompt: PaymentPrompt = PROMPT
    closes: str | None = None


PUSHED: Final = PushMessage(
    id="push_0f1e2d3c",
    collapse="c_5a69788796a5b4c3",
    title="Happy Paws “Vets” 🐾",
    text="A new message is waiting for you.",
    data={"conversation": "c_5a69788796a5b4c3"},
    badge=2,
    at_us=1_800_000_000_000_000,
)
"""What is pushed where a row does not say otherwise."""


@frozen(kw_only=True)
class PushRow(Row):
    """A message is pushed, to the contract's token or to another one."""

    outcome: PushOutcome
    message: PushMessage = PUSHED
    token: PushToken | None = None


UNCERTAIN: Final = UncertainText(
    id=MESSAGE.id,
    sender=MESSAGE.sender,
    to=MESSAGE.to,
    text=MESSAGE.text,
    begun_us=1_800_000_000_000_000,
    now_us=1_800_000_060_000_000,
)
"""The text that is asked for where a row does not say otherwise: handed over a minute ago (2027-01-15 08:00:00 UTC)."""


@frozen(kw_only=True)
class LookUpRow(Row):
    """A carrier is asked for a text whose answer was lost."""

    outcome: LookedUp
    text: UncertainText = UNCERTAIN


@frozen(kw_only=True)
class PollRow(Row):
    """A carrier is asked for everything of an hour, 07:00 to 08:00 UTC on 2027-01-15, of the practice's numbers."""

    outcome: PollResult
    numbers: tuple[str, ...] = (MESSAGE.sender,)
    since_us: int = 1_799_996_400_000_000
    until_us: int = 1_800_000_000_000_000


@frozen(kw_only=True)
class FetchRow(Row):
    """A text is fetched that a poll only listed. ``outcome``: ``None`` where the carrier has it no more."""

    outcome: Fetched
    listed: ListedText


@frozen(kw_only=True)
class CallbackRow:
    """A callback of the provider.

    Attributes:
        request: as the provider makes it, but not signed: the contract signs it by each :class:`Signature`.
        reads: what must be read from it, exactly; ``None``: it must be called unreadable.
        answer: what must be answered; ``None``: any 2xx.
        shows, settings: as in :class:`Row`.
    """

    label: str
    shows: tuple[str, ...] = field(default=(), converter=_several)
    request: HttpRequest
    reads: tuple[object, ...] | None
    answer: HttpResponse | None = None
    settings: Mapping[str, object] = field(factory=_nothing)


@frozen(kw_only=True)
class Signature:
    """How the provider proves that a callback is its own, written from its documentation or with its SDK.

    Never with the plugin's own code: then both would be wrong together.

    Attributes:
        label: a few words (``"HMAC-SHA1"``).
        sign: from a callback without any to the same with the headers, or the parameters, that prove it.
        headers, parameters: the names of those that carry the proof.
        covers: what it covers: ``"url"``, ``"body"``. A password covers nothing, and the contract wants a waiver then.
        any_order: it holds for the parameters of a form in any order.
        seconds: how old, and how far ahead, a signed time may be; ``None`` where no time is signed. ``sign`` takes it
            from ``received_us`` of the callback.
        settings: settings by which the plugin knows this way, where those of the contract do not do.
    """

    label: str
    sign: Callable[[HttpRequest], HttpRequest]
    headers: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    covers: frozenset[str] = field(default=frozenset({"url", "body"}), converter=_parts)
    any_order: bool = False
    seconds: int | None = None
    settings: Mapping[str, object] = field(factory=_nothing)
