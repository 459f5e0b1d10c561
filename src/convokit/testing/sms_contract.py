"""The contract of a texting carrier, as tests that its author runs.

Subclass, and fill in rows: what the carrier answers, and what it calls back::

    class TestPigeon(SmsGatewayContract):
        offer = pigeon_offer
        settings = {"api_key": "pk_0123456789", "signing_secret": "whsec_0123456789"}
        secrets = ("api_key", "signing_secret")
        sends = (SendRow(label="taken", shows="accepted", answers=[...], outcome=Accepted(provider_id="p9")), ...)
        callbacks = (CallbackRow(label="a text", request=..., reads=(InboundText(...),)), ...)
        signatures = (Signature(label="HMAC", sign=sign, headers=("X-Pigeon-Signature",)),)
        waived = {"landline": "Pigeon does not know what kind of line a number is"}

        def make_inbound(self, text):
            return posted_json(CALLBACK_URL, {"kind": "text", "text": text, ...})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import ClassVar, Final, cast
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from convokit.domain.consent import classify_text
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import (
    Capabilities,
    DeliveryReport,
    FetchesMedia,
    InboundText,
    OutboundText,
    SmsGateway,
    SmsGatewayOffer,
    Verified,
)
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.plugin_values import event_checked
from convokit.testing.contract import Cases
from convokit.testing.exchange_cases import Exchange, ExchangeCases
from convokit.testing.guards import hold_back
from convokit.testing.provider_base import Offer, Shown
from convokit.testing.rows import CALLBACK_URL, MESSAGE, CallbackRow, Row, SendRow
from convokit.testing.situations import NOTHING_TAKEN, REPORTS, SENDS, SMS, Situation
from convokit.testing.sms_asking_cases import SmsAskingCases
from convokit.testing.texts import TEXTS
from convokit.testing.webhook_cases import WebhookCases
from convokit.testing.wire import said

PROXIED_URL: Final = "https://clinic.example/apps/desk/hooks/hook_0123456789abcdef?lang=en-US&v=%7E1"
"""A host that publishes its desk under a prefix, with a query of its own."""


class SmsGatewayContract(ExchangeCases, SmsAskingCases, WebhookCases):
    """Every promise of :class:`convokit.ports.sms.SmsGateway`.

    Attributes:
        offer: what the plugin offers.
        sends: what is handed over, and what the carrier answers.
    """

    offer: ClassVar[SmsGatewayOffer]
    sends: ClassVar[tuple[SendRow, ...]] = ()

    def make_inbound(self, text: str) -> HttpRequest:
        """The carrier's callback (not signed) for a client's text; needed where ``inbound`` is declared."""
        raise NotImplementedError(
            "fill in make_inbound: return the callback, not signed, by which the carrier brings a client's text, "
            "as in posted_json(CALLBACK_URL, {..., 'text': text})"
        )

    # --- the kind -----------------------------------------------------------------------------------------------------
    def the_offer(self) -> Offer:
        return self.offer

    @property
    def able(self) -> Capabilities:
        """What is declared."""
        return self.offer.capabilities

    def rows(self) -> tuple[Row, ...]:
        return self.sends

    def begin(self, provider: object, row: Row) -> Exchange:
        assert isinstance(row, SendRow)
        return cast("SmsGateway", provider).send(row.message)

    def private(self, row: Row) -> tuple[str, ...]:
        assert isinstance(row, SendRow)
        return tuple(filter(None, (row.message.text, *(file.url for file in row.message.media))))

    def private_words(self) -> Iterator[str]:
        yield from (row.message.text for row in self.sends)
        yield from (text.text for text in self.clients_texts())

    def clients_texts(self) -> Iterator[InboundText]:
        """The texts of clients in the rows."""
        events = (event for row in self.callbacks for event in row.reads or ())
        return (event for event in events if isinstance(event, InboundText))

    def situations(self) -> Mapping[str, Situation]:
        return {**SMS, **(REPORTS if self.able.delivery_reports else {})}

    def shown(self) -> Iterator[Shown]:
        for row in self.sends:
            yield from (Shown(label=row.label, situation=name, told=(row.outcome,)) for name in row.shows)
        for callback in self.callbacks:
            told = callback.reads or ()
            yield from (Shown(label=callback.label, situation=name, told=told) for name in callback.shows)

    def capabilities(self) -> Mapping[str, tuple[bool, bool]]:
        events = [event for row in self.callbacks for event in row.reads or ()]
        texts = list(self.clients_texts())
        words = {classify_text(text.text, opted_out=False).kind for text in texts}
        able = self.able
        return {
            "delivery_reports": (able.delivery_reports, any(isinstance(event, DeliveryReport) for event in events)),
            "inbound": (able.inbound, bool(texts)),
            "looks_up": (able.looks_up, bool(self.look_ups)),
            "polls": (able.polls, bool(self.polls)),
            "mms": (able.mms is not None, any(row.message.media for row in self.sends)),
            "media_hosts": (bool(able.media_hosts), any(text.media for text in texts)),
            # What the carrier says to a client by itself is not seen from here: that the word comes through is.
            **({"answers_stop": (True, "stop" in words)} if able.answers_stop else {}),
            **({"answers_help": (True, "help" in words)} if able.answers_help else {}),
        }

    def read_of(self, reading: object) -> tuple[object, ...] | None:
        return reading.events if isinstance(reading, Verified) else None

    def check_read(self, reads: Iterable[object]) -> None:
        for event in reads:
            assert event_checked(event) == event, f"convokit would have to repair {event!r}"
            needed = (event.provider_id, event.sender, event.to) if isinstance(event, InboundText) else ()
            assert all(needed), f"without a sender, a number or an id: {event!r}"
            ids = (event.attempt_id, event.provider_id) if isinstance(event, DeliveryReport) else ("-",)
            assert any(ids), f"nobody can know which text this is about: {event!r}"
            assert "" not in ids, f"an id is empty: {event!r}"

    def check_spoiled(self, reads: Iterable[object]) -> None:
        # An endless URL of a file may be cut: the front desk sees then that there was a file, and that it is lost.
        for event in reads:
            usable = event_checked(event)
            if isinstance(event, InboundText) and isinstance(usable, InboundText):
                self.check_read((evolve(event, media=usable.media),))
            else:
                self.check_read((event,))

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {
            **super().cases(),
            "text": lambda: dict(TEXTS),
        }

    def waivable(self) -> Iterable[str]:
        return (*super().waivable(), *SENDS)

    def if_broken(self, status: int) -> tuple[type[object], ...]:
        return (Unsure, TryLater) if status in self.statuses_that_took_nothing() else (Unsure,)

    def statuses_that_took_nothing(self) -> frozenset[int]:
        """The 5xx of which the author says why nothing was taken, and shows it."""
        if NOTHING_TAKEN not in self.waived:
            return frozenset()
        return frozenset(status for status, row in self.broken_rows() if isinstance(row.outcome, TryLater))

    def broken_rows(self) -> Iterator[tuple[int, SendRow]]:
        """The rows whose last answer is a 5xx, with its status."""
        for row in self.sends:
            last = row.answers[-1] if row.answers else None
            if isinstance(last, HttpResponse) and last.status >= 500:
                yield last.status, row

    def sent(self, message: OutboundText) -> tuple[HttpRequest, ...]:
        """The requests that hand a message over, as the first accepted row has it."""
        row = cast("SendRow", self.an_accepted_row())
        return self.play(evolve(row, message=message)).requests

    def asked(self, message: OutboundText) -> tuple[tuple[HttpRequest, ...], Refused | None]:
        """The same for a message that the gateway may refuse by itself: what was asked until then, and the refusal."""
        row = cast("SendRow", self.an_accepted_row())
        exchange, requests = self.begin(self.built(row.settings), evolve(row, message=message)), []
        try:
            requests.append(next(exchange))
            for answer in row.answers:
                requests.append(exchange.send(answer))
        except StopIteration as stop:
            return tuple(requests), stop.value if isinstance(stop.value, Refused) else None
        raise AssertionError("it goes on asking")

    # --- sending ------------------------------------------------------------------------------------------------------
    def test_the_requests_of_an_accepted_text_are_shown(self) -> None:
        assert any(row.asks for row in self.accepted_rows()), "no accepted row says what is asked (asks=...)"

    def test_any_text_leaves_as_it_was_written(self, text: str) -> None:
        asked, refused = self.asked(evolve(MESSAGE, text=text))
        assert refused is not None or any(text in said(one) for one in asked), "the text was changed"

    def test_p03_a_5xx_may_come_after_the_text_was_taken(self) -> None:
        for status, row in self.broken_rows():
            assert isinstance(row.outcome, self.if_broken(status)), (
                f"{row.label!r}: a {status} may come from a proxy that lost the answer; "
                f"where the carrier's manual says that it took nothing, say so in waived[{NOTHING_TAKEN!r}]"
            )
        shown = self.statuses_that_took_nothing()
        assert shown or NOTHING_TAKEN not in self.waived, f"{NOTHING_TAKEN!r} is waived, and no row shows it"

    def test_who_writes_to_whom_is_said(self) -> None:
        told = set().union(*map(said, self.sent(MESSAGE)))
        assert any(MESSAGE.to.lstrip("+") in one for one in told), "the client's number is not asked for"

    def test_the_carrier_can_bring_our_own_id_back(self) -> None:
        if not self.able.delivery_reports:
            return
        row = cast("SendRow", self.an_accepted_row())
        assert isinstance(row.outcome, Accepted)
        told = set().union(*map(said, self.sent(MESSAGE)))
        named = any(MESSAGE.id in one for one in told)
        assert named or row.outcome.provider_id is not None, "a report could never be matched with its text"
        by_ours = any(
            event.attempt_id is not None
            for callback in self.callbacks
            for event in callback.reads or ()
            if isinstance(event, DeliveryReport)
        )
        assert not by_ours or named, "reports bring an id back that was never sent"

    def test_case_56_the_callback_url_keeps_its_prefix_and_its_query(self) -> None:
        told = set().union(*map(said, self.sent(evolve(MESSAGE, callback_url=PROXIED_URL))))
        plain = set().union(*map(said, self.sent(evolve(MESSAGE, callback_url=CALLBACK_URL))))
        wanted = urlsplit(PROXIED_URL)
        called = [urlsplit(one.replace("%%", "%")) for one in told - plain if wanted.path in one]
        if not any(urlsplit(CALLBACK_URL).path in one for one in plain):
            return  # this carrier's callback URL is entered at the carrier
        assert called, "the callback URL lost its prefix"
        query = dict(parse_qsl(wanted.query))
        for url in called:
            assert url.hostname == wanted.hostname
            assert dict(parse_qsl(url.query)).items() >= query.items(), "the callback URL lost its query"

    def test_without_a_callback_url_a_text_leaves_too(self) -> None:
        told = set().union(*map(said, self.sent(evolve(MESSAGE, callback_url=None))))
        assert not any("hooks/hook_" in one for one in told)

    def test_case_15_a_text_without_end_is_refused_or_left_to_the_carrier(self) -> None:
        _, refused = self.asked(evolve(MESSAGE, text="Bella is well. " * 2_000))
        assert refused is None or refused == Refused(reason="content_rejected", raw=refused.raw)

    def test_an_idempotent_send_is_the_same_request_again(self) -> None:
        if not self.able.idempotent_send:
            return
        first, again = self.sent(MESSAGE), self.sent(MESSAGE)
        assert first == again, "a repeated hand-over is another request"
        other = self.sent(evolve(MESSAGE, id="m_0f1e2d3c.2"))
        assert [request.headers for request in other] != [request.headers for request in first] or [
            request.body for request in other
        ] != [request.body for request in first], "two hand-overs have one key"

    # --- clients' texts and files -------------------------------------------------------------------------------------
    def test_any_text_of_a_client_is_read_as_it_was_written(self, text: str) -> None:
        if not self.able.inbound:
            return
        signature = self.signatures[0]
        row = CallbackRow(label="inbound", request=self.make_inbound(text), reads=())
        events = self.read_of(self.read(signature, row))
        assert events is not None
        assert [event.text for event in events if isinstance(event, InboundText)] == [text]

    def test_clients_files_are_on_the_declared_hosts(self) -> None:
        for file in (file for text in self.clients_texts() for file in text.media):
            parts = urlsplit(file.url)
            assert parts.scheme == "https", f"{parts.scheme}: only https is fetched"
            host = parts.hostname or ""
            assert any(fnmatchcase(host, pattern) for pattern in self.able.media_hosts), f"{host} is not declared"

    def test_p16_credentials_for_files_go_to_the_declared_hosts_only(self) -> None:
        gateway = self.built()
        if not isinstance(gateway, FetchesMedia):
            return
        assert self.able.media_hosts, "it fetches files, and declares no host"
        for url in ("https://evil.example/a.jpg", "https://api.evil.example/?api.twilio.com", "http://[broken"):
            asked = gateway.media_request(url)
            assert (asked.method, asked.url) == ("GET", url)
            told = " ".join(value for _, value in asked.headers)
            hold_back(self.secret_values(), f"{told} {asked.url}", "a request to a foreign host")
            assert not asked.header("Authorization"), "credentials for a foreign host"
