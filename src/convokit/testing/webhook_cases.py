"""The callbacks of a provider: verified on their raw bytes, and read; signed in every way that the provider has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, Final, Protocol, cast

from attrs import evolve

from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.wire import HttpRequest
from convokit.testing import wire
from convokit.testing.contract import Cases
from convokit.testing.guards import hold_back
from convokit.testing.hostile import HOSTILE_FORMS, HOSTILE_JSON, LARGE, without_one_meaning
from convokit.testing.provider_base import ProviderBase
from convokit.testing.rows import CallbackRow, Signature
from convokit.testing.spoiling import Spoiled, spoiled_callbacks
from convokit.testing.tampering import TAMPERED
from convokit.testing.wire import FORM, JSON, RECEIVED_US, kind_of

SECOND_US: Final = 1_000_000
LONGEST_READING_SECONDS: Final = 0.25
"""Of this thread's own time, for a body of a megabyte: a front desk waits for nobody's callback."""

LONGEST_COMPLAINT: Final = 500


class Reads(Protocol):
    """What a provider with webhooks has."""

    def read_webhook(self, request: HttpRequest) -> object: ...


class WebhookCases(ProviderBase):
    """Every promise of ``read_webhook``.

    Attributes:
        callbacks: the provider's callbacks, not signed.
        signatures: each way in which the provider may sign them; all tests are run with each.
    """

    callbacks: ClassVar[tuple[CallbackRow, ...]] = ()
    signatures: ClassVar[tuple[Signature, ...]] = ()

    # --- what the contracts of the kinds say --------------------------------------------------------------------------
    def read_of(self, reading: object) -> tuple[object, ...] | None:
        """What was read; ``None`` where the reading is not one of a verified callback."""
        raise NotImplementedError

    def check_read(self, reads: Iterable[object]) -> None:
        """Whether convokit can use what was read."""
        raise NotImplementedError

    def check_spoiled(self, reads: Iterable[object]) -> None:
        """The same for what was read from a callback with a spoiled field."""
        self.check_read(reads)

    # --- help ---------------------------------------------------------------------------------------------------------
    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {
            **super().cases(),
            "callback": lambda: {row.label: row for row in self.callbacks},
            "signature": lambda: {one.label: one for one in self.signatures},
            "tampered": lambda: dict(TAMPERED),
            "hostile": lambda: {**HOSTILE_JSON, **HOSTILE_FORMS},
        }

    def waivable(self) -> Iterable[str]:
        return (*super().waivable(), "one byte changed")

    def reader(self, signature: Signature, row: CallbackRow | None = None) -> Reads:
        """A provider that knows this way of signing."""
        others = {} if row is None else row.settings
        return cast("Reads", self.built({**signature.settings, **others}))

    def read(self, signature: Signature, row: CallbackRow) -> object:
        """A row, signed and read."""
        return self.reader(signature, row).read_webhook(signature.sign(row.request))

    def a_callback(self) -> CallbackRow:
        """The first that can be read."""
        return next(row for row in self.callbacks if row.reads)

    def readable(self) -> Iterator[CallbackRow]:
        """Those that say something."""
        return (row for row in self.callbacks if row.reads)

    # --- reading ------------------------------------------------------------------------------------------------------
    def test_there_are_callbacks_and_ways_to_sign_them(self) -> None:
        assert any(row.reads for row in self.callbacks), "no callback says anything"
        assert self.signatures, "no signature: how does the provider prove that a callback is its own?"

    def test_a_callback_is_read(self, callback: CallbackRow, signature: Signature) -> None:
        reading = self.read(signature, callback)
        if callback.reads is None:
            assert isinstance(reading, Unreadable), f"{reading!r}"
        else:
            assert self.read_of(reading) == callback.reads
            self.check_read(callback.reads)
        answer = getattr(reading, "answer", None)
        assert callback.answer is None or answer == callback.answer
        assert callback.reads is None or 200 <= getattr(answer, "status", 0) < 300

    def test_p02_the_same_callback_again_is_read_the_same(self, callback: CallbackRow, signature: Signature) -> None:
        reader, signed = self.reader(signature, callback), signature.sign(callback.request)
        assert reader.read_webhook(signed) == reader.read_webhook(signed) == self.read(signature, callback)

    def test_parameters_that_nobody_knows_change_nothing(self, callback: CallbackRow, signature: Signature) -> None:
        more = wire.with_more(callback.request, "AddedLater", "x=1&y é")
        self._reads_like(callback, signature, more)

    def test_case_55_a_blank_parameter_is_signed_too(self, callback: CallbackRow, signature: Signature) -> None:
        self._reads_like(callback, signature, wire.with_more(callback.request, "Blank", ""))

    def test_case_55_parameters_in_another_order_are_read_the_same(
        self, callback: CallbackRow, signature: Signature
    ) -> None:
        self._reads_like(callback, signature, wire.reordered(callback.request))

    def test_case_55_parameters_reordered_after_signing(self, signature: Signature) -> None:
        row = next((row for row in self.readable() if row.request.body), None)
        if row is None or "body" not in signature.covers or wire.reordered(row.request) == row.request:
            return
        signed = signature.sign(row.request)
        moved = evolve(signed, body=wire.reordered(signed).body)
        reading = self.reader(signature, row).read_webhook(moved)
        if signature.any_order and kind_of(row.request) == FORM:
            assert self.read_of(reading) == row.reads
        else:
            assert isinstance(reading, Unverified)

    def test_case_56_a_callback_to_a_host_behind_a_proxy(self, callback: CallbackRow, signature: Signature) -> None:
        public = wire.behind_a_proxy(callback.request)
        self._reads_like(callback, signature, public)
        if "url" in signature.covers:
            inside = wire.as_the_server_sees_it(signature.sign(public))
            assert isinstance(self.reader(signature, callback).read_webhook(inside), Unverified)

    def _reads_like(self, row: CallbackRow, signature: Signature, request: HttpRequest) -> None:
        reading = self.reader(signature, row).read_webhook(signature.sign(request))
        if row.reads is None:
            assert isinstance(reading, Unreadable)
        else:
            assert self.read_of(reading) == row.reads

    # --- signatures ---------------------------------------------------------------------------------------------------
    def test_p17_what_proves_a_callback_is_wrong(self, tampered: object, signature: Signature) -> None:
        row = self.a_callback()
        signed = signature.sign(row.request)
        for request in cast("Callable[[HttpRequest, Signature], Iterator[HttpRequest]]", tampered)(signed, signature):
            reading = self.reader(signature, row).read_webhook(request)
            assert isinstance(reading, Unverified), f"{reading!r}"
            hold_back(self.secret_values(), reading.why, "the reason")

    def test_p17_the_name_of_a_header_has_no_case(self, callback: CallbackRow, signature: Signature) -> None:
        signed = signature.sign(callback.request)
        for change in (str.upper, str.lower):
            named = evolve(signed, headers=tuple((change(name), value) for name, value in signed.headers))
            reading = self.reader(signature, callback).read_webhook(named)
            assert self.read_of(reading) == callback.reads or isinstance(reading, Unreadable)

    def test_p17_one_byte_changed(self, callback: CallbackRow, signature: Signature) -> None:
        signed = signature.sign(callback.request)
        reader = self.reader(signature, callback)
        uncovered = {part for part in ("url", "body") if part not in signature.covers}
        assert not uncovered or "one byte changed" in self.waived, (
            f"the signature does not cover {', '.join(sorted(uncovered))}; say why in waived['one byte changed']"
        )
        if "body" in signature.covers:
            for at, body in wire.with_one_byte_changed(signed.body):
                assert isinstance(reader.read_webhook(evolve(signed, body=body)), Unverified), f"byte {at} of the body"
        if "url" in signature.covers:
            for url in _other_urls(signed.url):
                assert isinstance(reader.read_webhook(evolve(signed, url=url)), Unverified), f"the URL {url}"

    def test_p17_a_signed_time_is_fresh(self, signature: Signature) -> None:
        if signature.seconds is None:
            return
        row = self.a_callback()
        signed, reader, most = signature.sign(row.request), self.reader(signature, row), signature.seconds
        for seconds, fresh in ((0, True), (most - 1, True), (1 - most, True), (most + 2, False), (-most - 2, False)):
            later = evolve(signed, received_us=RECEIVED_US + seconds * SECOND_US)
            assert isinstance(reader.read_webhook(later), Unverified) is not fresh, f"after {seconds} s"
        unknown = reader.read_webhook(evolve(signed, received_us=None))
        assert isinstance(unknown, Unverified), "without a time of arrival nobody can say that it is fresh"

    def test_p17_nothing_is_parsed_before_it_is_verified(self, callback: CallbackRow, signature: Signature) -> None:
        for body in (*HOSTILE_JSON.values(), LARGE):
            for url in (callback.request.url, "http://[broken"):
                request = evolve(callback.request, url=url, body=body)
                started = time.thread_time()
                assert isinstance(self.reader(signature, callback).read_webhook(request), Unverified)
                assert time.thread_time() - started < LONGEST_READING_SECONDS

    # --- what breaks parsers ------------------------------------------------------------------------------------------
    def test_case_62_a_hostile_body_does_not_make_it_raise(self, hostile: bytes, signature: Signature) -> None:
        row = self.a_callback()
        reading = self._read_in_time(signature, row, evolve(row.request, body=hostile))
        read = self.read_of(reading)
        assert read is not None or isinstance(reading, (Unreadable, Unverified)), f"{reading!r}"
        self.check_read(read or ())

    def test_case_62_json_without_one_meaning_is_unreadable(self, callback: CallbackRow, signature: Signature) -> None:
        if kind_of(callback.request) != JSON:
            return
        for what, body in without_one_meaning(callback.request.body):
            reading = self._read_in_time(signature, callback, evolve(callback.request, body=body))
            assert isinstance(reading, Unreadable), f"{what}: {reading!r}"

    def test_case_62_a_spoiled_field_is_left_out_or_makes_it_unreadable(self, callback: CallbackRow) -> None:
        for signature in self.signatures[:1]:  # what is read does not hang on the way of signing
            reader = self.reader(signature, callback)
            for one in spoiled_callbacks(callback.request):
                try:
                    self._check_spoiled(one, reader.read_webhook(signature.sign(one.message)))
                except Exception as error:
                    why = f"{one.what}: {type(error).__name__}: {error}"
                    raise AssertionError(why[:LONGEST_COMPLAINT]) from error

    def _check_spoiled(self, one: Spoiled[HttpRequest], reading: object) -> None:
        read = self.read_of(reading)
        # What a signature makes of a name that a form has twice is nowhere laid down.
        strange = (Unreadable, Unverified) if one.is_twice else (Unreadable,)
        assert read is not None or isinstance(reading, strange), f"it is genuine, and read as {reading!r}"
        self.check_spoiled(read or ())
        for event in read or ():
            one.check_not_made_up(event)

    def test_case_15_a_body_of_a_megabyte(self, callback: CallbackRow, signature: Signature) -> None:
        large = wire.with_more(callback.request, "AddedLater", "y" * 990_000) if callback.request.body else None
        for request in (evolve(callback.request, body=LARGE), *([] if large is None else [large])):
            reading = self._read_in_time(signature, callback, request)
            assert isinstance(reading, Unreadable) or self.read_of(reading) is not None, f"{reading!r}"

    def _read_in_time(self, signature: Signature, row: CallbackRow, request: HttpRequest) -> object:
        reader, signed, taken = self.reader(signature, row), signature.sign(request), list[float]()
        while True:
            started = time.thread_time()
            reading = reader.read_webhook(signed)
            taken.append(time.thread_time() - started)
            if min(taken) < LONGEST_READING_SECONDS:
                return reading
            assert len(taken) < 3, f"it takes {min(taken):.2f} s"


def _other_urls(url: str) -> Iterator[str]:
    swapped = ("https://", "http://") if url.startswith("https") else ("http://", "https://")
    others = (
        url.replace(*swapped, 1),
        f"{url}&more=1" if "?" in url else f"{url}?more=1",
        f"{url[:-1]}{'0' if url[-1] != '0' else '1'}",
        url.replace("//desk.example", "//other.example", 1),
    )
    return (other for other in others if other != url)
