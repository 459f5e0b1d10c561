"""The contract of carriers itself: a good carrier passes it, and every kind of bad one is found out."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import define, evolve, field, frozen
from contract_runner import failures, variant
from pigeon import (
    CALLBACKS,
    CAPABILITIES,
    FETCHES,
    LISTED,
    LOOK_UPS,
    OFFER,
    POLLS,
    REASONS,
    ROWS,
    SETTINGS,
    Pigeon,
    PigeonContract,
    PigeonSettings,
    came,
    fields_of,
    inbound,
    is_form,
    is_fresh,
    list_of,
    outcome_of,
    report,
    report_of,
    reported,
    signature_of,
    text_of,
)

from convokit.errors import ConfigurationError
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import Conversation, DeliveryReport, InboundText, OutboundText, Unreadable, Unverified, Verified
from convokit.ports.sms_asking import Found, ListedText, Polled, UncertainText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import CallbackRow, PollRow, SendRow, SmsGatewayContract, answered, answered_json


class TestPigeon(PigeonContract):
    """A carrier that does everything right."""


# --- carriers that send badly -----------------------------------------------------------------------------------------


@frozen
class Sends(Pigeon):
    """Sends as a broken plugin does: what it asks, and what it makes of the answer, can be changed."""

    def request(self, message: OutboundText) -> HttpRequest:
        return next(super().send(message))

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return outcome_of(answer)

    def send(self, message: OutboundText) -> Conversation:
        answer = yield self.request(message)
        outcome: Outcome = self.outcome(answer)
        return outcome


class Optimist(Sends):
    """Takes every 2xx for success."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        good = isinstance(answer, HttpResponse) and 200 <= answer.status < 300
        return Accepted(provider_id="p9") if good else outcome_of(answer)


class Impatient(Sends):
    """Tries again whatever happens to the answer."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return TryLater(raw=answer.why) if isinstance(answer, NoAnswer) else outcome_of(answer)


class Anxious(Sends):
    """Is unsure although nothing left."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return Unsure(why=answer.why) if isinstance(answer, NoAnswer) else outcome_of(answer)


class Hasty(Sends):
    """Takes a proxy's 502 for the carrier's refusal."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        failed = isinstance(answer, HttpResponse) and answer.status >= 500
        return Refused(reason="gateway_error") if failed else outcome_of(answer)


class Typeless(Sends):
    """Believes that what is called an id is one."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        if isinstance(answer, HttpResponse) and answer.status == 201:
            try:
                told = json.loads(answer.body)
                return Accepted(provider_id=told["id"]) if told["id"] else outcome_of(answer)
            except (ValueError, KeyError, TypeError, RecursionError):
                return outcome_of(answer)
        return outcome_of(answer)


class AnyStatus(Sends):
    """Takes whatever has an id for success."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        return outcome_of(evolve(answer, status=201) if b"p9" in getattr(answer, "body", b"") else answer)


class Repeating(Sends):
    """Takes a proxy's 503 for the carrier's own."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        later = isinstance(answer, HttpResponse) and answer.status == 503
        return TryLater(raw="503") if later else outcome_of(answer)


class Hurried(Sends):
    """Tries again after any 5xx, although only one of them is known to take nothing."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        later = isinstance(answer, HttpResponse) and answer.status >= 500
        return TryLater(raw="5xx") if later else outcome_of(answer)


class RepeatingIfSaid(Sends):
    """Tries again whatever 5xx has an id: nobody says that it was not taken."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        later = isinstance(answer, HttpResponse) and answer.status >= 500 and b"p9" in answer.body
        return TryLater(raw="5xx") if later else outcome_of(answer)


class Naive(Sends):
    """Believes that every answer is what the manual shows."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        if isinstance(answer, HttpResponse) and answer.status != 429:
            told = json.loads(answer.body)
            return Accepted(provider_id=told["id"]) if answer.status == 201 else Unsure(why=told["error"])
        return outcome_of(answer)


class Numeric(Sends):
    """Reads Retry-After as a number, always."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        if isinstance(answer, HttpResponse) and answer.status == 429 and answer.headers:
            return TryLater(raw="429", after=int(answer.header("Retry-After") or "0"))
        return outcome_of(answer)


class Patient(Sends):
    """Waits as long as it is told to."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        told = outcome_of(answer)
        value = answer.header("Retry-After") if isinstance(answer, HttpResponse) else None
        return evolve(told, after=int(value)) if isinstance(told, TryLater) and value == "999999999999" else told


class Wordy(Sends):
    """Keeps everything that was said."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        told = outcome_of(answer)
        words = answer.why if isinstance(answer, NoAnswer) else answer.body.decode("utf-8", "replace")
        return evolve(told, raw=words) if isinstance(told, (Refused, TryLater)) else told


class Tidy(Sends):
    """Knows better than who wrote the text."""

    def request(self, message: OutboundText) -> HttpRequest:
        return super().request(evolve(message, text=" ".join(message.text.split())))


class Western(Sends):
    """Knows no other alphabet."""

    def request(self, message: OutboundText) -> HttpRequest:
        return super().request(evolve(message, text=message.text.encode("latin-1", "replace").decode("latin-1")))


class Addressless(Sends):
    """Forgets to whom."""

    def request(self, message: OutboundText) -> HttpRequest:
        return super().request(evolve(message, to=""))


class KeyInUrl(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        found = super().request(message)
        return evolve(found, url=f"{found.url}?key={self.settings.api_key}")


class TextInUrl(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        found = super().request(message)
        return evolve(found, url=f"{found.url}?text={message.text}")


class UserInUrl(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        return evolve(super().request(message), url="https://user@api.pigeon.example/texts")


class BrokenHeader(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        found = super().request(message)
        return evolve(found, headers=(*found.headers, ("X-Preview", message.text)))


class Anonymous(Sends):
    """Does not send its own id along."""

    def request(self, message: OutboundText) -> HttpRequest:
        return super().request(evolve(message, id="text"))


class Forgetful(Sends):
    """Builds its own callback URL and loses what the host had in it."""

    def request(self, message: OutboundText) -> HttpRequest:
        url = message.callback_url and message.callback_url.partition("?")[0]
        return super().request(evolve(message, callback_url=url))


class Prefixless(Sends):
    """Takes the last part of the path for all of it."""

    def request(self, message: OutboundText) -> HttpRequest:
        url = message.callback_url and message.callback_url.replace("/apps/desk", "")
        return super().request(evolve(message, callback_url=url))


class Random(Sends):
    """Makes a new idempotency key each time."""

    def request(self, message: OutboundText) -> HttpRequest:
        return evolve(super().request(message), headers=(("Idempotency-Key", secrets.token_hex(8)),))


class Constant(Sends):
    """Has one idempotency key, and no id, for all texts."""

    def request(self, message: OutboundText) -> HttpRequest:
        return super().request(evolve(message, id="m_0f1e2d3c.1"))


class Logs(Sends):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        logging.getLogger("pigeon").debug("asked with %r", self.settings.api_key)
        return outcome_of(answer)


class LogsText(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        logging.getLogger("pigeon").info("sending %s", message.text)
        return super().request(message)


class Prints(Sends):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        print(self.settings)
        print({"key": self.settings.api_key})
        return outcome_of(answer)


class Shows(Sends):
    def __repr__(self) -> str:
        return f"Pigeon(api_key={self.settings.api_key})"


class TellsKey(Sends):
    """Keeps the whole answer, and with it the key that the provider repeats."""

    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        told = outcome_of(answer)
        return evolve(told, raw=f"Bearer {self.settings.api_key}") if isinstance(told, Refused) else told


class Sleeps(Sends):
    def outcome(self, answer: HttpResponse | NoAnswer) -> Any:
        if isinstance(answer, HttpResponse) and answer.status == 429:
            time.sleep(0)
        return outcome_of(answer)


class Connects(Sends):
    def request(self, message: OutboundText) -> HttpRequest:
        socket.create_connection(("127.0.0.1", 9), timeout=1).close()
        return super().request(message)


class AsksTwice(Pigeon):
    """Sends again by itself."""

    def send(self, message: OutboundText) -> Conversation:
        outcome = yield from super().send(message)
        return (yield from super().send(message)) if isinstance(outcome, Unsure) else outcome


class DoesNotAsk(Pigeon):
    """Says that all is well without a word to the carrier."""

    def send(self, message: OutboundText) -> Conversation:
        return Accepted(provider_id="p9")
        yield


class NoRequest(Pigeon):
    def send(self, message: OutboundText) -> Any:
        yield "POST /texts"
        return Accepted(provider_id="p9")


@define
class Remembers(Pigeon):
    """Says another thing the second time."""

    settings: PigeonSettings
    seen: set[bytes] = field(factory=set, repr=False)

    def send(self, message: OutboundText) -> Conversation:
        return Pigeon(self.settings).send(message) if self.fresh(message.id.encode()) else self._known()

    def fresh(self, key: bytes) -> bool:
        try:
            return key not in self.seen
        finally:
            self.seen.add(key)

    def _known(self) -> Conversation:
        return Accepted(provider_id="known")
        yield


# --- carriers that read badly -----------------------------------------------------------------------------------------


class Trusting(Pigeon):
    def is_signed(self, request: HttpRequest) -> bool:
        return True


class TextCompare(Pigeon):
    """Compares texts, which raises for what is not ASCII."""

    def is_signed(self, request: HttpRequest) -> bool:
        given, stamp = request.header("X-Pigeon-Signature") or "", request.header("X-Pigeon-Time") or ""
        expected = signature_of(self.settings.signing_secret, stamp, request)
        return is_fresh(stamp, request.received_us) and hmac.compare_digest(given, expected or "none")


class FirstHeader(Pigeon):
    """Takes the first of several headers, so that a proxy and it may disagree."""

    def is_signed(self, request: HttpRequest) -> bool:
        first: dict[str, str] = {}
        for name, value in request.headers:
            first.setdefault(name.lower(), value)
        return super().is_signed(evolve(request, headers=tuple(first.items())))


class CaseMatters(Pigeon):
    def is_signed(self, request: HttpRequest) -> bool:
        named = tuple((name, value) for name, value in request.headers if name in ("X-Pigeon-Time", "Content-Type"))
        proofs = tuple((name, value) for name, value in request.headers if name == "X-Pigeon-Signature")
        return super().is_signed(evolve(request, headers=(*named, *proofs)))


class NoUrl(Pigeon):
    """Does not look at the URL."""

    def is_signed(self, request: HttpRequest) -> bool:
        url = request.url if "desk.example" in request.url else "https://desk.example/hooks/hook_0123456789abcdef"
        plain = evolve(request, url=url.partition("?")[0].replace("http://", "https://"))
        return super().is_signed(request) or super().is_signed(plain)


class NoQuery(Pigeon):
    """Rebuilds the URL from what its framework tells, and that is without the query."""

    def is_signed(self, request: HttpRequest) -> bool:
        return super().is_signed(evolve(request, url=request.url.partition("?")[0]))


class OnlyKnown(Pigeon):
    """Signs the parameters that it knows."""

    def is_signed(self, request: HttpRequest) -> bool:
        if not is_form(request):
            return super().is_signed(request)
        known = [(name, value) for name, value in fields_of(request.body) if name in ("id", "from", "to", "text")]
        return super().is_signed(evolve(request, body="&".join(f"{n}={v}" for n, v in known).encode()))


class DropsBlanks(Pigeon):
    """Uses a parser that leaves blank values out."""

    def is_signed(self, request: HttpRequest) -> bool:
        if not is_form(request):
            return super().is_signed(request)
        kept = b"&".join(part for part in request.body.split(b"&") if part.partition(b"=")[2])
        return super().is_signed(evolve(request, body=kept))


class KeepsOrder(Pigeon):
    """Takes the parameters as they come."""

    def is_signed(self, request: HttpRequest) -> bool:
        names = [name for name, _ in fields_of(request.body)] if is_form(request) else []
        return names[:1] in ([], ["id"]) and super().is_signed(request)


class Timeless(Pigeon):
    """Does not look at the time."""

    def is_signed(self, request: HttpRequest) -> bool:
        stamp = request.header("X-Pigeon-Time") or ""
        moment = int(stamp) * 1_000_000 if stamp.isascii() and stamp.isdecimal() and len(stamp) < 13 else 0
        return super().is_signed(evolve(request, received_us=moment))


class OneSided(Pigeon):
    """Takes what was signed in the future."""

    def is_signed(self, request: HttpRequest) -> bool:
        stamp, now = request.header("X-Pigeon-Time") or "", request.received_us
        ahead = now is not None and stamp.isascii() and stamp.isdecimal() and len(stamp) < 13
        at = max(now or 0, int(stamp) * 1_000_000) if ahead else now
        return super().is_signed(evolve(request, received_us=at))


class ParsesFirst(Pigeon):
    def read_webhook(self, request: HttpRequest) -> Any:
        if not is_form(request):
            json.loads(request.body)
        return super().read_webhook(request)


class TellsExpected(Pigeon):
    def read_webhook(self, request: HttpRequest) -> Any:
        reading = super().read_webhook(request)
        why = f"not signed with {self.settings.signing_secret}"
        return Unverified(why=why) if isinstance(reading, Unverified) else reading


class LooseJson(Pigeon):
    """Reads JSON as Python does."""

    def read_webhook(self, request: HttpRequest) -> Any:
        if is_form(request) or not self.is_signed(request):
            return super().read_webhook(request)
        try:
            told = json.loads(request.body.decode("utf-8-sig", "replace"))
            return super().read_webhook(self._again(request, told))
        except (ValueError, RecursionError):
            return Unreadable(why="no JSON")

    def _again(self, request: HttpRequest, told: Mapping[str, object]) -> HttpRequest:
        kept = {name: told[name] for name in ("ref", "state", "why") if name in told}
        plain = evolve(request, body=json.dumps(kept).encode())
        stamp = request.header("X-Pigeon-Time") or ""
        proof = signature_of(self.settings.signing_secret, stamp, plain) or ""
        others = tuple((name, value) for name, value in request.headers if name != "X-Pigeon-Signature")
        return evolve(plain, headers=(*others, ("X-Pigeon-Signature", proof)))


class Fragile(Pigeon):
    """Raises for what it does not expect."""

    def read_webhook(self, request: HttpRequest) -> Any:
        return Verified(events=(self.event_of(request),)) if self.is_signed(request) else Unverified(why="signature")


class Untyped(Pigeon):
    """Believes that what is called an id is one."""

    def event_of(self, request: HttpRequest) -> Any:
        if is_form(request):
            return super().event_of(request)
        told = json.loads(request.body)
        return evolve(report_of({**told, "ref": "m_1.1"}), attempt_id=told["ref"])


class WrittenOut(Untyped):
    """Makes an id of whatever is there."""

    def event_of(self, request: HttpRequest) -> Any:
        event = super().event_of(request)
        return event if is_form(request) else evolve(event, attempt_id=str(event.attempt_id)[:200])


class Shortened(Pigeon):
    """Cuts ids, so that two of them may become one."""

    def event_of(self, request: HttpRequest) -> Any:
        if not is_form(request):
            return super().event_of(request)
        given = dict(fields_of(request.body))
        return evolve(text_of({**given, "id": "in-1"}), provider_id=given["id"][:200] or "in-1")


class Slow(Pigeon):
    """Takes longer the more it gets, in the square."""

    def read_webhook(self, request: HttpRequest) -> Any:
        wasted = 0
        for _ in range(len(request.body) // 5_000):
            wasted += len(hashlib.sha256(request.body).digest())
        return super().read_webhook(request)


class Guesses(Pigeon):
    """Takes an unknown word for a failure."""

    def event_of(self, request: HttpRequest) -> Any:
        event = super().event_of(request)
        unknown = isinstance(event, DeliveryReport) and event.state is None
        return evolve(event, state="failed", reason="unknown") if unknown else event


class Trims(Pigeon):
    """Cuts the blanks off a client's text."""

    def event_of(self, request: HttpRequest) -> Any:
        event = super().event_of(request)
        return evolve(event, text=event.text.strip()) if hasattr(event, "text") else event


class Latin(Pigeon):
    """Decodes a form as it was usual long ago."""

    def event_of(self, request: HttpRequest) -> Any:
        if not is_form(request):
            return super().event_of(request)
        found = text_of(dict(fields_of(request.body)))
        return evolve(found, text=found.text.encode("utf-8", "replace").decode("latin-1"))


class Whitelist(Pigeon):
    """Calls a callback with a new parameter unreadable."""

    def event_of(self, request: HttpRequest) -> Any:
        known = {"id", "from", "to", "text", "media0"}
        if is_form(request) and not {name for name, _ in fields_of(request.body)} <= known:
            raise ValueError("a parameter that nobody knows")
        return super().event_of(request)


@define
class OnceOnly(Pigeon):
    """Drops what it has seen before: the second delivery is the one that convokit could store."""

    settings: PigeonSettings
    seen: set[bytes] = field(factory=set, repr=False)

    def read_webhook(self, request: HttpRequest) -> Any:
        reading = super().read_webhook(request)
        if isinstance(reading, Verified) and request.body in self.seen:
            return Verified(events=())
        self.seen.add(request.body)
        return reading


class Overflowing(Pigeon):
    """Puts into an event what convokit must cut."""

    def event_of(self, request: HttpRequest) -> Any:
        event = super().event_of(request)
        return evolve(event, raw=request.url * 40) if isinstance(event, DeliveryReport) else event


class Generous(Pigeon):
    """Gives its key to whoever has a file."""

    def media_request(self, url: str) -> HttpRequest:
        headers = (("Authorization", f"Bearer {self.settings.api_key}"),)
        return HttpRequest(method="GET", url=url, headers=headers)


class Redirected(Pigeon):
    """Asks for another file than the one that was meant."""

    def media_request(self, url: str) -> HttpRequest:
        return HttpRequest(method="GET", url=f"https://api.pigeon.example/fetch?url={url}")


# --- carriers that answer badly when they are asked -------------------------------------------------------------------


class Denies(Pigeon):
    """Takes no answer for "there is none"."""

    def look_up(self, text: UncertainText) -> Any:
        told = yield from super().look_up(text)
        return Found() if isinstance(told, TryLater) else told


class Forgets(Pigeon):
    """Takes no answer for "nothing came"."""

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
        told = yield from super().poll(numbers, since_us, until_us)
        return Polled(events=(), until_us=until_us) if isinstance(told, TryLater) else told


class Anything(Pigeon):
    """Takes any text to the number for the one that is asked for."""

    def look_up(self, text: UncertainText) -> Any:
        told = list_of((yield self.get("", {"to": text.to, "since": "1799999940"})))
        return TryLater() if told is None else Found(reports=tuple(map(report_of, told)))


class AsksWithWords(Pigeon):
    """Looks for the words, in the URL."""

    def look_up(self, text: UncertainText) -> Any:
        told = list_of((yield self.get("", {"to": text.to, "text": text.text})))
        return TryLater() if told is None else Found()


class Unasked(Pigeon):
    """Raises for rubbish."""

    def look_up(self, text: UncertainText) -> Any:
        answer = yield self.get("", {"to": text.to})
        return Found(reports=tuple(map(report_of, json.loads(answer.body))))


class Shortens(Pigeon):
    """Says in a poll what it would not say in a callback."""

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
        told = yield from super().poll(numbers, since_us, until_us)
        if isinstance(told, TryLater):
            return told
        return evolve(told, events=tuple(evolve(e, text=e.text[:5]) if hasattr(e, "text") else e for e in told.events))


class Oversteps(Pigeon):
    """Has asked for more than it was told to."""

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
        told = yield from super().poll(numbers, since_us, until_us)
        return told if isinstance(told, TryLater) else evolve(told, until_us=until_us + 1)


class NeverFetches(Pigeon):
    """Takes no answer for "it is gone"."""

    def fetch_text(self, listed: ListedText) -> Any:
        told = yield from super().fetch_text(listed)
        return None if isinstance(told, TryLater) else told


class FetchesAnother(Pigeon):
    """Fetches another text than the one that was listed."""

    def fetch_text(self, listed: ListedText) -> Any:
        told = yield from super().fetch_text(listed)
        return evolve(told, provider_id="in-3") if isinstance(told, InboundText) else told


class Endless(Pigeon):
    """Asks for page after page."""

    def look_up(self, text: UncertainText) -> Any:
        while True:
            told = list_of((yield self.get("", {"to": text.to})))
            if told == []:
                return Found()


OTHER_STATUS = "test_p18_an_accepted_answer_with_another_status_is_no_success"
SPOILED = "test_case_62_a_spoiled_field_is_left_out_or_makes_it_unreadable"
BROKEN: list[tuple[type[Pigeon], str]] = [
    (Denies, "test_p03_no_answer_is_no_absence"),
    (Denies, "test_p18_a_useless_answer_is_no_absence"),
    (Forgets, "test_p03_no_answer_is_no_absence"),
    (Forgets, "test_p18_a_useless_answer_is_no_absence"),
    (Anything, "test_a_question_is_answered_as_its_row_says"),
    (AsksWithWords, "test_p19_neither_secrets_nor_words_stand_in_what_is_asked"),
    (Unasked, "test_p18_a_useless_answer_is_no_absence"),
    (Shortens, "test_a_question_is_answered_as_its_row_says"),
    (Oversteps, "test_a_question_is_answered_as_its_row_says"),
    (Endless, "test_p18_a_useless_answer_is_no_absence"),
    (NeverFetches, "test_p03_no_answer_is_no_absence"),
    (NeverFetches, "test_p18_a_useless_answer_is_no_absence"),
    (FetchesAnother, "test_a_question_is_answered_as_its_row_says"),
    (Optimist, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Optimist, "test_p18_no_answer_makes_it_raise_and_rubbish_is_no_success"),
    (Impatient, "test_p03_a_request_without_an_answer_is_unsure"),
    (Anxious, "test_p03_a_request_that_never_left_is_tried_later"),
    (Hasty, "test_p18_no_answer_makes_it_raise_and_rubbish_is_no_success"),
    (Typeless, "test_p18_an_accepted_answer_with_a_spoiled_field_is_no_success"),
    (AnyStatus, OTHER_STATUS),
    (Repeating, "test_p18_no_answer_makes_it_raise_and_rubbish_is_no_success"),
    (Repeating, OTHER_STATUS),
    (RepeatingIfSaid, OTHER_STATUS),
    (Naive, "test_p18_no_answer_makes_it_raise_and_rubbish_is_no_success"),
    (Numeric, "test_any_retry_after_is_understood_or_left"),
    (Patient, "test_any_retry_after_is_understood_or_left"),
    (Wordy, "test_p18_what_is_kept_of_the_providers_words_is_bounded"),
    (Tidy, "test_any_text_leaves_as_it_was_written"),
    (Western, "test_any_text_leaves_as_it_was_written"),
    (Addressless, "test_who_writes_to_whom_is_said"),
    (Addressless, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (KeyInUrl, "test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr"),
    (TextInUrl, "test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr"),
    (UserInUrl, "test_requests_can_be_sent"),
    (BrokenHeader, "test_requests_can_be_sent"),
    (Anonymous, "test_the_carrier_can_bring_our_own_id_back"),
    (Forgetful, "test_case_56_the_callback_url_keeps_its_prefix_and_its_query"),
    (Prefixless, "test_case_56_the_callback_url_keeps_its_prefix_and_its_query"),
    (Random, "test_an_idempotent_send_is_the_same_request_again"),
    (Constant, "test_an_idempotent_send_is_the_same_request_again"),
    (Logs, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (LogsText, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Prints, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Shows, "test_p19_secrets_are_named_and_do_not_show"),
    (TellsKey, "test_p19_neither_secrets_nor_the_clients_words_stand_in_a_url_or_a_repr"),
    (Sleeps, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Connects, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (AsksTwice, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (DoesNotAsk, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (NoRequest, "test_the_answers_of_a_row_lead_to_its_outcome"),
    (Remembers, "test_several_exchanges_do_not_disturb_one_another"),
    (Trusting, "test_p17_what_proves_a_callback_is_wrong"),
    (Trusting, "test_p17_one_byte_changed"),
    (Trusting, "test_p17_nothing_is_parsed_before_it_is_verified"),
    (TextCompare, "test_p17_what_proves_a_callback_is_wrong"),
    (FirstHeader, "test_p17_what_proves_a_callback_is_wrong"),
    (CaseMatters, "test_p17_the_name_of_a_header_has_no_case"),
    (NoUrl, "test_p17_one_byte_changed"),
    (NoQuery, "test_case_56_a_callback_to_a_host_behind_a_proxy"),
    (OnlyKnown, "test_parameters_that_nobody_knows_change_nothing"),
    (DropsBlanks, "test_case_55_a_blank_parameter_is_signed_too"),
    (KeepsOrder, "test_case_55_parameters_in_another_order_are_read_the_same"),
    (KeepsOrder, "test_case_55_parameters_reordered_after_signing"),
    (Timeless, "test_p17_a_signed_time_is_fresh"),
    (OneSided, "test_p17_a_signed_time_is_fresh"),
    (ParsesFirst, "test_p17_nothing_is_parsed_before_it_is_verified"),
    (TellsExpected, "test_p17_what_proves_a_callback_is_wrong"),
    (LooseJson, "test_case_62_json_without_one_meaning_is_unreadable"),
    (Fragile, "test_case_62_a_hostile_body_does_not_make_it_raise"),
    (Fragile, "test_case_15_a_body_of_a_megabyte"),
    (Fragile, SPOILED),
    (Untyped, SPOILED),
    (WrittenOut, SPOILED),
    (Shortened, SPOILED),
    (Slow, "test_case_15_a_body_of_a_megabyte"),
    (Guesses, "test_a_callback_is_read"),
    (Trims, "test_any_text_of_a_client_is_read_as_it_was_written"),
    (Latin, "test_any_text_of_a_client_is_read_as_it_was_written"),
    (Whitelist, "test_parameters_that_nobody_knows_change_nothing"),
    (OnceOnly, "test_p02_the_same_callback_again_is_read_the_same"),
    (Overflowing, "test_a_callback_is_read"),
    (Generous, "test_p16_credentials_for_files_go_to_the_declared_hosts_only"),
    (Redirected, "test_p16_credentials_for_files_go_to_the_declared_hosts_only"),
]


@pytest.mark.parametrize(("broken", "name"), BROKEN, ids=[f"{kind.__name__}-{name[5:40]}" for kind, name in BROKEN])
def test_a_broken_carrier_is_found_out(broken: type[Pigeon], name: str) -> None:
    assert failures(variant(PigeonContract, offer=evolve(OFFER, build=broken)), name)


def test_the_runner_finds_nothing_wrong_with_a_good_carrier() -> None:
    assert failures(PigeonContract) == {}


# --- authors who make it easy for themselves --------------------------------------------------------------------------

NO_MMS = evolve(CAPABILITIES, mms=None)
WITHOUT = "test_a_required_situation_is_shown_or_waived"
DECLARED = "test_what_is_declared_is_shown_and_nothing_else_is_used"


@frozen
class Loose:
    """Settings that can be changed, and that show themselves."""

    api_key: str
    signing_secret: str


@define
class Changeable:
    api_key: str = field(repr=False)
    signing_secret: str = field(repr=False)


@frozen
class Telling:
    """Settings whose check tells the secret."""

    api_key: str = field(repr=False)
    signing_secret: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.api_key.isprintable() or self.api_key != self.api_key.strip():
            raise ConfigurationError("settings.invalid", f"{self.api_key!r} is no key", field="api_key")


def without(name: str) -> tuple[SendRow, ...]:
    return tuple(row for row in ROWS if name not in row.shows)


def with_row(**changed: object) -> tuple[SendRow, ...]:
    return (*ROWS, SendRow(**{"label": "mine", "outcome": Accepted(provider_id="p9"), **changed}))  # type: ignore[arg-type]


FETCHED = "test_what_is_only_listed_can_be_fetched"
ASKED = "test_what_can_be_asked_is_declared_and_shown_in_full"
THEIRS = came("Hello")[0]
NAMELESS = Found(reports=(evolve(reported("sent", "x")[0], provider_id=None),))


def polled(*events: InboundText | ListedText, until_us: int = 1_799_999_000_000_000) -> tuple[PollRow]:
    return (evolve(POLLS[0], outcome=Polled(events=events, until_us=until_us)),)


WRONG: list[tuple[str, dict[str, object], str]] = [
    ("looking up is not declared", {"offer": evolve(OFFER, capabilities=evolve(CAPABILITIES, looks_up=False))}, ASKED),
    ("polling is not declared", {"offer": evolve(OFFER, capabilities=evolve(CAPABILITIES, polls=False))}, ASKED),
    ("nothing is ever found", {"look_ups": LOOK_UPS[1:]}, ASKED),
    ("nothing is always found", {"look_ups": LOOK_UPS[:1]}, ASKED),
    ("what is asked is not shown", {"look_ups": tuple(evolve(row, asks=None) for row in LOOK_UPS)}, ASKED),
    ("what is polled is not shown", {"polls": (evolve(POLLS[0], asks=None),)}, ASKED),
    ("polls find no texts", {"polls": polled()}, ASKED),
    ("polls find no reports", {"polls": polled(*came("How is Bella?"))}, ASKED),
    ("nothing is listed", {"polls": polled(*came("How is Bella?"))}, FETCHED),
    ("what is listed is never fetched", {"fetches": FETCHES[1:]}, FETCHED),
    ("what is listed is never gone", {"fetches": FETCHES[:1]}, FETCHED),
    ("what is fetched is not shown", {"fetches": tuple(evolve(row, asks=None) for row in FETCHES)}, FETCHED),
    (
        "a fetched text that is another one",
        {"fetches": (evolve(FETCHES[0], outcome=evolve(THEIRS, provider_id="in-3")),)},
        "test_convokit_can_use_what_was_found",
    ),
    (
        "a fetched text that says something else",
        {"fetches": (evolve(FETCHES[0], outcome=evolve(THEIRS, provider_id="in-2")),)},
        "test_p02_what_is_polled_says_what_a_callback_would_have_said",
    ),
    (
        "a listed text of somebody else's",
        {"polls": polled(evolve(LISTED, to="+13035550199"))},
        "test_p10_other_peoples_texts_are_left_out",
    ),
    ("no look-up is shown", {"look_ups": ()}, DECLARED),
    ("no poll is shown", {"polls": ()}, DECLARED),
    (
        "a found text without an id",
        {"look_ups": (evolve(LOOK_UPS[0], outcome=NAMELESS),)},
        "test_convokit_can_use_what_was_found",
    ),
    (
        "an end after the end",
        {"polls": polled(until_us=2_000_000_000_000_000)},
        "test_convokit_can_use_what_was_found",
    ),
    (
        "a polled text that no callback knows",
        {"polls": polled(evolve(THEIRS, provider_id="in-9")), "fetches": ()},
        "test_p02_what_is_polled_says_what_a_callback_would_have_said",
    ),
    (
        "a polled text that says something else",
        {"polls": polled(THEIRS)},
        "test_p02_what_is_polled_says_what_a_callback_would_have_said",
    ),
    (
        "a text of somebody else's number",
        {"polls": polled(evolve(THEIRS, to="+13035550199"))},
        "test_p10_other_peoples_texts_are_left_out",
    ),
    ("a situation is left out", {"sends": without("landline")}, WITHOUT),
    ("what cannot be waived", {"sends": without("server error"), "waived": {"server error": "x" * 40}}, WITHOUT),
    ("a waiver without a reason", {"sends": without("landline"), "waived": {"landline": "no"}}, WITHOUT),
    ("waived and shown", {"waived": {"landline": "it does not know lines, says the author"}}, WITHOUT),
    (
        "another outcome than the situation has",
        {"sends": (*without("landline"), evolve(ROWS[3], shows="landline", outcome=Refused(reason="unknown")))},
        WITHOUT,
    ),
    ("no unknown word", {"callbacks": tuple(row for row in CALLBACKS if row.label != "a new word")}, WITHOUT),
    ("an unknown situation", {"sends": with_row(shows="acepted")}, "test_nothing_unknown_is_shown_or_waived"),
    (
        "an unknown waiver",
        {"waived": {"throtled": "they never throttle anybody"}},
        "test_nothing_unknown_is_shown_or_waived",
    ),
    (
        "more answers than are asked for",
        {"sends": with_row(answers=(answered_json(201, {"id": "p9"}), answered(200)))},
        "test_the_answers_of_a_row_lead_to_its_outcome",
    ),
    (
        "no row says what is asked",
        {"sends": tuple(evolve(row, asks=None) for row in ROWS)},
        "test_the_requests_of_an_accepted_text_are_shown",
    ),
    ("mms is not shown", {"sends": tuple(row for row in ROWS if row.label != "with a photo")}, DECLARED),
    ("mms is not declared", {"offer": evolve(OFFER, capabilities=NO_MMS)}, DECLARED),
    (
        "reports are not declared",
        {"offer": evolve(OFFER, capabilities=evolve(CAPABILITIES, delivery_reports=False))},
        DECLARED,
    ),
    ("inbound is not declared", {"offer": evolve(OFFER, capabilities=evolve(CAPABILITIES, inbound=False))}, DECLARED),
    (
        "reports are not shown",
        {"callbacks": tuple(row for row in CALLBACKS if "report" not in str(row.shows))[:4]},
        DECLARED,
    ),
    ("no STOP is shown", {"callbacks": tuple(row for row in CALLBACKS if row.label != "a stop")}, DECLARED),
    ("no HELP is shown", {"callbacks": tuple(row for row in CALLBACKS if row.label != "a call for help")}, DECLARED),
    ("files are not shown", {"callbacks": tuple(row for row in CALLBACKS if row.label != "a photo")}, DECLARED),
    (
        "files on another host",
        {"offer": evolve(OFFER, capabilities=evolve(CAPABILITIES, media_hosts=("api.pigeon.example",)))},
        "test_clients_files_are_on_the_declared_hosts",
    ),
    ("no callback", {"callbacks": ()}, "test_there_are_callbacks_and_ways_to_sign_them"),
    ("no signature", {"signatures": ()}, "test_there_are_callbacks_and_ways_to_sign_them"),
    (
        "a signature that covers nothing",
        {"signatures": (evolve(PigeonContract.signatures[0], covers=frozenset({"url"})),)},
        "test_p17_one_byte_changed",
    ),
    (
        "a callback that is answered with an error",
        {"callbacks": (evolve(CALLBACKS[0], answer=HttpResponse(status=500)),)},
        "test_a_callback_is_read",
    ),
    (
        "an event that must be repaired",
        {"callbacks": (evolve(CALLBACKS[4], reads=reported("sent", "flying" * 100)),)},
        "test_a_callback_is_read",
    ),
    ("secrets that show", {"offer": evolve(OFFER, settings=Loose)}, "test_p19_secrets_are_named_and_do_not_show"),
    (
        "settings that can be changed",
        {"offer": evolve(OFFER, settings=Changeable)},
        "test_the_offer_is_a_recipe_with_frozen_settings",
    ),
    (
        "an error that tells",
        {"offer": evolve(OFFER, settings=Telling)},
        "test_p19_a_secret_that_is_refused_does_not_show",
    ),
    (
        "a secret that is no setting",
        {"secrets": ("api_key", "password")},
        "test_p19_secrets_are_named_and_do_not_show",
    ),
    (
        "a secret that is too short to be found",
        {"settings": {**SETTINGS, "api_key": "short"}},
        "test_p19_secrets_are_named_and_do_not_show",
    ),
    ("a name in capitals", {"offer": evolve(OFFER, name="Pigeon")}, "test_the_offer_is_a_recipe_with_frozen_settings"),
]


@pytest.mark.parametrize(("changed", "name"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_an_author_leaves_out_is_found_out(changed: dict[str, object], name: str) -> None:
    assert failures(variant(PigeonContract, **changed), name)


BUSY = SendRow(label="busy", answers=(answered(503, "p9 busy"),), outcome=TryLater(raw="503"))
DOWN = SendRow(
    label="down",
    shows="server error",
    answers=(answered(500, "p9 down"),),
    outcome=Unsure(why="an answer without sense, status 500"),
)
REASON = {"a 5xx took nothing": "its manual says that a 503 is answered before anything is taken"}
AFTER_5XX = "test_p03_a_5xx_may_come_after_the_text_was_taken"


def test_a_5xx_is_unsure_unless_the_author_says_why_and_shows_it() -> None:
    busy = evolve(OFFER, build=Repeating)
    sends = (*(row for row in ROWS if row.label != "down"), BUSY, DOWN)
    assert failures(variant(PigeonContract, offer=busy, sends=sends), AFTER_5XX)
    assert failures(variant(PigeonContract, offer=busy, sends=sends, waived=REASON)) == {}
    others = variant(PigeonContract, offer=evolve(OFFER, build=Hurried), sends=sends, waived=REASON)
    assert failures(others, OTHER_STATUS), "it tries again after others too"
    assert failures(variant(PigeonContract, waived=REASON), AFTER_5XX), "waived, and no row shows it"


def test_a_wrong_table_is_found_out() -> None:
    class Confused(Pigeon):
        def send(self, message: OutboundText) -> Conversation:
            told = yield from super().send(message)
            swapped = dict.fromkeys(REASONS.values(), "unknown")
            return evolve(told, reason=swapped[told.reason]) if isinstance(told, Refused) else told

    found = failures(
        variant(PigeonContract, offer=evolve(OFFER, build=Confused)), "test_the_answers_of_a_row_lead_to_its_outcome"
    )
    assert {name.partition("[")[2].rstrip("]") for name in found} == {"no-line", "landline", "stopped", "bad-key"}


def test_a_row_that_must_be_unreadable_and_is_read() -> None:
    row = CallbackRow(label="mine", request=report("flying"), reads=None)
    assert failures(variant(PigeonContract, callbacks=(*CALLBACKS, row)), "test_a_callback_is_read")


def test_an_author_must_say_how_a_text_comes_in() -> None:
    class Silent(PigeonContract):
        make_inbound = SmsGatewayContract.make_inbound

    found = failures(Silent, "test_any_text_of_a_client_is_read_as_it_was_written")
    assert found
    assert all(why.startswith("NotImplementedError: fill in make_inbound: ") for why in found.values())
    assert inbound("x").method == "POST"
